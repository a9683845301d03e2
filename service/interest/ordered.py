"""The voters of a feature in an order, a page at a time, for pages of admins.

Sets have none, so each page reads them all. As long as there are few, all of them are known by name, and sorted by it.
Of many the ids alone are read, and those of the page kept: it takes some two seconds for each million of them, in steps
that keep no request waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import NamedTuple

from service.accounts.listing import name_key
from service.accounts.store import find
from service.audit.model import Actor
from service.interest import voters
from service.interest.keys import interest_key
from service.interest.maintenance import canonical, ids_of, told
from service.interest.voters import Voter
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.listing import LISTED, Place, bad_cursor, cursor_after, place_after

#: Of how many voters all are sorted by what is known of them; of more, by their ids.
MOST_SORTED = 10_000

#: How long a cursor may be, in bytes of the place that it names.
_LONGEST_PLACE = 4200

#: Makes the latest of some days the first.
_LATEST_FIRST = str.maketrans("0123456789", "9876543210")

#: What voters can be sorted by; the id decides between equals.
ORDERS: Mapping[str, Callable[[Voter], str]] = {
    "name": lambda voter: name_key(voter.name, voter.id),
    "id": lambda _: "",
    "day": lambda voter: voter.day.translate(_LATEST_FIRST) or "none",  # which comes behind all digits
}


class Ordered(NamedTuple):
    """Some voters, the cursor of the next page, if there is one, and whether there are too many for any order."""

    voters: list[Voter]
    next: str | None
    are_many: bool


def page(
    client: Client, feature: str, registry: Registry, *, by: Actor, order: str = "name", cursor: str | None = None
) -> Ordered:
    """A page of the accounts that want a feature, by any of its ids, for an admin. That it is looked at is no act.

    Raises what `voters.page` does.
    """
    kept = dict(canonical(client, ids_of(feature, registry)))
    are_many, after = sum(kept.values()) > MOST_SORTED, _parsed(cursor)
    key_of = ORDERS["id" if are_many else order]
    if are_many:
        ids = (id for name in kept for id in client.members(interest_key(name)) if id > after[1])
        least = nsmallest((LISTED + 1) * len(kept), ids)  # of each set as many, as somebody may be in all of them
        first = sorted(set(least))[: LISTED + 1]
        days = told(client, feature, first, registry) if first else {}
        people = [_known(client, id)._replace(day=days[id].day) for id in first]
    else:
        walk = voters.walk(client, feature, registry, by=by, is_recorded=False)
        placed = sorted((place, each) for each in walk if (place := _place(each, key_of)) > after)
        people = [each for _, each in placed]
    shown = people[:LISTED]
    return Ordered(shown, cursor_after(_place(shown[-1], key_of)) if len(people) > LISTED else None, are_many)


def _place(voter: Voter, key_of: Callable[[Voter], str]) -> Place:
    return key_of(voter), voter.id


def _known(client: Client, account_id: str) -> Voter:
    account = find(client, account_id)
    return (
        Voter.of(account_id, account.name, account.email, account.locale, account.status)
        if account
        else Voter.of(account_id)
    )


def _parsed(cursor: str | None) -> Place:
    """Behind whom a page begins. Raises InvalidField."""
    if not cursor:
        return "", ""  # before everybody: no id is empty
    if place := place_after(cursor, _LONGEST_PLACE):
        return place
    raise bad_cursor()
