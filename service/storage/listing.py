"""How long the pages of lists are, whatever they list."""

from __future__ import annotations

import re

from service.problems import InvalidField

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
