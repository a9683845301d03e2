"""How the text of each setting becomes its value.

Every function raises ValueError, which says what is wrong, or what to write instead, and tells nothing of a secret.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Any, TypeVar

from service.settings.durability import Durability

T = TypeVar("T")
N = TypeVar("N", int, float)

#: Of a key that signs sessions, in bytes: 128 bits, less than which can be guessed (NIST SP 800-131A).
_SHORTEST_KEY = 16
#: Of a secret that signs webhooks, in bytes, and how it begins (Standard Webhooks 1.0.0, "Signature scheme").
_SHORTEST_SECRET, _LONGEST_SECRET, _SECRET_PREFIX = 24, 64, "whsec_"

#: Scheme, host, port and path. Not urlsplit, which passes over some of what does not belong into a URL.
_URL = re.compile(
    r"(https?)://((?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f.]*:[0-9a-f:.]*\])(?::([0-9]+))?(/[!\"$->A-\[\]-~]*)?",
    re.IGNORECASE | re.ASCII,
)
#: What browsers take for an IP address, in whatever way it is written.
_ADDRESS = re.compile(r"\[.*|(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")
#: Which browsers leave out of Origin.
_USUAL_PORTS = {"http": 80, "https": 443}
#: A query that may hold `{next}`.
_QUERY = re.compile(r"[\w./~!$&'()*+,;=:@%?{}-]*", re.ASCII)


def setting(parse: Callable[[str], object], default: object = None, *, is_secret: bool = False) -> Any:
    """A field of Settings, and how its text is parsed. One that is not in its `repr` is a secret, and in no message."""
    return field(default=default, repr=not is_secret, metadata={"parse": parse})


def _matching(pattern: str, write: str) -> Callable[[str], str]:
    """A parser of text of a form."""

    def parse(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"write {write}")
        return value

    return parse


def _choice(write: str, **values: T) -> Callable[[str], T]:
    """A parser of a few words, in whatever case."""

    def parse(value: str) -> T:
        if value.lower() not in values:
            raise ValueError(f"write {write}")
        return values[value.lower()]

    return parse


def _number(make: Callable[[str], N], least: N, most: N, write: str) -> Callable[[str], N]:
    """A parser of numbers between two, which `write` tells, or 0 if it says so."""

    def parse(value: str) -> N:
        number = make(value) if re.fullmatch(r"[0-9]{1,8}" if make is int else r"[0-9]*\.?[0-9]{1,9}", value) else -1
        if least <= number <= most or (number == 0 and "or 0" in write):
            return number
        raise ValueError(f"write {write.format(least, most)}")

    return parse


def _several(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """A parser of values with commas between them."""
    return lambda value: tuple(parse(each.strip()) for each in value.split(","))


def key(value: str) -> str:
    """A key that can sign sessions, wherever it comes from."""
    length = len(value.encode())
    if length < _SHORTEST_KEY:
        reason = f"has a key of {length} bytes, which can be guessed; write {_SHORTEST_KEY} or more"
        raise ValueError(f"{reason}, such as those of `openssl rand -hex 32`")
    return value


@dataclass(frozen=True, slots=True)
class MetricsPort:
    """Where /metrics is answered apart from all else: an IP address of this machine, and a port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


def metrics_port(value: str) -> MetricsPort:
    """A port of this machine alone, or an IP address and a port."""
    parts = re.fullmatch(r"(?:([0-9.]+|\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]):)?([0-9]{1,5})", value, re.ASCII)
    host, port = parts.groups("127.0.0.1") if parts else ("", "0")
    if not 0 < int(port) < 65536:
        raise ValueError("write a port such as 9464, or an IP address and a port such as 0.0.0.0:9464 or [::]:9464")
    return MetricsPort(str(ip_address(host.strip("[]"))), int(port))


def name(value: str, most: int = 40) -> str:
    """A text on one line, such as one that stands in a top bar."""
    if not value.strip().isprintable() or len(value) > most:
        raise ValueError(f"write at most {most} characters on one line")
    return value.strip()


def _origin_and_path(url: str) -> tuple[str, str]:
    """The origin of an http or https URL without a query, as a browser writes it (WHATWG URL, 3.5 and 4.5), and its
    path."""
    parts = _URL.fullmatch(url)
    if parts is None:
        raise ValueError("it is no http:// or https:// address, in ASCII and without a query")
    scheme, host, port, path = parts.groups(default="")
    scheme, host = scheme.lower(), host.lower()
    number = int(port or _USUAL_PORTS[scheme])
    if not 0 < number < 65536:
        raise ValueError("its port is not one from 1 to 65535")
    if _ADDRESS.fullmatch(host):
        address = str(ip_address(host.strip("[]")))
        host = f"[{address}]" if ":" in address else address
    return f"{scheme}://{host}" + (f":{number}" if number != _USUAL_PORTS[scheme] else ""), path


def is_this_machine(origin: str) -> bool:
    """Whether an origin has a host that is always this machine (RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)."""
    return is_loopback(re.sub(r":\d+$", "", origin.partition("://")[2]).strip("[]"))


def is_loopback(host: str) -> bool:
    """Whether a name or an address, without brackets, is always this machine's."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(value: str) -> str:
    """An origin as browsers write it, in whatever case."""
    written, path = _origin_and_path(value)
    if path or written != value.lower():
        raise ValueError(f"a browser writes {written} for {value}")
    return written


def platform_url(value: str) -> str:
    """An address of the web, its origin as browsers write it, without a trailing slash."""
    return "".join(_origin_and_path(value)).rstrip("/")


def public_url(value: str) -> str:
    """The origin at which the service answers, as browsers write it; a slash behind it is left out."""
    origin, path = _origin_and_path(value)
    if path not in ("", "/"):
        raise ValueError(f"the service has its host to itself, and {path} is a path")
    return origin


def sign_in_url(value: str) -> str:
    """An address of the web, or a path, that has `{next}` in its query."""
    address, _, query = value.partition("?")
    is_path = re.match("/(?!/)", address)  # two slashes would lead to another host (RFC 3986, 4.2)
    origin, path = _origin_and_path(f"http://localhost{address}" if is_path else address)
    if not _QUERY.fullmatch(query) or query.count("{next}") != 1:
        raise ValueError("its query lacks {next}, which stands for the address to come back to")
    return f"{'' if is_path else origin}{path}?{query}"


def webhook_url(value: str) -> str:
    """An address of the web with or without a query: https, or http on this machine. It may have a secret in it."""
    address, mark, query = value.partition("?")
    origin, path = _origin_and_path(address)
    if "{" in query or not _QUERY.fullmatch(query):
        raise ValueError("its query has characters that none can have")
    return f"{_unread(origin)}{path or '/'}{mark}{query}"


def _unread(origin: str) -> str:
    """An origin to which nobody on the way reads or changes what is said."""
    if origin.startswith("http:") and not is_this_machine(origin):
        raise ValueError("over plain http everybody on the way reads it, so it must be https or of this machine")
    return origin


def webhook_secret(value: str) -> str:
    """A secret that signs webhooks, as Standard Webhooks writes it."""
    try:
        secret = b64decode(value.removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not value.startswith(_SECRET_PREFIX) or not _SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET:
        size = f"{_SHORTEST_SECRET} to {_LONGEST_SECRET} bytes"
        made = f"`echo {_SECRET_PREFIX}$(openssl rand -base64 32)` makes one"
        raise ValueError(f"is not {_SECRET_PREFIX} and {size} in base64; {made}")
    return value


def issuer(value: str) -> str:
    """The identifier of a provider (OpenID Connect Core 1.0, 1.2), which is compared letter for letter."""
    _unread(_origin_and_path(value)[0])
    return value


def _domain(value: str) -> str:
    """A name of the DNS, in ASCII and with a dot, in lower case."""
    label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(rf"(?=.{{4,253}}$)({label}\.)+{label}", value.lower()):
        raise ValueError("write domains such as example.com, with commas between several")
    return value.lower()


#: A sentence or two.
sentence = partial(name, most=300)
boolean = _choice("true or false", **{"true": True, "1": True, "false": False, "0": False})
durability = _choice(
    "server, fsync, replica, or replica:2 to replica:5",
    **{value.value: value for value in Durability},
    **{"replica:1": Durability.REPLICA},
)
timeout = _number(float, 0.01, 60.0, "seconds from {:g} to {:g}")
#: A year; RFC 9111 knows no limit, but more is a typing error.
seconds = _number(int, 0, 31_536_000, "whole seconds from {:,} to {:,}")
#: Less is no record of what admins did, and each entry takes up to 210 bytes of memory.
audit_length = _number(int, 100, 10_000_000, "a whole number from {:,} to {:,}")
#: More is as good as no limit, and less is a typing error.
burst = _number(int, 1, 1_000_000, "a whole number from {:,} to {:,}")
rate = _number(float, 0.001, 1000.0, "how many a second, from {:g} to {:g}, or 0 for no limit")
keys, origins, domains = _several(key), _several(_origin), _several(_domain)
#: What an id or a secret of OAuth may be made of (RFC 6749, appendix A).
client_text = _matching("[ -~]{1,1000}", "at most 1,000 characters of ASCII, as the provider does")
#: Scopes (RFC 6749, 3.3), one of which is `openid` (OpenID Connect Core 1.0, 3.1.2.1).
scopes = _matching(
    r"(?=(.* )?openid( |$))[!#-\[\]-~]+( [!#-\[\]-~]+)*", "scopes with a space between two, such as openid email"
)
claim = _matching(r"[^\s=]{1,200}=\S(.{0,198}\S)?", "a claim and its value, such as groups=registry-admins")
#: An address that reaches somebody, of printable ASCII (RFC 9116, 2.5.3).
contact = _matching(
    r"mailto:[!-?A-~]{1,200}@[!-?A-~]{1,200}|https://[!-~]{1,500}|tel:\+[0-9-]{3,30}",
    "mailto:security@example.com, https://example.com/report or tel:+33-1-23-45-67-89",
)
