"""Accounts, their sessions, and requests of which nearly every one changes something."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

import redis
from bench.load import Request
from bench.servers import SECRET_KEY
from support import session_cookie

from service.accounts.store import account_key
from service.interest.keys import interest_key

ACCOUNTS = [f"bench-{number:03}" for number in range(200)]
#: Members that one command adds.
_CHUNK = 10_000


@cache
def cookies() -> dict[str, str]:
    """A session of each account."""
    return sessions(ACCOUNTS)


def sessions(accounts: Sequence[str]) -> dict[str, str]:
    """A session of each of these accounts, as the platform signs it."""
    return {account: session_cookie(SECRET_KEY, account) for account in accounts}


def vote_path(feature: str) -> str:
    """Where a feature is voted for."""
    return f"/api/features/{feature}/interest"


class Votes:
    """Every account's vote for every feature, in an order by chance: half of them are there before it begins."""

    def __init__(self, features: Sequence[str]) -> None:
        self.pairs = [(account, feature) for account in ACCOUNTS for feature in features]
        Random(0).shuffle(self.pairs)
        self._half = len(self.pairs) // 2

    @property
    def voted(self) -> list[tuple[str, str]]:
        """The votes that are there at first."""
        return self.pairs[self._half :]

    def requests(self) -> list[Request]:
        """Votes and retractions in turn. Sent in a circle, each of them changes something."""
        cookie = cookies()
        opposite = self.pairs[self._half :] + self.pairs[: self._half]
        return [
            Request(method, vote_path(feature), cookie[account])
            for pairs in zip(self.pairs, opposite, strict=True)
            for method, (account, feature) in zip(("POST", "DELETE"), pairs, strict=True)
        ]

    def store(self, client: redis.Redis) -> None:
        """Make the accounts, active, and the votes that are there at first."""
        add_accounts(client, ACCOUNTS)
        pipeline = client.pipeline(transaction=False)
        for account, feature in self.voted:
            pipeline.sadd(interest_key(feature), account)
        pipeline.execute()


def add_accounts(client: redis.Redis, accounts: Sequence[str]) -> None:
    """Make accounts, active."""
    pipeline = client.pipeline(transaction=False)
    for account in accounts:
        pipeline.hset(account_key(account), mapping={"status": "active", "role": "member", "name": account})
    pipeline.execute()


def read_requests() -> list[Request]:
    """Each account asks for what it wants, and for the counts."""
    return [Request("GET", "/api/features", cookie) for cookie in cookies().values()]


def add_voters(client: redis.Redis, feature: str, count: int) -> None:
    """Store this many votes of other people on a feature."""
    for start in range(0, count, _CHUNK):
        client.sadd(interest_key(feature), *(f"voter-{n:07}" for n in range(start, min(start + _CHUNK, count))))
