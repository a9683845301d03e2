"""It shipped: the modules that an account voted for and that are active by now, until it has dismissed them.

Frozen modules have not shipped, since nobody can use them. Legacy ids never have: they can still be voted for, whatever
their module is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_may_vote, known, status_of
from service.interest.keys import VOTES_KEYS, dismissed_key
from service.interest.maintenance import BATCH, canonical
from service.problems import UnknownModule
from service.registry.model import Label, Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import moment

_DISMISS = Script.load("accounts/account", "interest/votes", "interest/dismiss", returns=str | None)

#: How long it is believed which active modules have votes, in seconds. Nobody votes for them any more, but an import,
#: or a worker that has not seen yet that a module became active.
_BELIEVED = 10.0


@dataclass(frozen=True, slots=True)
class Shipped:
    """A module that somebody asked for and that is there; when it was released (UTC), if that was recorded."""

    slug: str
    label: Label
    released: datetime | None


class Candidates:
    """The active modules that have votes, looked for once in a while, so that each page asks for few of them."""

    def __init__(self) -> None:
        self._last: tuple[Registry | None, float, tuple[str, ...]] = (None, 0.0, ())

    def of(self, client: Client, registry: Registry) -> tuple[str, ...]:
        """The modules of a registry as lua/shipped.lua names them. Raises StorageUnavailable."""
        looked_at, until, modules = self._last
        if looked_at is not registry or time.monotonic() > until:
            modules = tuple(_with_votes(client, registry))
            self._last = registry, time.monotonic() + _BELIEVED, modules
        return modules


def _with_votes(client: Client, registry: Registry) -> Iterator[str]:
    """Votes that were merged are those of the module or feature that has them by its own name now."""
    votable = {id for id, _ in _kept(client, [*registry.allowed_features, *registry.feature_renames])}
    names = {
        name: _names(module) for module in registry.modules if _has_shipped(module, registry) for name in _names(module)
    }
    others = {*votable, *names}
    seen: set[str] = set()
    for (id, votes), of in zip(_kept(client, list(names)), names.values(), strict=True):
        if votes and id not in seen and (id in of or id not in others):
            seen.add(id)
            yield from (id, " ".join(of))


def _kept(client: Client, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
    for start in range(0, len(ids), BATCH):
        yield from canonical(client, ids[start : start + BATCH])


def _has_shipped(module: Module, registry: Registry) -> bool:
    return module.state is ModuleState.ACTIVE and module.slug not in registry.legacy_features


def _names(module: Module) -> tuple[str, ...]:
    return (module.slug, *module.formerly)


def listed(client: Client, registry: Registry, parts: Sequence[str]) -> list[Shipped]:
    """What lua/shipped.lua found, without what was dismissed since it was released: newest first.

    Those whose release was not recorded come last, in the registry's order. Raises StorageUnavailable.
    """
    times: dict[str, tuple[int, int]] = {}
    for name, *said in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        dismissed, released = (_milliseconds(client, text) for text in said)
        module = registry.find(name)
        if module:
            before = times.get(module.slug, (0, 0))
            times[module.slug] = max(before[0], dismissed), max(before[1], released)
    shown = [(slug, released) for slug, (dismissed, released) in times.items() if not dismissed or released > dismissed]
    return [
        Shipped(slug, registry.by_slug[slug].label, _time(released))
        for slug, released in sorted(shown, key=lambda each: -each[1])
    ]


def _milliseconds(client: Client, text: str) -> int:
    """A time since 1970, or 0 where there is none, or none that can be read."""
    if text and not (text.isdecimal() and len(text) < 15):
        client.damaged("a time of a release or a dismissal is no number")
        return 0
    return int(text or 0)


def _time(milliseconds: int) -> datetime | None:
    return moment(milliseconds).replace(microsecond=0) if milliseconds else None


def dismiss(client: Client, caller: Caller, slug: str, registry: Registry) -> None:
    """Do not tell the caller any more that a module shipped, by its current or a former slug. Idempotent.

    Nothing is kept where there is nothing to tell. It is told again if the module is released again.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownModule; and StorageUnavailable.
    """
    module = registry.find(slug)
    has_shipped = module is not None and _has_shipped(module, registry)
    if not has_shipped:
        check_may_vote(status_of(client, caller), to="dismiss this")
    if module is None:
        raise UnknownModule.of(slug)
    if not has_shipped:
        return
    keys = [*VOTES_KEYS, dismissed_key(caller.id), account_key(caller.id)]
    status = client.run(_DISMISS, keys, [*caller, AMONG_VOTERS, *_names(module)], writes=True)
    check_may_vote(known(client, caller, status), to="dismiss this")


def forget(client: Client, account_id: str) -> bool:
    """Delete all dismissals of an account; returns whether there were any. Raises StorageUnavailable."""
    return bool(client.command("DEL", dismissed_key(account_id)))
