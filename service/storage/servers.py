"""What each Redis server that a URL leads to says of itself: the one, those that sentinels know, or all of a Cluster.

Nothing is written, and what a server does not let be seen is left out. Knows no subject.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import redis

from service.settings.redis_url import Kind, RedisUrl
from service.storage.faults import SENSELESS, RedisFault, in_words
from service.storage.opening import Address, addresses, open_server, parsed

T = TypeVar("T")

#: What is asked for by CONFIG GET; before Redis 7, which takes one name, that is not told.
_CONFIGURED = ("appendfsync", "bind", "protected-mode", "min-replicas-to-write")


@dataclass(frozen=True, slots=True)
class Server:
    """What a server says of itself; of one that cannot be asked, `fault` says why.

    `host` is empty for a Unix socket, whose path is the name. `info` and `config` have what INFO and CONFIG GET told,
    and lack what they did not tell. `takes_anybody` says whether it answers without a password; None: it did not tell.
    """

    name: str
    host: str
    fault: str = ""
    info: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    online_replicas: int = 0
    takes_anybody: bool | None = None

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes, and no other server gives them to it."""
        return self.info.get("role") == "master"


def deployment(url: RedisUrl, timeout: float) -> tuple[list[Server], str]:
    """The servers that a URL leads to, each asked within `timeout` seconds an answer; or why they could not be found.
    Raises InvalidSetting for a URL that cannot be used."""
    if url.kind is Kind.SERVER:
        return [_server(url, None, timeout)], ""
    servers: set[Address] = set()
    fault = ""
    for address in addresses(parsed(url)):
        known, fault = _known_to(url, address, timeout)
        servers.update(known or ())
        if known and url.kind is Kind.CLUSTER:
            break  # another one may call them by other addresses
    if not servers and url.kind is Kind.SENTINEL:
        fault = f"no sentinel knows {url.service}: {fault}"
    return [_server(url, each, timeout) for each in sorted(servers)], "" if servers else fault


def _known_to(url: RedisUrl, address: Address, timeout: float) -> tuple[list[Address] | None, str]:
    """The servers that a sentinel knows, or a server of a Cluster, which may not know its own address."""

    def known() -> list[Address]:
        if user is not None:
            servers = [client.sentinel_master(url.service), *client.sentinel_slaves(url.service)]
            return [(each["ip"], each["port"]) for each in servers]
        nodes = {name.rpartition(":"): node["flags"] for name, node in client.cluster("NODES").items()}
        return [address if "myself" in flags else (name[0], int(name[2])) for name, flags in nodes.items()]

    user = None if url.kind is Kind.CLUSTER else url.of_sentinels
    client: Any
    with closing(open_server(url, address, timeout, user)) as client:
        return _told(url, known)


def _server(url: RedisUrl, address: Address | None, timeout: float) -> Server:
    with closing(open_server(url, address, timeout)) as client:
        options = client.connection_pool.connection_kwargs
        host, port = str(options.get("host", "")), options.get("port", 6379)
        name = str(options["path"]) if "path" in options else f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        answer, fault = _told(url, client.ping)
        info, _ = _told(url, lambda: client.info("everything"))
        if info is None and answer is None:
            return Server(name, host, fault)
        config, _ = _told(url, lambda: client.config_get(*_CONFIGURED))
    replicas = [each for key, each in (info or {}).items() if key[5:].isdecimal() and isinstance(each, dict)]
    return Server(
        name,
        host,
        info=_texts(info),
        config=_texts(config),
        online_replicas=sum(each.get("state") == "online" for each in replicas),
        takes_anybody=_takes_anybody(url, address, timeout),
    )


def _takes_anybody(url: RedisUrl, address: Address | None, timeout: float) -> bool | None:
    with closing(open_server(url, address, timeout, {})) as server:
        try:
            return bool(server.ping())
        except (redis.AuthenticationError, redis.ResponseError):
            return False
        except RedisFault:  # such as a time limit
            return None


def _told(url: RedisUrl, ask: Callable[[], T]) -> tuple[T | None, str]:
    """What a server answers, or None and why it does not. Servers of other makers lack parts of an answer."""
    try:
        return ask(), ""
    except (*RedisFault, *SENSELESS) as error:
        return None, in_words(error, url)


def _texts(values: Mapping[Any, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (values or {}).items()}
