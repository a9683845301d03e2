"""The rest of a feature's life, outside of requests: counting, merging and withdrawing votes, and what edits do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import NoneType
from typing import NamedTuple

from service.accounts import actor
from service.audit.model import Action, Actor
from service.audit.store import AUDIT_KEYS
from service.interest.keys import VOTES_KEYS, interest_key, reasons_key, trend_key, voted_key
from service.interest.reason import Given, parsed
from service.interest.store import today
from service.problems import StorageUnavailable
from service.registry.changes import Changes
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script

_MERGE = Script.load("audit/record", "interest/votes", "interest/merge", returns=(int, int))
_CHANGE = Script.load("interest/votes", "interest/change", returns=int)
_DISCARD = Script.load("audit/record", "interest/votes", "interest/discard", returns=NoneType)
_CANONICAL = Script.load("interest/votes", "interest/canonical", returns=list)

#: Voters that one step adds or removes: a step of this size keeps requests waiting for a millisecond or two.
BATCH = 1000


def merge(client: Client, old: str, new: str, *, by: Actor) -> tuple[int, int]:
    """Make two features one: NEW's votes then include OLD's, each voter once, and both ids mean NEW from then on.

    Returns how many votes moved, and how many of those voters had voted for both. One atomic step, safe while people
    vote; a second call moves nothing. Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and
    StorageUnavailable.
    """
    actor.check(client, by)
    args = [old, new, today(), by.signature(), Action.VOTES_MERGED]
    moved, double = client.run(_MERGE, [*VOTES_KEYS, *AUDIT_KEYS], args, writes=True)
    return moved, double


def canonical(client: Client, features: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return the canonical id of each feature, under which its votes are stored, and their number.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    reply = client.run(_CANONICAL, VOTES_KEYS, features)
    return dict(zip(features, zip(reply[::2], reply[1::2], strict=True), strict=True))


def kept(client: Client, feature: str, registry: Registry) -> dict[str, int]:
    """Return the number of votes of a feature by the canonical ids that have them, its own id first.

    `feature` is any of its ids.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    return _find_votes(client, [feature], registry)[feature]


def counts(client: Client, registry: Registry) -> dict[str, int]:
    """Return the number of votes of every allowed feature, in one step, without reading the voters.

    If votes are still stored under several ids, because no request has moved them since a
    rename, an account that voted under two of them counts twice.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    stored_votes = _find_votes(client, registry.allowed_features, registry)
    return {feature: sum(votes.values()) for feature, votes in stored_votes.items()}


class Tally(NamedTuple):
    """The number of votes of each feature, and the canonical ids under which they are stored."""

    counts: dict[str, int]
    #: The first id is the canonical id of the feature itself. The others are those of its former ids.
    ids: dict[str, list[str]]

    def total(self, numbers: Mapping[str, int]) -> int:
        """Add up a number of each feature. Of features that were merged into one, the number of one counts."""
        merged = {ids[0]: feature for feature, ids in self.ids.items()}
        return sum(numbers[feature] for feature in merged.values())


def count_votes(client: Client, features: Sequence[str], registry: Registry) -> Tally:
    """Count the votes of each feature, including those under its former ids, in one step.

    If votes are still stored under several ids, because no request has moved them since a
    rename, the voters are read, so that each voter counts once.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    stored_votes = _find_votes(client, features, registry)
    counts = {}
    for feature, votes in stored_votes.items():
        has_several_ids = sum(map(bool, votes.values())) > 1
        counts[feature] = sum(1 for _ in voters(client, feature, registry)) if has_several_ids else sum(votes.values())
    return Tally(counts, {feature: list(votes) for feature, votes in stored_votes.items()})


def tally(client: Client, features: Sequence[str], registry: Registry) -> dict[str, int]:
    """Return the counts of `count_votes`."""
    return count_votes(client, features, registry).counts


def _find_votes(client: Client, features: Sequence[str], registry: Registry) -> dict[str, dict[str, int]]:
    """Return the number of votes of each feature by the canonical ids that have them, in one step."""
    ids_by_feature = {feature: ids_of(feature, registry) for feature in features}
    found = canonical(client, [id for ids in ids_by_feature.values() for id in ids])
    return {feature: dict(found[id] for id in ids) for feature, ids in ids_by_feature.items()}


def stored_features(client: Client) -> list[str]:
    """The canonical id of each feature that has votes, allowed or not, sorted. Raises StorageUnavailable."""
    return sorted({key.removeprefix(interest_key("")) for key in client.scan(interest_key("*"))})


def net_changes(client: Client, tally: Tally, days: int) -> dict[str, int]:
    """Return the net change of the votes of each feature in the last `days` days (UTC). Today is one of them.

    If votes are still stored under several ids, an account that voted under two of them
    counts twice.

    Raises:
        StorageUnavailable: Redis did not answer, or a trend is damaged.
    """
    last = date.fromisoformat(today())
    names = [(last - timedelta(days=number)).isoformat() for number in range(days)]
    return {feature: sum(_net(client, trend_key(id), names) for id in ids) for feature, ids in tally.ids.items()}


def _net(client: Client, key: str, days: Sequence[str]) -> int:
    try:
        return sum(int(net or 0) for net in client.command("HMGET", key, *days))
    except ValueError:
        raise StorageUnavailable(f"{key} holds what is no number") from None


def orphans(client: Client, registry: Registry) -> dict[str, int]:
    """The votes that neither an allowed feature nor a module stands for, by the id they are kept under.

    A module is no longer voted for once it is active, but its voters are owed the word that it shipped. Those of one
    that is gone (`removed`) are owed none: without a purpose, what is known of people is not to be kept.
    """
    ids = [*registry.allowed_features, *registry.by_slug, *registry.renames]
    kept = dict(canonical(client, ids).values())
    left = canonical(client, [feature for feature in stored_features(client) if feature not in kept])
    return {id: count for id, count in left.values() if id not in kept}  # what has been merged meanwhile is no orphan


def ids_of(feature: str, registry: Registry) -> list[str]:
    """The ids under which votes of a feature or module may be kept, the current one first, by any of them."""
    module = None if feature in registry.allowed_features else registry.find(feature)
    current = module.slug if module else feature
    return [current, *registry.former(current)]


def voters(client: Client, feature: str, registry: Registry) -> Iterator[str]:
    """The ids of the accounts that want a feature, or wanted it before it shipped, each once, in no order.

    It is known by any of its ids, former ones too. All is read in small steps, so that people can vote meanwhile; votes
    of that time may or may not be among them. Where votes are moved meanwhile, all are read again. Raises
    StorageUnavailable.
    """
    seen, read, ids = set[str](), None, kept(client, feature, registry).keys()
    while ids != read:
        for id in ids:
            for voter in client.members(interest_key(id)):
                if voter not in seen:
                    seen.add(voter)
                    yield voter
        read, ids = ids, kept(client, feature, registry).keys()


class Told(NamedTuple):
    """What is kept beside a vote: its day, empty where that is not known, and why it was cast, if that was said."""

    day: str = ""
    reason: Given = Given()

    def joined(self, other: Told) -> Told:
        """The same of two votes for one feature: the earlier day counts, and what was said of the first."""
        return Told(
            min(filter(None, (self.day, other.day)), default=""), self.reason if self.reason.text else other.reason
        )


def told(client: Client, feature: str, ids: Sequence[str], registry: Registry) -> dict[str, Told]:
    """What is kept beside the votes of accounts for a feature, by any of its ids. Raises StorageUnavailable.

    Of several votes the earliest day counts, and what was said of the current id.
    """
    known = dict.fromkeys(ids, Told())
    for id in kept(client, feature, registry):
        days, reasons = (client.command("HMGET", key(id), *ids) for key in (voted_key, reasons_key))
        for voter, day, reason in zip(ids, days, reasons, strict=True):
            known[voter] = known[voter].joined(Told(day or "", parsed(reason or "")))
    return known


def add_voters(client: Client, feature: str, ids: Sequence[str], told: Mapping[str, Told] | None = None) -> int:
    """Record votes of many accounts for one feature; returns how many are new. At most BATCH of them.

    Those of no known day are counted under today.
    """
    return _change(client, feature, ids, told or {}, wanted=True)


def _change(client: Client, feature: str, ids: Sequence[str], told: Mapping[str, Told], *, wanted: bool) -> int:
    votes = [part for id in ids for part in (id, *map(str, told.get(id, Told())))]
    return int(client.run(_CHANGE, VOTES_KEYS, [int(wanted), feature, today(), *votes], writes=True))


def withdraw_all(client: Client, account_id: str) -> int:
    """Take back every vote of an account, on features that are allowed or not; returns how many there were.

    The account is removed first, so that it casts no further vote. A merge may carry one of its votes past this
    search, so the search ends with a round that finds none.
    """
    withdrawn = 0
    while step := sum(_change(client, each, [account_id], {}, wanted=False) for each in stored_features(client)):
        withdrawn += step
    return withdrawn


def discard(client: Client, feature: str, *, by: Actor) -> None:
    """Delete a feature's votes for good, with trend, days and reasons. It is known by its canonical id.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable.
    """
    actor.check(client, by)
    keys, args = [*VOTES_KEYS, *AUDIT_KEYS], [feature, by.signature(), Action.VOTES_DELETED]
    client.run(_DISCARD, keys, args, writes=True)


def votes_at_stake(client: Client, base: Registry, head: Registry, changes: Changes) -> dict[str, int]:
    """The votes that a leaving feature would lose, a new rename would move, and an entering feature would bring back.

    By the feature's id, or the former id of a rename; only those with votes. Nothing is written. Raises
    StorageUnavailable.
    """
    before, after = [*base.allowed_features, *base.feature_renames], [*head.allowed_features, *head.feature_renames]
    leaving, kept = [each.feature for each in changes.leaving], canonical(client, [*before, *after])

    # Votes that were merged into another feature are there already: they are not lost, moved or brought back with this.
    at_stake = [
        *(name for name in leaving if kept[name][0] not in _ids(kept, after)),
        *(
            each.old
            for each in changes.vote_renames
            if len(_ids(kept, (each.old, each.new))) > 1 and kept[each.old][0] not in _ids(kept, head.allowed_features)
        ),
        *(name for name in changes.entering if kept[name][0] not in _ids(kept, before)),
    ]
    return {name: kept[name][1] for name in at_stake if kept[name][1]}


def votes_shared(client: Client, head: Registry, changes: Changes) -> dict[str, tuple[str, int]]:
    """The slugs that are used anew for another feature, with the one that had it and the votes that both would have.

    An id that was renamed or merged means what it became, for good: votes for a new feature of that id would count for
    the old one. Nothing is written. Raises StorageUnavailable.
    """
    reused = {each.slug: each.before for each in changes.breaking if each.kind == "name-reused"}
    new = sorted({*changes.entering, *(module.slug for module in changes.added), *reused})
    ids = [name for slug in new for name in (slug, *head.former(slug))]
    kept = canonical(client, ids)
    known, shared = {*head.allowed_features, *head.by_slug, *head.renames}, {}
    for slug in new:
        id, votes = kept[slug]
        if id not in {slug, *_ids(kept, head.former(slug))} and (votes or id in known):
            shared[slug] = id, votes
        elif slug in reused and votes:
            shared[slug] = reused[slug], votes
    return shared


def _ids(kept: Mapping[str, tuple[str, int]], names: Iterable[str]) -> set[str]:
    """The ids that votes of these names are kept under."""
    return {kept[name][0] for name in names}
