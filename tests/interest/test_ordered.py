"""The voters of a feature in an order, a page at a time."""

from __future__ import annotations

import pytest
from redis import Redis
from support import OPERATOR

from service.accounts import store as accounts
from service.accounts.store import Account
from service.interest import ordered
from service.interest.maintenance import Told, add_voters
from service.problems import InvalidField
from service.registry.model import Label, Module, Registry

LABEL = Label("É", "E")
REGISTRY = Registry((Module(slug="linkedin", category="tools", label=LABEL, api_endpoint="/l", formerly=("social",)),))


def pages(redis: Redis, order: str) -> tuple[list[str], bool]:
    """All voters, from the first page to the last, and whether there are too many for an order."""
    listed: list[str] = []
    cursor = None
    while True:
        page = ordered.page(redis, "linkedin", REGISTRY, by=OPERATOR, order=order, cursor=cursor)
        assert len(page.voters) <= 50
        listed += [voter.id for voter in page.voters]
        if page.next is None:
            return listed, page.are_many
        cursor = page.next


def test_voters_are_sorted_by_name_day_or_id_and_of_many_by_id(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"v{number:03}" for number in range(120)]
    days = {"v007": "2026-11-02", "v003": "2026-11-02", "v005": "2026-10-31", "v050": "2026-05-03"}
    add_voters(redis, "linkedin", ids[:110], {id: Told(day) for id, day in days.items()})
    add_voters(redis, "social", ids[100:])
    accounts.add(redis, Account("v119", "active", name="Élise"), by=OPERATOR)
    accounts.add(redis, Account("v050", "active", name="Éloi", email="e@example.com"), by=OPERATOR)
    by_name = ["v119", "v050", *(id for id in ids if id not in ("v119", "v050"))]
    assert pages(redis, "name") == (by_name, False)
    assert pages(redis, "id") == (ids, False)
    dated = ["v003", "v007", "v005", "v050"]
    by_day = [*dated, *(id for id in ids if id not in dated)]
    assert pages(redis, "day") == (by_day, False), "the latest first, and last those from before days were kept"
    monkeypatch.setattr(ordered, "MOST_SORTED", 119)
    assert pages(redis, "name") == (ids, True)
    first, *_ = ordered.page(redis, "linkedin", REGISTRY, by=OPERATOR, cursor="after-0a76303439").voters
    assert first == ("v050", "Éloi", "e@example.com", "", "active", "2026-05-03", (0, ""))
    with pytest.raises(InvalidField, match="cursor"):
        ordered.page(redis, "linkedin", REGISTRY, by=OPERATOR, cursor="x")
