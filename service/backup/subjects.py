"""What a line of a backup tells: one subject, such as an account, a vote, a request or an act; never a key of Redis.

Each is checked by the functions that check it when it is made: alike when it is written and when it is read. What the
platform writes by itself, and this service lives with, is taken as it is, as long as it is short and printable.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from service.accounts.model import may_be_stored
from service.audit import model as audit
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.feedback import model as feedback
from service.history import model as history
from service.history.finding import restored
from service.history.store import MOST_OF_SLUG, REGISTRY_KEY, RELEASED_KEY, REVISIONS_KEY, of_key
from service.interest import reason
from service.interest.keys import RENAMES_KEY, dismissed_key
from service.problems import ModuleRegistryError
from service.registry.loading.reload import is_revision
from service.registry.schema import is_name
from service.storage.entries import END, is_day, is_time
from service.usage.store import is_field, uses_key
from service.webhooks.store import CHANGES, QUEUES

Command = tuple[str | int, ...]

#: The JSON of a line.
Line = dict[str, Any]

#: How many votes or days are in one line, and how many reasons.
ITEMS, REASONS = 1000, 100

#: What ends later than Redis can say, in milliseconds since 1970.
_ENDS = 2**62
#: More than a stream gets in a millisecond, and less than a cursor has room for.
_MOST_AT_ONCE = 10**9
#: Nothing is counted on a day before the first of these years, or of the second or later: it is read whole.
_YEARS = "1970", "2100"

_QUEUES = {queue.name: queue for queue in QUEUES}

#: What is raised for a line that no version of this service has written.
DAMAGED = (ModuleRegistryError, LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class InField(ValueError):
    """Its text is the name of the field that holds what no version of this service has written."""


def subject_of(line: Line) -> str:
    """What a line tells of: its first name, whose value is that of the subject."""
    return next(iter(line), "")


def commands(line: Line) -> list[Command]:
    """The commands that write what a line tells, but for what scripts restore.

    Raises one of DAMAGED for what no version of this service has written, InField where a field is to blame.
    """
    return SUBJECTS[subject_of(line)](**line) or []


def encoded(part: str | int) -> bytes:
    """A part of a command. Raises ValueError for text that Redis cannot have."""
    return str(part).encode("utf-8", "surrogateescape")


def expect(is_so: object) -> None:
    """Raise ValueError where something is not so."""
    if not is_so:
        raise ValueError


def entry_id(text: str) -> tuple[int, int]:
    """An id of a stream's entry, by which they are sorted. Raises ValueError for one that no clock has made."""
    parts = re.fullmatch("([0-9]{1,20})-([0-9]{1,20})", text)
    time, number = map(int, parts.groups()) if parts else (0, 0)
    expect(0 < time < END and number < _MOST_AT_ONCE)
    return time, number


def flat(values: Mapping[str, Any]) -> list[Any]:
    """Names and values in turn, as commands take them."""
    return [part for pair in values.items() for part in pair]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(text: str) -> bool:
    """Whether it is a time, or a count, which is never more, that is stored as text."""
    return re.fullmatch("[0-9]{1,15}", text) is not None and is_time(int(text))


def _are_some(values: Any, of_type: type) -> bool:
    return isinstance(values, of_type) and 0 < len(values) <= ITEMS  # type: ignore[arg-type]


def _is_counted_on(day: str) -> bool:
    """Whether this is a day on which something may have been counted; all of them together are read at once."""
    return is_day(day) and _YEARS[0] < day < _YEARS[1]


def _are_fields(fields: Any) -> bool:
    return isinstance(fields, dict) and bool(fields) and all(map(_is_text, fields.values()))


def _renamed(renamed: str, to: str) -> list[Command]:
    """Features of long ago may be called as no module could be."""
    expect(may_be_stored(renamed) and may_be_stored(to))
    return [("HSET", RENAMES_KEY, renamed, to)]


def _trend(trend: str, days: dict[str, int]) -> None:
    expect(may_be_stored(trend) and _are_some(days, dict))
    expect(all(_is_counted_on(day) and type(net) is int for day, net in days.items()))


def _votes(votes: str, of: list[str]) -> None:
    expect(may_be_stored(votes) and _are_some(of, list) and all(map(may_be_stored, of)))


def _voted(voted: str, on: dict[str, str]) -> None:
    expect(may_be_stored(voted) and _are_some(on, dict))
    expect(all(may_be_stored(account) and is_day(day) for account, day in on.items()))


def _reasons(reasons: str, by: dict[str, list[Any]]) -> None:
    expect(may_be_stored(reasons) and _are_some(by, dict))
    given = {account: reason.Given(*each) for account, each in by.items()}
    expect(all(is_time(each.at) and reason.checked(each.text) == each.text != "" for each in given.values()))
    expect(all(map(may_be_stored, given)))


def _dismissed(dismissed: str, modules: dict[str, int]) -> list[Command]:
    expect(may_be_stored(dismissed) and _are_some(modules, dict))
    expect(all(is_name(slug) and is_time(at) for slug, at in modules.items()))
    return [("HSET", dismissed_key(dismissed), *flat(modules))]


def _message(message: str, request: str, author: str, by: str, name: str, at: int, text: str) -> None:
    expect(feedback.is_id(request) and _is_text(by) and is_time(at))
    feedback.check_message([message, author, by, name, str(at), text])


def _request(request: str, fields: dict[str, str], open: list[str]) -> None:
    expect(_are_fields(fields) and isinstance(open, list) and all(map(is_name, open)))
    feedback.check_thread(request, fields)
    expect(not open or (fields["status"] in feedback.GOING_ON and len(open) <= feedback.MOST_NAMES))


def _event(event: str, of: str, says: str) -> list[Command]:
    commands: list[Command] = [("XADD", _QUEUES[of].stream, event, "event", says)]
    if of == CHANGES.name:
        history.decoded(event, says)
        changes = of_key(json.loads(says)["slug"])
        commands += [("LPUSH", changes, event), ("LTRIM", changes, 0, MOST_OF_SLUG - 1)]
    else:
        feedback.check_event(says)
    expect(entry_id(event))
    return commands


def _events(events: str, last: str, added: int, deleted: str) -> list[Command]:
    expect(is_time(added) and (deleted == "0-0" or entry_id(deleted) <= entry_id(last)))
    return [("XSETID", _QUEUES[events].stream, last, "ENTRIESADDED", added, "MAXDELETEDID", deleted)]


#: The fields of how far events are delivered (webhooks/lua/queue.lua), and what each can be.
_DELIVERY: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("position", "trying", "delivered", "failed"), entry_id),
    **dict.fromkeys(("count", "lost", "ends", "first", "tries", "next", "delivered_at", "failed_at"), _is_number),
    **dict.fromkeys(("holder", "reason"), _is_text),
}


def _delivery(delivery: str, fields: dict[str, str]) -> list[Command]:
    expect(_are_fields(fields) and all(_DELIVERY[name](text) for name, text in fields.items()))
    return [("HSET", _QUEUES[delivery].state_key, *flat(fields))]


def _given_up(given_up: str, of: str, says: str) -> list[Command]:
    _event(given_up, of, says)
    return [("HSET", _QUEUES[of].given_up_key, given_up, says)]


def _registry(registry: str, **said: str) -> list[Command]:
    expect(is_revision(registry) and said.keys() <= {"form", "seen"})
    expect(said.get("form", "") == "" or restored(said["form"]) is not None)
    expect(said.get("seen", "") == "" or _is_number(said["seen"]))
    return [("HSET", REGISTRY_KEY, "revision", registry, *flat(said))]


def _revision(revision: str, at: int) -> list[Command]:
    expect(is_revision(revision) and is_time(at))
    return [("ZADD", REVISIONS_KEY, at, revision)]


def _released(released: str, at: int) -> list[Command]:
    expect(is_name(released) and is_time(at))
    return [("HSET", RELEASED_KEY, released, at)]


def _uses(uses: str, counted: dict[str, Any], expires: int) -> list[Command]:
    """Requests by day and kind of client, and the days since and until which they are counted."""
    expect(is_name(uses) and _are_some(counted, dict) and type(expires) is int and 0 < expires < _ENDS)
    for name, value in counted.items():
        expect(
            _is_counted_on(value)
            if name in ("since", "until")
            else is_field(name) and _is_counted_on(name[:10]) and is_time(value) and is_time(2 * value)
        )
    return [("HSET", uses_key(uses), *flat(counted)), ("PEXPIREAT", uses_key(uses), expires)]


def _pseudonym(pseudonym: str, of: str) -> list[Command]:
    expect(audit.is_pseudonym(pseudonym) and may_be_stored(of))
    return [("HSET", PSEUDONYMS_KEY, of, pseudonym), ("HSET", PEOPLE_KEY, pseudonym, of)]


def _act(act: str, fields: dict[str, str], outcome: str | None = None) -> list[Command]:
    expect(entry_id(act) and _are_fields(fields) and (outcome is None or _is_text(outcome)))
    audit.check_entry(act, fields, outcome or "")
    ended = [] if outcome is None else [("HSET", OUTCOMES_KEY, fields["act"], outcome)]
    return [("XADD", ENTRIES_KEY, act, *flat(fields)), *ended]


def _account(account: str, fields: dict[str, str], expires: int = 1) -> None:
    """Its fields are the platform's to write; two of them are words, be they known here or not."""
    expect(may_be_stored(account) and _are_fields(fields) and type(expires) is int and 0 < expires < _ENDS)
    for name in ("status", "role"):
        if (word := fields.get(name)) and not may_be_stored(word):
            raise InField(name)


#: Every subject, and what checks its name and what is said of it, and makes the commands that write it, if any do.
SUBJECTS: dict[str, Callable[..., list[Command] | None]] = {
    function.__name__.removeprefix("_"): function
    for function in (
        *(_renamed, _trend, _votes, _voted, _reasons, _dismissed, _message, _request, _event, _events),
        *(_delivery, _given_up, _registry, _revision, _released, _uses, _pseudonym, _act, _account),
    )
}
