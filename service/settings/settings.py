"""Settings, all from the environment, parsed once at start.

Every field names the environment variable it comes from, and how that is parsed; the documentation lists the same, and
a test holds the two together. There is no default secret.
"""

import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import Field, dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from service.problems import InvalidSetting
from service.settings import values
from service.settings.durability import Durability
from service.settings.redis_url import RedisUrl
from service.settings.token_bucket import TokenBucket
from service.settings.values import MetricsPort, setting
from service.wording import install_command, is_one_slip

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Build it with `Settings.from_env`; `dataclasses.replace` overrides a field."""

    registry_file: Path = setting(Path, Path("registry.yaml"))
    """The file to serve."""
    redis_url: RedisUrl | None = setting(RedisUrl.parse, is_secret=True)
    """The Redis or Valkey to use: a server, sentinels or a Cluster, see
    [store](store.md#redis). Default: the embedded store."""
    redis_timeout: float = setting(values.timeout, 1.0)
    """Time limit of one call to Redis, in seconds. A call of a `votes` or `accounts`
    command may take 60 once the server has answered."""
    vote_durability: Durability = setting(values.durability, Durability.SERVER)
    """What must confirm a vote before it is acknowledged: `server`, `fsync`, `replica`
    or `replica:N`, see [store](store.md#what-confirms-a-vote)."""
    vote_burst: int = setting(values.burst, 500)
    """How many votes and retractions an account has at once, see [limits](#limits)."""
    vote_rate: float = setting(values.rate, 5.0)
    """How many more it gets each second, from 0.001 to 1000. `0` is no limit."""
    feedback_burst: int = setting(values.burst, 100)
    """How many messages in its activation requests an account has at once."""
    feedback_rate: float = setting(values.rate, 0.1)
    """How many more it gets each second, from 0.001 to 1000. `0` is no limit."""
    metrics_port: MetricsPort | None = setting(values.metrics_port)
    """Where `serve` answers `/metrics`, see [metrics](metrics.md): a port of this
    machine, or an IP address and a port, such as `0.0.0.0:9464`. Default: the main
    port, or nowhere."""
    audit_length: int = setting(values.audit_length, 100_000)
    """How many acts of admins are stored, from 100 to 10000000. The oldest are deleted
    first."""
    secret_key: str | None = setting(values.key, is_secret=True)
    """Signs the session cookie: 16 bytes or more (`openssl rand -hex 32`), the same
    key as the platform's. Default: generated in `DATA_DIR`."""
    secret_key_fallbacks: tuple[str, ...] = setting(values.keys, (), is_secret=True)
    """Retired keys, comma-separated, each of 16 bytes or more. They are still
    accepted, and never used to sign."""
    session_cookie_secure: bool | None = setting(values.boolean)
    """Send cookies over HTTPS only. Default: `true`, and `false` if `serve` listens on
    loopback."""
    public_url: str | None = setting(values.public_url)
    """Where people reach the service, such as `https://registry.example.com`, without
    a path: it has its host to itself. If it is set, pages tell crawlers their own
    address and that in the other language. Default: the address of the `serve` that
    was started last."""
    site_name: str = setting(values.name, "Module registry")
    """The name of the site, in the top bar and in titles: at most 40 characters."""
    platform_url: str | None = setting(values.platform_url)
    """What pages put before paths of the platform, such as `/features/...`. Without it
    they do not link there."""
    sign_in_url: str | None = setting(values.sign_in_url)
    """Where pages send people who are signed out, such as
    `https://app.example.com/login?next={next}`. `{next}` is replaced by the address
    to come back to. With a provider (`OIDC_ISSUER`), pages lead to the sign-in page
    of this service, which offers both. Default: a page of this service."""
    sign_in_help_fr: str | None = setting(values.sentence)
    """Whom to ask for an account or a sign-in link, on the French sign-in page, such
    as `Écrivez à acces@example.com.`: at most 300 characters. Default: ask the
    operators of the site."""
    sign_in_help_en: str | None = setting(values.sentence)
    """The same on the English sign-in page. Default: ask the operators of the site."""
    security_contact: str | None = setting(values.contact)
    """Where to report a vulnerability: `mailto:security@example.com`, `https://...` or
    `tel:+...`. It is served at `/.well-known/security.txt` (RFC 9116), which is 404
    without it."""
    cors_origins: tuple[str, ...] = setting(values.origins, ())
    """Origins on the same site whose pages may vote and read votes, comma-separated,
    such as `https://app.example.com`."""
    webhook_url: str | None = setting(values.webhook_url, is_secret=True)
    """The receiver of changes and requests, see [webhooks](#webhooks): `https://`, or
    `http://` on this machine. Its path and query are treated as secret."""
    webhook_secret: str | None = setting(values.webhook_secret, is_secret=True)
    """Signs what is sent to WEBHOOK_URL: `whsec_` and 24 to 64 bytes in base64 (`echo
    whsec_$(openssl rand -base64 32)`). Set both or neither."""
    oidc_issuer: str = setting(values.issuer, "")
    """The OpenID Connect provider that people sign in with, exactly as it names
    itself, see [signing in](#signing-in-with-openid-connect): `https://`, or
    `http://` on this machine."""
    oidc_client_id: str = setting(values.client_text, "")
    """The name of this service at the provider."""
    oidc_client_secret: str = setting(values.client_text, "", is_secret=True)
    """Proves to the provider that the client is this service. Set all three and
    `PUBLIC_URL`, or none."""
    oidc_name: str | None = setting(values.name)
    """The name of the provider on pages, as in "Sign in with Example": at most 40
    characters. Default: the host of `OIDC_ISSUER`."""
    oidc_scopes: str = setting(values.scopes, "openid profile email")
    """The scopes that the provider is asked for, with spaces between them. One must be
    `openid`."""
    oidc_domains: tuple[str, ...] = setting(values.domains, ())
    """Domains, comma-separated, such as `example.com`. People whose verified e-mail
    address is in one of them get an active account at once."""
    oidc_admin: str | None = setting(values.claim)
    """The claim that makes an admin, and its value, such as `groups=registry-admins`.
    Without it, admins are made here."""
    cache_max_age: int = setting(values.seconds, 10)
    """How long caches may serve a public document without asking, in seconds."""
    cache_stale_while_revalidate: int = setting(values.seconds, 60)
    """How much longer while they ask, in seconds (RFC 5861)."""
    cache_stale_if_error: int = setting(values.seconds, 86400)
    """How much longer while the service cannot answer, in seconds (RFC 5861)."""
    data_dir: Path = setting(Path, Path("var"))
    """The folder of the embedded store and its secret key."""

    @property
    def vote_limit(self) -> TokenBucket:
        """How often an account may vote."""
        return TokenBucket.of(self.vote_burst, self.vote_rate)

    @property
    def feedback_limit(self) -> TokenBucket:
        """How often an account may write in its activation requests."""
        return TokenBucket.of(self.feedback_burst, self.feedback_rate)

    @property
    def cache_control(self) -> str:
        """The Cache-Control of the public documents."""
        return (
            f"public, max-age={self.cache_max_age}, "
            f"stale-while-revalidate={self.cache_stale_while_revalidate}, stale-if-error={self.cache_stale_if_error}"
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Parse `environ`. Raises InvalidSetting, with the variable's name, for a value that makes no sense."""
        given = [each for each in fields(cls) if each.name.upper() in environ]
        return cls(**{each.name: _parsed(each, environ[each.name.upper()]) for each in given})

    @classmethod
    def taken_from(cls, environ: MutableMapping[str, str]) -> Self:
        """As `from_env`, and removes the secrets from `environ`: child processes, and requests under some servers, get
        a copy of it."""
        settings = cls.from_env(environ)
        for secret in (each.name.upper() for each in fields(cls) if not each.repr):
            environ.pop(secret, None)
        return settings

    def for_server(self) -> RedisUrl:
        """REDIS_URL. Raises InvalidSetting without it or SECRET_KEY: nothing is served without both."""
        if self.redis_url is None:
            raise InvalidSetting(
                "REDIS_URL", "is not set; set it, or run `module-registry serve`, which brings a store"
            )
        if self.secret_key is None:
            raise InvalidSetting("SECRET_KEY", "is required with REDIS_URL; set it to the platform's key")
        return self.redis_url

    def for_webhooks(self) -> tuple[str, str] | None:
        """WEBHOOK_URL and WEBHOOK_SECRET, or None. Raises InvalidSetting for one without the other."""
        if not self._has_all_of("webhook_url", "webhook_secret"):
            return None
        return str(self.webhook_url), str(self.webhook_secret)

    def for_openid(self) -> bool:
        """Whether people sign in with the provider of OIDC_ISSUER.

        Raises InvalidSetting for a part of the settings without the others, and without Authlib.
        """
        has_provider = self._has_all_of("oidc_issuer", "oidc_client_id", "oidc_client_secret", "public_url")
        if has_provider and find_spec("authlib") is None:
            raise InvalidSetting("OIDC_ISSUER", f"needs Authlib: run {install_command('oidc')}, or unset it")
        return has_provider

    def _has_all_of(self, *needed: str) -> bool:
        """Whether something of the group of the first is set, and then all that are needed. Raises InvalidSetting."""
        group = [each for each in fields(self) if each.name.split("_")[0] == needed[0].split("_")[0]]
        given = [each.name.upper() for each in group if not each.default and getattr(self, each.name)]
        missing = [name.upper() for name in needed if given and not getattr(self, name)]
        if missing:
            reason = f"is required with {given[0]}; set all of {', '.join(needed).upper()}"
            raise InvalidSetting(missing[0], f"{reason}, or unset {' and '.join(given)}")
        return bool(given)


def _parsed(of: Field[Any], value: str) -> Any:
    """The value of a setting. Raises InvalidSetting, which tells a value that is no secret."""
    name = of.name.upper()
    if not value.strip():
        raise InvalidSetting(name, "is empty: give it a value, or unset it")
    if any("\ud800" <= letter <= "\udfff" for letter in value):  # as Python has other bytes in the environment
        raise InvalidSetting(name, "has bytes that are no UTF-8 text")
    try:
        return of.metadata["parse"](value)
    except ValueError as error:
        raise InvalidSetting(name, f"is {value!r:.300}; {error}" if of.repr else str(error)) from None


def registry_file(environ: Mapping[str, str]) -> Path:
    """REGISTRY_FILE or its default, for commands that no other setting may stand in the way of."""
    return _alone("REGISTRY_FILE", environ).registry_file


def rules_page(environ: Mapping[str, str]) -> str | None:
    """Where the rules of `check` stand on the platform: below PUBLIC_URL, if that is set. Raises InvalidSetting."""
    url = _alone("PUBLIC_URL", environ).public_url
    return url and f"{url}/en/docs/rules"


def _alone(name: str, environ: Mapping[str, str]) -> Settings:
    return Settings.from_env({name: environ[name]} if name in environ else {})


#: The environment variable of each field.
NAMES = frozenset(each.name.upper() for each in fields(Settings))


def warn_of_misspelt(environ: Mapping[str, str]) -> None:
    """Log each variable that is none of ours, but would be with one letter more, less, another, or two swapped."""
    for name in sorted(environ.keys() - NAMES):
        meant = [known for known in sorted(NAMES) if is_one_slip(name.upper(), known)]
        if meant:
            _logger.warning("%s is not a setting, and is ignored: did you mean %s?", name, meant[0])
