"""Who wants a feature, and why, for admins: whom to tell that it shipped, all in turn or a page at a time.

Sets have no order, so each page reads all ids. As long as there are few, all that is known of them is read as well, and
sorted by that. Of many the ids alone are, and those of the page kept: it takes about a second for each million of them.
All of this is read in small steps, so that people can vote meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import nlargest, nsmallest
from itertools import islice
from typing import NamedTuple

from service.accounts import actor, store
from service.accounts.listing import name_key
from service.accounts.model import LONGEST_EMAIL, Locale, account_key, shown_name
from service.audit.model import Action, Actor
from service.interest.keys import interest_key, reasons_key
from service.interest.maintenance import BATCH, Told, canonical, kept, told, voters
from service.interest.reason import Given, parsed
from service.problems import UnknownFeature
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.entries import Place, bad_cursor, checked_limit, cursor_after, is_day, moment, place_after
from service.wording import closest, having, printable, shortened

#: Of how many voters all are sorted by what is known of them; of more, by their ids.
MOST_SORTED = 10_000

#: How many reasons are shown: the newest, of those that were searched for.
MOST_REASONS = 50

#: How many voters one step of a walk through all of them reads.
_STEP = 500

#: How long a cursor may be, in bytes of the place that it names.
_LONGEST_PLACE = 4200

#: Makes the latest of some days the first.
_LATEST_FIRST = str.maketrans("0123456789", "9876543210")


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
    def of(cls, id: str, account: Sequence[str | None], beside: Told) -> Voter:
        """What may be shown of what is stored: of an account that is there name, e-mail address, locale and status."""
        name, email, locale, status = (text or "" for text in account)
        address = printable(email) if len(email) <= LONGEST_EMAIL else ""  # a part of it would be another one
        since = beside.day if is_day(beside.day) else ""
        return cls(id, shown_name(name), address, Locale.of(locale) or "", status, since, beside.reason)


#: What voters can be sorted by; the id decides between equals.
ORDERS: Mapping[str, Callable[[Voter], str]] = {
    "name": lambda voter: name_key(voter.name, voter.id),
    "id": lambda _: "",
    "day": lambda voter: voter.day.translate(_LATEST_FIRST) or "none",  # which comes behind all digits
}


class Page(NamedTuple):
    """Some voters, the cursor of the next page, if there is one, and whether there are too many for any order."""

    voters: list[Voter]
    next: str | None
    are_many: bool


def page(
    client: Client,
    feature: str,
    registry: Registry,
    *,
    by: Actor,
    order: str = "id",
    cursor: str | None = None,
    limit: str | None = None,
    is_recorded: bool = True,
) -> Page:
    """A page of the accounts that want a feature or a module that was one, by any of its ids.

    That somebody begins such a list is recorded before it is handed out, but for a look at it. Raises, in this order:
    NotAuthenticated, AccountNotActive, NotAnAdmin, InvalidField, UnknownFeature; and StorageUnavailable.
    """
    actor.check(client, by)
    after, most = _parsed(cursor), checked_limit(limit)
    votes = kept(client, feature, registry)
    are_many = sum(votes.values()) > MOST_SORTED
    key_of = ORDERS["id" if are_many else order]
    if are_many or order == "id":
        after = "", after[1]  # the page before may have been in another order, as long as there were few
        first = _first(client, votes, after[1], most + 1)
        while votes.keys() != (votes := kept(client, feature, registry)).keys():  # some were moved, maybe past us
            first = _first(client, votes, after[1], most + 1)
        people = _known(client, feature, registry, first)
    else:
        people = [*_all(client, feature, registry, by)]
    placed = sorted((place, each) for each in people if (place := (key_of(each), each.id)) > after)
    following = cursor_after(placed[most - 1][0]) if len(placed) > most else None
    if not placed:
        check_known(client, feature, registry)
    elif is_recorded and not cursor:
        _record(client, feature, by)
    return Page([voter for _, voter in placed[:most]], following, are_many)


def _parsed(cursor: str | None) -> Place:
    """Behind whom a page begins. Raises InvalidField."""
    if cursor is None:
        return "", ""  # before everybody: no id is empty
    if place := place_after(cursor, _LONGEST_PLACE):
        return place
    raise bad_cursor()


def _first(client: Client, names: Iterable[str], after: str, number: int) -> list[str]:
    """The first ids of those that want a feature under some names, behind an id."""
    left = (id for name in names for id in client.members(interest_key(name)) if id > after)
    first: list[str] = []
    while some := list(islice(left, BATCH)):
        first = nsmallest(number, {*first, *some})
    return first


def walk(client: Client, feature: str, registry: Registry, *, by: Actor) -> Iterator[Voter]:
    """All accounts that want a feature, each once, in no order. That they are asked for is recorded before.

    Each step looks whether an account that asks is still an admin's. Raises what `page` does, at the first voter or a
    later one.
    """
    found = _all(client, feature, registry, by)
    if first := next(found, None):
        _record(client, feature, by)
        yield first
        yield from found
    else:
        check_known(client, feature, registry)


def _all(client: Client, feature: str, registry: Registry, by: Actor) -> Iterator[Voter]:
    left = voters(client, feature, registry)
    while True:
        actor.check(client, by)
        ids = sorted(islice(left, _STEP))
        if not ids:
            return
        yield from _known(client, feature, registry, ids)


def _known(client: Client, feature: str, registry: Registry, ids: Sequence[str]) -> list[Voter]:
    """What is known of accounts that want a feature."""
    beside = told(client, feature, ids, registry) if ids else {}
    accounts = client.commands([("HMGET", account_key(id), "name", "email", "locale", "status") for id in ids])
    return [Voter.of(id, account, beside[id]) for id, account in zip(ids, accounts, strict=True)]


def _record(client: Client, feature: str, by: Actor) -> None:
    actor.record(client, by, Action.VOTERS_LISTED, about=shortened(feature))


def check_known(client: Client, feature: str, registry: Registry) -> None:
    """Raise UnknownFeature, with what was probably meant, for what no registry entry, vote or merge stands for."""
    names = {*registry.allowed_features, *registry.by_slug, *registry.renames, *registry.tombstones}
    id, votes = canonical(client, [feature])[feature]
    if feature in names or id != feature or votes:
        return
    meant = closest(feature, names) or None
    said = f"{shortened(feature)!r} is no feature, and nobody has voted for it"
    raise UnknownFeature(f"{said}{f': did you mean {meant}?' if meant else '.'}", suggestions={feature: meant})


class Reason(NamedTuple):
    """Why an account wants a feature, what the account is called, if it has a name, and when it said so (UTC)."""

    account: str
    name: str
    when: datetime
    text: str


class Reasons(NamedTuple):
    """The newest of the reasons that have a text, newest first; how many there are, and how many have the text."""

    shown: Sequence[Reason]
    number: int
    matching: int


def reasons(client: Client, feature: str, registry: Registry, search: str = "") -> Reasons:
    """The reasons of a feature by any of its ids, as who asks is known to be an admin: those with each word of a text.

    Of votes that were cast under several ids, that of the current one counts. Raises StorageUnavailable.
    """
    has_words, all_given = having(search), dict[str, Given]()
    for id in kept(client, feature, registry):
        for account, said in client.fields(reasons_key(id)):
            if (reason := parsed(said)).text:
                all_given.setdefault(account, reason)
    matching = [each for each in all_given.items() if has_words(each[1].text)]
    latest = nlargest(MOST_REASONS, matching, key=lambda each: each[1].at)
    known = store.names(client, [account for account, _ in latest])
    shown = [Reason(who, shown_name(known[who]), moment(given.at), given.text) for who, given in latest]
    return Reasons(shown, len(all_given), len(matching))
