"""Whether the settings let somebody in. No finding holds a secret."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from service.doctor.model import About, Finding
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
#: Fewer different characters than random text of 16 bytes ever has.
_FEWEST_DIFFERENT = 6
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
    given = [
        ("SECRET_KEY", settings.secret_key or _kept_key(settings), signs, new_key),
        *(("SECRET_KEY_FALLBACKS", key, signs, "take it out") for key in settings.secret_key_fallbacks),
        (
            "OIDC_CLIENT_SECRET",
            settings.oidc_client_secret,
            "Whoever guesses it can pose as this service to the provider.",
            "have the provider make another one",
        ),
        (
            "REDIS_URL",
            _password(settings),
            "Whoever guesses it and reaches Redis votes for others, and makes admins.",
            "`ACL GENPASS` makes a password",
        ),
    ]
    for setting, secret, means, mends in given:
        about = About("weak-key", setting)
        if secret and (reason := guessable(secret)):
            yield about.problem(reason, means, mends)
        elif secret:
            yield about.well("it does not look as if it can be guessed")


def _kept_key(settings: Settings) -> str | None:
    """The key of DATA_DIR, which somebody may have put there; None where it is not in force, or not to be read."""
    if settings.redis_url is not None:
        return None
    try:
        return (settings.data_dir / SECRET_KEY).read_text("ascii", "replace").strip()
    except OSError:
        return None


def _password(settings: Settings) -> str:
    """That of REDIS_URL, which may have it in its query, too."""
    parts = urlsplit(settings.redis_url.urls[0] if settings.redis_url else "")
    return unquote(parts.password or "") or parse_qs(parts.query).get("password", [""])[0]


def guessable(secret: str) -> str | None:
    """Why a secret can be guessed, which does not tell it; None where nothing says so."""
    if _WORDS.search(secret):
        return "has a word that examples have, such as changeme, secret or dev"
    different = len(set(secret))
    if different < _FEWEST_DIFFERENT:
        return f"has {different} different characters only"
    if any(secret == (secret[:size] * len(secret))[: len(secret)] for size in range(1, len(secret) // 2 + 1)):
        return "is the same again and again"
    steps = {ord(after) - ord(before) for before, after in pairwise(secret)}
    if steps <= {1, -9} or steps <= {-1, 9}:  # 9 is followed by 0
        return "counts up or down"
    bits = len(secret) * math.log2(_alphabet(secret))
    if bits < _FEWEST_BITS:
        return f"has {bits:.0f} bits at most, which can be tried out"
    return None


def _alphabet(secret: str) -> int:
    """How many characters there are of the kinds that a secret has."""
    if re.fullmatch("[0-9a-fA-F]+", secret):
        return 10 if secret.isdecimal() else 16
    kinds = {"[a-z]": 26, "[A-Z]": 26, "[0-9]": 10, "[^a-zA-Z0-9]": 33}
    return sum(number for kind, number in kinds.items() if re.search(kind, secret))


def retired_keys(settings: Settings) -> Iterator[Finding]:
    """Whether keys that were retired are accepted for ever."""
    if number := len(settings.secret_key_fallbacks):
        yield About("retired-keys", "SECRET_KEY_FALLBACKS").warning(
            f"{pluralized(number, 'retired key')} still accepted",
            "Whoever has one signs in as anybody. Nothing ends that by itself.",
            "unset SECRET_KEY_FALLBACKS a day after the change: whoever has not come back by then signs in again",
        )


def cookies(settings: Settings) -> Iterator[Finding]:
    """Whether the session is sent over plain http."""
    about = About("secure-cookies", "SESSION_COOKIE_SECURE")
    url = settings.public_url or ""
    if settings.session_cookie_secure is not False:
        if settings.session_cookie_secure or url.startswith("https:"):
            yield about.well("cookies are for HTTPS alone")
    elif url.startswith("https:"):
        yield about.problem(
            "it is false, and PUBLIC_URL is https",
            "One link to http:// has a browser send its session in the clear, and whoever reads it is signed in.",
            "unset SESSION_COOKIE_SECURE",
        )
    elif not is_this_machine(url):
        yield about.warning(
            "it is false",
            "Whoever is on the way reads the session, and is signed in.",
            "put a proxy that ends TLS in front, set PUBLIC_URL to its https address, and unset SESSION_COOKIE_SECURE",
        )


def plain_http(settings: Settings) -> Iterator[Finding]:
    """Whether people reach the service without TLS."""
    url = settings.public_url
    if url and url.startswith("http:") and not is_this_machine(url):
        yield About("plain-http", "PUBLIC_URL").warning(
            f"PUBLIC_URL is {url}",
            "Whoever is on the way reads sessions and sign-in links, and is signed in by them.",
            "put a proxy that ends TLS in front (`module-registry deploy-files` has one for nginx)",
        )


def origins(settings: Settings) -> Iterator[Finding]:
    """Whether pages that anybody on the way can change may vote."""
    about = About("cors-origins", "CORS_ORIGINS")
    plain = [origin for origin in settings.cors_origins if origin.startswith("http:") and not is_this_machine(origin)]
    if plain and (settings.public_url or "https:").startswith("https:"):
        yield about.warning(
            f"{', '.join(plain)}: plain http",
            "Whoever is on the way can put a script into its pages, which votes for whoever is signed in.",
            "write https:// origins",
        )
    elif settings.cors_origins:
        yield about.well(", ".join(settings.cors_origins))


def domains(settings: Settings) -> Iterator[Finding]:
    """Whether everybody can get an address that makes an active account."""
    about = About("oidc-domains", "OIDC_DOMAINS")
    public = sorted(_PUBLIC_DOMAINS.intersection(settings.oidc_domains))
    if public:
        yield about.problem(
            f"{', '.join(public)}: everybody can have an address there",
            "Whoever the provider knows by one has an active account at once.",
            "list your own domains alone, and activate others by hand (`module-registry accounts activate ID`)",
        )
    elif settings.oidc_domains:
        yield about.well(", ".join(settings.oidc_domains))
