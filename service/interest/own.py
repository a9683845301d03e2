"""What one account wants: for itself, with the day of each vote and why it was cast, and for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_READERS, Caller, check_may_read
from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import Told
from service.interest.reason import parsed
from service.problems import UnknownFeature
from service.registry.model import Label, Registry
from service.storage.client import Client
from service.storage.entries import is_day
from service.storage.script import Script

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
    _, rows = client.run(_WANTED, VOTES_KEYS, [account_id, "", "", *_known(registry)])
    return _listed(rows, registry)


def reason(client: Client, caller: Caller, feature_id: str, registry: Registry) -> str:
    """Why the caller wants a feature, by its current or a former id; empty where they have not said, or voted.

    Raises NotAuthenticated, UnknownFeature, StorageUnavailable.
    """
    current, wanted = registry.feature_renames.get(feature_id, feature_id), votes(client, caller, registry)
    if current not in registry.allowed_features:
        raise UnknownFeature.of(feature_id, registry.allowed_features)
    return next((vote.reason for vote in wanted if vote.feature == current), "")


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
