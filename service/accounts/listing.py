"""Accounts for admins, a page at a time. There is no index, since the platform writes accounts as well.

So accounts are found by SCAN. As long as there are few, each page reads all, and the list is sorted by name. Of many,
a page is a piece of the walk, which promises what SCAN does (its documentation, "Scan guarantees"): whoever has an
account from its first page to its last is listed, some may be twice. One request looks at accounts for a part of a
second; what it has not come to, the next page goes on with.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from service.accounts.model import Account, Role, Status, account_key
from service.accounts.sessions import Caller, check_admin
from service.accounts.store import find
from service.problems import InvalidField
from service.storage.client import Client
from service.storage.entries import LISTED, Place, bad_cursor, cursor_after, place_after
from service.storage.script import Script
from service.wording import folded, having

_PAGE = Script.load("accounts/page", returns=(str, int, [str]))

#: How long one request goes on searching, in seconds.
PATIENCE = 0.3

#: A step reads no more accounts than this, and looks at no more keys, so that it holds the server for some 2 ms.
_MOST_READ, _MOST_SEEN = 500, 5_000

#: Accounts are few where so many steps come to the end: about 2,000 accounts.
_FEW_STEPS = 5

#: How many parts lua/page.lua tells of an account.
_PARTS = 6

#: How many accounts were read before, and the cursor of SCAN.
_PLACE = re.compile(r"([0-9]{1,12})\.([0-9]{1,20})")

#: How long a cursor may be where there are few, in bytes of the place by `order` that it names.
_LONGEST_PLACE = 2000

#: Longest text that is searched for, in characters: as an e-mail address may be.
LONGEST_SEARCH = 254

#: How much of a name counts for the order, in characters: it is in the cursor.
_SORTED = 40


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


class _Walk(NamedTuple):
    """How many accounts a walk has read, SCAN's cursor, which is None at the end, and whom it has met, by id."""

    read: int = 0
    cursor: str | None = "0"
    met: Mapping[str, Account] = {}


def page(client: Client, caller: Caller, search: Search, *, cursor: str | None = None) -> Page:
    """A page of the accounts that are searched for, for an admin.

    Of many accounts it looks at some for PATIENCE and one step; one whose id is the text comes at once.
    Raises, in this order: NotAuthenticated, AccountNotActive, NotAnAdmin, InvalidField; and StorageUnavailable.
    """
    check_admin(client, caller)
    begin, is_wanted = _parsed(cursor), _searching(search)
    if not isinstance(begin, _Walk):
        if few := _few(client, search, is_wanted, begin):
            return few
        exact = find(client, search.text.strip()) if search.text.strip() else None
        if exact and is_wanted(exact):
            return Page([exact], 1, "1.0")
        begin = _Walk()
    until = time.monotonic() + PATIENCE
    for walk in _walk(client, search, is_wanted, begin, LISTED):  # so that a page has less than as many again
        if len(walk.met) >= LISTED or time.monotonic() > until:
            break
    following = None if walk.cursor is None else f"{walk.read}.{walk.cursor}"
    return Page(sorted(walk.met.values(), key=order), walk.read, following)


def _few(client: Client, search: Search, is_wanted: Callable[[Account], bool], after: Place) -> Page | None:
    """The page behind somebody by the order of all; None where there are too many to read all of them."""
    *_, walk = islice(_walk(client, search, is_wanted, _Walk(), _MOST_READ), _FEW_STEPS)
    if walk.cursor is not None:
        return None
    left = sorted((account for account in walk.met.values() if order(account) > after), key=order)
    shown = left[:LISTED]
    following = cursor_after(order(shown[-1])) if len(left) > LISTED else None
    return Page(shown, walk.read, following, len(walk.met))


def _walk(
    client: Client, search: Search, is_wanted: Callable[[Account], bool], walk: _Walk, most: int
) -> Iterator[_Walk]:
    """Go on with a walk, by about `most` accounts a step, of which those that are wanted are met."""
    while walk.cursor is not None:
        # Texts are not compared by the script: it knows letters of ASCII alone.
        args: list[str | int] = [walk.cursor, most, _MOST_SEEN, search.status, search.role]
        cursor, read, parts = client.run(_PAGE, [account_key("")], args)
        accounts = [Account(*parts[at : at + _PARTS]) for at in range(0, len(parts), _PARTS)]
        wanted = {account.id: account for account in accounts if is_wanted(account)}
        walk = _Walk(walk.read + read, None if cursor == "0" else cursor, {**walk.met, **wanted})
        yield walk


def _parsed(cursor: str | None) -> _Walk | Place:
    """Where a cursor says that a walk is, or behind whom a page begins. Raises InvalidField."""
    if not cursor:
        return "", ""  # before every account: none has an empty id
    if after := place_after(cursor, _LONGEST_PLACE):
        return after
    if (place := _PLACE.fullmatch(cursor)) and int(place[2]) < 2**64:  # SCAN's are no larger
        return _Walk(int(place[1]), place[2])
    raise bad_cursor()


def _searching(search: Search) -> Callable[[Account], bool]:
    """What says whether an account is searched for: each word of the text is in it. Raises InvalidField."""
    text, status, role = search
    if len(text) > LONGEST_SEARCH:
        raise InvalidField("q", f"may have at most {LONGEST_SEARCH} characters")
    if status and status not in list(Status):
        raise InvalidField("status", f"must be one of {', '.join(Status)}")
    if role and role not in list(Role):
        raise InvalidField("role", f"must be one of {', '.join(Role)}")
    has_words = having(text)

    def is_wanted(account: Account) -> bool:
        is_such = status in ("", account.status) and role in ("", account.role)
        return is_such and has_words(f"{account.id}\n{account.name}\n{account.email}")

    return is_wanted


def name_key(name: str, account_id: str) -> str:
    """What people are sorted by who have a name, or none."""
    return folded(name or account_id)[:_SORTED]


def order(account: Account) -> Place:
    """What accounts are sorted by; the id decides between equals."""
    return name_key(account.name, account.id), account.id
