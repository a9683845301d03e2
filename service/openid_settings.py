"""What is made of the settings of signing in with an OpenID Connect provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from service.problems import InvalidSetting


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


def host(issuer: str) -> str:
    """The host of a provider, as its name where it has no other."""
    return urlsplit(issuer).netloc


def check_installed() -> None:
    """Raise InvalidSetting where Authlib is not installed, which signing in with a provider needs."""
    if find_spec("authlib") is None:
        raise InvalidSetting("OIDC_ISSUER", "needs Authlib: run pip install '.[oidc]' in the checkout, or unset it")
