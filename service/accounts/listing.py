"""Accounts for admins, a page at a time. There is no index, since the platform writes accounts as well.

So accounts are found by SCAN. As long as there are few, each page reads all, and the list is sorted by name. Of many,
a page is a piece of the walk, which promises what SCAN does (its documentation, "Scan guarantees"): whoever has an
account from its first page to its last is listed, some may be twice. One request looks at accounts for a part of a
second; what it has not come to, the next page goes on with.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from service.accounts.model import Account, Role, Status, account_key
from service.accounts.sessions import AMONG_VOTERS, Caller, check_admin, check_is_admin, known
from service.accounts.store import find
from service.problems import InvalidField
from service.storage.client import Client
from service.storage.listing import LISTED, bad_cursor
from service.storage.script import Script

_PAGE = Script.load("accounts/account", "accounts/page", returns=(str | None, str | None, str, int, [str]))

#: How long one request goes on searching, in seconds.
PATIENCE = 0.3

#: What part of it goes into others where an account has the very id that is searched for.
_OTHERS = 0.1

#: A step reads no more accounts than this, and looks at no more keys, so that it holds the server for some 2 ms.
_MOST_READ, _MOST_SEEN = 500, 5_000

#: Accounts are few where the store has no more keys than this, and so many steps come to the end: about 2,000 accounts.
_FEW_KEYS, _FEW_STEPS = 20_000, 5

#: How many parts lua/page.lua tells of an account.
_PARTS = 6

#: How many accounts were read before, and the cursor of SCAN.
_PLACE = re.compile(r"([0-9]{1,12})\.([0-9]{1,20})")

#: Behind whom a page begins where there are few: see `order`.
_AFTER = re.compile("after-((?:[0-9a-f]{2}){1,2000})")

#: Longest text that is searched for, in characters: as an e-mail address may be.
LONGEST_SEARCH = 254

#: How much of a name counts for the order, in characters: it is in the cursor.
_SORTED = 40


#: What comes before every account in this order: none has an empty id.
FIRST = ("", "")


class Search(NamedTuple):
    """Which accounts are listed; what is empty does not matter. `text` is in the id, the name or the e-mail address."""

    text: str = ""
    status: str = ""
    role: str = ""


class Page(NamedTuple):
    """Some accounts, sorted by name; how many were read since the first page; and the cursor to go on with, if any.

    `total` is how many are searched for, where all were read.
    """

    accounts: list[Account]
    read: int
    next: str | None
    total: int | None = None


class _Place(NamedTuple):
    """Where a walk is: how many accounts it has read, and SCAN's cursor, which is None at the end."""

    read: int
    cursor: str | None


_START = _Place(0, "0")


def page(
    client: Client, caller: Caller, search: Search, *, cursor: str | None = None, patience: float = PATIENCE
) -> Page:
    """A page of the accounts that are searched for, for an admin; one whose id is the text is on the first page.

    Of many accounts it looks at some for `patience` seconds and one step. Raises, in this order: NotAuthenticated,
    AccountNotActive, NotAnAdmin, InvalidField; and StorageUnavailable.
    """
    try:
        place, is_wanted = _parsed(cursor), searching(search)
    except InvalidField:
        check_admin(client, caller)
        raise
    walk = _Walk(client, caller, search, is_wanted)
    if isinstance(place, _Place):
        return walk.page(place, patience)
    return walk.few(place) or walk.page(_START, patience, is_first=True)


class _Walk:
    """The accounts of a store, read in steps, for whoever searches."""

    def __init__(self, client: Client, caller: Caller, search: Search, is_wanted: Callable[[Account], bool]) -> None:
        self._client, self._caller, self._search, self._is_wanted = client, caller, search, is_wanted
        self._text = search.text.strip()

    def few(self, after: tuple[str, str]) -> Page | None:
        """The page behind somebody by the order of all; None where there are too many to read all of them."""
        if self._client.command("DBSIZE") > _FEW_KEYS:
            return None
        met: dict[str, Account] = {}
        place = _START
        for _ in range(_FEW_STEPS):
            wanted, place = self._step(place, _MOST_READ)
            met |= wanted
            if place.cursor is None:
                return self._sorted(met, after, place.read)
        return None

    def _sorted(self, met: dict[str, Account], after: tuple[str, str], read: int) -> Page:
        total, exact = len(met), met.pop(self._text, None)
        keys = {order(account): account for account in met.values()}
        left = sorted(key for key in keys if key > after)
        shown = [keys[key] for key in left[:LISTED]]
        following = f"after-{chr(10).join(left[LISTED - 1]).encode().hex()}" if len(left) > LISTED else None
        return Page([exact, *shown] if exact and after == FIRST else shown, read, following, total)

    def page(self, place: _Place, patience: float, *, is_first: bool = False) -> Page:
        """The page that begins at a place."""
        exact = None
        if is_first and self._text and (exact := find(self._client, self._text)):
            exact = exact if self._is_wanted(exact) else None
            patience *= _OTHERS
        met: dict[str, Account] = {}
        until = time.monotonic() + patience
        while place.cursor is not None and len(met) < LISTED:
            wanted, place = self._step(place, LISTED)  # so that a page has so many, and less than as many again
            met |= wanted
            if time.monotonic() > until:
                break
        met.pop(self._text, None)  # is on the first page
        if exact:
            met[exact.id] = exact
        following = None if place.cursor is None else f"{place.read}.{place.cursor}"
        return Page(sorted(met.values(), key=order), place.read, following)

    def _step(self, place: _Place, most: int) -> tuple[dict[str, Account], _Place]:
        """Those that are wanted of about `most` accounts, by id, and where to go on."""
        # Texts are not compared by the script: it knows letters of ASCII alone.
        begin: list[str | int] = [self._caller.generation, AMONG_VOTERS, account_key(""), place.cursor or "0", most]
        args = [*begin, _MOST_SEEN, self._search.status, self._search.role]
        status, role, cursor, read, parts = self._client.run(_PAGE, [account_key(self._caller.id)], args)
        check_is_admin(known(self._client, self._caller, status), role)
        accounts = [Account(*parts[at : at + _PARTS]) for at in range(0, len(parts), _PARTS)]
        wanted = {account.id: account for account in accounts if self._is_wanted(account)}
        return wanted, _Place(place.read + read, None if cursor == "0" else cursor)


def _parsed(cursor: str | None) -> _Place | tuple[str, str]:
    """Where a cursor says that a walk is, or behind whom a page begins. Raises InvalidField."""
    if not cursor:
        return FIRST
    if after := _AFTER.fullmatch(cursor):
        name, _, account_id = bytes.fromhex(after[1]).decode(errors="replace").rpartition("\n")
        return name, account_id
    if (place := _PLACE.fullmatch(cursor)) and int(place[2]) < 2**64:  # SCAN's are no larger
        return _Place(int(place[1]), place[2])
    raise bad_cursor()


def searching(search: Search) -> Callable[[Account], bool]:
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
        looked_at = folded(f"{account.id}\n{account.name}\n{account.email}")
        is_such = status in ("", account.status) and role in ("", account.role)
        return is_such and all(word in looked_at for word in words)

    return is_wanted


def folded(text: str) -> str:
    """Text as it is compared: without case and accents, so that "zoe" is in "Zoé" (Unicode, 3.13 and UAX 15)."""
    if text.isascii():
        return text.lower()
    # Once more after the case is gone: some letters become another one and an accent.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def order(account: Account) -> tuple[str, str]:
    """What accounts are sorted by."""
    return folded(account.name or account.id)[:_SORTED], account.id
