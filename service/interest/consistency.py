"""Whether what is stored agrees with itself: what a damaged file changes in silence shows here, for the most part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import redis

from service.accounts.store import Role, Status, account_key, check_id
from service.interest.scripts import interest_key, trend_key
from service.interest.upkeep import BATCH, stored_features
from service.problems import InvalidAccount
from service.storage.client import Script, run_script

#: KEYS: interest, trend. Returns their types, the number of votes, and the trend (days and sums), all of one moment.
#: A command on a key of another type would end everything.
_FIGURES = Script("""
local kinds = {redis.call('TYPE', KEYS[1]).ok, redis.call('TYPE', KEYS[2]).ok}
local votes = kinds[1] == 'set' and redis.call('SCARD', KEYS[1]) or 0
local trend = kinds[2] == 'hash' and redis.call('HGETALL', KEYS[2]) or {}
return {kinds[1], kinds[2], votes, trend}
""")

#: KEYS: account. Returns its type, and status and role.
_ACCOUNT = Script("""
local kind = redis.call('TYPE', KEYS[1]).ok
return {kind, kind == 'hash' and redis.call('HMGET', KEYS[1], 'status', 'role') or {}}
""")

#: What a registry's schema allows: modules and legacy features are named alike.
_FEATURE = re.compile(r"[a-z][a-z0-9_]{0,63}")

#: What the client makes of bytes that are no UTF-8, such as most that a flipped bit has changed.
_NO_TEXT = re.compile(r"\\x[0-9a-f]{2}")


def differences(client: redis.Redis) -> Iterator[str]:
    """A sentence for each thing that no vote and no command can have made: counts, ids, accounts, keys.

    It reads in small steps, so that people can vote meanwhile. Raises StorageUnavailable.
    """
    for feature in sorted({*stored_features(client), *_trends(client)}):
        yield from _of_feature(client, feature)
    for key in client.scan_iter(match=account_key("*"), count=BATCH):
        yield from _of_account(client, key)


def _of_feature(client: redis.Redis, feature: str) -> Iterator[str]:
    keys = [interest_key(feature), trend_key(feature)]
    votes_kind, trend_kind, votes, trend = run_script(client, _FIGURES, keys, [])
    if not _FEATURE.fullmatch(feature):
        yield f"{keys[0] if votes_kind != 'none' else keys[1]} is of the feature {feature!r}, which is no feature id"
    strangers = [
        _of_another_type(key, kind, expected)
        for key, kind, expected in zip(keys, (votes_kind, trend_kind), ("set", "hash"), strict=True)
        if kind not in (expected, "none")
    ]
    if strangers:
        yield from strangers
        return
    total = _total(trend[1::2])
    for day in trend[::2]:
        if not _may_be_day(day):
            yield f"the trend of {feature} has the day {day!r}"
    if votes != total:
        sum_said = "a sum that is no number" if total is None else total
        yield f"{feature} has {votes or 'no'} votes, and by its trend {sum_said}"
    for voter in client.sscan_iter(interest_key(feature), count=BATCH):
        if not _may_be(voter):
            yield f"{feature} has a vote of {voter!r}, which is no account id"


def _of_account(client: redis.Redis, key: str) -> Iterator[str]:
    account_id = key.removeprefix(account_key(""))
    if not _may_be(account_id):
        yield f"an account has the id {account_id!r}, which is no account id"
    kind, fields = run_script(client, _ACCOUNT, [key], [])
    if kind == "none":  # it has been removed meanwhile
        return
    if kind != "hash":
        yield _of_another_type(key, kind, "hash")
        return
    status, role = fields
    if status not in list(Status):
        yield f"account {account_id} has the status {status!r}"
    if role and role not in list(Role):
        yield f"account {account_id} has the role {role!r}"


def _of_another_type(key: str, kind: str, expected: str) -> str:
    return f"the key {key} is a {kind}, and should be a {expected}"


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
