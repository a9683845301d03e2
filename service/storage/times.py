"""Times as Redis has them, in milliseconds since 1970, and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

#: The end of the calendar, in the year 10000, in milliseconds since 1970.
END = 253_402_300_800_000


def is_time(value: object) -> bool:
    """Whether this is a time of the calendar, in milliseconds since 1970."""
    return type(value) is int and 0 <= value < END


def moment(milliseconds: int) -> datetime:
    """The time, in UTC. Raises ValueError for one that is on no calendar."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"its time makes no sense: {error}") from None


def moment_of(entry: str) -> datetime:
    """When an entry was added to a stream: its id begins with that. Raises ValueError for what is no such id."""
    return moment(int(entry.partition("-")[0]))


def has_begun(text: str) -> bool:
    """Whether this is a day of the calendar, today (UTC) or before, or tomorrow, by a clock that is ahead."""
    return is_day(text) and date.fromisoformat(text) <= datetime.now(UTC).date() + timedelta(days=1)


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written as 2026-11-26."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
