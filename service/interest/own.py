"""What one account wants: for itself, with the day of each vote and why it was cast, for admins, and to be erased.

Trends count votes by day, and name nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.accounts.model import account_key
from service.accounts.privacy import Kept, Kind, Place, when
from service.accounts.sessions import AMONG_READERS, Caller, check_may_read
from service.interest.keys import BUCKETS_KEY, VOTES_KEYS, dismissed_key, interest_key, reasons_key, voted_key
from service.interest.maintenance import Told, stored_features, withdraw_all
from service.interest.reason import parsed
from service.problems import StorageUnavailable, UnknownFeature
from service.registry.model import Label, Registry
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import is_day

_WANTED = Script.load("accounts/account", "interest/votes", "interest/wanted", returns=(str | None, [str]))


@dataclass(frozen=True, slots=True)
class OwnVote:
    """A vote: its feature, or the module that was one, by its current id; the day (UTC), None for a vote of before days
    were kept; and why it was cast, empty where that was not said.
    """

    feature: str
    label: Label | None
    day: str | None
    reason: str


def votes(client: Client, caller: Caller, registry: Registry) -> list[OwnVote]:
    """What the caller wants, the latest vote first. Raises NotAuthenticated, StorageUnavailable."""
    keys, args = [*VOTES_KEYS, account_key(caller.id)], [*caller, AMONG_READERS, *_known(registry)]
    status, rows = client.run(_WANTED, keys, args)
    check_may_read(status)
    return _listed(rows, registry)


def votes_of(client: Client, account_id: str, registry: Registry) -> list[OwnVote]:
    """The same of any account, for those who may see it.

    Votes for what is neither a feature nor a module (orphans) are not among them: `service/privacy.py` has all, by a
    search. Raises StorageUnavailable.
    """
    return _listed(_of(client, account_id, _known(registry)), registry)


def reason(client: Client, caller: Caller, feature_id: str, registry: Registry) -> str:
    """Why the caller wants a feature, by its current or a former id; empty where they have not said, or voted.

    Raises NotAuthenticated, UnknownFeature, StorageUnavailable.
    """
    current, wanted = registry.feature_renames.get(feature_id, feature_id), votes(client, caller, registry)
    if current not in registry.allowed_features:
        raise UnknownFeature.of(feature_id, registry.allowed_features)
    return next((vote.reason for vote in wanted if vote.feature == current), "")


def _of(client: Client, account_id: str, features: Iterable[str]) -> list[str]:
    _, rows = client.run(_WANTED, VOTES_KEYS, [account_id, "", "", *features])
    return list(rows)


def _known(registry: Registry) -> list[str]:
    """What votes may be for, current names first."""
    return list(dict.fromkeys([*registry.allowed_features, *registry.by_slug, *registry.renames]))


def _listed(rows: Sequence[str], registry: Registry) -> list[OwnVote]:
    """The latest first, those of no known day last, and otherwise in the order of ids.

    What was renamed and is not moved yet is one with what it became: the earlier day counts, and what was said of that.
    """
    kept: dict[str, Told] = {}
    for id, day, why in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        module = None if id in registry.allowed_features else registry.find(id)
        current = module.slug if module else id
        kept[current] = kept.get(current, Told()).joined(Told(day if is_day(day) else "", parsed(why)))
    votes = []
    for feature, told in sorted(kept.items()):
        module = registry.by_slug.get(feature)
        votes.append(OwnVote(feature, module.label if module else None, told.day or None, told.reason.text))
    return sorted(votes, key=lambda vote: vote.day or "", reverse=True)


def _kept(client: Client, account_id: str) -> Kept:
    """What the account wants, allowed or not, by the ids that votes are kept under, since which day, and why.

    Its token bucket is named alone: all that it says is that somebody voted a moment ago.
    """
    votes, places = [], list[Place]()
    rows = _of(client, account_id, stored_features(client))
    for id, day, why in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        at, text = parsed(why)
        votes.append({"feature": id, "day": day or None, "reason": text or None, "said": when(at) if text else None})
        stored = ((voted_key, day), (reasons_key, why), (interest_key, account_id))
        places += [Place(key(id), account_id) for key, value in stored if value]
    if client.command("ZSCORE", BUCKETS_KEY, account_id) is not None:
        places.append(Place(BUCKETS_KEY, account_id))
    return Kept(votes, places)


def _erase(client: Client, account_id: str) -> int:
    client.command("ZREM", BUCKETS_KEY, account_id)
    return withdraw_all(client, account_id)


def _dismissed(client: Client, account_id: str) -> Kept:
    """What the account is not to be told any more, and since when."""
    key = dismissed_key(account_id)
    try:
        times = {slug: when(int(time)) for slug, time in dict(client.command("HGETALL", key)).items()}
    except ValueError:
        raise StorageUnavailable(f"{key} holds what is no time") from None
    return Kept(times, [Place(key)] if times else [])


VOTES = Kind("votes", _kept, lambda client, account_id, _: _erase(client, account_id))
DISMISSED = Kind(
    "dismissed", _dismissed, lambda client, account_id, _: client.command("DEL", dismissed_key(account_id))
)
