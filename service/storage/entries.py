"""How entries are told, whatever they are: their times and days, and how long the pages of their lists are.

Times are as Redis has them, in milliseconds since 1970.
"""

import re
from datetime import UTC, date, datetime, timedelta

from service.problems import InvalidField

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


#: Most items that a page of a list can have, and how many it has where nobody says.
MOST_LISTED, LISTED = 100, 50


def checked_limit(value: str | None) -> int:
    """How many items a page has. Raises InvalidField."""
    if value is None:
        return LISTED
    if not re.fullmatch("[1-9][0-9]{0,2}", value) or int(value) > MOST_LISTED:
        raise InvalidField("limit", f"must be a number from 1 to {MOST_LISTED}")
    return int(value)


def bad_cursor() -> InvalidField:
    """What to raise for a cursor that no page has given."""
    return InvalidField("cursor", "must be `next` of the page before")


#: Where an item stands in an order: what it is sorted by, and its id.
Place = tuple[str, str]

_AFTER = re.compile("after-((?:[0-9a-f]{2})+)")


def cursor_after(place: Place) -> str:
    """The cursor of the page that begins behind a place."""
    return f"after-{chr(10).join(place).encode(errors='surrogateescape').hex()}"


def place_after(cursor: str, longest: int) -> Place | None:
    """The place that such a cursor of at most so many bytes names; None for any other cursor."""
    parts = _AFTER.fullmatch(cursor)
    if not parts or len(parts[1]) > 2 * longest:
        return None
    key, _, item_id = bytes.fromhex(parts[1]).decode(errors="surrogateescape").rpartition("\n")
    return key, item_id


def left_out(unreadable: int) -> dict[str, int]:
    """What JSON says of how many items of a page could not be read: nothing where there are none."""
    return {"unreadable": unreadable} if unreadable else {}
