"""VOTE_DURABILITY: what must confirm a write before a client gets its answer."""

from enum import StrEnum


class Durability(StrEnum):
    """What confirms a write in addition to the server: nothing, its disk, or a number of replicas."""

    SERVER = "server"
    FSYNC = "fsync"
    REPLICA = "replica"
    REPLICA_2 = "replica:2"
    REPLICA_3 = "replica:3"
    REPLICA_4 = "replica:4"
    REPLICA_5 = "replica:5"

    @property
    def replicas(self) -> int:
        """How many replicas must confirm a write."""
        kind, _, number = self.partition(":")
        return int(number or 1) if kind == "replica" else 0
