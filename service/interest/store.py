"""Votes, as requests see them. Each request is one script, so one round trip and one atomic step.

The caller's account is looked at inside the same step as what it permits: one that was suspended or removed, or whose
sessions were ended, is out at once, and no vote can slip in between a check and a write. So are the renames of the
registry in force: the first step that knows of one moves the stored votes, and later steps find them moved.

How often an account votes is limited by a token bucket in the same step: votes and retractions cost a token each, also
those that change nothing, since that is what a program in a loop sends. A script that is sent again, as its answer was
lost, costs another.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from service.accounts.model import account_key
from service.accounts.sessions import (
    AMONG_READERS,
    AMONG_VOTERS,
    Caller,
    check_may_read,
    check_may_vote,
    status_of,
)
from service.interest.keys import BUCKETS_KEY, VOTES_KEYS
from service.interest.reason import checked
from service.metrics import counting
from service.metrics.definitions import RETRACTIONS, VOTES
from service.problems import NoVote, UnknownFeature
from service.registry.model import Registry
from service.settings.token_bucket import NO_LIMIT, TokenBucket
from service.storage.client import Client
from service.storage.script import Script

_READ = Script.load("accounts/account", "interest/votes", "interest/read", returns=(str | None, [int], [str]))
_VOTE, _EXPLAIN = (
    Script.load(
        *("accounts/account", "storage/token_bucket", "interest/votes", "interest/begin", f"interest/{name}"),
        returns=str | int | None,
    )
    for name in ("vote", "explain")
)


@dataclass(frozen=True, slots=True)
class Interest:
    """What one caller wants, and how many want each feature."""

    voted: list[str]
    counts: dict[str, int]


def today() -> str:
    """The ISO day (UTC) that a change is entered under in a trend."""
    return datetime.now(UTC).date().isoformat()


def read(client: Client, caller: Caller, registry: Registry) -> Interest:
    """The caller's votes and the count of every allowed feature, both in the order of the allow-list, which is sorted.

    Raises NotAuthenticated for an account that may not read, StorageUnavailable.
    """
    allowed = registry.allowed_features
    renames = [feature for rename in registry.feature_renames.items() for feature in rename]
    args: list[str | int] = [*caller, AMONG_READERS, today(), len(allowed), *allowed, *renames]
    status, counts, voted = client.run(_READ, [*VOTES_KEYS, account_key(caller.id)], args)
    check_may_read(status)
    if len(counts) != len(allowed):
        raise client.damaged("an answer has the counts of other features than were asked for")
    return Interest(voted, dict(zip(allowed, counts, strict=True)))


def vote(client: Client, caller: Caller, feature_id: str, registry: Registry, *, limit: TokenBucket = NO_LIMIT) -> None:
    """Record that the caller wants a feature, by its current or a former id. Idempotent.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownFeature, RateLimited; and StorageUnavailable.
    Nothing is written in any of these cases, but where Redis could not confirm in time what it wrote.
    """
    counting.add(VOTES, _change(client, caller, feature_id, registry, limit, _VOTE, 1))


def retract(
    client: Client, caller: Caller, feature_id: str, registry: Registry, *, limit: TokenBucket = NO_LIMIT
) -> None:
    """Take a vote back. Idempotent. Raises as `vote` does."""
    counting.add(RETRACTIONS, _change(client, caller, feature_id, registry, limit, _VOTE, 0))


def explain(
    client: Client, caller: Caller, feature_id: str, why: object, registry: Registry, *, limit: TokenBucket = NO_LIMIT
) -> None:
    """Keep why the caller wants a feature that it has voted for; an empty text is forgotten. It counts as a vote does.

    Raises InvalidField for what is no such text, then what `vote` does, and NoVote.
    """
    _change(client, caller, feature_id, registry, limit, _EXPLAIN, checked(why))


def _change(
    client: Client,
    caller: Caller,
    feature_id: str,
    registry: Registry,
    limit: TokenBucket,
    script: Script,
    value: str | int,
) -> str:
    """Have a script change something of the caller's vote, and return the feature's current id."""
    current = registry.feature_renames.get(feature_id, feature_id)
    allowed = registry.allowed_features
    if current not in allowed:
        check_may_vote(status_of(client, caller))
        raise UnknownFeature.of(feature_id, allowed)
    former = registry.former(current)
    others = allowed if former else ()  # which a rename must leave alone
    what: list[str | int] = [today(), value, current, *limit, len(others), *others, *former]
    keys = [*VOTES_KEYS, BUCKETS_KEY, account_key(caller.id)]
    answer: str | int | None = client.run(script, keys, [*caller, AMONG_VOTERS, *what], writes=True)
    if isinstance(answer, int):
        raise limit.refusal("votes", answer) if answer >= 0 else NoVote(f"This account has not voted for {current}.")
    check_may_vote(answer)
    return current
