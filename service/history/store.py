"""The events of a store: recording them, as a worker does, and reading them, as requests do."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from service.history.model import Change, Event, Kind, Page, bounds, decoded, encoded
from service.problems import InvalidField
from service.registry.model import Registry
from service.registry.schema import is_name
from service.storage.client import Client
from service.storage.entries import bad_cursor, checked_limit, moment_of
from service.storage.form import key
from service.storage.script import Script
from service.wording import printable, shortened

#: Hash: the last registry that came into force: its `revision`, its `form` (finding.py), and when it was `seen`, in
#: milliseconds since 1970.
REGISTRY_KEY = key("changes", "registry")

#: Sorted set: the revisions that were ever in force, by the millisecond since 1970 at which each was last recorded.
REVISIONS_KEY = key("changes", "revisions")

#: Stream: every event, as JSON in the field `event`.
EVENTS_KEY = key("changes", "events")

#: Hash: slug -> the millisecond since 1970 of its last release.
RELEASED_KEY = key("changes", "released")

#: The list of the ids of one slug's latest events, newest first.
of_key = partial(key, "changes", "of")

#: About how many events are kept; Redis drops the oldest by some dozens.
MOST_EVENTS = 10_000
#: How many events are kept of each slug.
MOST_OF_SLUG = 100
#: How many events one request looks at for those of some kinds, and how many of them one step reads.
_MOST_LOOKED_AT, _STEP = 1_000, 200
#: How many revisions are remembered that were in force.
MOST_REVISIONS = 10_000

_CURSOR = re.compile("[1-9][0-9]{0,14}-[0-9]{1,15}")

_RECORD = Script.load("history/record", returns=str)
_LAST = Script.load("history/last", returns=(str | None, str | None, str | None, int))
_PAGE = Script.load("history/page", returns=[str])


class Last(NamedTuple):
    """The registry that was recorded last, when it was seen, in seconds since 1970, and its compact form.

    `knows` says whether the revision in question was ever in force. The form of that revision itself is left out.
    """

    revision: str
    seen: float
    form: str
    knows: bool


def last(client: Client, revision: str) -> Last | None:
    """The registry that was recorded last, if there is one. Raises StorageUnavailable.

    `revision` is that in question: was it ever in force?
    """
    current, seen, form, knows = client.run(_LAST, [REGISTRY_KEY, REVISIONS_KEY], [revision])
    if current is None:
        return None
    at = int(seen) / 1000 if (seen or "").isdecimal() else 0.0  # where that is damaged, the next edit mends it
    return Last(current, at, form or "", bool(knows))


def record(
    client: Client,
    expected: str | None,
    revision: str,
    form: str,
    changes: Sequence[Change] = (),
    votes: Mapping[str, int] | None = None,
) -> bool:
    """Record an edit with all its events, in one atomic step, unless another registry than `expected` is the last.

    `votes` has the number of votes of each slug that is released. Returns whether the revision is the last one now,
    recorded by this call or by another. Raises StorageUnavailable.
    """
    args: list[str | int] = [expected or "", revision, form, MOST_REVISIONS, MOST_EVENTS, MOST_OF_SLUG]
    for change in changes:
        is_release = change.kind is Kind.RELEASED
        count = (votes or {}).get(change.slug, 0) if is_release else None
        args += [change.slug, int(is_release), encoded(change, revision, count)]
    keys = [REGISTRY_KEY, REVISIONS_KEY, EVENTS_KEY, of_key(""), RELEASED_KEY]
    return bool(client.run(_RECORD, keys, args) == revision)


def changes(
    client: Client,
    registry: Registry,
    *,
    module: str | None = None,
    kinds: Collection[Kind] = (),
    month: str | None = None,
    cursor: str | None = None,
    limit: str | None = None,
) -> Page:
    """Events, newest first: those of a module, by its slug or a former one, of some kinds and of a month; or else all.

    A month is as in 2026-11. Those of some kinds are looked for among so many that a page may have less, or none, and a
    next one. Raises InvalidField, StorageUnavailable.
    """
    names = [] if module is None else _names(module, registry)
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise bad_cursor()
    most = checked_limit(limit)
    if not kinds:
        return read_page(client, cursor, most, names, month)
    events, unreadable = list[Event](), 0
    for _ in range(_MOST_LOOKED_AT // _STEP):
        page = read_page(client, cursor, _STEP, names, month)
        events += [event for event in page.events if event.kind in kinds]
        cursor, unreadable = page.next, unreadable + page.unreadable
        if len(events) > most or cursor is None:
            break
    return Page(tuple(events[:most]), events[most - 1].id if len(events) > most else cursor, unreadable)


def _names(module: str, registry: Registry) -> list[str]:
    """The names of a module, by any of them. Raises InvalidField for what can be none."""
    if not is_name(module):
        raise InvalidField("module", "must be the slug of a module")
    current = registry.find(module)
    return [current.slug, *current.formerly] if current else [module]


def first_month(client: Client) -> str | None:
    """That of the oldest event, as in 2026-11, if there is one. Raises StorageUnavailable."""
    for event_id, _ in client.command("XRANGE", EVENTS_KEY, "-", "+", "COUNT", 1):
        return moment_of(event_id).date().isoformat()[:7]
    return None


def read_page(
    client: Client, cursor: str | None, size: int, slugs: Sequence[str] = (), month: str | None = None
) -> Page:
    """Up to `size` events, newest first, from behind the one whose id is `cursor`: those of `slugs`, or else of all.

    Raises StorageUnavailable.
    """
    first, last = bounds(month) if month else ("-", "+")
    parts = client.run(_PAGE, [EVENTS_KEY, *map(of_key, slugs)], [cursor or "", size + 1, first, last])
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    events, unreadable = [], 0
    for pair in pairs[:size]:
        try:
            events.append(decoded(*pair))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError) as error:
            client.damaged(f"an event of {EVENTS_KEY}: {printable(shortened(str(error)))}")
            unreadable += 1
    return Page(tuple(events), pairs[size - 1][0] if len(pairs) > size else None, unreadable)
