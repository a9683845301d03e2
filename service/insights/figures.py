"""Gathering what people want: one script about votes, one about requests, and when what was released.

What it takes does not grow with the number of votes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_is_admin
from service.feedback import queue
from service.feedback.model import Status
from service.history.store import RELEASED_KEY
from service.history.uses import read
from service.insights.model import NO_PERIOD, Asked, Insights, Merged, Period, Released, Trend, Wanted, days_until
from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import BATCH, tally
from service.interest.store import today
from service.registry.model import Label, Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import moment
from service.wording import printable, shortened

_FIGURES = Script.load("accounts/account", "interest/votes", "insights/figures", returns=(str | None, str | None, list))

#: The digits of a number of votes, with its sign.
_LONGEST_NUMBER = 16


class _Kept(NamedTuple):
    """The votes that are kept under one id, and what is known of when they came, as lua/figures.lua has it."""

    votes: int
    first: str
    sums: Sequence[str]
    period: str


#: What is kept of one feature or module, by the id that it is kept under; that of its own name comes first.
_OfOne = Mapping[str, _Kept]


def gather(client: Client, caller: Caller | None, registry: Registry, period: Period = NO_PERIOD) -> Insights:
    """What people want, for an admin, or for a command where there is no caller.

    `period` is asked for beside the days of all trends. Nothing is written; votes under former ids are counted where
    they are. It is one step for each thousand modules, in which the caller is looked at as well.
    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin; and StorageUnavailable.
    """
    last, errors = today(), list[ValueError]()
    kept = _kept(client, caller, registry, days_until(last), period)
    owners = _owners(registry, kept)
    own = {slug: {id: row for id, row in rows.items() if owners.get(id) == slug} for slug, rows in kept.items()}
    trends = _trends(client, registry, own, errors)
    coming = {slug: trends.pop(slug) for slug in registry.buckets[ModuleState.COMING_SOON.bucket] if slug in trends}
    merged = [slug for slug in registry.allowed_features if not own[slug]]
    return Insights(
        today=last,
        ranking=_ranked(registry, coming),
        legacy=_ranked(registry, trends),
        merged=tuple(Merged(slug, _label(registry, slug), owners[next(iter(kept[slug]))]) for slug in merged),
        released=_released(client, registry, own, errors),
        requests=_requests(client, caller, registry),
        uses=tuple(read(client, registry.ending_names)),
        unreadable=len(errors),
    )


def _kept(
    client: Client, caller: Caller | None, registry: Registry, days: Sequence[str], period: Period
) -> dict[str, dict[str, _Kept]]:
    """What is kept of all features, and of other modules that have votes."""
    keys = [*VOTES_KEYS, *([account_key(caller.id)] if caller else [])]
    slugs, kept = list(registry.names), dict[str, dict[str, _Kept]]()
    for start in range(0, max(len(slugs), 1), BATCH):
        whole = max(0, min(len(registry.allowed_features) - start, BATCH))
        names = [" ".join(registry.names[slug]) for slug in slugs[start : start + BATCH]]
        args: list[str | int] = [*(caller or Caller("")), AMONG_VOTERS, whole, *period, len(days), *days, *names]
        status, role, rows = client.run(_FIGURES, keys, args)
        if caller:
            check_is_admin(status, role)
        for place, id, *parts in rows:
            kept.setdefault(slugs[start + place], {})[id] = _Kept(*parts)
    return kept


def _owners(registry: Registry, kept: Mapping[str, _OfOne]) -> dict[str, str]:
    """Whose the votes under each id are: those of the feature of that name, or else of the first that was merged there.

    Next come modules of that name, and those that were merged into what is unknown.
    """
    features = registry.allowed_features
    owners = {id: slug for slug in features for id in kept[slug] if id in registry.names[slug]}
    for slug in features:
        for id in kept[slug]:
            owners.setdefault(id, slug)
    for slug, rows in kept.items():
        for id in rows:
            if id in registry.names[slug] or registry.find(id) is None:
                owners.setdefault(id, slug)
    return owners


@contextmanager
def _left_out(client: Client, errors: list[ValueError]) -> Iterator[None]:
    """Leave a feature out whose trend has what is no day or no number; the log has each."""
    try:
        yield
    except ValueError as error:
        client.damaged(f"a trend of votes: {printable(shortened(str(error)))}")
        errors.append(error)


def _label(registry: Registry, slug: str) -> Label | None:
    module = registry.by_slug.get(slug)
    return module.label if module else None


def _votes(client: Client, registry: Registry, slug: str, of_one: _OfOne) -> int:
    """How many votes there are, each voter once: under several ids, until a request has moved them, they are read."""
    counts = [kept.votes for kept in of_one.values() if kept.votes]
    return tally(client, [slug], registry)[slug] if len(counts) > 1 else sum(counts)


def _trends(
    client: Client, registry: Registry, own: Mapping[str, _OfOne], errors: list[ValueError]
) -> dict[str, Trend]:
    trends: dict[str, Trend] = {}
    for slug in registry.allowed_features:
        if own[slug]:
            with _left_out(client, errors):
                trends[slug] = _trend(client, registry, slug, own[slug])
    return trends


def _trend(client: Client, registry: Registry, slug: str, of_one: _OfOne) -> Trend:
    first = min((kept.first for kept in of_one.values() if kept.first), default=None)
    daily = tuple(sum(map(_net, nets)) for nets in zip(*(kept.sums for kept in of_one.values()), strict=True))
    period = sum(_net(kept.period) for kept in of_one.values())
    return Trend(_votes(client, registry, slug, of_one), first and _day(first), daily, period)


def _day(said: str) -> str:
    """An ISO day. Raises ValueError for what is none."""
    return date.fromisoformat(said).isoformat()


def _net(said: str) -> int:
    """The net votes of a day. Raises ValueError for what they cannot be."""
    if len(said) > _LONGEST_NUMBER:
        raise ValueError(f"{said} is no number of votes")
    return int(said)


def _ranked(registry: Registry, trends: Mapping[str, Trend]) -> tuple[Wanted, ...]:
    ranked: list[Wanted] = []
    for slug, trend in sorted(trends.items(), key=lambda each: (-each[1].votes, -each[1].week, each[0])):
        is_equal = bool(ranked) and ranked[-1].trend.votes == trend.votes
        module = registry.by_slug.get(slug)
        place = ranked[-1].place if is_equal else len(ranked) + 1
        ranked.append(Wanted(slug, _label(registry, slug), module.stage if module else None, place, trend))
    return tuple(ranked)


def _released(
    client: Client, registry: Registry, own: Mapping[str, _OfOne], errors: list[ValueError]
) -> tuple[Released, ...]:
    modules = [registry.by_slug[slug] for slug, rows in own.items() if rows and slug not in registry.allowed_features]
    days, released = _release_days(client, registry, modules), list[Released]()
    for module in modules:
        with _left_out(client, errors):
            released.append(_release(client, registry, module, own[module.slug], days.get(module.slug)))
    return tuple(sorted(released, key=lambda each: (-each.votes, each.slug)))


def _release(client: Client, registry: Registry, module: Module, of_one: _OfOne, released: str | None) -> Released:
    by_day: dict[str, int] = defaultdict(int)
    for kept in of_one.values():
        for day, net in zip(kept.sums[::2], kept.sums[1::2], strict=True):
            by_day[_day(day)] += _net(net)
    # How many days the votes of each day had waited; what came after the release waits for none.
    waits = [
        ((date.fromisoformat(released) - date.fromisoformat(day)).days, net)
        for day, net in sorted(by_day.items())
        if released and day <= released and net > 0
    ]
    votes, waited = _votes(client, registry, module.slug, of_one), waits[0][0] if waits else None
    first = min(by_day, default=None)
    return Released(module.slug, module.label, module.state, votes, first, released, waited, _half(waits))


def _half(waits: Sequence[tuple[int, int]]) -> int | None:
    """How many days half of the votes had waited at least (their median); the longest wait comes first."""
    total, so_far = sum(votes for _, votes in waits), 0
    for wait, votes in waits:
        so_far += votes
        if 2 * so_far >= total:
            return wait
    return None


def _release_days(client: Client, registry: Registry, modules: Sequence[Module]) -> dict[str, str]:
    """The day of the last release of each that is active, by any of its names, where that was recorded."""
    active = [module.slug for module in modules if module.state is ModuleState.ACTIVE]
    pairs = [(slug, name) for slug in active for name in registry.names[slug]]
    times = client.command("HMGET", RELEASED_KEY, *(name for _, name in pairs)) if pairs else []
    latest: dict[str, int] = {}
    for (slug, _), time in zip(pairs, times, strict=True):
        if time is not None and time.isdecimal() and len(time) < 15:
            latest[slug] = max(latest.get(slug, 0), int(time))
    return {slug: moment(time).date().isoformat() for slug, time in latest.items()}


def _requests(client: Client, caller: Caller | None, registry: Registry) -> tuple[Asked, ...]:
    """Modules on demand, with requests or without, and others that have some."""
    counts = queue.counts(client, caller, registry)
    none = dict.fromkeys(Status, 0)
    asked = []
    for slug in {*registry.buckets[ModuleState.ON_DEMAND.bucket], *counts.by_module}:
        module, by_status = registry.by_slug.get(slug), counts.by_module.get(slug, none)
        waiting, oldest = counts.unread_of.get(slug, (0, None))
        asked.append(Asked(slug, _label(registry, slug), module.state if module else None, by_status, waiting, oldest))
    return tuple(sorted(asked, key=lambda each: (-each.going_on, -sum(each.by_status.values()), each.slug)))
