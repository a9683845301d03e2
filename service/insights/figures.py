"""Gathering what people want: one script about votes, one about requests, and when what was released.

What it takes does not grow with the number of votes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from service.accounts.sessions import Caller, check_admin
from service.feedback import queue
from service.feedback.model import Status
from service.history.store import RELEASED_KEY
from service.insights.model import NO_PERIOD, Asked, Insights, Merged, Period, Released, Trend, Wanted, days_until
from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import BATCH, tally
from service.interest.store import today
from service.registry.model import Label, Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.entries import moment
from service.storage.script import Script
from service.usage.store import read
from service.wording import printable, shortened

_FIGURES = Script.load("interest/votes", "insights/figures", returns=[list])

T = TypeVar("T")

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
    they are. It is one step for each thousand modules.
    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin; and StorageUnavailable.
    """
    if caller:
        check_admin(client, caller)
    last = today()
    kept = _kept(client, registry, days_until(last), period)
    owners = _owners(registry, kept)
    own = {slug: {id: row for id, row in rows.items() if owners.get(id) == slug} for slug, rows in kept.items()}
    features = list(filter(own.get, registry.allowed_features))
    others = sorted(filter(own.get, own.keys() - registry.allowed_features))
    times = client.command("HGETALL", RELEASED_KEY)
    trends = _readable(client, features, lambda slug: _trend(client, registry, slug, own[slug]))
    released = _readable(client, others, lambda slug: _release(client, registry, slug, own[slug], times))
    unreadable = len(features) + len(others) - len(trends) - len(released)
    coming = {slug: trends.pop(slug) for slug in registry.buckets[ModuleState.COMING_SOON.bucket] if slug in trends}
    merged = [slug for slug in registry.allowed_features if not own[slug]]
    return Insights(
        today=last,
        ranking=_ranked(registry, coming),
        legacy=_ranked(registry, trends),
        merged=tuple(Merged(slug, _label(registry, slug), owners[next(iter(kept[slug]))]) for slug in merged),
        released=tuple(sorted(released.values(), key=lambda each: (-each.votes, each.slug))),
        requests=_requests(client, caller, registry),
        uses=tuple(read(client, registry.ending_names)),
        unreadable=unreadable,
    )


def _kept(client: Client, registry: Registry, days: Sequence[str], period: Period) -> dict[str, dict[str, _Kept]]:
    """What is kept of all features, and of other modules that have votes."""
    slugs, kept = list(registry.names), dict[str, dict[str, _Kept]]()
    for start in range(0, max(len(slugs), 1), BATCH):
        whole = max(0, min(len(registry.allowed_features) - start, BATCH))
        names = [" ".join(registry.names[slug]) for slug in slugs[start : start + BATCH]]
        for place, id, *parts in client.run(_FIGURES, VOTES_KEYS, [whole, *period, len(days), *days, *names]):
            kept.setdefault(slugs[start + place], {})[id] = _Kept(*parts)
    return kept


def _owners(registry: Registry, kept: Mapping[str, _OfOne]) -> dict[str, str]:
    """Whose the votes under each id are: those of the feature of that name, or else of the first that was merged there.

    Next come modules of that name, and those that were merged into what is unknown.
    """
    of_features = [(id, slug) for slug in registry.allowed_features for id in kept[slug]]
    of_all = [(id, slug) for slug, rows in kept.items() for id in rows]
    ranked = [
        *((id, slug) for id, slug in of_features if id in registry.names[slug]),
        *of_features,
        *((id, slug) for id, slug in of_all if id in registry.names[slug] or registry.find(id) is None),
    ]
    return dict(reversed(ranked))  # the first that has it


def _readable(client: Client, slugs: Iterable[str], make: Callable[[str], T]) -> dict[str, T]:
    """What is made of each, but of those whose trend has what is no day or no number; the log has each of these."""
    made: dict[str, T] = {}
    for slug in slugs:
        try:
            made[slug] = make(slug)
        except ValueError as error:
            client.damaged(f"a trend of votes: {printable(shortened(str(error)))}")
    return made


def _label(registry: Registry, slug: str) -> Label | None:
    module = registry.by_slug.get(slug)
    return module.label if module else None


def _votes(client: Client, registry: Registry, slug: str, of_one: _OfOne) -> int:
    """How many votes there are, each voter once: under several ids, until a request has moved them, they are read."""
    counts = [kept.votes for kept in of_one.values() if kept.votes]
    return tally(client, [slug], registry)[slug] if len(counts) > 1 else sum(counts)


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
    ranked, places = list[Wanted](), dict[int, int]()
    for slug, trend in sorted(trends.items(), key=lambda each: (-each[1].votes, -each[1].week, each[0])):
        place, module = places.setdefault(trend.votes, len(ranked) + 1), registry.by_slug.get(slug)
        ranked.append(Wanted(slug, _label(registry, slug), module.stage if module else None, place, trend))
    return tuple(ranked)


def _release(client: Client, registry: Registry, slug: str, of_one: _OfOne, times: Mapping[str, str]) -> Released:
    module = registry.by_slug[slug]
    released = _day_of_release(module, registry, times)
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
    votes, first = _votes(client, registry, slug, of_one), min(by_day, default=None)
    waited = waits[0][0] if waits else None
    return Released(slug, module.label, module.state, votes, first, released, waited, _half(waits))


def _half(waits: Sequence[tuple[int, int]]) -> int | None:
    """How many days half of the votes had waited at least (their median); the longest wait comes first."""
    total, so_far = sum(votes for _, votes in waits), 0
    for wait, votes in waits:
        so_far += votes
        if 2 * so_far >= total:
            return wait
    return None


def _day_of_release(module: Module, registry: Registry, times: Mapping[str, str]) -> str | None:
    """The day on which a module that is active was released last, by any of its names, where that was recorded."""
    said = [times.get(name, "") for name in registry.names[module.slug] if module.state is ModuleState.ACTIVE]
    known = [int(time) for time in said if time.isdecimal() and len(time) < 15]
    return moment(max(known)).date().isoformat() if known else None


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
