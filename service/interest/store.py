"""Read and change the votes of the caller. Each request is one script: one round trip, one atomic step.

The script also checks the caller's account. An account that was suspended or removed, or
whose sessions were ended, cannot vote from that moment on.

The script also applies the renames of the current registry. The first script that has a
new rename moves the stored votes.

A token bucket limits how often an account votes. Every vote and retraction takes a token,
also one that changes nothing, as a program in a loop sends those. A script that is sent
again, because its reply was lost, takes another token.
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
    """The features that a caller has voted for, and the number of votes of each feature."""

    voted: list[str]
    counts: dict[str, int]


def today() -> str:
    """Return the ISO day (UTC) under which a trend counts a change."""
    return datetime.now(UTC).date().isoformat()


def read(client: Client, caller: Caller, registry: Registry) -> Interest:
    """Return the caller's votes and the count of every allowed feature.

    Both are in the order of the allow-list, which is sorted.

    Raises:
        NotAuthenticated: the account may not read.
        StorageUnavailable: Redis did not answer.
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
    """Record the caller's vote for a feature. Voting twice has no effect.

    `feature_id` is a current or a former id. If an error is raised, nothing is written,
    unless Redis could not confirm in time what it wrote.

    Raises, in this order:
        NotAuthenticated: the account does not exist, or the session has ended.
        AccountNotActive: the account may not vote.
        UnknownFeature: users cannot vote for this feature.
        RateLimited: the account votes too often.
        StorageUnavailable: Redis did not answer.
    """
    feature = _change_vote(client, caller, feature_id, registry, script=_VOTE, value=1, limit=limit)
    counting.add(VOTES, feature)


def retract(
    client: Client, caller: Caller, feature_id: str, registry: Registry, *, limit: TokenBucket = NO_LIMIT
) -> None:
    """Retract the caller's vote for a feature. Retracting twice has no effect. Raises what `vote` raises."""
    feature = _change_vote(client, caller, feature_id, registry, script=_VOTE, value=0, limit=limit)
    counting.add(RETRACTIONS, feature)


def explain(
    client: Client, caller: Caller, feature_id: str, why: object, registry: Registry, *, limit: TokenBucket = NO_LIMIT
) -> None:
    """Store why the caller wants a feature. An empty text deletes the reason. It takes a token, as a vote does.

    Raises:
        InvalidField: `why` is not a valid reason.
        NoVote: the caller has not voted for the feature.
        What `vote` raises.
    """
    _change_vote(client, caller, feature_id, registry, script=_EXPLAIN, value=checked(why), limit=limit)


def _change_vote(
    client: Client,
    caller: Caller,
    feature_id: str,
    registry: Registry,
    *,
    script: Script,
    value: str | int,
    limit: TokenBucket,
) -> str:
    """Run a script that changes the caller's vote, and return the feature's current id."""
    feature = registry.feature_renames.get(feature_id, feature_id)
    allowed = registry.allowed_features
    if feature not in allowed:
        check_may_vote(status_of(client, caller))
        raise UnknownFeature.of(feature_id, allowed)
    former_ids = registry.former(feature)
    other_features = allowed if former_ids else ()  # a rename must not take their votes
    keys = [*VOTES_KEYS, BUCKETS_KEY, account_key(caller.id)]
    args: list[str | int] = [*caller, AMONG_VOTERS, today(), value, feature, *limit]
    args += [len(other_features), *other_features, *former_ids]
    reply: str | int | None = client.run(script, keys, args, writes=True)
    if isinstance(reply, int):
        raise limit.refusal("votes", reply) if reply >= 0 else NoVote(f"This account has not voted for {feature}.")
    check_may_vote(reply)
    return feature
