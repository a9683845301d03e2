"""Reading what admins did, and forgetting who they are. A script that does something records it (lua/record.lua)."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict, Unpack

from service.audit.model import Action, Entry, Page, parsed
from service.storage.client import Client
from service.storage.form import key
from service.storage.script import Script
from service.wording import printable, shortened

#: Stream: the entries. They hold pseudonyms of people, and neither an account id nor a name.
ENTRIES_KEY = key("audit", "entries")

#: Hash: id of an act that takes several steps -> how it ended, in JSON; nothing as long as that is not known.
OUTCOMES_KEY = key("audit", "outcomes")

#: Hash: account id -> pseudonym.
PSEUDONYMS_KEY = key("audit", "pseudonyms")

#: Hash: pseudonym -> account id.
PEOPLE_KEY = key("audit", "people")

#: What every script that records is called with, in this order: see lua/record.lua.
AUDIT_KEYS = [ENTRIES_KEY, OUTCOMES_KEY, PSEUDONYMS_KEY, PEOPLE_KEY]

_PAGE = Script.load("audit/page", returns=(str, list))

#: How many entries one step looks at: some milliseconds.
_LOOKED = 1000


class Wanted(TypedDict, total=False):
    """Which entries: by and about an account id, a pseudonym or a user of a machine; of one kind; from then on."""

    who: str | None
    what: Action | None
    since: datetime | None


def page(client: Client, size: int, *, cursor: str = "", **wanted: Unpack[Wanted]) -> Page:
    """Up to `size` entries, newest first, from behind the one whose id is `cursor`. Raises StorageUnavailable."""
    shown: list[Entry] = []
    unreadable = 0
    for entry in _walk(client, size + 1, cursor, wanted):
        if entry is None:
            unreadable += 1
        elif len(shown) < size:
            shown.append(entry)
        else:
            return Page(tuple(shown), shown[-1].id, unreadable)
    return Page(tuple(shown), None, unreadable)


def entries(client: Client, **wanted: Unpack[Wanted]) -> Iterator[Entry]:
    """All entries that `page` has. Raises StorageUnavailable."""
    return filter(None, _walk(client, _LOOKED, "", wanted))


def _walk(client: Client, most: int, cursor: str, wanted: Wanted) -> Iterator[Entry | None]:
    """Entries behind one, at most so many a step; None for each that cannot be read, which the log tells."""
    since, filters = wanted.get("since"), [wanted.get("who") or "", wanted.get("what") or ""]
    oldest = f"{max(0, int(since.timestamp() * 1000))}-0" if since else "-"  # no id is older than 1970
    while True:
        cursor, rows = client.run(_PAGE, AUDIT_KEYS, [cursor, oldest, most, _LOOKED, *filters])
        for row in rows:
            try:
                yield parsed(dict(zip(row[::2], row[1::2], strict=True)))
            except (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError) as error:
                client.damaged(f"an entry of {ENTRIES_KEY}: {printable(shortened(str(error)))}")
                yield None
        if not cursor:
            return


def pseudonym_of(client: Client, account_id: str) -> str | None:
    """What entries call a person, if there are or were some. Raises StorageUnavailable."""
    pseudonym: str | None = client.command("HGET", PSEUDONYMS_KEY, account_id)
    return pseudonym


def forget(client: Client, account_id: str) -> bool:
    """Forget whom a pseudonym stands for, for good; returns whether there was one. Raises StorageUnavailable."""
    pseudonym = pseudonym_of(client, account_id)
    if pseudonym is not None:
        client.command("HDEL", PEOPLE_KEY, pseudonym)
        client.command("HDEL", PSEUDONYMS_KEY, account_id)
    return pseudonym is not None
