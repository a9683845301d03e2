"""What a line of a backup tells: one subject, such as an account, a vote, a request or an act; never a key of Redis.

Each is checked by the functions that check it when it is made: alike when it is written and when it is read. What the
platform writes by itself, and this service lives with, is taken as it is, as long as it is short and printable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.accounts.model import may_be_stored
from service.audit import model as audit
from service.feedback import model as feedback
from service.history import model as history
from service.history.form import restored
from service.problems import ModuleRegistryError
from service.registry.reload import is_revision
from service.registry.schema import is_name
from service.storage.times import is_day
from service.webhooks.keys import CHANGES, QUEUES, REQUESTS
from service.wording import json_text

#: How many votes or days are in one line.
ITEMS = 1000

#: A line is shorter than this, in bytes.
LONGEST = 1024 * 1024

#: What ends later than Redis can say, in milliseconds since 1970; and the end of the calendar, in the year 10000, which
#: is more than any count, too.
_ENDS, _TIMES = 2**62, 253_402_300_800_000
#: More than a stream gets in a millisecond, and less than a cursor has room for.
_MOST_AT_ONCE = 10**9
_NUMBER = re.compile("[0-9]{1,15}")

#: What is raised for a line that no version of this service has written.
DAMAGED = (ModuleRegistryError, LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class InField(ValueError):
    """Its text is the name of the field that holds what no version of this service has written."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is told of a subject: what it is (a name of SUBJECTS), its name or id, and what is said of it."""

    subject: str
    name: str
    said: dict[str, Any]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Line:
        """The line that JSON has, which is not checked yet. Raises one of DAMAGED for what is none."""
        subject, *_ = value
        return cls(subject, value[subject], {name: value[name] for name in value if name != subject})

    def text(self) -> str:
        """The line as JSON."""
        return json_text({self.subject: self.name, **self.said})

    def check(self) -> None:
        """Raise one of DAMAGED for what no version of this service has written, InField where a field is to blame."""
        _check_texts([self.name, self.said])
        _expect(isinstance(self.name, str))
        SUBJECTS[self.subject](self.name, **self.said)


def encoded(text: str) -> bytes:
    """Text as Redis has it: bytes that are no UTF-8 stand in it as lone surrogates. Raises ValueError for others."""
    return text.encode("utf-8", "surrogateescape")


def flat(values: Mapping[str, Any]) -> list[bytes]:
    """Names and values in turn, as Redis has them. Raises ValueError as `encoded` does."""
    return [encoded(str(part)) for pair in values.items() for part in pair]


def entry_id(text: str) -> tuple[int, int]:
    """An id of a stream's entry, by which they are sorted. Raises ValueError for one that no clock has made."""
    found = re.fullmatch("([0-9]{1,20})-([0-9]{1,20})", text)
    time, number = (int(found[1]), int(found[2])) if found else (0, 0)
    _expect(0 < time < _TIMES and number < _MOST_AT_ONCE)
    return time, number


def _expect(is_so: object) -> None:
    if not is_so:
        raise ValueError


def _check_texts(value: Any) -> None:
    """Raise ValueError for text that cannot be sent."""
    if isinstance(value, str):
        encoded(value)
    elif isinstance(value, Mapping):
        _check_texts([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            _check_texts(each)


def _check_time(milliseconds: int) -> None:
    _expect(type(milliseconds) is int and 0 <= milliseconds < _TIMES)


def _check_number(text: str) -> None:
    """Check a time or a count that is stored as text."""
    _expect(_NUMBER.fullmatch(text))
    _check_time(int(text))


def _check_fields(fields: dict[str, str]) -> None:
    _expect(isinstance(fields, dict) and fields and all(isinstance(value, str) for value in fields.values()))


def _check_slugs(*slugs: str) -> None:
    _expect(all(map(is_name, slugs)))


def _check_stored(*names: str) -> None:
    """Check ids of accounts, or what is voted for: features of long ago may be called as no module could be."""
    _expect(all(map(may_be_stored, names)))


def _check_some(values: Iterable[Any], of_type: type) -> None:
    _expect(isinstance(values, of_type) and 0 < len(values) <= ITEMS)  # type: ignore[arg-type]


def _renamed(feature: str, /, to: str) -> None:
    _check_stored(feature, to)
    _expect(feature != to)


def _trend(feature: str, /, days: dict[str, int]) -> None:
    _check_stored(feature)
    _check_some(days, dict)
    _expect(all(is_day(day) and type(net) is int for day, net in days.items()))


def _votes(feature: str, /, of: list[str]) -> None:
    _check_stored(feature)
    _check_some(of, list)
    _check_stored(*of)


def _dismissed(account: str, /, modules: dict[str, int]) -> None:
    _check_stored(account)
    _check_some(modules, dict)
    _check_slugs(*modules)
    for at in modules.values():
        _check_time(at)


def _message(id: str, /, request: str, author: str, by: str, name: str, at: int, text: str) -> None:
    _expect(type(at) is int and isinstance(by, str) and feedback.is_id(request))
    feedback.check_message([id, author, by, name, str(at), text])


def _request(id: str, /, fields: dict[str, str], open: list[str]) -> None:
    _check_fields(fields)
    feedback.check_thread(id, fields)
    _expect(isinstance(open, list) and (not open or fields["status"] in feedback.GOING_ON))
    _check_slugs(*open)


def _event(id: str, /, of: str, says: str) -> None:
    entry_id(id)
    if of == CHANGES.name:
        history.decoded(id, says)
    else:
        _expect(of == REQUESTS.name)
        feedback.check_event(says)


def _events(of: str, /, last: str, added: int, deleted: str) -> None:
    _expect(of in [queue.name for queue in QUEUES] and type(added) is int and 0 <= added < _TIMES)
    _expect(deleted == "0-0" or entry_id(deleted) <= entry_id(last))


#: The fields of how far events are delivered (webhooks/lua/queue.lua), and what each can be.
_DELIVERY: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("position", "trying", "delivered", "failed"), entry_id),
    **dict.fromkeys(
        ("count", "lost", "ends", "first", "tries", "next", "delivered_at", "failed_at"),
        _check_number,
    ),
    **dict.fromkeys(("holder", "reason"), len),
}


def _delivery(of: str, /, fields: dict[str, str]) -> None:
    _expect(of in [queue.name for queue in QUEUES])
    _check_fields(fields)
    for name, text in fields.items():
        _DELIVERY[name](text)


def _registry(revision: str, /, form: str = "", seen: str = "") -> None:
    _expect(is_revision(revision))
    if form != "":
        restored(form)
    if seen != "":
        _check_number(seen)


def _revision(revision: str, /, at: int) -> None:
    _expect(is_revision(revision))
    _check_time(at)


def _released(slug: str, /, at: int) -> None:
    _check_slugs(slug)
    _check_time(at)


def _pseudonym(name: str, /, of: str) -> None:
    _expect(audit.is_pseudonym(name))
    _check_stored(of)


def _act(id: str, /, fields: dict[str, str], outcome: str | None = None) -> None:
    entry_id(id)
    _check_fields(fields)
    _expect(outcome is None or (isinstance(outcome, str) and "act" in fields))
    audit.check_entry(id, fields, outcome or "")


def _account(id: str, /, fields: dict[str, str], expires: int | None = None) -> None:
    """Its fields are the platform's to write; two of them are words, be they known here or not."""
    _check_stored(id)
    _check_fields(fields)
    for name in ("status", "role"):
        if (word := fields.get(name)) and not may_be_stored(word):
            raise InField(name)
    _expect(expires is None or (type(expires) is int and 0 < expires < _ENDS))


#: Every subject, and what checks its name and what is said of it.
SUBJECTS: dict[str, Callable[..., None]] = {
    "renamed": _renamed,
    "trend": _trend,
    "votes": _votes,
    "dismissed": _dismissed,
    "message": _message,
    "request": _request,
    "event": _event,
    "events": _events,
    "delivery": _delivery,
    "given_up": _event,
    "registry": _registry,
    "revision": _revision,
    "released": _released,
    "pseudonym": _pseudonym,
    "act": _act,
    "account": _account,
}
