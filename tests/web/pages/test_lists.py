"""Lists of more than a page holds: the first page leads to the next, and that back."""

from datetime import UTC, datetime, timedelta

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import add_account, opened, shown
from support import OPERATOR, AnyClient

from service.accounts import store as accounts
from service.accounts.store import account_key
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.interest.maintenance import add_voters
from service.registry.model import Label

ADDED = encoded(Change(Kind.ADDED, "linkedin", Label("L", "L"), None, "coming_soon"), "a" * 64, None)


def all_ask(app: Flask, redis: AnyClient) -> None:
    for number in range(51):
        opened(add_account(app, redis, f"m{number}"))


def test_a_long_list_has_pages(app: Flask, bob: Client, redis: AnyClient, subtests: pytest.Subtests) -> None:
    alice = add_account(app, redis, "alice")
    for number in range(51):
        opened(alice)
        redis.delete("{registry}:feedback:open:alice")
        redis.xadd(EVENTS_KEY, {"event": ADDED}, id=f"{number + 1}-0")
        accounts.set_details(redis, "bob", by=OPERATOR, name=f"Bob {number}")
    add_voters(redis, "linkedin", [f"v{number}" for number in range(1200)])
    for client, path, items, rest in (
        (alice, "/en/requests", "a.thread-link", 1),
        (bob, "/en/admin/requests", ".desk-list a.thread-link", 1),
        (bob, "/en/changes", "li.event", 1),
        (bob, "/en/admin/audit", "tbody tr", 3),
        (bob, "/en/admin/insights/linkedin", ".people tbody tr", 1150),  # which is read in steps
    ):
        with subtests.test(path):
            first = shown(client, path)
            [further] = first.all("main p.actions a[rel=next]")
            second = shown(client, further["href"])
            numbers = [len(page.all(items)) for page in (first, second)]
            assert numbers == [50, rest] or (rest > 50 and max(numbers) <= 50)
            assert bool(second.all("main p.actions a[rel=next]")) is (rest > 50)
            assert second.all("main p.actions a")[0]["href"].partition("#")[0] == path
            shown(client, f"{path}?cursor=x", 422)


def test_the_desk_counts_all_that_waits(app: Flask, bob: Client, redis: AnyClient) -> None:
    all_ask(app, redis)
    page = shown(bob, "/fr/admin/")
    assert page.texts("#admin-link") == ["Administration 51 à lire"]
    assert page.texts("main p.lead")[0].startswith("51 non lues, 51 ouvertes. La plus ancienne attend depuis ")
    assert len(page.all("main a.thread-link")) == 5
    assert page.links["Voir les 51"] == "/fr/admin/requests"
    links = page.one("ul.figures").links
    assert links["51 Ouvertes"] == "/fr/admin/requests?status=open" and "0 Répondue" in links


def test_a_search_among_people_that_is_cut_off_says_so(
    bob: Client, redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.pipeline(transaction=False) as pipeline:
        for number in range(3_000):
            pipeline.hset(account_key(f"user-{number}"), mapping={"status": "active"})
        pipeline.execute()
    first = shown(bob, "/fr/admin/people")
    names = first.texts("tbody a") + shown(bob, first.one("a[rel=next]")["href"]).texts("tbody a")
    assert len({*names}) == len(names) > 50
    monkeypatch.setattr("service.accounts.listing.PATIENCE", 0)
    page = shown(bob, "/fr/admin/people?q=zoe")
    assert "comptes ont été parcourus" in page.one(".empty").text
    assert page.links["Poursuivre la recherche"].startswith("/fr/admin/people?q=zoe&cursor=")


def test_this_month_and_last_month_of_changes_are_links_and_a_kind_is_looked_for_far_back(
    documented: Flask, redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = encoded(Change(Kind.REMOVED, "linkedin", Label("L", "L"), "active", None), "a" * 64, None)
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    now, before = (int(when.timestamp() * 1000) for when in (first, first - timedelta(days=1)))
    for number in range(60):
        redis.xadd(EVENTS_KEY, {"event": removed if number < 2 else ADDED}, id=f"{before + number}-0")
    redis.xadd(EVENTS_KEY, {"event": ADDED}, id=f"{now}-0")
    nobody = signed_out(documented)
    links = shown(nobody, "/en/changes?kind=new").one("nav.filters").links
    this, last = (shown(nobody, links[name]) for name in ("This month", "Last month"))
    assert [len(page.all("li.event")) for page in (this, last)] == [1, 50]
    assert "kind=new" in links["Last month"] and last.one("a[rel=next]")
    monkeypatch.setattr("service.history.store._STEP", 20)
    monkeypatch.setattr("service.history.store._MOST_LOOKED_AT", 40)
    so_far = shown(nobody, "/en/changes?kind=removed")
    assert "No matching change so far." in so_far.text
    assert len(shown(nobody, so_far.one("a[rel=next]")["href"]).all("li.event")) == 2


def test_a_search_among_requests_that_is_cut_off_goes_on(
    app: Flask, bob: Client, redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_ask(app, redis)
    page = shown(bob, "/en/admin/requests?who=m")
    assert len(page.all(".desk-list a.thread-link")) == 50
    [further] = page.all(".desk-list a[rel=next]")
    assert len(shown(bob, further["href"]).all(".desk-list a.thread-link")) == 1
    monkeypatch.setattr("service.feedback.queue._STEP", 20)
    monkeypatch.setattr("service.feedback.queue.PATIENCE", 1e-9)
    so_far = shown(bob, "/en/admin/requests?who=m0+m0")  # the oldest
    assert "Nothing found so far." in so_far.text
    for _ in range(2):
        so_far = shown(bob, so_far.one("a[rel=next]")["href"])
    assert so_far.texts(".desk-list .thread-who") == ["m0 Open"]
