"""Whether the settings let somebody in. Nothing that is said holds a secret."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from service.doctor.model import Check, Finding, Said, check, problem, warning, well
from service.setting_values import is_this_machine
from service.settings import Settings
from service.storage.data_dir import SECRET_KEY
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
        with suppress(OSError):
            return (settings.data_dir / SECRET_KEY).read_text("ascii", "replace").strip()
    return ""


def _password(settings: Settings) -> str:
    """That of REDIS_URL, which may have it in its query, too."""
    parts = urlsplit(settings.redis_url.urls[0] if settings.redis_url else "")
    return unquote(parts.password or "") or parse_qs(parts.query).get("password", [""])[0]


def weak_key(secret: str) -> Said:
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
def retired_keys(settings: Settings) -> Said | None:
    """Whether keys that were retired are accepted for ever."""
    number = len(settings.secret_key_fallbacks)
    return warning(f"{pluralized(number, 'retired key')} still accepted") if number else None


@check(
    "secure-cookies",
    "Whoever is on the way reads the session, and is signed in.",
    "put a proxy that ends TLS in front, set PUBLIC_URL to its https address, and unset SESSION_COOKIE_SECURE",
)
def cookies(settings: Settings) -> Said | None:
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
def plain_http(settings: Settings) -> Said | None:
    """Whether people reach the service without TLS."""
    url = settings.public_url or ""
    return warning(f"PUBLIC_URL is {url}") if url.startswith("http:") and not is_this_machine(url) else None


@check(
    "cors-origins",
    "Whoever is on the way can put a script into its pages, which votes for whoever is signed in.",
    "write https:// origins",
)
def origins(settings: Settings) -> Said | None:
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
def domains(settings: Settings) -> Said | None:
    """Whether everybody can get an address that makes an active account."""
    if public := sorted(_PUBLIC_DOMAINS.intersection(settings.oidc_domains)):
        return problem(f"{', '.join(public)}: everybody can have an address there")
    return well(", ".join(settings.oidc_domains)) if settings.oidc_domains else None


#: The checks of settings, and the one that each is about.
CHECKS = {
    "SECRET_KEY_FALLBACKS": retired_keys,
    "SESSION_COOKIE_SECURE": cookies,
    "PUBLIC_URL": plain_http,
    "CORS_ORIGINS": origins,
    "OIDC_DOMAINS": domains,
}
