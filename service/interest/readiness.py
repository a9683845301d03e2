"""Whether votes can be recorded, found out without recording one."""

from __future__ import annotations

from types import NoneType

from service.accounts.store import account_key
from service.interest.keys import BUCKETS_KEY, VOTES_KEYS
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.durability import barrier_key
from service.storage.script import Script
from service.storage.token_bucket import TokenBucket

_VOTES_POSSIBLE = Script.load("interest/votes_possible", returns=NoneType)


def refusal(client: Client, limit: TokenBucket) -> StorageUnavailable | None:
    """Why a vote, whose number is limited so, would be refused with a 503 at this moment, whoever cast it; None if it
    would not.

    On a Cluster the server of the votes alone is asked: accounts are spread over all of them, so that one of the
    others takes only some people's votes along.
    """
    keys = [*VOTES_KEYS, BUCKETS_KEY, *([] if client.is_cluster else [account_key("")])]
    try:
        client.run(_VOTES_POSSIBLE, keys, [client.durability, barrier_key(VOTES_KEYS[0]), limit.interval])
    except StorageUnavailable as error:
        return error
    return None
