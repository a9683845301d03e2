"""Walking through the keys of a Cluster from where one was before, a server at a time; `Client.scan` walks at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.storage.client import Client


def primaries(client: Client) -> list[str]:
    """The servers of a Cluster that have keys, sorted by address. Raises StorageUnavailable."""
    return sorted(client.ask("", lambda cluster: [node.name for node in cluster.get_primaries()]))


def step(client: Client, server: str, cursor: str, pattern: str, count: int) -> tuple[str, list[str]]:
    """The hashes of one server that match, of some `count` keys: SCAN's next cursor, 0 at the end, and their keys.

    Raises StorageUnavailable, also for a server that has left the Cluster.
    """

    def ask(cluster: Any) -> tuple[str, list[str]]:
        asked = ("SCAN", cursor, "MATCH", pattern, "COUNT", count, "TYPE", "hash")
        cursors, keys = cluster.execute_command(*asked, target_nodes=cluster.get_node(node_name=server))
        return str(cursors[server]), keys

    return client.ask("", ask)


def fields_of(client: Client, keys: Sequence[str], fields: Sequence[str]) -> list[list[str | None]]:
    """The same fields of several hashes, in one round trip to each server that has some. Raises StorageUnavailable."""
    if not keys:
        return []

    def ask(cluster: Any) -> list[list[str | None]]:
        with cluster.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.hmget(key, fields)
            found: list[list[str | None]] = pipeline.execute()
            return found

    return client.ask(keys[0], ask)
