"""Whether what is stored agrees with itself: what a damaged file changes in silence shows here, for the most part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import redis

from service.accounts.store import Status, account_key, check_id
from service.interest.scripts import interest_key, trend_key
from service.interest.upkeep import BATCH, stored_features
from service.problems import InvalidAccount
from service.storage.client import Script, run_script

#: KEYS: interest, trend. Returns the number of votes, and the trend: days and sums, both of one moment.
_FIGURES = Script("return {redis.call('SCARD', KEYS[1]), redis.call('HGETALL', KEYS[2])}")

#: What the client makes of bytes that are no UTF-8, such as most that a flipped bit has changed.
_NO_TEXT = re.compile(r"\\x[0-9a-f]{2}")


def differences(client: redis.Redis) -> Iterator[str]:
    """A sentence for each thing that no vote and no command can have made: counts, ids, accounts, keys.

    It reads in small steps, so that people can vote meanwhile. Raises StorageUnavailable.
    """
    features = stored_features(client)
    for feature in features:
        yield from _of_feature(client, feature)
    for feature in _trends(client) - set(features):
        total = _total(client.hvals(trend_key(feature)))
        if total != 0 and not client.exists(interest_key(feature)):
            yield f"{feature} has no votes, and by its trend {total}"
    for key in client.scan_iter(match=account_key("*"), count=BATCH):
        yield from _of_account(client, key)


def _of_feature(client: redis.Redis, feature: str) -> Iterator[str]:
    votes, trend = run_script(client, _FIGURES, [interest_key(feature), trend_key(feature)], [])
    total = _total(trend[1::2])
    for day in trend[::2]:
        if not _may_be_day(day):
            yield f"the trend of {feature} has the day {day!r}"
    if votes != total:
        yield f"{feature} has {votes} votes, and by its trend {'a sum that is no number' if total is None else total}"
    for voter in client.sscan_iter(interest_key(feature), count=BATCH):
        if not _may_be(voter):
            yield f"{feature} has a vote of {voter!r}, which is no account id"


def _of_account(client: redis.Redis, key: str) -> Iterator[str]:
    account_id = key.removeprefix(account_key(""))
    if not _may_be(account_id):
        yield f"an account has the id {account_id!r}, which is no account id"
    status = client.hget(key, "status")
    if status not in list(Status):
        yield f"account {account_id} has the status {status!r}"


def _trends(client: redis.Redis) -> set[str]:
    prefix, suffix = trend_key("*").split("*")
    keys = client.scan_iter(match=trend_key("*"), count=BATCH)
    return {key.removeprefix(prefix).removesuffix(suffix) for key in keys}


def _total(days: Iterable[str | bytes]) -> int | None:
    try:
        return sum(map(int, days))
    except ValueError:
        return None


def _may_be_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day <= datetime.now(UTC).date() + timedelta(days=1)


def _may_be(account_id: str) -> bool:
    try:
        check_id(account_id)
    except InvalidAccount:
        return False
    return not _NO_TEXT.search(account_id)
