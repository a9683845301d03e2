"""Whom to tell that something shipped: the accounts that want a feature, for admins, a page at a time, or all in turn.

A walk from page to page promises what SSCAN does (its documentation, "Scan guarantees"): whoever has voted from its
first page to its last is listed, whoever votes or takes a vote back meanwhile may be, and some may be listed twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from service.accounts import actor
from service.accounts.model import LONGEST_EMAIL, Locale, account_key, shown_name
from service.accounts.sessions import AMONG_VOTERS, Caller, check_is_admin
from service.audit.model import Action, Actor
from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import canonical, ids_of
from service.interest.reason import Given, parsed
from service.problems import InvalidField, UnknownFeature
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.listing import bad_cursor, checked_limit
from service.storage.script import Script
from service.storage.times import is_day
from service.wording import closest, printable, shortened

_VOTERS = Script.load(
    "accounts/account", "interest/votes", "interest/voters", returns=(str | None, str | None, str, [str])
)

#: A feature of no more voters than this is listed in an order. The server keeps so many in one piece, which SSCAN
#: returns whole, where all ids are numbers (set-max-intset-entries, by default; of other ids 128).
_FEW = 512

#: How many voters one step of a walk through all of them reads: it keeps requests waiting for a millisecond or two.
_STEP = 500

_CURSOR = re.compile(r"[1-9][0-9]{0,2}\.[1-9][0-9]{0,2}\.(b|m[0-9]{1,20}|f([0-9a-f]{2}){1,4096})")


class Voter(NamedTuple):
    """An account that wants a feature, since which day (UTC), and why. What is not known is empty."""

    id: str
    name: str
    email: str
    locale: str
    status: str
    day: str = ""
    reason: Given = Given()

    @classmethod
    def of(cls, id: str, *account: str, day: str = "", reason: str = "") -> Voter:
        """What may be shown of what is stored: of an account that is there name, e-mail address, locale and status."""
        name, email, locale, status = account or ("",) * 4
        address = printable(email) if len(email) <= LONGEST_EMAIL else ""  # a part of it would be another one
        since = day if is_day(day) else ""
        return cls(id, shown_name(name), address, Locale.of(locale) or "", status, since, parsed(reason))


class Page(NamedTuple):
    """Some voters, and the cursor of the next page, if there is one."""

    voters: list[Voter]
    next: str | None


def page(
    client: Client,
    feature: str,
    registry: Registry,
    *,
    by: Actor,
    cursor: str | None = None,
    limit: str | None = None,
) -> Page:
    """A page of the accounts that want a feature or a module that was one, by any of its ids.

    That somebody begins such a list is recorded before it is handed out. Raises, in this order: NotAuthenticated,
    AccountNotActive, NotAnAdmin, InvalidField, UnknownFeature; and StorageUnavailable.
    """
    try:
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise bad_cursor()
        most = checked_limit(limit)
    except InvalidField:
        actor.check(client, by)
        raise
    return _page(client, feature, registry, by, cursor or "", most)


def walk(client: Client, feature: str, registry: Registry, *, by: Actor, is_recorded: bool = True) -> Iterator[Voter]:
    """All accounts that want a feature, each once, in small steps. That they are asked for is recorded before.

    Each step looks whether an account that asks is still an admin's. Raises what `page` does, at the first voter or a
    later one.
    """
    seen: set[str] = set()
    begin: str | None = ""
    while begin is not None:
        people, begin = _page(client, feature, registry, by, begin, _STEP, is_recorded=is_recorded)
        for voter in people:
            if voter.id not in seen:
                seen.add(voter.id)
                yield voter


def _page(
    client: Client, feature: str, registry: Registry, by: Actor, begin: str, most: int, *, is_recorded: bool = True
) -> Page:
    caller = None if by.account_id is None else Caller(by.account_id, by.generation)
    keys = [*VOTES_KEYS, account_key(""), *([account_key(caller.id)] if caller else [])]
    args: list[str | int] = [*(caller or Caller("")), AMONG_VOTERS, most, _FEW, begin, *ids_of(feature, registry)]
    status, role, following, parts = client.run(_VOTERS, keys, args)
    if caller is not None:
        check_is_admin(status, role)
    rows = (parts[start : start + 7] for start in range(0, len(parts), 7))
    people = [Voter.of(*row[:5], day=row[5], reason=row[6]) for row in rows]
    if not people:
        check_known(client, feature, registry)
    elif is_recorded and not begin:
        actor.record(client, by, Action.VOTERS_LISTED, about=shortened(feature))
    return Page(people, following or None)


def check_known(client: Client, feature: str, registry: Registry) -> None:
    """Raise UnknownFeature, with what was probably meant, for what no registry entry, vote or merge stands for.

    Raises StorageUnavailable.
    """
    names = {*registry.allowed_features, *registry.by_slug, *registry.renames, *registry.tombstones}
    [(kept, votes)] = canonical(client, [feature])
    if feature in names or kept != feature or votes:
        return
    meant = closest(feature, names) or None
    said = f"{shortened(feature)!r} is no feature, and nobody has voted for it"
    raise UnknownFeature(f"{said}{f': did you mean {meant}?' if meant else '.'}", suggestions={feature: meant})
