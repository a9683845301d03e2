"""Whether a vote could be recorded, and whether what is stored agrees with itself.

What a damaged file changes in silence shows in the latter, for the most part.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from types import NoneType

from service.accounts.model import account_key, is_id
from service.interest.keys import BUCKETS_KEY, VOTES_KEYS, interest_key, reasons_key, trend_key, voted_key
from service.interest.maintenance import stored_features
from service.problems import StorageUnavailable
from service.registry.schema import is_name
from service.settings.token_bucket import TokenBucket
from service.storage.client import Client
from service.storage.entries import has_begun
from service.storage.script import Script
from service.storage.writes import BARRIER_KEY

_VOTES_POSSIBLE = Script.load("interest/votes_possible", returns=NoneType)
_FIGURES = Script.load("interest/figures", returns=([str], int, list, int, int))

#: What the client makes of bytes that are no UTF-8, such as most that a flipped bit has changed.
_NO_TEXT = re.compile(r"\\x[0-9a-f]{2}")


def refusal(client: Client, limit: TokenBucket) -> StorageUnavailable | None:
    """Why a vote, whose number is limited so, would be refused with a 503 at this moment, whoever cast it; None if it
    would not.
    """
    keys = [*VOTES_KEYS, BUCKETS_KEY, account_key(""), BARRIER_KEY]
    try:
        client.run(_VOTES_POSSIBLE, keys, [client.durability, limit.interval, client.durability.replicas])
    except StorageUnavailable as error:
        return error
    return None


def differences(client: Client) -> Iterator[str]:
    """A sentence for each thing that no vote and no command can have made: counts, days, ids, keys.

    It reads in small steps, so that people can vote meanwhile. Raises StorageUnavailable.
    """
    trends = {key.removeprefix(trend_key("")) for key in client.scan(trend_key("*"))}
    for feature in sorted({*stored_features(client), *trends}):
        keys = [key(feature) for key in (interest_key, trend_key, voted_key, reasons_key)]
        kinds, votes, trend, days, reasons = client.run(_FIGURES, keys, [])
        if not is_name(feature):
            yield f"{keys[kinds[0] == 'none']} is of the feature {feature!r}, which is no feature id"
        others = [
            f"the key {key} is a {kind}, and should be a {expected}"
            for key, kind, expected in zip(keys, kinds, ("set", "hash", "hash", "hash"), strict=True)
            if kind not in (expected, "none")
        ]
        yield from others or _of_votes(client, feature, votes, trend)
        for number, nouns in ((days, "days of votes"), (reasons, "reasons")):
            if number > votes and not others:
                yield f"{feature} has {number} {nouns}, and {votes or 'no'} votes"


def _of_votes(client: Client, feature: str, votes: int, trend: list[str]) -> Iterator[str]:
    for day in trend[::2]:
        if not has_begun(day):
            yield f"the trend of {feature} has the day {day!r}"
    total: int | str = "a sum that is no number"
    with suppress(ValueError):
        total = sum(map(int, trend[1::2]))
    if votes != total:
        yield f"{feature} has {votes or 'no'} votes, and by its trend {total}"
    for voter in client.members(interest_key(feature)):
        if not is_id(voter) or _NO_TEXT.search(voter):
            yield f"{feature} has a vote of {voter!r}, which is no account id"
