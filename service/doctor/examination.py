"""All checks, in their order: of the settings, of each server, and of the store as a whole.

To add one: a function beside those of its subject that says something, and its name in one of their tables.
"""

import math
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice, pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from service.accounts.store import check_where_accounts_are
from service.doctor import servers
from service.doctor.model import Check, Finding, check, problem, unseen, warning, well
from service.interest import consistency
from service.problems import (
    InvalidSetting,
    ModuleRegistryError,
    NoStore,
    StorageUnavailable,
    StoreOfAnotherForm,
    WritesRefused,
)
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.settings.token_bucket import TokenBucket
from service.settings.values import is_this_machine
from service.storage.client import Client
from service.storage.data_dir import SECRET_KEY, open_regular
from service.storage.embedded import open_store
from service.storage.servers import deployment
from service.wording import pluralized

#: What stands in for a key in examples and first tries. Short ones count as whole words alone: random text has them.
_WORDS = re.compile(
    r"change.?me|change.?this|replace.?(me|this|with)|your.?secret|secret|password|passw0rd|insecure|default|example|"
    r"letmein|qwerty|only for trying|todo|\b(dev|test|key|demo|foo|bar|abc)\b",
    re.IGNORECASE,
)
#: Fewer different steps from one character to the next than random text of 16 bytes ever has.
_FEWEST_STEPS = 6
#: What cannot be tried out, in bits: 16 random letters and digits have 95, 16 random hexadecimal digits 64.
_FEWEST_BITS = 80

#: Domains where everybody can have an address.
_PUBLIC_DOMAINS = {
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr"),
    *("msn.com", "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "aol.com", "gmx.com", "gmx.de", "gmx.fr", "gmx.net"),
    *("web.de", "proton.me", "protonmail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr"),
    *("mail.ru", "yandex.ru", "qq.com", "163.com"),
}

#: How much of what does not agree is listed.
_LISTED = 3


def examined(settings: Settings, *, with_data: bool) -> Iterator[Finding]:
    """Every finding, as it is found; `with_data` reads all that is stored, too.

    A store that cannot be used is a finding. Nothing is written but what VOTE_DURABILITY waits for: a key that goes by
    itself after a second.
    """
    yield from secrets(settings)
    for setting, looks in _SETTINGS.items():
        yield from looks.findings(setting, settings)
    try:
        with open_store(settings, create=False) as url:
            yield from _of_servers(url, settings)
            with closing(Client(url, settings.redis_timeout, settings.vote_durability)) as client:
                yield from votes.findings("VOTE_DURABILITY", client, settings.vote_limit)
                if with_data:
                    yield from data.findings("what is stored", client)
    except ModuleRegistryError as error:
        yield from _store.findings("the store", error)


def secrets(settings: Settings) -> Iterator[Finding]:
    """Whether each secret by which somebody could come in can be guessed."""
    signs = "Whoever guesses it is signed in as anybody, also as an admin."
    new_key = "`openssl rand -hex 32` makes one, for the platform as well; do not keep the old one"
    poses = "Whoever guesses it can pose as this service to the provider."
    reaches = "Whoever guesses it and reaches Redis votes for others, and makes admins."
    for setting, secret, means, mends in (
        ("SECRET_KEY", settings.secret_key or _kept_key(settings), signs, new_key),
        *(("SECRET_KEY_FALLBACKS", key, signs, "take it out") for key in settings.secret_key_fallbacks),
        ("OIDC_CLIENT_SECRET", settings.oidc_client_secret, poses, "have the provider make another one"),
        ("REDIS_URL", _password(settings), reaches, "`ACL GENPASS` makes a password"),
    ):
        if secret:
            yield from Check("weak-key", means, mends, weak_key).findings(setting, secret)


def _kept_key(settings: Settings) -> str:
    """The key of DATA_DIR, which somebody may have put there; empty where it is not in force, or not to be read."""
    if settings.redis_url is None:
        with suppress(OSError), open_regular(settings.data_dir / SECRET_KEY) as file:
            return file.read().decode("ascii", "replace").strip()
    return ""


def _password(settings: Settings) -> str:
    """That of REDIS_URL, which may have it in its query, too."""
    parts = urlsplit(settings.redis_url.urls[0] if settings.redis_url else "")
    return unquote(parts.password or "") or parse_qs(parts.query).get("password", [""])[0]


def weak_key(secret: str) -> Finding:
    """Whether a secret can be guessed, without telling it."""
    steps = {ord(after) - ord(before) for before, after in pairwise(secret)}
    part = next(size for size in range(1, len(secret) + 1) if (secret[:size] * len(secret)).startswith(secret))
    bits = part * math.log2(_alphabet(secret))
    if _WORDS.search(secret):
        return problem("has a word that examples have, such as changeme, secret or dev")
    if len(steps) < _FEWEST_STEPS:
        return problem("counts, or is the same again and again")
    if bits < _FEWEST_BITS:
        return problem(f"has {bits:.0f} bits at most, which can be tried out")
    return well("it does not look as if it can be guessed")


def _alphabet(secret: str) -> int:
    """How many characters there are of the kinds that a secret has."""
    if re.fullmatch("[0-9a-fA-F]+", secret):
        return 10 if secret.isdecimal() else 16
    kinds = {"[a-z]": 26, "[A-Z]": 26, "[0-9]": 10, "[^a-zA-Z0-9]": 33}
    return sum(number for kind, number in kinds.items() if re.search(kind, secret))


@check(
    "retired-keys",
    "Whoever has one signs in as anybody. Nothing ends that by itself.",
    "unset SECRET_KEY_FALLBACKS a day after the change: whoever has not come back by then signs in again",
)
def retired_keys(settings: Settings) -> Finding | None:
    """Whether keys that were retired are accepted for ever."""
    number = len(settings.secret_key_fallbacks)
    return warning(f"{pluralized(number, 'retired key')} still accepted") if number else None


@check(
    "secure-cookies",
    "Whoever is on the way reads the session, and is signed in.",
    "put a proxy that ends TLS in front, set PUBLIC_URL to its https address, and unset SESSION_COOKIE_SECURE",
)
def cookies(settings: Settings) -> Finding | None:
    """Whether the session is sent over plain http."""
    url = settings.public_url or ""
    if settings.session_cookie_secure is not False:
        is_https = settings.session_cookie_secure or url.startswith("https:")
        return well("cookies are for HTTPS alone") if is_https else None
    if url.startswith("https:"):
        means = "One link to http:// has a browser send its session in the clear, and whoever reads it is signed in."
        return problem("it is false, and PUBLIC_URL is https", means, "unset SESSION_COOKIE_SECURE")
    return None if is_this_machine(url) else warning("it is false")


@check(
    "plain-http",
    "Whoever is on the way reads sessions and sign-in links, and is signed in by them.",
    "put a proxy that ends TLS in front (`module-registry deploy-files` has one for nginx)",
)
def plain_http(settings: Settings) -> Finding | None:
    """Whether people reach the service without TLS."""
    url = settings.public_url or ""
    return warning(f"PUBLIC_URL is {url}") if url.startswith("http:") and not is_this_machine(url) else None


@check(
    "cors-origins",
    "Whoever is on the way can put a script into its pages, which votes for whoever is signed in.",
    "write https:// origins",
)
def origins(settings: Settings) -> Finding | None:
    """Whether pages that anybody on the way can change may vote."""
    plain = [origin for origin in settings.cors_origins if origin.startswith("http:") and not is_this_machine(origin)]
    if plain and (settings.public_url or "https:").startswith("https:"):
        return warning(f"{', '.join(plain)}: plain http")
    return well(", ".join(settings.cors_origins)) if settings.cors_origins else None


@check(
    "oidc-domains",
    "Whoever the provider knows by one has an active account at once.",
    "list your own domains alone, and activate others by hand (`module-registry accounts activate ID`)",
)
def domains(settings: Settings) -> Finding | None:
    """Whether everybody can get an address that makes an active account."""
    if public := sorted(_PUBLIC_DOMAINS.intersection(settings.oidc_domains)):
        return problem(f"{', '.join(public)}: everybody can have an address there")
    return well(", ".join(settings.oidc_domains)) if settings.oidc_domains else None


#: The checks of settings, and the one that each is about.
_SETTINGS = {
    "SECRET_KEY_FALLBACKS": retired_keys,
    "SESSION_COOKIE_SECURE": cookies,
    "PUBLIC_URL": plain_http,
    "CORS_ORIGINS": origins,
    "OIDC_DOMAINS": domains,
}


def _of_servers(url: RedisUrl, settings: Settings) -> Iterator[Finding]:
    deployed, fault = deployment(url, settings.redis_timeout)
    if fault:
        means, mends = "Votes are answered 503.", "start what REDIS_URL names, or mend REDIS_URL"
        yield from Check("servers", means, mends, problem).findings("REDIS_URL", fault)
    for server in deployed:
        if server.fault:
            means = "If it has votes, they are answered 503; if it is a replica, nothing stands in for its primary."
            mends = "start it, or mend the user, password and address in REDIS_URL"
            seen = f"it cannot be asked: {server.fault}"
            yield from Check("servers", means, mends, problem).findings(server.name, seen)
            continue
        for looks in servers.CHECKS if url.is_embedded else servers.CHECKS_OF_OTHERS:
            yield from looks.findings(server.name, server, settings)


@check("store", "Votes are answered 503.", "as it says")
def _store(error: ModuleRegistryError) -> Finding:
    """Why the store cannot be used."""
    if isinstance(error, NoStore):
        mends = "`module-registry serve` makes one; after a loss, `module-registry restore FILE` first"
        return unseen(str(error), "Nothing can be said of votes.", mends)
    is_setting = isinstance(error, InvalidSetting)
    mends = "run doctor as the user of `serve`; if this is that user, as it says" if is_setting else ""
    return problem("; ".join(error.lines()), mends=mends)


@check("votes", "Votes are answered 503.", "look at the other findings on the store, and at its log")
def votes(client: Client, limit: TokenBucket) -> Finding:
    """Whether a vote could be recorded, and confirmed as VOTE_DURABILITY asks, which is tried."""
    try:
        client.check_durability()
        check_where_accounts_are(client)
    except (InvalidSetting, StoreOfAnotherForm) as error:
        seen = str(error).removeprefix("VOTE_DURABILITY: ")
        return problem(seen, "Votes are answered 503. `serve` does not start.", "as it says")
    except StorageUnavailable as error:
        return problem(f"a write is not confirmed as {client.durability} asks: {_cause(error)}")
    if refusal := consistency.refusal(client, limit):
        # What the server of the embedded store says of it, NOREPLICAS, is how its writes are stopped, not why.
        is_stopped = client.url.is_embedded and isinstance(refusal, WritesRefused)
        return problem(str(refusal) if is_stopped else _cause(refusal))
    return well(f"votes can be recorded, and are confirmed as {client.durability} asks")


@check(
    "data",
    "A file was damaged, or another program has written: votes may be lost or made up.",
    "restore a backup, or mend the keys that are named; the log of `serve` names 20 at its start",
)
def data(client: Client) -> Finding:
    """Whether what is stored agrees with itself. Reads all of it, in small steps."""
    try:
        sentences = list(islice(consistency.differences(client), _LISTED + 1))
    except StorageUnavailable as error:
        return unseen(_cause(error), "It may be damaged.", "try again")
    if not sentences:
        return well("it agrees with itself")
    return problem("; ".join([*sentences[:_LISTED], *("and more" for _ in sentences[_LISTED:])]))


def _cause(error: StorageUnavailable) -> str:
    return str(error.__cause__ or error)
