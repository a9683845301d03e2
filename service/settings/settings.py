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
    """REGISTRY_FILE: the declaration to serve."""
    redis_url: RedisUrl | None = setting(RedisUrl.parse, is_secret=True)
    """REDIS_URL: redis://, rediss:// or unix://; sentinels, as redis+sentinel://; or some servers of a Cluster, as
    redis+cluster://. Unset: the embedded store in DATA_DIR."""
    redis_timeout: float = setting(values.timeout, 1.0)
    """REDIS_TIMEOUT: time limit of one call to Redis, in seconds."""
    vote_durability: Durability = setting(values.durability, Durability.SERVER)
    """VOTE_DURABILITY: what must have a vote before it is acknowledged: server, fsync (its disk) or replica:N."""
    vote_burst: int = setting(values.burst, 500)
    """VOTE_BURST: how many votes and retractions an account has at once, before VOTE_RATE counts."""
    vote_rate: float = setting(values.rate, 5.0)
    """VOTE_RATE: how many more come each second; 0: there is no limit."""
    feedback_burst: int = setting(values.burst, 100)
    """FEEDBACK_BURST: how many messages in its activation requests an account has at once."""
    feedback_rate: float = setting(values.rate, 0.1)
    """FEEDBACK_RATE: how many more come each second; 0: there is no limit."""
    metrics_port: MetricsPort | None = setting(values.metrics_port)
    """METRICS_PORT: where `serve` answers /metrics, a port of this machine, or an IP address and a port."""
    audit_length: int = setting(values.audit_length, 100_000)
    """AUDIT_LENGTH: how many acts of admins are kept; the oldest go first."""
    secret_key: str | None = setting(values.key, is_secret=True)
    """SECRET_KEY: signs the session cookie, 16 bytes or more; shared with the platform."""
    secret_key_fallbacks: tuple[str, ...] = setting(values.keys, (), is_secret=True)
    """SECRET_KEY_FALLBACKS: retired keys, comma-separated; still accepted, never used to sign."""
    session_cookie_secure: bool | None = setting(values.boolean)
    """SESSION_COOKIE_SECURE: whether cookies are for HTTPS alone. Unset: yes, unless `serve` listens on loopback."""
    public_url: str | None = setting(values.public_url)
    """PUBLIC_URL: the address people use, a scheme and a host without a path."""
    site_name: str = setting(values.name, "Module registry")
    """SITE_NAME: what the pages call the site, in the top bar and in titles."""
    platform_url: str | None = setting(values.platform_url)
    """PLATFORM_URL: what pages put before paths of the platform, such as /features/...; unset: they link to none."""
    sign_in_url: str | None = setting(values.sign_in_url)
    """SIGN_IN_URL: where pages send those who are signed out, with {next}; unset: to a page of this service."""
    sign_in_help_fr: str | None = setting(values.sentence)
    """SIGN_IN_HELP_FR: whom to ask for an account or a sign-in link, in French, on the sign-in page."""
    sign_in_help_en: str | None = setting(values.sentence)
    """SIGN_IN_HELP_EN: the same in English."""
    security_contact: str | None = setting(values.contact)
    """SECURITY_CONTACT: whom to tell of a vulnerability, mailto:, https:// or tel:, in /.well-known/security.txt."""
    cors_origins: tuple[str, ...] = setting(values.origins, ())
    """CORS_ORIGINS: origins on the same site whose pages may vote, and read votes, comma-separated."""
    webhook_url: str | None = setting(values.webhook_url, is_secret=True)
    """WEBHOOK_URL: who is told of changes and requests, by POST: https, or http on this machine."""
    webhook_secret: str | None = setting(values.webhook_secret, is_secret=True)
    """WEBHOOK_SECRET: signs what is sent to WEBHOOK_URL; shared with whoever receives it."""
    oidc_issuer: str = setting(values.issuer, "")
    """OIDC_ISSUER: the OpenID Connect provider that people sign in with, exactly as it calls itself."""
    oidc_client_id: str = setting(values.client_text, "")
    """OIDC_CLIENT_ID: what the provider calls this service."""
    oidc_client_secret: str = setting(values.client_text, "", is_secret=True)
    """OIDC_CLIENT_SECRET: by which the provider knows this service."""
    oidc_name: str | None = setting(values.name)
    """OIDC_NAME: what the sign-in page calls the provider. Unset: the host of OIDC_ISSUER."""
    oidc_scopes: str = setting(values.scopes, "openid profile email")
    """OIDC_SCOPES: what the provider is asked to tell of people, with spaces between the scopes."""
    oidc_domains: tuple[str, ...] = setting(values.domains, ())
    """OIDC_DOMAINS: whose verified e-mail address ends in one of these is active at once; comma-separated."""
    oidc_admin: str | None = setting(values.claim)
    """OIDC_ADMIN: the claim that makes an admin, and its value, such as groups=registry-admins."""
    cache_max_age: int = setting(values.seconds, 10)
    """CACHE_MAX_AGE: how long a cache may serve a public document without asking, in seconds."""
    cache_stale_while_revalidate: int = setting(values.seconds, 60)
    """CACHE_STALE_WHILE_REVALIDATE: how much longer while it asks, in seconds (RFC 5861)."""
    cache_stale_if_error: int = setting(values.seconds, 86400)
    """CACHE_STALE_IF_ERROR: how much longer while the service cannot answer, in seconds (RFC 5861)."""
    data_dir: Path = setting(Path, Path("var"))
    """DATA_DIR: the folder of the embedded store and its generated secret key."""

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
