"""redis-py's client for one server, a primary behind Sentinel, or a Cluster, with this service's limits."""

import socket
import ssl
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import parse_url
from redis.exceptions import ClusterDownError
from redis.retry import Retry
from redis.sentinel import Sentinel

from service.problems import InvalidSetting
from service.settings.redis_url import Kind, RedisUrl
from service.storage.faults import Ungreeted, says

Address = tuple[str, int]

#: What a URL says of servers that does not hold for sentinels, nor for strangers.
_OF_A_USER = ("username", "password", "db")

#: What redis-py says of a connection that was closed, and of TLS' alert to whoever speaks without.
_NO_GREETING = ("closed by server", r'"\x15"')

#: SO_LINGER: on, for no time at all.
_AT_ONCE = struct.pack("ii", 1, 0)


def _greeted(connection: Any) -> None:
    """Greet a server, which redis-py leaves to whoever sets redis_connect_func.

    The kernel is to forget what it has not delivered when the connection is closed, also by the end of the process. A
    command that timed out since the network was gone would be sent again for minutes otherwise, and be done after later
    commands that were acknowledged.
    """
    connection._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    try:
        connection.on_connect()
    except (redis.ConnectionError, redis.InvalidResponse) as error:
        if not isinstance(error.__context__, OSError) and not says(error, _NO_GREETING):
            raise  # the server has answered
        raise Ungreeted(f"no greeting: {error}") from error


def _greeted_as_primary(connection: Any) -> None:
    """Ask for its role as well, as clients of Sentinel are to: for a moment, sentinels may name a server that is a
    replica by now, which would answer with what it had. Who may not ask for that takes what sentinels say."""
    _greeted(connection)
    connection.send_command("ROLE")
    with suppress(redis.exceptions.NoPermissionError):
        role = connection.read_response()
        if not isinstance(role, list) or role[:1] not in (["master"], [b"master"]):
            raise redis.ConnectionError("the server that the sentinels name is no primary")


class _Cluster(RedisCluster):
    #: Not TimeoutError: a server that does not answer in time is not asked twice.
    ERRORS_ALLOW_RETRY = (redis.ConnectionError, ClusterDownError)  # type: ignore[assignment]

    def on_connect(self, connection: Any) -> None:
        """As for any other server: replicas are not asked."""
        _greeted(connection)


#: Who the client is, as a server lists it: looked up once, not for each connection.
_DRIVER = redis.DriverInfo()


def _limits(timeout: float, tries: int = 1, decodes: bool = True) -> dict[str, Any]:
    """What every connection is made with."""
    return {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), tries - 1, supported_errors=(redis.ConnectionError,)),
        # Under RESP3 and its notifications of maintenance, the pool would give a connection out with what is unread.
        "protocol": 2,
        "decode_responses": decodes,
        "encoding_errors": "backslashreplace",  # what others wrote, or a damaged file holds, need not be UTF-8
        "driver_info": _DRIVER,
        "redis_connect_func": _greeted,
    }


def open_client(url: RedisUrl, timeout: float, tries: int, decodes: bool = True) -> Any:
    """redis-py's client for `url`, with limits as `Client` has them. Nothing is sent until its first command, but for a
    Cluster, which is asked for its servers. Raises InvalidSetting for a URL that redis-py cannot use."""
    servers = parsed(url)
    limits = _limits(timeout, tries, decodes)
    if url.kind is Kind.SERVER:
        return redis.Redis.from_pool(redis.ConnectionPool(**servers[0] | limits))
    options = {name: value for name, value in servers[0].items() if name not in ("host", "port", "connection_class")}
    if "connection_class" in servers[0]:
        options["ssl"] = True
    if url.kind is Kind.CLUSTER:
        nodes = [ClusterNode(*address) for address in addresses(servers)]  # type: ignore[no-untyped-call]
        return _Cluster(startup_nodes=nodes, **options | limits)
    once = _limits(timeout, decodes=decodes)  # each try asks every sentinel, and waits for silent ones
    for_sentinels = {name: value for name, value in options.items() if name not in _OF_A_USER} | url.of_sentinels
    sentinels = Sentinel(addresses(servers), sentinel_kwargs=for_sentinels | once)  # type: ignore[no-untyped-call]
    once["redis_connect_func"] = _greeted_as_primary
    return sentinels.master_for(url.service, **options | once)  # type: ignore[no-untyped-call]


def open_server(
    url: RedisUrl, address: Address | None, timeout: float, user: Mapping[str, str] | None = None
) -> redis.Redis:
    """redis-py's client for one server of `url`, at another address than there where one is given.

    `timeout` is as in `Client`, and nothing is asked twice. With `user` it is one of somebody else, by name and
    password or without, and without database. Raises InvalidSetting for a URL that redis-py cannot use.
    """
    options = parsed(url)[0]
    if address:
        options["host"], options["port"] = address
    if user is not None:
        options = {name: value for name, value in options.items() if name not in _OF_A_USER} | dict(user)
    return redis.Redis.from_pool(redis.ConnectionPool(**options | _limits(timeout)))


def parsed(url: RedisUrl) -> list[dict[str, Any]]:
    """What redis-py makes of the URL of each server. Raises InvalidSetting for one that it cannot use."""
    try:
        servers: list[dict[str, Any]] = [dict(parse_url(text)) for text in url.urls]  # type: ignore[no-untyped-call]
        for server in servers:
            redis.ConnectionPool(**server).make_connection()
            if "credential_provider" in server or server.get("encoding", "utf-8").lower() not in ("utf-8", "utf8"):
                raise ValueError("credential_provider cannot stand in its query, and encoding is utf-8")
            if any(name.startswith("ssl_") for name in server):
                _load_files(server)
    except (ValueError, TypeError, LookupError, AttributeError, redis.RedisError) as error:
        _, is_unknown, name = str(error).partition("unexpected keyword argument ")
        unknown = f"has an unknown parameter {name} (those of TLS need rediss://)"
        raise InvalidSetting("REDIS_URL", unknown if is_unknown else f"cannot be used: {error}") from error
    return servers


def _load_files(server: dict[str, Any]) -> None:
    """Load the files that TLS needs as each connection will, which would take a wrong one for a server without TLS."""
    context, said = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "ssl_ca_certs"
    try:
        if authority := server.get("ssl_ca_certs"):
            context.load_verify_locations(authority)
        said = "ssl_certfile and ssl_keyfile"
        if "ssl_certfile" in server or "ssl_keyfile" in server:
            certificate, key = server.get("ssl_certfile", ""), server.get("ssl_keyfile")
            context.load_cert_chain(certificate, key, server.get("ssl_password"))
    except OSError as error:  # those of ssl are among them
        raise InvalidSetting("REDIS_URL", f"{said} cannot be used: {error.strerror or error}") from error


def addresses(servers: list[dict[str, Any]]) -> list[Address]:
    """Host and port of each server but one on a socket."""
    return [(server["host"], server["port"]) for server in servers]
