"""The settings of signing in with an OpenID Connect provider: how their text is parsed, and what is made of them.

Every function that parses raises InvalidSetting, with the setting's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from service.origins import is_this_machine, origin_and_path
from service.problems import InvalidSetting
from service.setting_values import text

#: What an id, a secret (RFC 6749, appendix A) or a scope (3.3) may be made of, and how long each may be, in characters.
_VISIBLE, _SCOPE = re.compile(r"[ -~]{1,1000}"), re.compile(r"[!#-\[\]-~]{1,100}")
#: A name of the DNS, in ASCII and with a dot, in lower case.
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: The name of a claim and its value.
_CLAIM = re.compile(r"([^\s=]{1,200})=(\S(.{0,198}\S)?)")


@dataclass(frozen=True, slots=True)
class Registration:
    """What a provider and this service know of each other."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    name: str
    scopes: str
    domains: tuple[str, ...] = ()
    admin: str | None = None

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to who have signed in."""
        return f"{self.public_url}/sign-in/openid/callback"

    @property
    def home(self) -> str:
        """Where the provider sends people back to who have signed out."""
        return f"{self.public_url}/"

    @property
    def origin(self) -> str:
        """The origin of the provider."""
        return "/".join(self.issuer.split("/", 3)[:3])


def issuer(name: str, value: str) -> str:
    """The identifier of a provider (OpenID Connect Core 1.0, 1.2), which is compared letter for letter."""
    try:
        origin, _ = origin_and_path(text(name, value))
        if origin.startswith("http:") and not is_this_machine(origin):
            raise ValueError("over plain http everybody on the way could be the provider, so it must be https")
    except ValueError as error:
        example = "write it as the provider does, such as https://login.example.com"
        raise InvalidSetting(name, f"is {value!r:.300} ({error}); {example}") from None
    return value


def host(issuer: str) -> str:
    """The host of a provider, as its name where it has no other."""
    return urlsplit(issuer).netloc


def client_id(name: str, value: str) -> str:
    """What a provider calls this service."""
    if not _VISIBLE.fullmatch(text(name, value)):
        raise InvalidSetting(name, f"is {value!r:.100}; write at most 1,000 characters of ASCII, as the provider does")
    return value


def client_secret(name: str, value: str) -> str:
    """By which a provider knows this service. It is in no message."""
    if not _VISIBLE.fullmatch(text(name, value)):
        raise InvalidSetting(name, "is not at most 1,000 characters of ASCII in one line; copy it from the provider")
    return value


def scopes(name: str, value: str) -> str:
    """Scopes, with spaces between them; one of them is `openid` (OpenID Connect Core 1.0, 3.1.2.1)."""
    given = text(name, value).split(" ")
    if "openid" not in given or not all(map(_SCOPE.fullmatch, given)):
        raise InvalidSetting(name, f"is {value!r:.300}; write scopes with a space between two, such as openid email")
    return value


def domains(name: str, value: str) -> tuple[str, ...]:
    """Domains of e-mail addresses, with commas between them, in lower case."""
    given = tuple(one.strip().lower() for one in text(name, value).split(","))
    for one in given:
        if not _DOMAIN.fullmatch(one):
            raise InvalidSetting(name, f"{one!r:.100} is no domain; write example.com, with commas between several")
    return given


def admin(name: str, value: str) -> str:
    """The name of a claim and its value."""
    if not _CLAIM.fullmatch(text(name, value)) or not value.isprintable():
        raise InvalidSetting(name, f"is {value!r:.300}; write a claim and its value, such as groups=registry-admins")
    return value


def check_installed() -> None:
    """Raise InvalidSetting where Authlib is not installed, which signing in with a provider needs."""
    if find_spec("authlib") is None:
        raise InvalidSetting("OIDC_ISSUER", "needs Authlib: run pip install '.[oidc]' in the checkout, or unset it")
