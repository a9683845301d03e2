"""REDIS_URL: one server, a primary that sentinels know, or a Cluster, parsed once into one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

_EXAMPLES = (
    "write redis://host:6379/0, rediss://..., unix:///path/to.sock, redis+sentinel://host:26379,other:26379/primary "
    "or redis+cluster://host:6379,other:6379"
)
_SEVERAL = re.compile(r"(rediss?)\+(sentinel|cluster)://([^/?#]*@)?([^/?#]*)([^?#]*)(.*)")
#: How a query names the user and password that sentinels ask for, whose own may be others than the servers'.
_OF_SENTINELS = "sentinel_"
_USER = (f"{_OF_SENTINELS}username", f"{_OF_SENTINELS}password")
_DEFAULT_PORT = {"sentinel": 26379, "cluster": 6379}


class Kind(Enum):
    """What a URL leads to."""

    SERVER = "server"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """Where Redis is. `urls` are redis-py's, one for each server or sentinel; they may hold a password.

    `service` is what the sentinels call the primary, `of_sentinels` the user and password that they ask for, as
    redis-py names them, and `data_dir` the folder of the embedded store.
    """

    kind: Kind
    urls: tuple[str, ...] = field(repr=False)
    service: str = ""
    data_dir: Path | None = None
    of_sentinels: dict[str, str] = field(default_factory=dict, repr=False, hash=False)

    @property
    def is_embedded(self) -> bool:
        """Whether it is the store that this service brings."""
        return self.data_dir is not None

    @property
    def title(self) -> str:
        """What messages call it."""
        return "The embedded store" if self.is_embedded else "Redis"

    @property
    def place(self) -> str:
        """Where it is, by the setting that says so, without user and password."""
        if self.is_embedded:
            return f"DATA_DIR {self.data_dir}"
        parts = map(urlsplit, self.urls)
        return f"REDIS_URL {', '.join(each.netloc.rpartition('@')[2] + each.path for each in parts)}"

    @classmethod
    def parse(cls, text: str) -> RedisUrl:
        """Parse redis://, rediss://, unix://, and the lists of servers of the `limits` library: redis+cluster:// and
        redis+sentinel://user:password@host:26379,other:26379/primary/0. Raises ValueError, with examples."""
        try:
            several = _SEVERAL.fullmatch(text)
            url = cls._several(*several.groups(default="")) if several else cls(Kind.SERVER, (text,))
            if not all(map(_is_complete, url.urls)):
                raise ValueError("is not an address of a Redis server")
        except ValueError as error:
            raise ValueError(f"{error}; {_EXAMPLES}") from None
        return url

    @classmethod
    def _several(cls, scheme: str, kind: str, user: str, servers: str, path: str, query: str) -> RedisUrl:
        service = ""
        said = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        if kind == "sentinel":
            service, _, path = path.removeprefix("/").partition("/")
            if not service:
                raise ValueError("does not say, after a slash, what the sentinels call the primary")
        elif path.strip("/") or "db" in dict(said):
            raise ValueError("a Redis Cluster has no numbered databases")
        users = _USER if kind == "sentinel" else ()
        of_sentinels = {name.removeprefix(_OF_SENTINELS): value for name, value in said if name in users}
        rest = [each for each in said if each[0] not in users]
        behind = f"/{path}" * bool(path.strip("/")) + f"?{urlencode(rest)}" * bool(rest)
        urls = tuple(f"{scheme}://{user}{_with_port(server, kind)}{behind}" for server in servers.split(","))
        return cls(Kind(kind), urls, unquote(service), of_sentinels=of_sentinels)


def _with_port(server: str, kind: str) -> str:
    return server if urlsplit(f"//{server}").port else f"{server}:{_DEFAULT_PORT[kind]}"


def _is_complete(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return bool(parts.path) or "path" in parse_qs(parts.query)
    complete = parts.hostname and parts.port != 0 and re.fullmatch(r"(/\d*)?", parts.path)
    return bool(complete) and parts.scheme in ("redis", "rediss")
