"""What one account wants: for itself, with the day of each vote and why it was cast, and for admins; and what shipped.

That are the modules that it voted for and that are active by now, until it has dismissed them. Frozen modules have not
shipped, since nobody can use them. Legacy ids never have: they can still be voted for, whatever their module is.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_READERS, AMONG_VOTERS, Caller, check_may_read, check_may_vote, status_of
from service.interest.keys import VOTES_KEYS, dismissed_key
from service.interest.maintenance import Told, canonical, ids_of
from service.interest.reason import parsed
from service.problems import UnknownFeature, UnknownModule
from service.registry.model import Label, Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.entries import is_day, moment
from service.storage.script import Script

_WANTED = Script.load("accounts/account", "interest/votes", "interest/wanted", returns=(str | None, [str]))
_DISMISS = Script.load("accounts/account", "interest/votes", "interest/dismiss", returns=str | None)

#: How long it is believed which active modules have votes, in seconds. Nobody votes for them any more, but an import,
#: or a worker that has not seen yet that a module became active.
_BELIEVED = 10.0


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
    return _own(client, caller, _known(registry), registry)


def votes_of(client: Client, account_id: str, registry: Registry) -> list[OwnVote]:
    """The same of any account, for those who may see it.

    Votes for what is neither a feature nor a module (orphans) are not among them: `privacy/personal_data.py` searches
    for them. Raises StorageUnavailable.
    """
    _, rows = client.run(_WANTED, VOTES_KEYS, [account_id, "", "", *_known(registry)])
    return _listed(rows, registry)


def reason(client: Client, caller: Caller, feature_id: str, registry: Registry) -> str:
    """Why the caller wants a feature, by its current or a former id; empty where they have not said, or voted.

    Raises NotAuthenticated, UnknownFeature, StorageUnavailable.
    """
    current = registry.feature_renames.get(feature_id, feature_id)
    if current not in registry.allowed_features:
        check_may_read(status_of(client, caller))
        raise UnknownFeature.of(feature_id, registry.allowed_features)
    own = _own(client, caller, [current, *registry.former(current)], registry)
    return next((vote.reason for vote in own if vote.reason), "")


def _own(client: Client, caller: Caller, features: Iterable[str], registry: Registry) -> list[OwnVote]:
    keys = [*VOTES_KEYS, account_key(caller.id)]
    status, rows = client.run(_WANTED, keys, [*caller, AMONG_READERS, *features])
    check_may_read(status)
    return _listed(rows, registry)


def _known(registry: Registry) -> list[str]:
    """What votes may be for, current names first."""
    return list(dict.fromkeys([*registry.allowed_features, *registry.by_slug, *registry.renames]))


def _listed(rows: Sequence[str], registry: Registry) -> list[OwnVote]:
    """The latest first, those of no known day last, and otherwise in the order of ids.

    What was renamed and is not moved yet is one with what it became: the earlier day counts, and what was said of that.
    """
    kept: dict[str, Told] = {}
    for asked, id, day, why in zip(rows[::4], rows[1::4], rows[2::4], rows[3::4], strict=True):
        is_known = id in registry.allowed_features or registry.find(id)  # or a rename was taken back
        current = ids_of(id if is_known else asked, registry)[0]
        told, before = Told(day if is_day(day) else "", parsed(why)), kept.get(current, Told())
        kept[current] = told.joined(before) if id == current else before.joined(told)
    votes = []
    for feature, told in sorted(kept.items()):
        module = registry.by_slug.get(feature)
        votes.append(OwnVote(feature, module.label if module else None, told.day or None, told.reason.text))
    return sorted(votes, key=lambda vote: vote.day or "", reverse=True)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A module that somebody voted for and that is there: the day of the vote, and when it was released, both in UTC,
    each if that was recorded.
    """

    slug: str
    label: Label
    voted: str | None
    released: datetime | None


class Candidates:
    """The active modules that have votes, looked for once in a while: each page asks, and few of many have any."""

    def __init__(self) -> None:
        self._last: tuple[Registry | None, float, list[str]] = (None, 0.0, [])

    def of(self, client: Client, registry: Registry) -> list[str]:
        """The modules of a registry as lua/shipped.lua has them. Raises StorageUnavailable."""
        looked_at, until, modules = self._last
        if looked_at is not registry or time.monotonic() > until:
            modules = [*_with_votes(client, registry)]
            self._last = registry, time.monotonic() + _BELIEVED, modules
        return modules


def _with_votes(client: Client, registry: Registry) -> Iterator[str]:
    """Votes that were merged are those of the module or feature that has them by its own name now."""
    shipped = [registry.names[module.slug] for module in registry.modules if _has_shipped(module, registry)]
    names = {name: own for own in shipped for name in own}
    votable = [*registry.allowed_features, *registry.feature_renames]
    kept = canonical(client, [*votable, *names])
    seen, others = set[str](), {*names, *(kept[name][0] for name in votable)}
    for name, own in names.items():
        id, votes = kept[name]
        if votes and id not in seen and (id in own or id not in others):
            seen.add(id)
            yield from (id, " ".join(own))


def _has_shipped(module: Module, registry: Registry) -> bool:
    return module.state is ModuleState.ACTIVE and module.slug not in registry.legacy_features


def shipped_of(registry: Registry, rows: Iterable[tuple[str, int, str]]) -> list[Shipped]:
    """What lua/shipped.lua returned, newest first; last, in its order, those whose release was not recorded."""
    return [
        Shipped(slug, module.label, day if is_day(day) else None, moment(at).replace(microsecond=0) if at else None)
        for slug, at, day in sorted({row[0]: row for row in rows}.values(), key=lambda each: -each[1])
        if (module := registry.find(slug))
    ]


def dismiss(client: Client, caller: Caller, slug: str, registry: Registry) -> None:
    """Do not tell the caller any more that a module shipped, by its current or a former slug. Idempotent.

    Nothing is kept where there is nothing to tell. It is told again if the module is released again.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownModule; and StorageUnavailable.
    """
    module = registry.find(slug)
    names = registry.names[module.slug] if module and _has_shipped(module, registry) else ()
    keys = [*VOTES_KEYS, dismissed_key(caller.id), account_key(caller.id)]
    status = client.run(_DISMISS, keys, [*caller, AMONG_VOTERS, *names], writes=True)
    check_may_vote(status, to="dismiss this")
    if module is None:
        raise UnknownModule.of(slug)
