"""Whether votes can be recorded, found out without recording one."""

from __future__ import annotations

from types import NoneType

from service.accounts.model import account_key
from service.interest.keys import BUCKETS_KEY, VOTES_KEYS
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script
from service.storage.writes import BARRIER_KEY, TokenBucket

_VOTES_POSSIBLE = Script.load("interest/votes_possible", returns=NoneType)


def refusal(client: Client, limit: TokenBucket) -> StorageUnavailable | None:
    """Why a vote, whose number is limited so, would be refused with a 503 at this moment, whoever cast it; None if it
    would not.
    """
    keys = [*VOTES_KEYS, BUCKETS_KEY, account_key(""), BARRIER_KEY]
    try:
        client.run(_VOTES_POSSIBLE, keys, [client.durability, limit.interval])
    except StorageUnavailable as error:
        return error
    return None
