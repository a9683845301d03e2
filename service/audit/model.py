"""Who acts, what they do, and what is recorded of it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from service.problems import InvalidField
from service.storage.entries import bad_cursor, moment_of
from service.wording import printable, shortened

#: How many entries are kept where AUDIT_LENGTH does not say.
DEFAULT_LENGTH = 100_000

#: Longest name of whoever runs a command, in characters; an account id is as long at most.
LONGEST_ID = 128

#: More characters than an entry has: ids, numbers and a sentence.
_LONGEST_ENTRY = 5_000

#: The fields of an entry; one that has an outcome, or waits for one, has the field `act`, too.
_FIELDS = ("way", "who", "what", "whom", "about", "before", "after")

#: Most days back from today that a list can begin.
_MOST_DAYS = 3660


class Way(StrEnum):
    """How somebody acts: signed in, by a page or over HTTP; or as a user of a machine, by a command; or it is what a
    provider of identities says of those who sign in with it."""

    ACCOUNT = "account"
    COMMAND_LINE = "command line"
    PROVIDER = "provider"


class Action(StrEnum):
    """What is recorded."""

    ACCOUNT_ADDED = "account-added"
    STATUS_CHANGED = "status-changed"
    ROLE_CHANGED = "role-changed"
    NAME_CHANGED = "name-changed"
    EMAIL_CHANGED = "email-changed"
    LOCALE_CHANGED = "locale-changed"
    SIGNED_OUT = "signed-out"
    LINK_MADE = "link-made"
    DATA_EXPORTED = "data-exported"
    PERSON_ERASED = "person-erased"
    REQUEST_ANSWERED = "request-answered"
    REQUEST_CHANGED = "request-changed"
    VOTERS_LISTED = "voters-listed"
    VOTES_EXPORTED = "votes-exported"
    VOTES_IMPORTED = "votes-imported"
    VOTES_MERGED = "votes-merged"
    VOTES_DELETED = "votes-deleted"
    WEBHOOKS_RETRIED = "webhooks-retried"
    BACKUP_MADE = "backup-made"
    STORE_RESTORED = "store-restored"


class Actor(NamedTuple):
    """Who acts: an account by its id, with the generation that its session carries; or a user of a machine, or a
    provider of identities, by name.

    `keeps` is how many entries are left when the act has been recorded (AUDIT_LENGTH).
    """

    way: Way
    name: str
    generation: str = ""
    keeps: int = DEFAULT_LENGTH

    @classmethod
    def account(cls, account_id: str, generation: str = "", *, keeps: int = DEFAULT_LENGTH) -> Actor:
        """Whoever is signed in with an account."""
        return cls(Way.ACCOUNT, account_id, generation, keeps)

    @classmethod
    def command_line(cls, login: str, *, keeps: int = DEFAULT_LENGTH) -> Actor:
        """Whoever runs a command, by the name that the system has for them."""
        return cls(Way.COMMAND_LINE, shortened(printable(login), LONGEST_ID), keeps=keeps)

    @property
    def account_id(self) -> str | None:
        """The account that acts; None where it is a command or a provider."""
        return self.name if self.way is Way.ACCOUNT else None

    def signature(self) -> str:
        """What scripts are told of who acts, with pseudonyms for the two people of an entry who may have none yet."""
        fresh = {person: secrets.token_hex(6) for person in ("who", "whom")}
        return json.dumps({"way": self.way, "name": self.name, "keeps": self.keeps} | fresh)


class Outcome(StrEnum):
    """How an act ended. One whose end nobody told, as of a process that was killed, may have been done: unconfirmed."""

    DONE = "done"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


class Party(NamedTuple):
    """Somebody in an entry: by pseudonym, and the account id as long as the person has not been erased.

    Whoever ran a command has neither, but a `login`, and a provider has the name of its host there.
    """

    pseudonym: str = ""
    account_id: str | None = None
    login: str = ""

    @property
    def text(self) -> str:
        """The account id or the login; of whoever was erased the pseudonym."""
        return self.account_id or self.login or self.pseudonym


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who did what, on whom or about what, and what was before and after it, where that may be said.

    `why` is the kind of error of one that failed.
    """

    id: str
    at: datetime
    way: Way
    who: Party
    what: str
    whom: Party | None
    about: str
    before: str
    after: str
    outcome: Outcome
    why: str = ""


class Page(NamedTuple):
    """Some entries, newest first, the cursor of the next page, if there is one, and how many could not be read."""

    entries: tuple[Entry, ...]
    next: str | None
    unreadable: int


def is_pseudonym(text: str) -> bool:
    """Whether a person can be called so."""
    return re.fullmatch("[0-9a-f]{12}", text) is not None


def check_entry(id: str, fields: Mapping[str, str], outcome: str) -> None:
    """Raise ValueError or TypeError for an entry that no script of ours has recorded (lua/record.lua)."""
    names = tuple(fields)  # whose order lua/page.lua knows
    if (
        names not in (_FIELDS, (*_FIELDS, "act"))
        or fields.get("act") == ""
        or not re.fullmatch("[a-z-]{1,40}", fields["what"])
    ):
        raise ValueError("it is no act")
    if sum(map(len, fields.values())) + len(outcome) > _LONGEST_ENTRY:
        raise ValueError("it is longer than any act")
    entry = parsed({"id": id, "act": "", "outcome": outcome, "who_id": "", "whom_id": "", **fields})
    people = [party.pseudonym for party in (entry.who, entry.whom) if party and not party.login]
    if not all(map(is_pseudonym, people)) or len(entry.who.text) > LONGEST_ID:
        raise ValueError("somebody in it has no pseudonym")


def checked_cursor(value: str | None) -> str:
    """The id of the last entry of the page before, or nothing. Raises InvalidField."""
    if value is not None and not re.fullmatch(r"(?!0+-0+$)[0-9]{1,16}-[0-9]{1,16}", value):  # no entry has 0-0
        raise bad_cursor()
    return value or ""


def checked_since(value: str | None) -> datetime | None:
    """When a list begins, in UTC: on a day such as 2026-11-26, or so many days ago, of which today is one.

    Raises InvalidField.
    """
    if value is None:
        return None
    if re.fullmatch("[1-9][0-9]{0,3}", value) and int(value) <= _MOST_DAYS:
        day = datetime.now(UTC).date() - timedelta(days=int(value) - 1)
    else:
        try:
            day = datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            raise InvalidField(
                "since", f"must be a day such as 2026-11-26, or a number of days from 1 to {_MOST_DAYS}"
            ) from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def parsed(fields: dict[str, str]) -> Entry:
    """An entry as a script shows it. Raises ValueError, TypeError or KeyError for what is damaged."""
    way = Way(fields["way"])
    known = way is Way.ACCOUNT
    who = Party(fields["who"], fields["who_id"] or None) if known else Party(login=fields["who"])
    ended: dict[str, Any] = json.loads(fields["outcome"]) if fields["outcome"] else {}
    outcome = Outcome(ended.get("outcome", Outcome.UNCONFIRMED)) if fields["act"] else Outcome.DONE
    before, after, why = (str(ended.get(name, fields.get(name, ""))) for name in ("before", "after", "why"))
    (before + after + why).encode()  # an escape of JSON may stand for half of a character
    whom = Party(fields["whom"], fields["whom_id"] or None) if fields["whom"] else None
    about = (fields["what"], whom, fields["about"], before, after)
    return Entry(fields["id"], moment_of(fields["id"]), way, who, *about, outcome, why)
