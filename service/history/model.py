"""Events as values, as JSON, and what may be asked for of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from service.registry.loading.reload import is_revision
from service.registry.model import Label
from service.registry.schema import is_name
from service.storage.entries import is_day, moment_of

#: The longest text of an event, in bytes, and the longest label, in characters; and more votes than there are: numbers
#: below it are exact in every client.
_LONGEST, _LONGEST_LABEL, _MOST_VOTES = 100_000, 1_000, 2**53
#: What is stored of an event beside its kind.
_STORED = ("slug", "labels", "before", "after", "revision", "votes")

Check = Callable[[Any], bool]

#: What was there before or is after: a slug, a bucket, a path, a day, a stage, or labels; None for nothing.
Value = str | Label | None


class Kind(StrEnum):
    """What happened to a module; what `before` and `after` of an event are depends on it."""

    ADDED = "added"
    """It came: into the bucket `after`."""
    REMOVED = "removed"
    """It went: from the bucket `before`; `after` is the slug of the module to use instead."""
    RENAMED = "renamed"
    """Its slug changed."""
    MERGED = "merged"
    """Another module, whose slug was `before`, became a part of it."""
    RELEASED = "released"
    """It was coming soon, and is active now. These four have buckets."""
    FROZEN = "frozen"
    """It is not available during the alpha."""
    THAWED = "thawed"
    """It was not available, and is active again."""
    MOVED = "moved"
    """It is in another bucket by now, in none of these ways."""
    DEPRECATED = "deprecated"
    """It will go after the day `after`; `before` is the day that was declared for it until then."""
    UNDEPRECATED = "undeprecated"
    """It will not go after the day `before`, or after any other."""
    RELABELLED = "relabelled"
    """Its labels changed, in one language or both."""
    ENDPOINT_CHANGED = "endpoint-changed"
    PAGE_CHANGED = "page-changed"
    """Its sales page changed."""
    STAGE_CHANGED = "stage-changed"


class Change(NamedTuple):
    """What an edit did to a module, whose slug and labels are those after it."""

    kind: Kind
    slug: str
    labels: Label
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Event:
    """A change that was recorded, at `time`, which is also the first part of its id.

    `kind` is a Kind, or the name of one of a later version of the service. Then `before` and `after` are None.
    `revision` is that of the registry that brought it, and `votes` how many votes a module had when it was released.
    """

    id: str
    time: datetime
    kind: str
    slug: str
    labels: Label
    before: Value
    after: Value
    revision: str
    votes: int | None = None


#: What people ask for: shipped apart from new, and what few look for together.
GROUPS: dict[str, tuple[Kind, ...]] = {
    "shipped": (Kind.RELEASED,),
    "new": (Kind.ADDED,),
    "renamed": (Kind.RENAMED, Kind.RELABELLED),
    "deprecated": (Kind.DEPRECATED, Kind.UNDEPRECATED),
    "removed": (Kind.REMOVED,),
    "other": (
        *(Kind.MERGED, Kind.FROZEN, Kind.THAWED, Kind.MOVED),
        *(Kind.ENDPOINT_CHANGED, Kind.PAGE_CHANGED, Kind.STAGE_CHANGED),
    ),
}


def is_month(text: str) -> bool:
    """Whether this is a month from 1970 on, written as 2026-11, after which there is another."""
    return is_day(f"{text}-01") and "1970" <= text < "9999-12"


def month_before(month: str) -> str:
    """The month before one, both written as 2026-11."""
    return (date.fromisoformat(f"{month}-01") - timedelta(days=1)).isoformat()[:7]


def bounds(month: str) -> tuple[int, int]:
    """The first and the last millisecond since 1970 of a month (UTC) that is written as 2026-11."""
    first = datetime.fromisoformat(f"{month}-01T00:00+00:00")
    end = (first + timedelta(days=31)).replace(day=1)
    return int(first.timestamp() * 1000), int(end.timestamp() * 1000) - 1


class Page(NamedTuple):
    """Some events, newest first, the cursor of the next page, if there is one, and how many could not be read."""

    events: tuple[Event, ...]
    next: str | None
    unreadable: int = 0


def encoded(change: Change, revision: str, votes: int | None) -> str:
    """A change as it is stored; `votes` of a release alone."""
    said = {**change._asdict(), "revision": revision} | ({} if votes is None else {"votes": votes})
    return json.dumps(said, default=asdict, ensure_ascii=False, separators=(",", ":"))


def decoded(event_id: str, text: str) -> Event:
    """Parse an event as it was stored. Raises ValueError, TypeError or LookupError for what is damaged."""
    said = json.loads(text)
    votes = said.get("votes")
    is_count = votes is None or (type(votes) is int and 0 <= votes < _MOST_VOTES)
    if not (is_count and is_name(said["slug"]) and is_revision(said["revision"])):
        raise ValueError("it is no change of a module")
    kind = said["kind"]
    if kind in list(Kind):
        kind = Kind(kind)
    else:  # of a later version, whose values may be anything
        said |= {"before": None, "after": None}
    may_be_before, may_be_after = _VALUES.get(kind, (_is_nothing, _is_nothing))
    if not (
        is_text(kind) and is_label(said["labels"]) and may_be_before(said["before"]) and may_be_after(said["after"])
    ):
        raise ValueError(f"it is nothing that is {kind}")
    stored: dict[str, Any] = {name: _value(said.get(name)) for name in _STORED}
    return Event(event_id, moment_of(event_id), kind, **stored)


def _value(said: Any) -> Any:
    return Label(**said) if isinstance(said, Mapping) else said


def _is_nothing(said: object) -> bool:
    return said is None


def is_text(said: object) -> bool:
    return isinstance(said, str) and len(said.encode()) <= _LONGEST  # lone surrogates raise ValueError


def is_label(said: object) -> bool:
    return (
        isinstance(said, Mapping)
        and said.keys() == {"fr", "en"}
        and all(is_text(text) and len(text) <= _LONGEST_LABEL for text in said.values())
    )


def or_nothing(is_it: Check) -> Check:
    return lambda said: said is None or is_it(said)


#: What `before` and `after` are, as they are stored. States and stages are written as slugs are: of these, another
#: version may know others.
_VALUES: dict[Kind, tuple[Check, Check]] = {
    Kind.ADDED: (_is_nothing, is_name),
    Kind.REMOVED: (is_name, or_nothing(is_name)),
    **dict.fromkeys((Kind.RENAMED, Kind.MERGED), (is_name, is_name)),
    **dict.fromkeys((Kind.RELEASED, Kind.FROZEN, Kind.THAWED, Kind.MOVED), (is_name, is_name)),
    Kind.DEPRECATED: (or_nothing(is_day), is_day),
    Kind.UNDEPRECATED: (is_day, _is_nothing),
    Kind.RELABELLED: (is_label, is_label),
    **dict.fromkeys((Kind.ENDPOINT_CHANGED, Kind.PAGE_CHANGED), (or_nothing(is_text), or_nothing(is_text))),
    Kind.STAGE_CHANGED: (or_nothing(is_name), or_nothing(is_name)),
}


def representation(event: Event) -> dict[str, Any]:
    """An event as JSON, for everybody. Its time is RFC 3339, in UTC."""
    return asdict(event) | {"time": event.time.isoformat(timespec="milliseconds")}
