"""Threads as values, what may be said in one, and how each follows its module through the registry."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from service.accounts import model as accounts
from service.accounts.model import shown_name
from service.http import tracing
from service.problems import InvalidField
from service.registry.model import Label, ModuleState, Registry, check_exhaustive
from service.registry.schema import is_name
from service.storage.entries import bad_cursor
from service.wording import joined

#: Longest text of a message, in characters, without the blanks around it.
LONGEST_TEXT = 2000
#: Most messages of a thread.
MOST_MESSAGES = 500

#: More names than a module has, and more requests than an account has open of them.
MOST_NAMES = 100

#: How many items of the stored list a message takes (lua/threads.lua).
MESSAGE_SIZE = 6

#: How much is kept of an account's name, in bytes (lua/caller.lua).
_LONGEST_NAME = 200

#: The fields of a stored thread (lua/threads.lua): which of them are versions, which it has from the beginning
#: (lua/open.lua), and all.
_VERSIONS = ("asked", "attended", "acted", "seen")
_AT_FIRST = {"account", "name", "module", "status", "names", "created", "updated", "version", "activity", "asked"}
_OF_THREAD = {*_AT_FIRST, *_VERSIONS, "change"}
#: More acts than there are: ETags have room for as many more (_ETAG).
MOST_ACTS = 10**9 // 2

_NUMBER = re.compile("[0-9]{1,16}")
#: Seconds since 1970 that are on the calendar.
_TIME = re.compile("[0-9]{1,11}")
_ID = re.compile("[0-9a-f]{16}")
#: Control characters but tabs and line breaks, and what no text has that can be sent.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CURSOR = re.compile("[1-9][0-9]{0,15}")
#: A status, also one of a later version of the service.
_STATUS = re.compile("[a-z][a-z-]{0,39}")
_ETAG = re.compile(r"([1-9][0-9]{0,9})-(own|active|gone)-([a-z][a-z0-9_]{0,63})")


class Status(StrEnum):
    """Where a request stands. Open and answered ones go on; of those an account has one a module."""

    OPEN = "open"
    ANSWERED = "answered"
    ACTIVATED = "activated"
    DECLINED = "declined"


#: The statuses of requests that an account has one of a module.
GOING_ON = (Status.OPEN, Status.ANSWERED)


class Author(StrEnum):
    """For whom a message speaks: the member whose thread it is, or the admins."""

    MEMBER = "member"
    ADMIN = "admin"


class Fate(StrEnum):
    """What the registry makes of a thread: nothing, or its module is active by now, or gone."""

    OWN = "own"
    ACTIVE = "active"
    GONE = "gone"


#: The status that a thread reads as, and the note that says why, where not its own counts.
_DERIVED = {
    Fate.ACTIVE: (Status.ACTIVATED, Label(fr="Ce module est désormais actif.", en="This module is active by now.")),
    Fate.GONE: (Status.DECLINED, Label(fr="Ce module n’existe plus.", en="This module no longer exists.")),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whose a thread is."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `name` is empty where its author has none, or was removed."""

    author: Author
    name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread, as it reads with the registry in force.

    `status` is a Status, or the name of one of a later version of the service.
    `note` says why a status is not the stored one. `unread` is for the caller: for a member, that an admin spoke or
    changed the status since the member marked the thread as read; for admins, that the member spoke last, and no admin
    has changed the status or marked the thread as read since. `messages` are all of them, the oldest first; in a list
    the last alone, and before it, in that of admins, the first. `etag`, without its quotes, is another where it shows
    another message or status.
    """

    id: str
    module: str
    account: Person
    status: str
    note: Label | None
    created: datetime
    updated: datetime
    unread: bool
    message_count: int
    messages: tuple[Message, ...]
    etag: str


class Page(NamedTuple):
    """Some threads of a list, how many of it could not be read, and the cursor of the next page, if there is one."""

    threads: tuple[Thread, ...]
    next: str | None
    unreadable: int = 0


def is_id(text: str) -> bool:
    """Whether a thread can have this id."""
    return _ID.fullmatch(text) is not None


def check_message(items: Sequence[str]) -> None:
    """Raise ValueError or InvalidField for a message that no script of ours has stored (lua/threads.lua)."""
    id, author, by, name, at, text = items
    Author(author)
    if not (is_id(id) and (not by or accounts.may_be_stored(by)) and _is_name(name) and _TIME.fullmatch(at)):
        raise ValueError("it is no message of a request")
    if checked_text(text) != text:
        raise ValueError("its text has blanks around it, or line breaks of another kind")


def check_thread(thread_id: str, fields: Mapping[str, str]) -> None:
    """Raise ValueError or LookupError for a thread that no script of ours has stored (lua/threads.lua)."""
    Status(fields["status"])
    if not (
        is_id(thread_id)
        and _OF_THREAD >= fields.keys() >= _AT_FIRST
        and accounts.may_be_stored(fields["account"])
        and _is_name(fields["name"])
        and all(map(is_name, names := [fields["module"], *fields["names"].split()]))
        and len(names) <= MOST_NAMES
        and (not fields.get("change") or is_id(fields["change"]))
        and all(map(_TIME.fullmatch, (fields["created"], fields["updated"])))
        and _are_counts(*(fields.get(name, "0") for name in ("version", "activity", *_VERSIONS)))
    ):
        raise ValueError("it is no request")


def _are_counts(version: str, activity: str, *versions: str) -> bool:
    """Whether they are some that can be added to, and no part of a thread is newer than all of it."""
    are_numbers = all(map(_NUMBER.fullmatch, (version, activity, *versions)))
    are_in_order = are_numbers and max(map(int, versions)) <= int(version)
    return are_in_order and 0 < int(version) < MOST_ACTS and 0 < int(activity) < MOST_ACTS


def check_event(text: str) -> None:
    """Raise ValueError, TypeError or LookupError for an event that no script of ours has told (lua/threads.lua)."""
    said = json.loads(text)
    Status(said["status"])
    if not (
        said.keys() <= {"kind", "thread", "module", "status", "traceparent"}
        and said["kind"] in ("opened", "status-changed")
        and is_id(said["thread"])
        and is_name(said["module"])
        and tracing.traceparent(said.get("traceparent")) == said.get("traceparent")
    ):
        raise ValueError("it is nothing that becomes of a request")


def _is_name(text: str) -> bool:
    """Whether an account's name is as short as it is kept (lua/caller.lua)."""
    return len(text.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME


def checked_text(value: object) -> str:
    """What may be said: the text without blanks around it, its line breaks as LF. Raises InvalidField."""
    if not isinstance(value, str):
        raise InvalidField("message", "must be a text")
    text = "\n".join(value.splitlines()).strip()
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise InvalidField("message", "must not be empty")
    if len(text) > LONGEST_TEXT:
        raise InvalidField("message", f"may have at most {LONGEST_TEXT:,} characters, not {len(text):,}")
    if _CONTROL.search(text):
        raise InvalidField("message", "must not have control characters but line breaks and tabs")
    return text


def checked_status(value: object) -> Status:
    """A status that a thread can have. Raises InvalidField."""
    if not isinstance(value, str) or value not in list(Status):
        raise InvalidField("status", f"must be one of {joined(list(Status))}")
    return Status(value)


def checked_cursor(value: str | None) -> str:
    """Where a page begins, for the scripts. Raises InvalidField."""
    if value is None:
        return "+inf"
    if not _CURSOR.fullmatch(value):
        raise bad_cursor()
    return f"({value}"


def followed(slug: str, registry: Registry) -> tuple[str, Fate]:
    """The slug that the module of a thread has by now, and what the registry makes of the thread."""
    module = registry.find(slug)
    if module is None:
        return slug, Fate.GONE
    match module.state:
        case ModuleState.ACTIVE:
            return module.slug, Fate.ACTIVE
        case ModuleState.ON_DEMAND | ModuleState.META | ModuleState.COMING_SOON | ModuleState.ALPHA_UNAVAILABLE:
            pass
        case unknown:
            check_exhaustive(unknown)
    return module.slug, Fate.OWN


def read_as(stored: str, fate: Fate) -> tuple[str, Label | None]:
    """Return the status that a thread reads as, and the note that says why if that is not its own.

    Raises ValueError or TypeError for text that is no status in any version.
    """
    derived = _DERIVED.get(fate)
    if derived is None and not _STATUS.fullmatch(stored):
        raise ValueError("it has no status")
    return derived or (stored, None)


def seen(etags: Iterable[str], registry: Registry) -> list[str]:
    """What ETags, without their quotes, say that somebody has seen, as the last arguments of scripts.

    That is the versions of a thread, each between commas, and the names that its module has; without those that the
    registry has made untrue since.
    """
    versions: list[str] = []
    names: list[str] = []
    for tag in etags:
        parts = _ETAG.fullmatch(tag)
        if not parts or followed(parts[3], registry) != (parts[3], Fate(parts[2])):
            continue
        named = [parts[3], *registry.former(parts[3])]
        if not names or named == names:
            names = named
            versions.append(parts[1])
    return [f",{','.join(versions)},", *names]


def parsed(row: Sequence[Sequence[str]], registry: Registry, *, for_member: bool) -> Thread:
    """A thread as the scripts show it (lua/threads.lua). Raises ValueError or TypeError for what is damaged."""
    fields, items = row
    id, account, name, slug, status, *texts = fields
    created, updated, version, _, asked, attended, acted, seen, count = (int(text or 0) for text in texts)
    if not (is_id(id) and account and items):
        raise ValueError("it has no id, no account or no message")
    module, fate = followed(slug, registry)
    derived, note = read_as(status, fate)
    return Thread(
        id=id,
        module=module,
        account=Person(account, shown_name(name)),
        status=derived,
        note=note,
        created=_time(created),
        updated=_time(updated),
        unread=acted > seen if for_member else asked > attended,
        message_count=count,
        messages=tuple(_message(items[start : start + MESSAGE_SIZE]) for start in range(0, len(items), MESSAGE_SIZE)),
        etag=f"{version}-{fate}-{module}",
    )


def _message(items: Sequence[str]) -> Message:
    _, author, _, name, at, text = items
    return Message(Author(author), shown_name(name), text, _time(int(at)))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


#: What JSON has of a thread anywhere.
_SHOWN = ("id", "module", "account", "status", "note", "created", "updated", "unread")


def whole(thread: Thread) -> dict[str, Any]:
    """A thread with all its messages."""
    return {**_common(thread), "messages": thread.messages}


def listed(thread: Thread) -> dict[str, Any]:
    """A thread of a list, with its last message."""
    return {**_common(thread), "message_count": thread.message_count, "last_message": thread.messages[-1]}


def _common(thread: Thread) -> dict[str, Any]:
    return {name: getattr(thread, name) for name in _SHOWN}
