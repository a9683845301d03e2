"""Accounts for admins: a page at a time, and searched. There is no index, since the platform writes accounts as well.

So accounts are found by SCAN, and a walk from page to page promises what that does (its documentation, "Scan
guarantees"): whoever has an account from its first page to its last is listed, some may be twice. One request looks at
accounts for a part of a second; what it has not come to, the next page goes on with.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from service.accounts.model import Account, Role, Status, account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_is_admin, known, profile_of
from service.accounts.store import find
from service.listing import LISTED, bad_cursor
from service.problems import InvalidField
from service.storage import scanning
from service.storage.client import Client
from service.storage.script import Script

_PAGE = Script.load("accounts/account", "accounts/page", returns=(str | None, str | None, str, int, [str]))

#: Longest text that is searched for, in characters: as an e-mail address may be.
LONGEST_SEARCH = 254

#: How long one request goes on searching, in seconds.
PATIENCE = 0.3

#: What part of it goes into others where an account has the very id that is searched for.
_OTHERS = 0.1

#: A step reads no more accounts than this, and looks at no more keys, so that it holds the server for some 2 ms.
_MOST_READ, _MOST_SEEN = 500, 5_000

#: A page has `LISTED` accounts or a few more; what would make it longer than this is read again in small steps.
_MOST_LISTED = 2 * LISTED

#: Fields of an account, as they are listed.
_FIELDS = ("status", "role", "name", "email", "locale")

#: How many accounts were read before, which servers there were, which of them is read, and the cursor of SCAN.
_CURSOR = re.compile(r"([0-9]{1,12})\.([0-9a-f]{8})\.([0-9]{1,3})\.([0-9]{1,20})")


class Search(NamedTuple):
    """Which accounts are listed; what is empty does not matter. `text` is in the id, the name or the e-mail address."""

    text: str = ""
    status: str = ""
    role: str = ""


class Page(NamedTuple):
    """Some accounts, sorted by name; how many were read since the first page; and the cursor to go on with, if any."""

    accounts: list[Account]
    read: int
    next: str | None


class _Place(NamedTuple):
    """Where a walk is: the accounts that it has read, the servers that it goes through, which is next, and where."""

    read: int
    servers: str
    server: int
    cursor: str


class _Step(NamedTuple):
    """What one step found, how many accounts it read, and SCAN's cursor after it: 0 at the end of a server."""

    accounts: list[Account]
    read: int
    cursor: str


def page(
    client: Client, caller: Caller, search: Search, *, cursor: str | None = None, patience: float = PATIENCE
) -> Page:
    """A page of the accounts that are searched for, for an admin; one whose id is the text is on the first page.

    It is searched for `patience` seconds and one step. Raises, in this order: NotAuthenticated, AccountNotActive,
    NotAnAdmin, InvalidField; and StorageUnavailable.
    """
    try:
        place, is_wanted = _parsed(cursor), _filter(search)
    except InvalidField:
        _check_is_admin(client, caller)
        raise
    if client.is_cluster:
        _check_is_admin(client, caller)
    servers = scanning.primaries(client) if client.is_cluster else [client.url.title]
    digest = sha256(",".join(servers).encode()).hexdigest()[:8]
    if place.servers != digest or place.server >= len(servers):
        place = place._replace(servers=digest, server=0, cursor="0")  # where servers came or went, cursors mean nothing

    def step(most: int) -> _Step:
        if client.is_cluster:
            return _step_on_cluster(client, servers[place.server], place.cursor, most)
        return _step(client, caller, search, place.cursor, most)

    text, exact = search.text.strip(), None
    if text and not cursor and (exact := find(client, text)):
        exact = exact if is_wanted(exact) else None
        patience *= _OTHERS
    found: dict[str, Account] = {}
    most, until = LISTED, time.monotonic() + patience
    while place.server < len(servers) and len(found) < LISTED:
        accounts, read, after = step(most)
        wanted = list(filter(is_wanted, accounts))
        if len(found) + len(wanted) > _MOST_LISTED and most > LISTED:
            most = LISTED
            continue
        found |= {account.id: account for account in wanted}
        is_through = after == "0"
        place = _Place(place.read + read, digest, place.server + is_through, after)
        most = min(2 * most, _MOST_READ)
        if time.monotonic() > until:
            break
    if cursor:
        found.pop(text, None)  # was on the first page
    elif exact:
        found[text] = exact
    following = ".".join(map(str, place)) if place.server < len(servers) else None
    return Page(sorted(found.values(), key=_order), place.read, following)


def _check_is_admin(client: Client, caller: Caller) -> None:
    found = profile_of(client, caller)
    check_is_admin(found.status, found.role)


def _parsed(cursor: str | None) -> _Place:
    """Where a cursor says that a walk is. Raises InvalidField."""
    if not cursor:
        return _Place(0, "", 0, "0")
    found = _CURSOR.fullmatch(cursor)
    if not found:
        raise bad_cursor()
    read, servers, server, scan = found.groups()
    if int(scan) >= 2**64:  # SCAN's are no larger
        raise bad_cursor()
    return _Place(int(read), servers, int(server), scan)


def _filter(search: Search) -> Callable[[Account], bool]:
    """What says whether an account is searched for: each word of the text is in it. Raises InvalidField."""
    text, status, role = search
    if len(text) > LONGEST_SEARCH:
        raise InvalidField("q", f"may have at most {LONGEST_SEARCH} characters")
    if status and status not in list(Status):
        raise InvalidField("status", f"must be one of {', '.join(Status)}")
    if role and role not in list(Role):
        raise InvalidField("role", f"must be one of {', '.join(Role)}")
    words = [folded(word) or word for word in text.split()]

    def is_wanted(account: Account) -> bool:
        if (status and account.status != status) or (role and account.role != role):
            return False
        if not words:
            return True
        looked_at = folded(f"{account.id}\n{account.name}\n{account.email}")
        return all(word in looked_at for word in words)

    return is_wanted


def folded(text: str) -> str:
    """Text as it is compared: without case and accents, so that "zoe" is in "Zoé" (Unicode, 3.13 and UAX 15)."""
    if text.isascii():
        return text.lower()
    # Once more after the case is gone: some letters become another one and an accent.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in text if not unicodedata.combining(one))


def _order(account: Account) -> tuple[str, str]:
    return folded(account.name or account.id), account.id


def _step(client: Client, caller: Caller, search: Search, cursor: str, most: int) -> _Step:
    """On one server, in one round trip. Texts are not compared there: it knows letters of ASCII alone."""
    begin: list[str | int] = [caller.generation, AMONG_VOTERS, account_key(""), cursor, most, _MOST_SEEN]
    status, role, after, read, found = client.run(_PAGE, [account_key(caller.id)], [*begin, search.status, search.role])
    check_is_admin(known(client, caller, status), role)
    size = 1 + len(_FIELDS)
    rows = (found[at : at + size] for at in range(0, len(found), size))
    return _Step([Account(*row) for row in rows], read, after)


def _step_on_cluster(client: Client, server: str, cursor: str, most: int) -> _Step:
    """On one server of a Cluster, in two round trips: a script reaches one slot there."""
    after, keys = scanning.step(client, server, cursor, account_key("*"), most)
    found = scanning.fields_of(client, keys, _FIELDS)
    accounts = [
        Account(key.removeprefix(account_key("")), status, role or Role.MEMBER, *(text or "" for text in texts))
        for key, (status, role, *texts) in zip(keys, found, strict=True)
        if status
    ]
    return _Step(accounts, len(accounts), after)
