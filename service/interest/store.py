"""Votes in Redis. Each request is one script, so one round trip and one atomic step.

The caller's account status is read inside the same step as what it permits: a suspended or removed account is out at
once, and no vote can slip in between a check and a write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from service.accounts.store import account_key, may_read, may_vote, status_of
from service.problems import UnknownFeature
from service.storage.client import Script, run_script

#: KEYS: account, interest set, trend hash. ARGV: voter id, SADD or SREM, day, change. Returns the account's status.
_VOTE = Script("""
local status = redis.call('HGET', KEYS[1], 'status')
if status == 'active' and redis.call(ARGV[2], KEYS[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[3], ARGV[3], ARGV[4])
end
return status
""")

#: KEYS: account, then the interest sets. ARGV: voter id. Returns the status, then a count and 0 or 1 for each set.
_READ = Script("""
local status = redis.call('HGET', KEYS[1], 'status')
local reply = {status}
if status == 'active' or status == 'pending' then
  for i = 2, #KEYS do
    reply[#reply + 1] = redis.call('SCARD', KEYS[i])
    reply[#reply + 1] = redis.call('SISMEMBER', KEYS[i], ARGV[1])
  end
end
return reply
""")

#: KEYS: interest set, trend hash. ARGV: voter id, day. Returns 1 where there was a vote to withdraw, else 0.
_WITHDRAW = Script("""
local removed = redis.call('SREM', KEYS[1], ARGV[1])
if removed == 1 then redis.call('HINCRBY', KEYS[2], ARGV[2], -1) end
return removed
""")


@dataclass(frozen=True, slots=True)
class Interest:
    """What one caller wants, and how many want each feature."""

    voted: list[str]
    counts: dict[str, int]


def interest_key(feature_id: str) -> str:
    """The set of account ids that want a feature; the braces are a Redis Cluster hash tag."""
    return f"interest:{{{feature_id}}}"


def trend_key(feature_id: str) -> str:
    """The hash of a feature's net votes by ISO day (UTC); no personal data."""
    return f"trend:{{{feature_id}}}"


def read(client: redis.Redis, account_id: str, allowed: Sequence[str]) -> Interest:
    """The caller's votes, sorted, and the count of every allowed feature.

    Raises NotAuthenticated for an account that may not read, StorageUnavailable.
    """
    keys = [account_key(account_id), *map(interest_key, allowed)]
    status, *figures = run_script(client, _READ, keys, [account_id])
    may_read(status)
    voted = [feature for feature, wanted in zip(allowed, figures[1::2], strict=True) if wanted]
    return Interest(sorted(voted), dict(zip(allowed, figures[::2], strict=True)))


def vote(client: redis.Redis, account_id: str, feature_id: str, allowed: Sequence[str]) -> None:
    """Record that an account wants a feature. Idempotent.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownFeature; and StorageUnavailable. Nothing is
    written in any of these cases.
    """
    _change(client, account_id, feature_id, allowed, "SADD", 1)


def retract(client: redis.Redis, account_id: str, feature_id: str, allowed: Sequence[str]) -> None:
    """Take a vote back. Idempotent. Raises as `vote` does."""
    _change(client, account_id, feature_id, allowed, "SREM", -1)


def _change(
    client: redis.Redis, account_id: str, feature_id: str, allowed: Sequence[str], command: str, change: int
) -> None:
    if feature_id not in allowed:
        may_vote(status_of(client, account_id))
        raise UnknownFeature(f"{feature_id!r} is not a feature that can be voted for.")
    keys = [account_key(account_id), interest_key(feature_id), trend_key(feature_id)]
    day = datetime.now(UTC).date().isoformat()
    status = run_script(client, _VOTE, keys, [account_id, command, day, str(change)])
    may_vote(status)


def withdraw_all(client: redis.Redis, account_id: str) -> int:
    """Take back every vote of an account, on features that are allowed or not. Returns how many there were."""
    day = datetime.now(UTC).date().isoformat()
    withdrawn = 0
    for feature_id in voted_features(client):
        withdrawn += run_script(client, _WITHDRAW, [interest_key(feature_id), trend_key(feature_id)], [account_id, day])
    return withdrawn


def voted_features(client: redis.Redis) -> Iterator[str]:
    """The id of every feature that has votes, allowed or not, in no order; each once."""
    prefix, suffix = interest_key("").split("}")[0], "}"
    seen: set[str] = set()
    for key in client.scan_iter(match=interest_key("*"), count=1000):
        feature_id = key.removeprefix(prefix).removesuffix(suffix)
        if feature_id not in seen:
            seen.add(feature_id)
            yield feature_id
