"""What is asked of a write: what must have it before it is acknowledged to a person, and how often somebody may."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from service.problems import RateLimited, WriteUnconfirmed
from service.storage.form import key

#: How much sooner than REDIS_TIMEOUT a server is to give up, in seconds: it looks ten times a second, and its answer
#: must come in time. Of a short limit, half.
_SOONER = 0.2
#: String: what is written to have something to wait for; and how long it stays, in milliseconds.
BARRIER_KEY = key("barrier")
_STAYS = 1000


class Durability(StrEnum):
    """VOTE_DURABILITY: what confirms a write beside the server: nothing, its disk, or a number of replicas."""

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

    def commands(self, timeout: float) -> list[tuple[str | int, ...]]:
        """What to ask after a write, on the same connection: WAIT and WAITAOF count only that one's writes.

        What was written before and not confirmed is found there by a second try, which itself changes nothing. So that
        there is something to wait for, it writes a key that stays for a second.
        """
        if self is Durability.SERVER:
            return []
        limit = int(1000 * max(timeout - _SOONER, timeout / 2))
        wait = ("WAITAOF", 1, 0, limit) if self is Durability.FSYNC else ("WAIT", self.replicas, limit)
        return [("SET", BARRIER_KEY, "", "PX", _STAYS), wait]

    def check(self, answer: Any) -> None:
        """Raise WriteUnconfirmed unless the server's answer to the last of the commands confirms the write."""
        if self is Durability.FSYNC:
            confirmed, needed, missing = answer[0], 1, "Its disk has not"
        else:
            confirmed, needed, missing = answer, self.replicas, f"Fewer than {self.replicas} replicas have"
            missing = "No replica has" if needed == 1 else missing
        if confirmed < needed:
            raise WriteUnconfirmed(
                f"{missing} confirmed what Redis wrote within its time limit. Try again: nothing counts twice."
            )


class TokenBucket(NamedTuple):
    """A full bucket has `burst` tokens, and one comes every `interval` microseconds; with 0 there is no limit.

    A script that takes from it has both as arguments, and lua/token_bucket.lua in it.
    """

    burst: int
    interval: int

    @classmethod
    def of(cls, burst: int, rate: float) -> TokenBucket:
        """A bucket into which `rate` tokens come a second; with 0 there is no limit."""
        return cls(burst, round(1_000_000 / rate) if rate else 0)

    def refusal(self, policy: str, wait: int) -> RateLimited:
        """What to raise where a token comes in `wait` microseconds. `policy` says of what there were too many."""
        # Whole seconds, at least one, which are not over before these microseconds are.
        full, token = (max(1, -(-microseconds // 1_000_000)) for microseconds in (self.burst * self.interval, wait))
        return RateLimited(policy, self.burst, full, token)


#: For whoever has no limit.
NO_LIMIT = TokenBucket(0, 0)
