"""It shipped: the modules that an account voted for and that are active by now, until it has dismissed them.

Frozen modules have not shipped, since nobody can use them. Legacy ids never have: they can still be voted for, whatever
their module is.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_may_vote
from service.interest.keys import VOTES_KEYS, dismissed_key
from service.interest.maintenance import canonical
from service.problems import UnknownModule
from service.registry.model import Label, Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.entries import is_day, moment
from service.storage.script import Script

_DISMISS = Script.load("accounts/account", "interest/votes", "interest/dismiss", returns=str | None)

#: How long it is believed which active modules have votes, in seconds. Nobody votes for them any more, but an import,
#: or a worker that has not seen yet that a module became active.
_BELIEVED = 10.0


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


def listed(registry: Registry, rows: Iterable[tuple[str, int, str]]) -> list[Shipped]:
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
