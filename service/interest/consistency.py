"""Whether what is stored agrees with itself: what a damaged file changes in silence shows here, for the most part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from service.accounts.model import Role, Status, account_key, is_id
from service.interest.keys import interest_key, trend_key
from service.interest.maintenance import stored_features
from service.registry.schema import is_name
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import is_day

_FIGURES = Script.load("interest/figures", returns=(str, str, int, list))
_ACCOUNT = Script.load("accounts/look_over", returns=(str, list))

#: What the client makes of bytes that are no UTF-8, such as most that a flipped bit has changed.
_NO_TEXT = re.compile(r"\\x[0-9a-f]{2}")


def differences(client: Client) -> Iterator[str]:
    """A sentence for each thing that no vote and no command can have made: counts, ids, accounts, keys.

    It reads in small steps, so that people can vote meanwhile. Raises StorageUnavailable.
    """
    trends = {key.removeprefix(trend_key("")) for key in client.scan(trend_key("*"))}
    for feature in sorted({*stored_features(client), *trends}):
        yield from _of_feature(client, feature)
    for key in client.scan(account_key("*")):
        yield from _of_account(client, key)


def _of_feature(client: Client, feature: str) -> Iterator[str]:
    keys = [interest_key(feature), trend_key(feature)]
    *kinds, votes, trend = client.run(_FIGURES, keys, [])
    if not is_name(feature):
        yield f"{keys[kinds[0] == 'none']} is of the feature {feature!r}, which is no feature id"
    others = [
        _of_another_type(key, kind, expected)
        for key, kind, expected in zip(keys, kinds, ("set", "hash"), strict=True)
        if kind not in (expected, "none")
    ]
    yield from others
    if others:
        return
    for day in trend[::2]:
        if not (is_day(day) and date.fromisoformat(day) <= datetime.now(UTC).date() + timedelta(days=1)):
            yield f"the trend of {feature} has the day {day!r}"
    total = _total(trend[1::2])
    if votes != total:
        sum_said = "a sum that is no number" if total is None else total
        yield f"{feature} has {votes or 'no'} votes, and by its trend {sum_said}"
    for voter in client.members(interest_key(feature)):
        if not _may_be(voter):
            yield f"{feature} has a vote of {voter!r}, which is no account id"


def _of_account(client: Client, key: str) -> Iterator[str]:
    account_id = key.removeprefix(account_key(""))
    if not _may_be(account_id):
        yield f"an account has the id {account_id!r}, which is no account id"
    kind, fields = client.run(_ACCOUNT, [key], [])
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


def _total(days: Iterable[str | bytes]) -> int | None:
    try:
        return sum(map(int, days))
    except ValueError:
        return None


def _may_be(account_id: str) -> bool:
    return is_id(account_id) and not _NO_TEXT.search(account_id)
