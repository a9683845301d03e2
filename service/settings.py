"""Settings, all from the environment, parsed once at start.

Every field names the environment variable it comes from; README has the same table, and a test holds the two
together. There is no default secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from service.problems import InvalidSetting
from service.storage.durability import Durability
from service.storage.redis_url import RedisUrl

#: Time limits that make sense for one call to Redis, in seconds.
_SHORTEST_TIMEOUT, _LONGEST_TIMEOUT = 0.01, 60.0
#: Of a key that signs sessions, in bytes: 128 bits, less than which can be guessed (NIST SP 800-131A).
_SHORTEST_KEY = 16
#: A year, in seconds; RFC 9111 knows no limit, but more is a typing error.
_LONGEST_CACHE = 31_536_000

#: Scheme, host, port and path. Not urlsplit, which passes over some of what does not belong into a URL.
_URL = re.compile(
    r"(https?)://((?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\])(?::([0-9]*))?(/[^\x00-\x20?#@\\\x7f-\U0010ffff]*)?",
    re.IGNORECASE | re.ASCII,
)
#: What browsers take for an IPv4 address, in whatever way it is written.
_NUMERIC_HOST = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")
#: Which browsers leave out of Origin.
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Build it with `Settings.from_env`; `dataclasses.replace` overrides a field."""

    registry_file: Path = Path("registry.yaml")
    """REGISTRY_FILE: the declaration to serve."""
    redis_url: RedisUrl | None = field(default=None, repr=False)
    """REDIS_URL: redis://, rediss:// or unix://; sentinels, as redis+sentinel://; or some servers of a Cluster, as
    redis+cluster://. Unset: the embedded store in DATA_DIR."""
    redis_timeout: float = 1.0
    """REDIS_TIMEOUT: time limit of one call to Redis, in seconds."""
    vote_durability: Durability = Durability.SERVER
    """VOTE_DURABILITY: what must have a vote before it is acknowledged: server, fsync (its disk) or replica."""
    secret_key: str | None = field(default=None, repr=False)
    """SECRET_KEY: signs the session cookie, 16 bytes or more; shared with the platform."""
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    """SECRET_KEY_FALLBACKS: retired keys, comma-separated; still accepted, never used to sign."""
    session_cookie_secure: bool | None = None
    """SESSION_COOKIE_SECURE: whether cookies are for HTTPS alone. Unset: yes, unless `serve` listens on loopback."""
    public_url: str | None = None
    """PUBLIC_URL: the address people use, without a trailing slash."""
    cors_origins: tuple[str, ...] = ()
    """CORS_ORIGINS: origins on the same site whose pages may vote, and read votes, comma-separated."""
    cache_max_age: int = 10
    """CACHE_MAX_AGE: how long a cache may serve a public document without asking, in seconds."""
    cache_stale_while_revalidate: int = 60
    """CACHE_STALE_WHILE_REVALIDATE: how much longer while it asks, in seconds (RFC 5861)."""
    cache_stale_if_error: int = 86400
    """CACHE_STALE_IF_ERROR: how much longer while the service cannot answer, in seconds (RFC 5861)."""
    data_dir: Path = Path("var")
    """DATA_DIR: the folder of the embedded store and its generated secret key."""

    @property
    def public_origin(self) -> str | None:
        """The origin of PUBLIC_URL as a browser writes it; None if that is not set."""
        return None if self.public_url is None else "/".join(self.public_url.split("/", 3)[:3])

    @property
    def cache_control(self) -> str:
        """The Cache-Control of the public documents."""
        return (
            f"public, max-age={self.cache_max_age}, "
            f"stale-while-revalidate={self.cache_stale_while_revalidate}, stale-if-error={self.cache_stale_if_error}"
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Parse `environ`. Raises InvalidSetting, with the variable's name, for a value that makes no sense."""
        given = {name: environ[name] for name in _PARSERS if name in environ}
        values: dict[str, Any] = {name.lower(): _PARSERS[name](name, value) for name, value in given.items()}
        return cls(**values)

    @classmethod
    def taken_from(cls, environ: MutableMapping[str, str]) -> Settings:
        """As `from_env`, and removes the secrets from `environ`: child processes, and requests under some servers, get
        a copy of it."""
        settings = cls.from_env(environ)
        for secret in (one.name.upper() for one in fields(cls) if not one.repr):
            environ.pop(secret, None)
        return settings


def registry_file(environ: Mapping[str, str]) -> Path:
    """REGISTRY_FILE or its default, for commands that no other setting may stand in the way of."""
    return Settings.from_env({name: value for name, value in environ.items() if name == "REGISTRY_FILE"}).registry_file


def _given(name: str, value: str) -> str:
    if not value.strip():
        raise InvalidSetting(name, "is empty: give it a value, or unset it")
    return value


def _text(name: str, value: str) -> str:
    if any("\ud800" <= one <= "\udfff" for one in value):  # as Python has bytes that are no UTF-8 in the environment
        raise InvalidSetting(name, "has bytes that are no UTF-8 text")
    return _given(name, value)


def _path(name: str, value: str) -> Path:
    if "\0" in value:
        raise InvalidSetting(name, "a path cannot contain a NUL character")
    return Path(_given(name, value))


def _data_dir(name: str, value: str) -> Path:
    return _path(name, _text(name, value))  # its socket is part of a URL


def _keys(name: str, value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(","))
    if not all(keys):
        raise InvalidSetting(name, "has an empty key between its commas; write key1,key2")
    return tuple(_key(name, key) for key in keys)


def _key(name: str, value: str) -> str:
    if (reason := weakness(_text(name, value))) is not None:
        raise InvalidSetting(name, reason)
    return value


def weakness(key: str) -> str | None:
    """Why a key cannot sign sessions, wherever it comes from; None if it can. The key itself is not in it."""
    length = len(os.fsencode(key))
    if length >= _SHORTEST_KEY:
        return None
    reason = f"has a key of {length} bytes, which can be guessed; write {_SHORTEST_KEY} or more"
    return f"{reason}, such as those of `openssl rand -hex 32`"


def _boolean(name: str, value: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if value.lower() not in known:
        raise InvalidSetting(name, f"is {value!r}; write true or false")
    return known[value.lower()]


def _timeout(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        raise InvalidSetting(name, f"is {value!r}; write a number of seconds, such as 1.0") from None
    if not _SHORTEST_TIMEOUT <= seconds <= _LONGEST_TIMEOUT:
        raise InvalidSetting(name, f"is {value}; write seconds from {_SHORTEST_TIMEOUT:g} to {_LONGEST_TIMEOUT:g}")
    return seconds


def _redis_url(name: str, value: str) -> RedisUrl:
    try:
        return RedisUrl.parse(_text(name, value))
    except ValueError as error:
        raise InvalidSetting(name, str(error)) from None


def _durability(name: str, value: str) -> Durability:
    try:
        return Durability(value.lower())
    except ValueError:
        raise InvalidSetting(name, f"is {value!r}; write server, fsync or replica") from None


def _seconds(name: str, value: str) -> int:
    if not re.fullmatch("[0-9]{1,8}", value) or int(value) > _LONGEST_CACHE:
        raise InvalidSetting(name, f"is {value!r}; write whole seconds from 0 to {_LONGEST_CACHE}")
    return int(value)


def _origins(name: str, value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in _text(name, value).split(","))
    for origin in origins:
        try:
            written, path = _origin_and_path(origin)
            if path or written != origin.lower():
                raise ValueError(f"a browser writes {written}")
        except ValueError as error:
            example = "write scheme and host alone, such as https://app.example.com, with commas between several"
            raise InvalidSetting(name, f"{origin!r} is not an origin ({error}); {example}") from None
    return tuple(map(str.lower, origins))


def _public_url(name: str, value: str) -> str:
    try:
        return "".join(_origin_and_path(_text(name, value))).rstrip("/")
    except ValueError as error:
        example = "write an address such as https://registry.example.com"
        raise InvalidSetting(name, f"is {value!r} ({error}); {example}") from None


def _origin_and_path(url: str) -> tuple[str, str]:
    """The origin of a URL as a browser writes it (WHATWG URL, 3.5 and 4.5), and its path.

    Raises ValueError for what is no http or https URL, or has more to it.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("it is no http:// or https:// address, in ASCII and without a query")
    scheme, host, port, path = found.groups(default="")
    scheme, host = scheme.lower(), host.lower()
    number = int(port or _USUAL_PORTS[scheme])
    if not 0 < number < 65536:
        raise ValueError("its port is not one from 1 to 65535")
    if host.startswith("["):
        address = IPv6Address(host[1:-1])
        if address.ipv4_mapped:
            raise ValueError("its host is an IPv4 address within an IPv6 address")
        host = f"[{address}]"
    elif _NUMERIC_HOST.fullmatch(host):
        host = str(IPv4Address(host))
    return f"{scheme}://{host}" + (f":{number}" if number != _USUAL_PORTS[scheme] else ""), path


_PARSERS = {
    "REGISTRY_FILE": _path,
    "REDIS_URL": _redis_url,
    "REDIS_TIMEOUT": _timeout,
    "VOTE_DURABILITY": _durability,
    "SECRET_KEY": _key,
    "SECRET_KEY_FALLBACKS": _keys,
    "SESSION_COOKIE_SECURE": _boolean,
    "PUBLIC_URL": _public_url,
    "CORS_ORIGINS": _origins,
    "CACHE_MAX_AGE": _seconds,
    "CACHE_STALE_WHILE_REVALIDATE": _seconds,
    "CACHE_STALE_IF_ERROR": _seconds,
    "DATA_DIR": _data_dir,
}
