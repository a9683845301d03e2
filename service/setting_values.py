"""How the text of each setting becomes its value. Every function raises InvalidSetting, with the setting's name."""

from __future__ import annotations

import binascii
import os
import re
from base64 import b64decode
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from service.origins import is_this_machine, origin_and_path
from service.problems import InvalidSetting
from service.storage.durability import Durability
from service.storage.redis_url import RedisUrl

#: Time limits that make sense for one call to Redis, in seconds.
_SHORTEST_TIMEOUT, _LONGEST_TIMEOUT = 0.01, 60.0
#: Of a key that signs sessions, in bytes: 128 bits, less than which can be guessed (NIST SP 800-131A).
_SHORTEST_KEY = 16
#: Of a secret that signs webhooks, in bytes, and how it begins (Standard Webhooks 1.0.0, "Signature scheme").
_SHORTEST_SECRET, _LONGEST_SECRET, _SECRET_PREFIX = 24, 64, "whsec_"
#: A year, in seconds; RFC 9111 knows no limit, but more is a typing error.
_LONGEST_CACHE = 31_536_000

#: Of the record of what admins did, in entries: less is no record, and each takes up to 210 bytes of memory.
_SHORTEST_AUDIT, _LONGEST_AUDIT = 100, 10_000_000

#: Of what an account may do at once, and each second: more is as good as no limit, and less is a typing error.
_LONGEST_BURST, _LOWEST_RATE, _HIGHEST_RATE = 1_000_000, 0.001, 1000.0

#: Of a name that stands in a top bar, in characters.
_LONGEST_NAME = 40

#: A path of this origin, which two slashes would not be (RFC 3986, 4.2), and a query that may hold `{next}`.
_PATH = re.compile(r"/(?!/)[\w./~!$&'()*+,;=:@%-]*", re.ASCII)
_QUERY = re.compile(r"[\w./~!$&'()*+,;=:@%?{}-]*", re.ASCII)

#: An address that reaches somebody, of printable ASCII.
_CONTACT = re.compile(r"mailto:[!-?A-~]{1,200}@[!-?A-~]{1,200}|https://[!-~]{1,500}|tel:\+[0-9-]{3,30}")


def _given(name: str, value: str) -> str:
    if not value.strip():
        raise InvalidSetting(name, "is empty: give it a value, or unset it")
    return value


def text(name: str, value: str) -> str:
    """Anything in UTF-8, but not nothing."""
    if any("\ud800" <= one <= "\udfff" for one in value):  # as Python has bytes that are no UTF-8 in the environment
        raise InvalidSetting(name, "has bytes that are no UTF-8 text")
    return _given(name, value)


def path(name: str, value: str) -> Path:
    """A path of the system."""
    if "\0" in value:
        raise InvalidSetting(name, "a path cannot contain a NUL character")
    return Path(_given(name, value))


def data_dir(name: str, value: str) -> Path:
    """A path that can be part of a URL."""
    return path(name, text(name, value))  # its socket is part of a URL


def keys(name: str, value: str) -> tuple[str, ...]:
    """Keys that can sign sessions, with commas between them."""
    given = [one.strip() for one in value.split(",")]
    if not all(given):
        raise InvalidSetting(name, "has an empty key between its commas; write key1,key2")
    return tuple(key(name, one) for one in given)


def key(name: str, value: str) -> str:
    """A key that can sign sessions."""
    if (reason := weakness(text(name, value))) is not None:
        raise InvalidSetting(name, reason)
    return value


def weakness(key: str) -> str | None:
    """Why a key cannot sign sessions, wherever it comes from; None if it can. The key itself is not in it."""
    length = len(os.fsencode(key))
    if length >= _SHORTEST_KEY:
        return None
    reason = f"has a key of {length} bytes, which can be guessed; write {_SHORTEST_KEY} or more"
    return f"{reason}, such as those of `openssl rand -hex 32`"


def boolean(name: str, value: str) -> bool:
    """Whether something is so."""
    known = {"true": True, "1": True, "false": False, "0": False}
    if value.lower() not in known:
        raise InvalidSetting(name, f"is {value!r}; write true or false")
    return known[value.lower()]


@dataclass(frozen=True, slots=True)
class MetricsPort:
    """Where /metrics is answered apart from all else: an IP address of this machine, and a port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


def metrics_port(name: str, value: str) -> MetricsPort:
    """A port of this machine alone, or an IP address and a port."""
    host, _, port = value.rpartition(":")
    try:
        ip = ip_address(re.sub(r"^\[(.*:.*)\]$", r"\1", host) if host else "127.0.0.1")
        if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
            raise ValueError
        if ip.version == 6 and not host.startswith("["):
            raise ValueError
    except ValueError:
        examples = "write a port such as 9464, or an IP address and a port such as 0.0.0.0:9464 or [::]:9464"
        raise InvalidSetting(name, f"is {value!r}; {examples}") from None
    return MetricsPort(str(ip), int(port))


def timeout(name: str, value: str) -> float:
    """A time limit, in seconds."""
    try:
        seconds = float(value)
    except ValueError:
        raise InvalidSetting(name, f"is {value!r}; write a number of seconds, such as 1.0") from None
    if not _SHORTEST_TIMEOUT <= seconds <= _LONGEST_TIMEOUT:
        raise InvalidSetting(name, f"is {value}; write seconds from {_SHORTEST_TIMEOUT:g} to {_LONGEST_TIMEOUT:g}")
    return seconds


def redis_url(name: str, value: str) -> RedisUrl:
    """Where Redis is."""
    try:
        return RedisUrl.parse(text(name, value))
    except ValueError as error:
        raise InvalidSetting(name, str(error)) from None


def durability(name: str, value: str) -> Durability:
    """What confirms a write."""
    try:
        return Durability(value.lower())
    except ValueError:
        raise InvalidSetting(name, f"is {value!r}; write server, fsync or replica") from None


def seconds(name: str, value: str) -> int:
    """Whole seconds."""
    if not re.fullmatch("[0-9]{1,8}", value) or int(value) > _LONGEST_CACHE:
        raise InvalidSetting(name, f"is {value!r}; write whole seconds from 0 to {_LONGEST_CACHE}")
    return int(value)


def audit_length(name: str, value: str) -> int:
    """How many entries are kept."""
    if not re.fullmatch("[0-9]{1,8}", value) or not _SHORTEST_AUDIT <= int(value) <= _LONGEST_AUDIT:
        raise InvalidSetting(name, f"is {value!r:.100}; write a number from {_SHORTEST_AUDIT} to {_LONGEST_AUDIT}")
    return int(value)


def burst(name: str, value: str) -> int:
    """How often something may be done at once."""
    if not re.fullmatch("[0-9]{1,7}", value) or not 1 <= int(value) <= _LONGEST_BURST:
        raise InvalidSetting(name, f"is {value!r:.100}; write a number from 1 to {_LONGEST_BURST}")
    return int(value)


def rate(name: str, value: str) -> float:
    """How often something may be done each second, or 0 for no limit."""
    if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,9})?", value):
        number = float(value)
        if number == 0 or _LOWEST_RATE <= number <= _HIGHEST_RATE:
            return number
    limits = f"from {_LOWEST_RATE:g} to {_HIGHEST_RATE:g}"
    raise InvalidSetting(name, f"is {value!r:.100}; write how many a second, {limits}, or 0 for no limit")


def origins(name: str, value: str) -> tuple[str, ...]:
    """Origins as browsers write them, with commas between them."""
    origins = tuple(origin.strip() for origin in text(name, value).split(","))
    for origin in origins:
        try:
            written, path = origin_and_path(origin)
            if path or written != origin.lower():
                raise ValueError(f"a browser writes {written}")
        except ValueError as error:
            example = "write scheme and host alone, such as https://app.example.com, with commas between several"
            raise InvalidSetting(name, f"{origin!r} is not an origin ({error}); {example}") from None
    return tuple(map(str.lower, origins))


def platform_url(name: str, value: str) -> str:
    """An address of the web, its origin as browsers write it, without a trailing slash."""
    try:
        return "".join(origin_and_path(text(name, value))).rstrip("/")
    except ValueError as error:
        example = "write an address such as https://app.example.com"
        raise InvalidSetting(name, f"is {value!r} ({error}); {example}") from None


def public_url(name: str, value: str) -> str:
    """The origin at which the service answers, as browsers write it; a slash behind it is left out."""
    try:
        origin, path = origin_and_path(text(name, value))
        if path not in ("", "/"):
            raise ValueError(f"the service has its host to itself, and {path} is a path")
    except ValueError as error:
        example = "write an address such as https://registry.example.com"
        raise InvalidSetting(name, f"is {value!r} ({error}); {example}") from None
    return origin


def name(name: str, value: str) -> str:
    """A short text on one line."""
    if not text(name, value).strip().isprintable() or len(value) > _LONGEST_NAME:
        raise InvalidSetting(name, f"is {value!r:.100}; write at most {_LONGEST_NAME} characters on one line")
    return value.strip()


def contact(name: str, value: str) -> str:
    """Whom to tell of a vulnerability, as an address (RFC 9116, 2.5.3)."""
    if not _CONTACT.fullmatch(_given(name, value)):
        examples = "write mailto:security@example.com, https://example.com/report or tel:+33-1-23-45-67-89"
        raise InvalidSetting(name, f"is {value!r:.100}; {examples}")
    return value


def sign_in_url(name: str, value: str) -> str:
    """An address of the web, or a path, that has `{next}` in its query."""
    address, _, query = text(name, value).partition("?")
    try:
        if not address.startswith("/"):
            address = "".join(origin_and_path(address))
        elif not _PATH.fullmatch(address):
            raise ValueError("it is no path")
        if not _QUERY.fullmatch(query) or query.count("{next}") != 1:
            raise ValueError("its query lacks {next}, which stands for the address to come back to")
    except ValueError as error:
        example = "write an address such as https://app.example.com/login?next={next}"
        raise InvalidSetting(name, f"is {value!r} ({error}); {example}") from None
    return f"{address}?{query}"


def webhook_url(name: str, value: str) -> str:
    """An address of the web with or without a query: https, or http on this machine. It may have a secret in it."""
    address, mark, query = text(name, value).partition("?")
    try:
        origin, path = origin_and_path(address)
        if "{" in query or not _QUERY.fullmatch(query):
            raise ValueError("its query has characters that none can have")
        if origin.startswith("http:") and not is_this_machine(origin):
            raise ValueError("over plain http everybody on the way reads it, so it must be https or of this machine")
    except ValueError as error:
        example = "write an address such as https://hooks.example.com/modules"
        raise InvalidSetting(name, f"cannot be used ({error}); {example}") from None
    return f"{origin}{path or '/'}{mark}{query}"


def webhook_secret(name: str, value: str) -> str:
    """A secret that signs webhooks, as Standard Webhooks writes it. It is in no message."""
    try:
        prefix, secret = value[: len(_SECRET_PREFIX)], b64decode(value[len(_SECRET_PREFIX) :], validate=True)
    except (binascii.Error, ValueError):  # ValueError: what is not ASCII
        prefix, secret = "", b""
    if prefix != _SECRET_PREFIX or not _SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET:
        size = f"{_SHORTEST_SECRET} to {_LONGEST_SECRET} bytes"
        made = f"`echo {_SECRET_PREFIX}$(openssl rand -base64 32)` makes one"
        raise InvalidSetting(name, f"is not {_SECRET_PREFIX} and {size} in base64; {made}")
    return value
