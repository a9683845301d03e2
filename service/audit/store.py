"""Recording what admins do, and reading it.

What one script does is recorded by that script, which begins with lua/record.lua. What takes several steps is recorded
by `intended`: what is to be done, before it, and how it ended, after.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from types import NoneType

from service.audit.keys import AUDIT_KEYS, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.audit.model import Action, Actor, Entry, Outcome, Page, parsed
from service.problems import ModuleRegistryError, StorageUnavailable
from service.storage.client import Client
from service.storage.script import Script
from service.wording import printable, shortened

_INTEND = Script.load("audit/record", "audit/intend", returns=NoneType)
_CONCLUDE = Script.load("audit/conclude", returns=NoneType)
_PAGE = Script.load("audit/page", returns=(str, list))

#: How many entries one step looks at: some milliseconds.
_LOOKED = 1000


@dataclass(slots=True)
class Act:
    """What is being done; `before` and `after` are recorded with how it ended, so they can be set meanwhile."""

    before: str
    after: str


@contextmanager
def intended(
    client: Client, by: Actor, what: Action, *, whom: str = "", about: str = "", before: str = "", after: str = ""
) -> Iterator[Act]:
    """Record what is about to be done inside, and how it ended.

    `whom` is an account id. Where the first cannot be recorded nothing is done. What is refused inside is recorded as
    failed. Where the store did not answer, or the process ends, nobody knows: then the act stays unconfirmed. Raises
    StorageUnavailable.
    """
    act, name = Act(before, after), secrets.token_hex(8)
    client.run(_INTEND, AUDIT_KEYS, [by.signature(), name, what, whom, about, before, after], writes=True)
    try:
        yield act
    except StorageUnavailable:
        raise
    except Exception as error:
        kind = type(error).__name__ if isinstance(error, ModuleRegistryError) else "unexpected"
        _conclude(client, name, act, Outcome.FAILED, kind)
        raise
    _conclude(client, name, act, Outcome.DONE)


def _conclude(client: Client, name: str, act: Act, outcome: Outcome, why: str = "") -> None:
    said = json.dumps({"outcome": outcome, "before": act.before, "after": act.after, "why": why})
    client.run(_CONCLUDE, [OUTCOMES_KEY], [name, said], writes=True)


def page(
    client: Client,
    size: int,
    *,
    cursor: str = "",
    who: str | None = None,
    what: Action | None = None,
    since: datetime | None = None,
) -> Page:
    """Up to `size` entries, newest first, from behind the one whose id is `cursor`.

    `who` is an account id, a pseudonym or a user of a machine, and has the entries by them and about them. Raises
    StorageUnavailable.
    """
    oldest = f"{max(0, int(since.timestamp() * 1000))}-0" if since else "-"  # no id is older than 1970
    entries: list[Entry] = []
    more, looked_at = True, 0
    while more and len(entries) <= size:
        wanted: list[str | int] = [size + 1 - len(entries), _LOOKED, who or "", what or ""]
        cursor, rows = client.run(_PAGE, AUDIT_KEYS, [cursor, oldest, *wanted])
        looked_at += len(rows)
        for row in rows:
            with suppress(StorageUnavailable):  # what cannot be read is in the log
                entries.append(_entry(client, row))
        more = bool(cursor)
    following = entries[size - 1].id if len(entries) > size else None
    return Page(tuple(entries[:size]), following, looked_at - len(entries))


def entries(
    client: Client, *, who: str | None = None, what: Action | None = None, since: datetime | None = None
) -> Iterator[Entry]:
    """All entries that `page` has, in steps. Raises StorageUnavailable."""
    cursor = ""
    while True:
        found = page(client, _LOOKED, cursor=cursor, who=who, what=what, since=since)
        yield from found.entries
        if found.next is None:
            return
        cursor = found.next


def _entry(client: Client, row: list[str]) -> Entry:
    try:
        return parsed(dict(zip(row[::2], row[1::2], strict=True)))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError) as error:
        raise client.damaged(f"an entry of {AUDIT_KEYS[0]}: {printable(shortened(str(error)))}") from None


def pseudonym_of(client: Client, account_id: str) -> str | None:
    """What entries call a person, if there are or were some. Raises StorageUnavailable."""
    found: str | None = client.command("HGET", PSEUDONYMS_KEY, account_id)
    return found


def forget(client: Client, account_id: str) -> bool:
    """Forget whom a pseudonym stands for, for good; returns whether there was one. Raises StorageUnavailable."""
    pseudonym = pseudonym_of(client, account_id)
    if pseudonym is None:
        return False
    client.command("HDEL", PEOPLE_KEY, pseudonym)
    client.command("HDEL", PSEUDONYMS_KEY, account_id)
    return True
