"""Gathering what people want: one script about votes, one about requests, and when what was released.

What it takes does not grow with the number of votes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from service.accounts.model import account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_is_admin, known
from service.feedback import queue
from service.feedback.model import Status
from service.history.store import RELEASED_KEY
from service.insights.model import Asked, Insights, Merged, Released, Trend, Wanted, days_until
from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import BATCH, tally
from service.interest.store import today
from service.registry.model import Label, Module, ModuleState, Registry
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import moment
from service.wording import printable, shortened

_FIGURES = Script.load("accounts/account", "interest/votes", "insights/figures", returns=(str | None, str | None, list))

_ACTIVE = ModuleState.ACTIVE


class _Kept(NamedTuple):
    """The votes that are kept under one id, and what is known of when they came, as lua/figures.lua has it."""

    votes: int
    first: str
    sums: Sequence[str]


#: The digits of a number of votes, with its sign.
_LONGEST_NUMBER = 16

#: What is kept of one feature or module, by the id that it is kept under; that of its own name comes first.
_OfOne = dict[str, _Kept]


def gather(client: Client, caller: Caller | None, registry: Registry) -> Insights:
    """What people want, for an admin, or for a command where there is no caller.

    Nothing is written; votes under former ids are counted where they are. It is one step for each thousand modules, in
    which the caller is looked at as well.
    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin; and StorageUnavailable.
    """
    features, last = registry.allowed_features, today()
    slugs, kept = list(registry.names), dict[str, _OfOne]()
    for start in range(0, max(len(slugs), 1), BATCH):
        whole = max(0, min(len(features) - start, BATCH))
        kept |= _step(client, caller, registry, whole, days_until(last), slugs[start : start + BATCH])
    owners = _owners({slug: next(iter(kept[slug])) for slug in features})
    owner_of = {slug: owners[next(iter(kept[slug]))] for slug in features}
    left_out = _LeftOut(client)
    trends = _trends(client, registry, kept, owners, left_out)
    coming = {slug: trends.pop(slug) for slug in registry.buckets[ModuleState.COMING_SOON.bucket] if slug in trends}
    others = {slug: rows for slug, rows in kept.items() if slug not in registry.allowed_features}
    return Insights(
        today=last,
        ranking=_ranked(registry, coming),
        legacy=_ranked(registry, trends),
        merged=tuple(Merged(slug, _label(registry, slug), owner) for slug, owner in owner_of.items() if owner != slug),
        released=_released(client, registry, others, owners, left_out),
        requests=_requests(client, caller, registry),
        unreadable=left_out.number,
    )


def _step(
    client: Client, caller: Caller | None, registry: Registry, whole: int, days: Sequence[str], slugs: Sequence[str]
) -> dict[str, _OfOne]:
    """What is kept of some features and modules, of which the first `whole` are features."""
    keys = [*VOTES_KEYS, *([account_key(caller.id)] if caller else [])]
    names = [" ".join(registry.names[slug]) for slug in slugs]
    args: list[str | int] = [*(caller or Caller("")), AMONG_VOTERS, whole, len(days), *days, *names]
    status, role, rows = client.run(_FIGURES, keys, args)
    if caller:
        check_is_admin(known(client, caller, status), role)
    kept: dict[str, _OfOne] = {}
    for place, id, *parts in rows:
        kept.setdefault(slugs[place], {})[id] = _Kept(*parts)
    return kept


def _owners(canonical: Mapping[str, str]) -> dict[str, str]:
    """Whose the votes under an id are: the feature of that name, or else the first whose own were merged into it."""
    owners = {slug: slug for slug, id in canonical.items() if slug == id}
    for slug, id in canonical.items():
        owners.setdefault(id, slug)
    return owners


def _label(registry: Registry, slug: str) -> Label | None:
    module = registry.by_slug.get(slug)
    return module.label if module else None


def _votes(client: Client, registry: Registry, slug: str, of_one: _OfOne) -> int:
    """How many votes there are, each voter once: under several ids, until a request has moved them, they are read."""
    counts = [kept.votes for kept in of_one.values() if kept.votes]
    return tally(client, [slug], registry)[slug] if len(counts) > 1 else sum(counts)


def _trends(
    client: Client, registry: Registry, kept: Mapping[str, _OfOne], owners: Mapping[str, str], left_out: _LeftOut
) -> dict[str, Trend]:
    """The trend of each feature whose votes are its own."""
    trends: dict[str, Trend] = {}
    for slug in registry.allowed_features:
        if owners[next(iter(kept[slug]))] == slug:
            own = {id: votes for id, votes in kept[slug].items() if owners.get(id, slug) == slug}
            with left_out:
                trends[slug] = _trend(client, registry, slug, own)
    return trends


def _trend(client: Client, registry: Registry, slug: str, of_one: _OfOne) -> Trend:
    first = min((kept.first for kept in of_one.values() if kept.first), default=None)
    daily = tuple(sum(map(_net, nets)) for nets in zip(*(kept.sums for kept in of_one.values()), strict=True))
    return Trend(_votes(client, registry, slug, of_one), first and date.fromisoformat(first).isoformat(), daily)


def _net(said: str) -> int:
    """The net votes of a day. Raises ValueError for what they cannot be."""
    if len(said) > _LONGEST_NUMBER:
        raise ValueError(f"{said} is no number of votes")
    return int(said)


class _LeftOut:
    """Leaves a feature out whose trend has what is no day or no number; how many these are, and the log has each."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.number = 0

    def __enter__(self) -> None:
        """Read one."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Go on with the next."""
        if not isinstance(error, ValueError):
            return False
        self._client.damaged(f"a trend of votes: {printable(shortened(str(error)))}")
        self.number += 1
        return True


def _ranked(registry: Registry, trends: Mapping[str, Trend]) -> tuple[Wanted, ...]:
    ranked: list[Wanted] = []
    for slug, trend in sorted(trends.items(), key=lambda each: (-each[1].votes, -each[1].week, each[0])):
        is_equal = bool(ranked) and ranked[-1].trend.votes == trend.votes
        module = registry.by_slug.get(slug)
        place = ranked[-1].place if is_equal else len(ranked) + 1
        ranked.append(Wanted(slug, _label(registry, slug), module.stage if module else None, place, trend))
    return tuple(ranked)


def _released(
    client: Client, registry: Registry, others: Mapping[str, _OfOne], owners: Mapping[str, str], left_out: _LeftOut
) -> tuple[Released, ...]:
    """Votes that were merged are those of the module or feature that has them by its own name now."""
    kept: dict[str, _OfOne] = {}
    seen: set[str] = set(owners)
    for slug, rows in others.items():
        own = registry.names[slug]
        if ids := {id: rows[id] for id in rows if id not in seen and (id in own or registry.find(id) is None)}:
            kept[slug] = ids
            seen |= ids.keys()
    days = _release_days(client, registry, [slug for slug in kept if registry.by_slug[slug].state is _ACTIVE])
    released: list[Released] = []
    for slug, of in kept.items():
        with left_out:
            released.append(_release(client, registry, registry.by_slug[slug], of, days.get(slug)))
    return tuple(sorted(released, key=lambda each: (-each.votes, each.slug)))


def _release(client: Client, registry: Registry, module: Module, of_one: _OfOne, released: str | None) -> Released:
    by_day: dict[str, int] = defaultdict(int)
    for kept in of_one.values():
        for day, net in zip(kept.sums[::2], kept.sums[1::2], strict=True):
            by_day[date.fromisoformat(day).isoformat()] += _net(net)
    waits = _waits(by_day, released) if released else []
    return Released(
        module.slug,
        module.label,
        module.state,
        _votes(client, registry, module.slug, of_one),
        min(by_day, default=None),
        released,
        max((wait for wait, _ in waits), default=None),
        _half(waits),
    )


def _waits(by_day: Mapping[str, int], released: str) -> list[tuple[int, int]]:
    """How many days the votes of each day had waited, with their number. What came after the release waits for none."""
    end = date.fromisoformat(released)
    pairs = (((end - date.fromisoformat(day)).days, net) for day, net in by_day.items())
    return [(wait, net) for wait, net in pairs if wait >= 0 and net > 0]


def _half(waits: Sequence[tuple[int, int]]) -> int | None:
    """How many days half of the votes had waited at least (their median)."""
    total, so_far = sum(votes for _, votes in waits), 0
    for wait, votes in sorted(waits, reverse=True):
        so_far += votes
        if 2 * so_far >= total:
            return wait
    return None


def _release_days(client: Client, registry: Registry, slugs: Iterable[str]) -> dict[str, str]:
    """The day of the last release of each module, by any of its names, where it was recorded and can be read."""
    pairs = [(slug, name) for slug in slugs for name in registry.names[slug]]
    times = client.command("HMGET", RELEASED_KEY, *(name for _, name in pairs)) if pairs else []
    latest: dict[str, int] = {}
    for (slug, _), time in zip(pairs, times, strict=True):
        if time is not None and time.isdecimal() and len(time) < 15:
            latest[slug] = max(latest.get(slug, 0), int(time))
        elif time is not None:
            client.damaged(f"{RELEASED_KEY} holds what is no time")
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
