"""Whom to tell that something shipped: the accounts that want a feature, for admins, a page at a time.

A walk from page to page promises what SSCAN does (its documentation, "Scan guarantees"): whoever has voted from its
first page to its last is listed, whoever votes or takes a vote back meanwhile may be, and some may be listed twice.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from service.accounts import acting
from service.accounts import store as accounts
from service.accounts.sessions import AMONG_VOTERS, Caller, check_is_admin, known, profile_of
from service.accounts.store import account_key, shown_name
from service.audit.model import Action, Actor
from service.interest.keys import VOTES_KEYS
from service.interest.maintenance import canonical, ids_of, voters
from service.listing import bad_cursor, checked_limit
from service.problems import InvalidField, UnknownFeature
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script
from service.wording import Spelling, printable, shortened

_VOTERS = Script.load(
    "accounts/account", "interest/votes", "interest/voters", returns=(str | None, str | None, str, [str])
)

#: A feature of no more voters than this is listed in an order. The server keeps so many in one piece, which SSCAN
#: returns whole, where all ids are numbers (set-max-intset-entries, by default; of other ids 128).
_FEW = 512

_CURSOR = re.compile(r"[1-9][0-9]{0,2}\.[1-9][0-9]{0,2}\.(b|m[0-9]{1,20}|f([0-9a-f]{2}){1,4096})")


class Voter(NamedTuple):
    """An account that wants a feature; the name is empty where it has none, or is gone."""

    id: str
    name: str


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
    """A page of the accounts that want a feature or a module that was one, by any of its ids, for an account that asks.

    That somebody begins such a list is recorded before it is handed out. Raises, in this order: NotAuthenticated,
    AccountNotActive, NotAnAdmin, InvalidField, UnknownFeature; and StorageUnavailable.
    """
    caller = Caller(by.name, by.generation)
    try:
        begin, most = _checked_cursor(cursor), checked_limit(limit)
    except InvalidField:
        _check_is_admin(client, caller)
        raise
    if client.is_cluster:
        _check_is_admin(client, caller)
    keys = VOTES_KEYS if client.is_cluster else [*VOTES_KEYS, account_key(caller.id), account_key("")]
    args: list[str | int] = [*caller, AMONG_VOTERS, most, _FEW, begin, *ids_of(feature, registry)]
    status, role, following, found = client.run(_VOTERS, keys, args)
    if not client.is_cluster:
        check_is_admin(known(client, caller, status), role)
    people = [
        Voter(id, shown_name(name or _name(client, id))) for id, name in zip(found[::2], found[1::2], strict=True)
    ]
    if not people:
        check_known(client, feature, registry)
    elif not begin:
        _record(client, feature, by)
    return Page(people, following or None)


def everyone(client: Client, feature: str, registry: Registry, *, by: Actor) -> list[Voter]:
    """All of them at once, by their ids; that is recorded where there are some.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and StorageUnavailable.
    """
    acting.check(client, by)
    ids = sorted(voters(client, feature, registry))
    people = [Voter(id, account.name if (account := accounts.find(client, id)) else "") for id in ids]
    if people:
        _record(client, feature, by)
    return people


def _record(client: Client, feature: str, by: Actor) -> None:
    with acting.intended(client, by, Action.VOTERS_LISTED, about=shortened(feature)):
        pass


def _check_is_admin(client: Client, caller: Caller) -> None:
    found = profile_of(client, caller)
    check_is_admin(found.status, found.role)


def _checked_cursor(value: str | None) -> str:
    if value is not None and not _CURSOR.fullmatch(value):
        raise bad_cursor()
    return value or ""


def _name(client: Client, account_id: str) -> str:
    """The name of an account that the script could not reach: on a Cluster it is in another slot."""
    account = accounts.find(client, account_id) if client.is_cluster else None
    return account.name if account else ""


def check_known(client: Client, feature: str, registry: Registry) -> None:
    """Raise UnknownFeature, with what was probably meant, for what no registry entry, vote or merge stands for.

    Raises StorageUnavailable.
    """
    names = {*registry.allowed_features, *registry.by_slug, *registry.renames, *registry.tombstones}
    [(kept, votes)] = canonical(client, [feature])
    if feature in names or kept != feature or votes:
        return
    meant = Spelling(names).closest(feature, names)
    said = f"{printable(shortened(feature))!r} is no feature, and nobody has voted for it"
    raise UnknownFeature(f"{said}{f': did you mean {meant}?' if meant else '.'}", suggestions={feature: meant})
