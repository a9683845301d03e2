"""Times as Redis has them, in milliseconds since 1970, and days."""

from __future__ import annotations

from datetime import UTC, date, datetime


def moment(milliseconds: int) -> datetime:
    """The time, in UTC. Raises ValueError for one that is on no calendar."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"its time makes no sense: {error}") from None


def moment_of(entry: str) -> datetime:
    """When an entry was added to a stream: its id begins with that. Raises ValueError for what is no such id."""
    return moment(int(entry.partition("-")[0]))


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written as 2026-11-26."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
