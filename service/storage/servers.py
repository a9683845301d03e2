"""What each Redis server that a URL leads to says of itself: the one, those that sentinels know, or all of a Cluster.

Nothing is written, and what a server does not let be seen is left out. Knows no subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import redis

from service.storage.faults import SENSELESS, RedisFault, in_words
from service.storage.opening import open_server, parsed
from service.storage.redis_url import Kind, RedisUrl

T = TypeVar("T")

_Address = tuple[str, int]

#: What is asked for by CONFIG GET, one by one: before Redis 7 it takes one name.
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


@dataclass(frozen=True, slots=True)
class Deployment:
    """The servers that a URL leads to; `fault` says why they could not be found."""

    servers: tuple[Server, ...] = ()
    fault: str = ""


def deployment(url: RedisUrl, timeout: float) -> Deployment:
    """Ask each server, within `timeout` seconds an answer. Raises InvalidSetting for a URL that cannot be used."""
    addresses, _ = parsed(url)
    if url.kind is Kind.SERVER:
        return Deployment((_server(url, None, timeout),))
    if url.kind is Kind.SENTINEL:
        return _watched(url, addresses, timeout)
    return _of_cluster(url, addresses, timeout)


def _watched(url: RedisUrl, sentinels: list[_Address], timeout: float) -> Deployment:
    servers: set[_Address] = set()
    fault = ""
    for address in sentinels:

        def ask(sentinel: Any) -> list[_Address]:
            primary = sentinel.sentinel_master(url.service)
            return [(each["ip"], each["port"]) for each in (primary, *sentinel.sentinel_slaves(url.service))]

        with closing(open_server(url, address, timeout, url.of_sentinels)) as sentinel:
            known, fault = _told(url, ask, sentinel)
        servers.update(known or ())
    fault = "" if servers else f"no sentinel knows {url.service}: {fault}"
    return Deployment(tuple(_server(url, each, timeout) for each in sorted(servers)), fault)


def _of_cluster(url: RedisUrl, addresses: list[_Address], timeout: float) -> Deployment:
    fault = ""
    for address in addresses:
        with closing(open_server(url, address, timeout)) as server:
            nodes, fault = _told(url, lambda client: client.cluster("NODES"), server)
        if nodes is None:
            continue
        # A server that was asked by its own address may not know that address yet.
        names = {name if not name.startswith(":") else _name(address): node for name, node in nodes.items()}
        return Deployment(tuple(_of_node(url, name, node, timeout) for name, node in sorted(names.items())))
    return Deployment(fault=fault)


def _of_node(url: RedisUrl, name: str, node: Mapping[str, Any], timeout: float) -> Server:
    host, _, port = name.rpartition(":")
    if not port.isdecimal() or "noaddr" in node["flags"]:
        return Server(name, host, "the Cluster does not know its address any more")
    return _server(url, (host, int(port)), timeout)


def _server(url: RedisUrl, address: _Address | None, timeout: float) -> Server:
    with closing(open_server(url, address, timeout)) as server:
        options = server.connection_pool.connection_kwargs
        host = str(options.get("host", "" if "path" in options else "localhost"))
        name = _name((host, options.get("port", 6379))) if host else str(options["path"])
        answers, fault = _told(url, lambda client: client.ping(), server)
        info, _ = _told(url, lambda client: client.info("everything"), server)
        if info is None and answers is None:
            return Server(name, host, fault)
        config: dict[str, str] = {}
        for each in _CONFIGURED:
            config |= _texts(_told(url, partial(_configured, each), server)[0] or {})
    replicas = [each for key, each in (info or {}).items() if key[5:].isdecimal() and isinstance(each, dict)]
    return Server(
        name,
        host,
        info=_texts(info or {}),
        config=config,
        online_replicas=sum(each.get("state") == "online" for each in replicas),
        takes_anybody=_takes_anybody(url, address, timeout),
    )


def _configured(name: str, server: Any) -> dict[str, str]:
    return dict(server.config_get(name))


def _takes_anybody(url: RedisUrl, address: _Address | None, timeout: float) -> bool | None:
    with closing(open_server(url, address, timeout, {})) as server:
        try:
            return bool(server.ping())
        except (redis.AuthenticationError, redis.ResponseError):
            return False
        except RedisFault:  # such as a time limit
            return None


def _told(url: RedisUrl, ask: Callable[[Any], T], server: redis.Redis) -> tuple[T | None, str]:
    """What a server answers, or None and why it does not. Servers of other makers lack parts of an answer."""
    try:
        return ask(server), ""
    except (*RedisFault, *SENSELESS) as error:
        return None, in_words(error, url)


def _texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}


def _name(address: _Address) -> str:
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
