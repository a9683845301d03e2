"""People as admins see them: the list and its search, one of them, and what can be done to an account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from application import signed_in, signed_out
from contract import Client
from flask import Flask
from markup import Element
from redis import Redis
from support import OPERATOR
from test_admin_pages import add_admin
from test_pages import BROWSER
from test_requests_pages import opened, page_of
from werkzeug.test import TestResponse

from service.accounts import store
from service.accounts.model import Account, account_key
from service.audit import store as audit
from service.interest.maintenance import add_voters
from service.people import kept

LIST = "/fr/admin/people"
PERSON = "/fr/admin/person"

#: Ids that a path of an address would lose, or that would do harm where they are shown.
IDS = [
    *("a/b", "..", ".", "%2F", "a//b", "é", "a?b", "a#b", "a&do=b", "a+b", "x;y", "-", "::", "\\"),
    *("<script>", "\"'", "日本", "𝒳" * 128, "person", "erase"),
]


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


@pytest.fixture
def bob(app: Flask, redis: Redis) -> Client:
    """An admin."""
    return add_admin(app, redis, "bob")


def add(
    redis: Redis, account_id: str, status: str = "active", role: str = "member", name: str = "", email: str = ""
) -> None:
    store.add(redis, Account(account_id, status, role, name, email), by=OPERATOR)


def of(account_id: str, path: str = PERSON) -> str:
    return f"{path}?id={quote(account_id, safe='')}"


def look(client: Client, address: str, status: int = 200) -> Element:
    response = client.get(address, headers=BROWSER)
    if status != 404:
        assert response.headers["Cache-Control"] == "no-store"
    return page_of(response, status)


def press(client: Client, account_id: str, do: str) -> TestResponse:
    """Press a button on the page of a person."""
    return client.post(of(account_id), data={"do": do}, headers=BROWSER)


def names(page: Element) -> list[str]:
    [body] = page.all("tbody") or [None]
    return [row.one("a").text for row in body.all("tr")] if body else []


def stored(redis: Redis, account_id: str, field: str) -> Any:
    return redis.hget(account_key(account_id), field)


def recorded(redis: Any) -> list[tuple[str, str, str | None]]:
    """Who did what, on whom, oldest first; not what the tests did themselves."""
    entries = audit.page(redis, 50).entries
    return [
        (each.who.text, each.what, each.whom and each.whom.text)
        for each in reversed(entries)
        if each.who.text != OPERATOR.name
    ]


@pytest.mark.parametrize("path", [LIST, of("alice"), of("alice", f"{PERSON}/erase")])
def test_it_is_for_admins(app: Flask, alice: Client, client: Client, redis: Redis, path: str) -> None:
    assert page_of(alice.get(path, headers=BROWSER), 403).one("h1").text
    add(redis, "dan", "pending", "admin")
    assert signed_in(app, "dan").get(path, headers=BROWSER).status_code == 403
    ways_in = client.get(path, headers=BROWSER)
    assert ways_in.status_code == 302
    assert parse_qs(urlsplit(ways_in.headers["Location"]).query)["next"] == [path]


@pytest.mark.parametrize("do", ["activated", "suspended", "promoted", "demoted", "signed-out", "link", "data"])
def test_only_admins_act(app: Flask, alice: Client, redis: Redis, do: str) -> None:
    add(redis, "carl", "pending")
    before = redis.hgetall(account_key("carl"))
    assert press(alice, "carl", do).status_code == 403
    assert press(signed_out(app), "carl", do).status_code == 401
    erase = of("carl", f"{PERSON}/erase")
    assert alice.post(erase, data={"typed": "carl"}, headers=BROWSER).status_code == 403
    assert redis.hgetall(account_key("carl")) == before


def test_another_site_cannot_press_a_button(bob: Client, redis: Redis) -> None:
    add(redis, "carl")
    for address, form in ((of("carl"), {"do": "suspended"}), (of("carl", f"{PERSON}/erase"), {"typed": "carl"})):
        response = bob.post(address, data=form, headers=BROWSER | {"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
    assert stored(redis, "carl", "status") == "active"


def test_the_list_shows_who_there_is_and_what_was_searched_for(bob: Client, redis: Redis) -> None:
    add(redis, "carl", "suspended", name="Carl Émile", email="carl@example.com")
    add(redis, "dora", "pending", name="Dora Émilie")
    page = look(bob, LIST)
    assert names(page) == ["Bob", "Carl Émile", "Dora Émilie"]
    [carl] = [row for row in page.one("tbody").all("tr") if "Carl" in row.text]
    assert "carl@example.com" in carl.text
    assert carl.one(class_="account-suspended").text == "Suspendu"
    found = look(bob, f"{LIST}?q=EMIL")
    assert names(found) == ["Carl Émile", "Dora Émilie"]
    assert found.one(id="q").attributes["value"] == "EMIL"
    assert names(look(bob, f"{LIST}?status=pending")) == ["Dora Émilie"]
    assert look(bob, f"{LIST}?q=x&status=pending").one(id="status").all("option")[2].attributes["value"] == "pending"


def test_one_who_alone_is_found_is_shown_at_once(bob: Client, redis: Redis) -> None:
    add(redis, "jean/1", name="Jean")
    response = bob.get(f"{LIST}?q=jean", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (302, "/fr/admin/person?id=jean%2F1")


def test_an_admin_who_is_alone_is_told_how_others_are_added(bob: Client) -> None:
    page = look(bob, LIST)
    assert "module-registry accounts add" in page.one("pre").text
    assert "Personne ne porte ce nom" in look(bob, f"{LIST}?q=zoe").one(class_="empty").text


def test_a_long_list_has_pages_and_a_search_that_is_cut_off_says_so(
    bob: Client, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.pipeline(transaction=False) as pipeline:
        for number in range(3_000):
            pipeline.hset(account_key(f"user-{number}"), mapping={"status": "active"})
        pipeline.execute()
    seen: list[str] = []
    address: str | None = LIST
    while address and len(seen) < 200:
        page = look(bob, address)
        seen += names(page)
        address = next((one.attributes["href"] for one in page.all("a") if one.attributes.get("rel") == "next"), None)
    assert len(set(seen)) == len(seen)
    monkeypatch.setattr("service.accounts.listing.page.__kwdefaults__", {"cursor": None, "patience": 0.0})
    page = look(bob, f"{LIST}?q=zoe")
    assert "comptes ont été parcourus" in page.one(class_="empty").text
    [further] = [one for one in page.all("a") if one.attributes.get("rel") == "next"]
    assert further.text == "Poursuivre la recherche"
    assert further.attributes["href"].startswith(f"{LIST}?q=zoe&cursor=")


@pytest.mark.parametrize("asked", ["q=" + "x" * 255, "status=closed", "role=owner", "cursor=1"])
def test_a_search_that_makes_no_sense_is_refused(bob: Client, asked: str) -> None:
    look(bob, f"{LIST}?{asked}", 422)


@pytest.mark.parametrize("account_id", IDS)
def test_every_id_has_a_page_whose_buttons_act_on_it(bob: Client, redis: Redis, account_id: str) -> None:
    add(redis, account_id, "pending", name="Somebody")
    page = look(bob, LIST)
    [address] = [one.attributes["href"] for one in page.all("a") if one.text == "Somebody"]
    person = look(bob, address)
    assert account_id in person.one("dl").text
    [form] = [
        one
        for one in person.all("form")
        if any(each.attributes.get("value") == "activated" for each in one.all("button"))
    ]
    done = bob.post(form.attributes["action"], data={"do": "activated"}, headers=BROWSER)
    assert (done.status_code, done.headers["Location"]) == (303, f"{address}&done=activated")
    assert stored(redis, account_id, "status") == "active"
    assert look(bob, done.headers["Location"]).one(role="status", class_="note").text == "Le compte est actif."
    [erase] = [one.attributes["href"] for one in person.all("a") if "danger" in one.attributes.get("class", "")]
    confirmation = look(bob, erase)
    gone = bob.post(
        confirmation.one("main").one("form").attributes["action"], data={"typed": account_id}, headers=BROWSER
    )
    assert (gone.status_code, gone.headers["Location"]) == (303, f"{LIST}?done=erased")
    assert not redis.exists(account_key(account_id))


def test_an_address_as_one_would_guess_it_leads_to_the_account(bob: Client) -> None:
    for path, account_id in (("alice", "alice"), ("a%2Fb", "a%2Fb"), ("%C3%A9", "%C3%A9")):
        response = bob.get(f"{LIST}/{path}")
        assert (response.status_code, response.headers["Location"]) == (302, f"{PERSON}?id={account_id}")


def test_a_person_is_shown_with_what_they_want_and_asked(alice: Client, bob: Client, redis: Any) -> None:
    opened(alice, "May I?")
    add_voters(redis, "linkedin", ["alice"])
    page = look(bob, of("alice"))
    assert [one.text for one in page.one(class_="wants").all("a")] == ["Recherche LinkedIn"]
    [asked] = page.one(class_="asked").all("a")
    assert asked.text == "SMS"
    assert look(bob, asked.attributes["href"]).one(id="thread-title").text == "SMS"


@pytest.mark.parametrize(
    ("do", "field", "becomes"),
    [
        ("activated", "status", "active"),
        ("suspended", "status", "suspended"),
        ("promoted", "role", "admin"),
        ("demoted", "role", "member"),
    ],
)
def test_a_button_changes_the_account_and_who_did_it_is_recorded(
    bob: Client, redis: Redis, do: str, field: str, becomes: str
) -> None:
    add(redis, "carl", "pending" if field == "status" else "active", "admin" if becomes == "member" else "member")
    assert press(bob, "carl", do).headers["Location"] == f"{of('carl')}&done={do}"
    assert stored(redis, "carl", field) == becomes
    assert recorded(redis) == [("bob", f"{field}-changed", "carl")]
    assert look(bob, f"{of('carl')}&done={do}").one(role="status", class_="note").text


def test_signing_out_everywhere_ends_sessions(app: Flask, bob: Client, link: Callable[..., str], redis: Redis) -> None:
    alice = signed_out(app)
    alice.post(link("alice"), headers=BROWSER)
    unused = link("alice")
    assert alice.get("/api/me").status_code == 200
    assert press(bob, "alice", "signed-out").status_code == 303
    assert alice.get("/api/me").status_code == 401
    assert signed_out(app).post(unused).status_code == 410
    assert recorded(redis) == [("bob", "signed-out", "alice")]


def test_a_sign_in_link_is_shown_once_and_signs_in(app: Flask, bob: Client, redis: Redis) -> None:
    store.add(redis, Account("jean", "active", name="Jean", locale="en"), by=OPERATOR)
    response = press(bob, "jean", "link")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Location" not in response.headers
    address = page_of(response).one(id="link").attributes["value"]
    assert address.startswith("http://localhost/en/sign-in?token=")
    jean = signed_out(app)
    shown = page_of(jean.get(address, headers=BROWSER))
    assert shown.one("h1").text == "Sign in"
    jean.post(shown.one("main").one("form").attributes["action"], headers=BROWSER)
    assert (jean.get("/api/me").json or {})["id"] == "jean"
    assert not look(bob, of("jean")).all(id="link")
    assert recorded(redis) == [("bob", "link-made", "jean")]


def test_a_link_begins_with_the_public_address(make_app: Callable[..., Flask], redis: Redis) -> None:
    bob = add_admin(make_app(public_url="https://modules.example/all"), redis, "bob")
    add(redis, "jean")
    page = page_of(bob.post(of("jean"), data={"do": "link"}, headers=BROWSER | {"Origin": "https://modules.example"}))
    assert page.one(id="link").attributes["value"].startswith("https://modules.example/all/sign-in?token=")


def test_no_link_is_made_for_who_is_suspended(bob: Client, redis: Redis) -> None:
    add(redis, "carl", "suspended")
    assert not look(bob, of("carl")).all("button", value="link")
    page = page_of(press(bob, "carl", "link"), 410)
    assert "suspendu" in page.one(role="alert").text
    assert not page.all(id="link")


def test_data_is_downloaded_as_a_file(alice: Client, bob: Client, redis: Any) -> None:
    opened(alice, "May I?")
    expected = kept.found(redis, "alice")
    response = press(bob, "alice", "data")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="data-alice.json"'
    assert response.headers["Cache-Control"] == "no-store"
    data = json.loads(response.data)
    assert data["requests"] == expected["requests"]
    assert data["account"] == expected["account"]
    assert recorded(redis) == [("bob", "data-exported", "alice")]
    add(redis, 'x"é\\/..')
    assert press(bob, 'x"é\\/..', "data").headers["Content-Disposition"] == 'attachment; filename="data-x-.json"'


def test_what_would_go_is_said_and_what_was_typed_wrong_erases_nothing(alice: Client, bob: Client, redis: Any) -> None:
    opened(alice, "May I?")
    add_voters(redis, "linkedin", ["alice"])
    add_voters(redis, "scrap", ["alice"])
    address = of("alice", f"{PERSON}/erase")
    said = look(bob, address).one(class_="goes").text
    assert "2 votes" in said
    assert "1 demande" in said
    add(redis, "carl")
    assert len(look(bob, of("carl", f"{PERSON}/erase")).one(class_="goes").all("li")) == 1
    before = kept.found(redis, "alice")
    for typed in ("", "alic", "Alice", "bob"):
        page = page_of(bob.post(address, data={"typed": typed}, headers=BROWSER), 422)
        assert page.one(id="typed").attributes["value"] == typed
        assert page.one(id="typed-error").text == "Ce n’est pas l’identifiant. Rien n’a été effacé."
        assert "2 votes" in page.one(class_="goes").text
    assert kept.found(redis, "alice") == before
    assert recorded(redis) == []


def test_a_person_is_erased_with_all_that_was_kept(alice: Client, bob: Client, redis: Any) -> None:
    opened(alice, "May I?")
    add_voters(redis, "linkedin", ["alice"])
    done = bob.post(of("alice", f"{PERSON}/erase"), data={"typed": " alice "}, headers=BROWSER)
    assert (done.status_code, done.headers["Location"]) == (303, f"{LIST}?done=erased")
    assert "effacé" in look(bob, done.headers["Location"]).one(role="status", class_="note").text
    assert kept.found(redis, "alice")["stored_in"] == []
    assert [what for _, what, _ in recorded(redis)] == ["person-erased"]
    assert "alice" not in [whom for _, _, whom in recorded(redis)]
    assert alice.get("/api/me").status_code == 401


def test_an_admin_cannot_lock_themself_out(bob: Client, redis: Redis) -> None:
    page = look(bob, of("bob"))
    values = {one.attributes.get("value") for one in page.one("main").all("button")}
    assert values & {"suspended", "demoted", "promoted"} == set()
    assert "C’est votre propre compte" in page.one(class_="deeds").text
    before = redis.hgetall(account_key("bob"))
    for do in ("suspended", "demoted"):
        refused = page_of(press(bob, "bob", do), 409)
        assert "soi-même" in refused.one(role="alert").text
    assert not look(bob, of("bob", f"{PERSON}/erase")).one("main").all("input")
    response = bob.post(of("bob", f"{PERSON}/erase"), data={"typed": "bob"}, headers=BROWSER)
    assert response.status_code == 409
    assert redis.hgetall(account_key("bob")) == before
    assert recorded(redis) == []


@pytest.mark.parametrize("account_id", ["nobody", "x" * 3000, "%00", "\u202e"])
def test_an_account_that_is_not_there(bob: Client, account_id: str) -> None:
    for address in (of(account_id), of(account_id, f"{PERSON}/erase")):
        assert look(bob, address, 404).one("h1").text == "Ce compte n’existe pas"
    for do in ("activated", "signed-out", "link", "data"):
        assert press(bob, account_id, do).status_code == 404
    assert bob.get(PERSON, headers=BROWSER).headers["Location"] == LIST


@pytest.mark.parametrize("do", ["", "x", "erase", "__class__"])
def test_a_button_that_is_none_does_nothing(bob: Client, redis: Redis, do: str) -> None:
    add(redis, "carl")
    assert press(bob, "carl", do).status_code == 422


def test_what_the_platform_writes_is_shown_as_text(bob: Client, redis: Redis) -> None:
    hostile = "<b>\u202ex</b>\x1b[31m" + "y" * 200
    fields = dict.fromkeys(("status", "role", "name", "email", "locale"), hostile)
    redis.hset(account_key("eve"), mapping=fields)
    for address in (LIST, of("eve")):
        page = look(bob, address)
        assert not [one for one in page.one("main").all("b") if "x" in one.text]
        assert "\x1b" not in page.one("main").text
