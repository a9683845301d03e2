"""It shipped: the modules that an account voted for and that are active by now, until it has dismissed them.

Frozen modules have not shipped, since nobody can use them. Legacy ids never have: they can still be voted for, whatever
their module is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_may_vote
from service.interest.keys import VOTES_KEYS, dismissed_key
from service.problems import UnknownModule
from service.registry.model import Label, ModuleState, Registry
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import moment

_DISMISS = Script.load("accounts/account", "interest/votes", "interest/dismiss", returns=str | None)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A module that somebody asked for and that is there; when it was released (UTC), if that was recorded."""

    slug: str
    label: Label
    released: datetime | None


def candidates(registry: Registry) -> list[str]:
    """The modules that have shipped, as lua/shipped.lua has them."""
    active = registry.buckets[ModuleState.ACTIVE.bucket]
    return [" ".join(registry.names[slug]) for slug in active if slug not in registry.legacy_features]


def listed(registry: Registry, rows: Iterable[tuple[str, str, int]]) -> list[Shipped]:
    """What lua/shipped.lua returned, newest first; last those whose release was not recorded, in the registry's order.

    Votes that were merged are those of the module or feature that has them by its own name now.
    """
    times = {
        slug: at
        for slug, id, at in rows
        if id in registry.names[slug] or not (registry.find(id) or id in registry.allowed_features)
    }
    return [
        Shipped(slug, registry.by_slug[slug].label, moment(at).replace(microsecond=0) if at else None)
        for slug, at in sorted(times.items(), key=lambda each: -each[1])
    ]


def dismiss(client: Client, caller: Caller, slug: str, registry: Registry) -> None:
    """Do not tell the caller any more that a module shipped, by its current or a former slug. Idempotent.

    Nothing is kept where there is nothing to tell. It is told again if the module is released again.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownModule; and StorageUnavailable.
    """
    module = registry.find(slug)
    has_shipped = module and module.state is ModuleState.ACTIVE and module.slug not in registry.legacy_features
    names = registry.names[module.slug] if module and has_shipped else ()
    keys = [*VOTES_KEYS, dismissed_key(caller.id), account_key(caller.id)]
    status = client.run(_DISMISS, keys, [*caller, AMONG_VOTERS, *names], writes=True)
    check_may_vote(status, to="dismiss this")
    if module is None:
        raise UnknownModule.of(slug)
