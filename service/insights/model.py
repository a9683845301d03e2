"""What is known of what people want, as values. Days are ISO days (UTC), of which today is the last, and not over yet.

Counts are of accounts; nobody is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from service.feedback.model import Status
from service.problems import InvalidField
from service.registry.model import Label, ModuleState
from service.storage.entries import is_day
from service.usage.counting import Used

#: How many days a trend is shown for, and how many of them are the week, today included.
DAYS, WEEK = 30, 7


def days_until(last: str) -> tuple[str, ...]:
    """The DAYS days of which a day is the last, the oldest first."""
    end = date.fromisoformat(last)
    return tuple((end - timedelta(days=ago)).isoformat() for ago in range(DAYS - 1, -1, -1))


class Period(NamedTuple):
    """The days from a first one to a last one; it is none without a last one."""

    first: str = ""
    last: str = ""

    @classmethod
    def checked(cls, first: str, last: str, today: str) -> Period:
        """The period between two days, of which one may be left out. Raises InvalidField, for `from` or `to`."""
        for name, day in ("from", first), ("to", last):
            if day and not is_day(day):
                raise InvalidField(name, "must be a day such as 2026-11-26")
        if first and last and first > last:
            raise InvalidField("to", "must not be before the first day")
        return cls(first, last or today) if first or last else cls()


NO_PERIOD = Period()


class Trend(NamedTuple):
    """How many votes there are, and how they came.

    `first` is the day of the first vote, None where there never was one. `daily` are the net votes (votes less
    retractions) of each of the last DAYS days, oldest first, and `period` those of the period that was asked for.
    """

    votes: int
    first: str | None
    daily: tuple[int, ...]
    period: int = 0

    @property
    def week(self) -> int:
        """The net change of the last WEEK days."""
        return sum(self.daily[-WEEK:])

    @property
    def week_before(self) -> int:
        """The net change of the WEEK days before."""
        return sum(self.daily[-2 * WEEK : -WEEK])

    @property
    def month(self) -> int:
        """The net change of all DAYS days."""
        return sum(self.daily)

    @property
    def standing(self) -> tuple[int, ...]:
        """How many votes there were at the end of each day of `daily`. A trend that is damaged makes none negative."""
        before = max(self.votes - self.month, 0)
        return tuple(max(votes, 0) for votes in accumulate(self.daily, initial=before))[1:]


class Wanted(NamedTuple):
    """A feature that can be voted for. `label` is None for a legacy id that no module stands for.

    `place` is its place among its kind, 1 for the most votes; as many votes are the same place.
    """

    slug: str
    label: Label | None
    stage: str | None
    place: int
    trend: Trend


class Merged(NamedTuple):
    """A feature whose votes were merged into another one's, which has them all."""

    slug: str
    label: Label | None
    into: str


class Released(NamedTuple):
    """A module that can no longer be voted for, with the votes that it had: active, or in another state.

    `released` is the day on which it became active, None where that was not recorded. `waited` is how many days the
    first vote had waited by then, and `half_waited` how many half of the votes had waited at least; by the net votes of
    each day, so that a day with more retractions than votes counts for none. None where there is no such day.
    """

    slug: str
    label: Label
    state: ModuleState
    votes: int
    first: str | None
    released: str | None
    waited: int | None
    half_waited: int | None


class Asked(NamedTuple):
    """How many requests for a module read as each status; how many wait for an admin, and since when the oldest does.

    `label` and `state` are None where there is no such module any more.
    """

    slug: str
    label: Label | None
    state: ModuleState | None
    by_status: Mapping[Status, int]
    waiting: int
    oldest: datetime | None

    @property
    def going_on(self) -> int:
        """How many are open or answered."""
        return self.by_status[Status.OPEN] + self.by_status[Status.ANSWERED]


@dataclass(frozen=True)
class Insights:
    """All of it, at one moment. What is listed has the most votes, or requests, first.

    `unreadable` is of how many features the trend cannot be read: they are left out.
    """

    today: str
    ranking: tuple[Wanted, ...]
    legacy: tuple[Wanted, ...]
    merged: tuple[Merged, ...]
    released: tuple[Released, ...]
    requests: tuple[Asked, ...]
    uses: tuple[Used, ...]
    unreadable: int = 0

    @cached_property
    def days(self) -> tuple[str, ...]:
        """The days of every trend."""
        return days_until(self.today)

    @cached_property
    def total(self) -> Trend:
        """The votes of all coming-soon features together."""
        trends = [wanted.trend for wanted in self.ranking]
        daily = tuple(map(sum, zip(*(trend.daily for trend in trends), strict=True))) or (0,) * DAYS
        first = min((trend.first for trend in trends if trend.first), default=None)
        return Trend(sum(trend.votes for trend in trends), first, daily, sum(trend.period for trend in trends))

    @cached_property
    def rising(self) -> tuple[Wanted, ...]:
        """Which coming-soon features have won votes this week, those that won most first."""
        risen = (wanted for wanted in self.ranking if wanted.trend.week > 0)
        return tuple(sorted(risen, key=lambda each: (-each.trend.week, each.trend.week_before, each.slug)))

    @cached_property
    def waiting(self) -> int:
        """How many requests wait for an admin."""
        return sum(asked.waiting for asked in self.requests)

    @cached_property
    def waits_since(self) -> datetime | None:
        """Since when the oldest of those waits."""
        return min((asked.oldest for asked in self.requests if asked.oldest), default=None)
