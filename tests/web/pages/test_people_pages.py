"""People as admins see them: the list and its search, one of them, and what can be done to an account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, Element, add_account, opened, page_of, parse, sent_to, shown, told
from redis import Redis
from support import OPERATOR
from werkzeug.test import TestResponse

from service import privacy
from service.accounts.model import Role, Status, account_key
from service.audit import store as audit
from service.interest.maintenance import add_voters

LIST = "/fr/admin/people"
PERSON = "/fr/admin/person"

#: Ids that a path of an address would lose, or that would do harm where they are shown.
IDS = ["..", "%2F", "a?b&do=c#d+e;f", "<script>\"'"]


def of(account_id: str, path: str = PERSON) -> str:
    return f"{path}?id={quote(account_id, safe='')}"


def press(client: Client, account_id: str, do: str) -> TestResponse:
    """Press a button on the page of a person."""
    return client.post(of(account_id), data={"do": do}, headers=BROWSER)


def names(page: Element) -> list[str]:
    [body] = page.all("tbody") or [None]
    return [row.one("a").text for row in body.all("tr")] if body else []


def recorded(redis: Any) -> list[tuple[str, str, str | None]]:
    """Who did what, on whom, oldest first; not what the tests did themselves."""
    entries = [one for one in reversed(audit.page(redis, 50).entries) if one.who.text != OPERATOR.name]
    return [(each.who.text, each.what, each.whom and each.whom.text) for each in entries]


def test_the_list_shows_who_there_is_and_what_was_searched_for(app: Flask, bob: Client, redis: Redis) -> None:
    assert "module-registry accounts add" in shown(bob, LIST).one("pre").text, "who is alone is told how to add others"
    assert "Personne ne porte ce nom" in shown(bob, f"{LIST}?q=zoe").one(class_="empty").text
    add_account(app, redis, "carl", status="suspended", name="Carl Émile", email="carl@example.com")
    add_account(app, redis, "dora", status="pending", name="Dora Émilie")
    page = shown(bob, LIST)
    assert names(page) == ["Bob", "Carl Émile", "Dora Émilie"]
    [carl] = [row for row in page.one("tbody").all("tr") if "Carl" in row.text]
    assert "carl@example.com" in carl.text
    assert carl.one(class_="account-suspended").text == "Suspendu"
    found = shown(bob, f"{LIST}?q=EMIL")
    assert names(found) == ["Carl Émile", "Dora Émilie"]
    assert found.one(id="q")["value"] == "EMIL"
    assert names(shown(bob, f"{LIST}?status=pending")) == ["Dora Émilie"]
    [chosen] = [one for one in shown(bob, f"{LIST}?status=pending&q=x").all("option") if "selected" in one.attributes]
    assert chosen["value"] == "pending"
    for field, values in (("status", Status), ("role", Role)):
        assert {option["value"] for option in page.one("select", id=field).all("option")} == {"", *values}
    assert sent_to(bob.get(f"{LIST}?q=carl", headers=BROWSER)) == (302, of("carl")), "who alone is found is shown"
    for asked in ("q=" + "x" * 255, "status=closed", "role=owner", "cursor=1"):
        shown(bob, f"{LIST}?{asked}", 422)
    assert sent_to(bob.get(f"{LIST}/a%2Fb")) == (302, f"{PERSON}?id=a%2Fb")


def test_a_long_list_has_pages_and_a_search_that_is_cut_off_says_so(
    bob: Client, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.pipeline(transaction=False) as pipeline:
        for number in range(3_000):
            pipeline.hset(account_key(f"user-{number}"), mapping={"status": "active"})
        pipeline.execute()
    page = shown(bob, LIST)
    seen = [*names(page), *names(shown(bob, page.one("a", rel="next")["href"]))]
    assert len(set(seen)) == len(seen) > 50
    monkeypatch.setattr("service.accounts.listing.page.__kwdefaults__", {"cursor": None, "patience": 0.0})
    page = shown(bob, f"{LIST}?q=zoe")
    assert "comptes ont été parcourus" in page.one(class_="empty").text
    further = page.one("a", rel="next")
    assert further.text == "Poursuivre la recherche"
    assert further["href"].startswith(f"{LIST}?q=zoe&cursor=")


@pytest.mark.parametrize("account_id", IDS)
def test_every_id_has_a_page_whose_buttons_act_on_it(app: Flask, bob: Client, redis: Redis, account_id: str) -> None:
    add_account(app, redis, account_id, status="pending", name="Somebody")
    address = shown(bob, LIST).links["Somebody"]
    person = shown(bob, address)
    assert account_id in person.one("dl").text
    [form] = [one for one in person.all("form") if one.all("button", value="activated")]
    done = bob.post(form["action"], data={"do": "activated"}, headers=BROWSER)
    assert sent_to(done) == (303, address)
    assert redis.hget(account_key(account_id), "status") == "active"
    assert told(bob, address) == ["Le compte est actif."]
    confirmation = shown(bob, person.one("a", class_="danger")["href"]).one("main").one("form")
    erased = bob.post(confirmation["action"], data={"typed": account_id}, headers=BROWSER)
    assert sent_to(erased) == (303, LIST)
    assert not redis.exists(account_key(account_id))


def test_a_button_changes_the_account_and_who_did_it_is_recorded(app: Flask, bob: Client, redis: Redis) -> None:
    add_account(app, redis, "carl", status="pending")
    changes = {"activated": "status", "promoted": "role", "demoted": "role", "suspended": "status"}
    becomes = {"activated": "active", "promoted": "admin", "demoted": "member", "suspended": "suspended"}
    for do, field in changes.items():
        assert press(bob, "carl", do).headers["Location"] == of("carl")
        assert redis.hget(account_key("carl"), field) == becomes[do]
        assert len(told(bob, of("carl"))) == 1
    for do in ("", "x", "erase", "__class__"):
        assert press(bob, "carl", do).status_code == 422
    assert bob.post(of("ghost", f"{PERSON}/erase"), data={"typed": "ghost"}, headers=BROWSER).status_code == 404
    # Of one's own account, which nobody can lock themself out of, none of these is changed.
    page = shown(bob, of("bob"))
    assert {one.attributes.get("value") for one in page.one("main").all("button")} & {*changes} == set()
    assert "C’est votre propre compte" in page.one(class_="deeds").text
    assert not shown(bob, of("bob", f"{PERSON}/erase")).one("main").all("input")
    for do in ("suspended", "demoted"):
        assert "soi-même" in page_of(press(bob, "bob", do), 409).one(role="alert").text
    assert bob.post(of("bob", f"{PERSON}/erase"), data={"typed": "bob"}, headers=BROWSER).status_code == 409
    assert redis.hget(account_key("bob"), "status") == "active"
    assert recorded(redis) == [("bob", f"{field}-changed", "carl") for field in changes.values()]


def test_a_sign_in_link_is_shown_once_and_signs_in_until_one_is_signed_out(
    app: Flask, make_public_app: Callable[..., Flask], bob: Client, redis: Redis
) -> None:
    add_account(app, redis, "jean", name="Jean", locale="en")
    response = press(bob, "jean", "link")
    assert response.headers["Cache-Control"] == "no-store"
    address = page_of(response).one(id="link")["value"]
    assert address.startswith("http://localhost/en/sign-in?token=")
    jean = signed_out(app)
    page = page_of(jean.get(address, headers=BROWSER))
    jean.post(page.one("main").one("form")["action"], headers=BROWSER)
    assert (jean.get("/api/me").json or {})["id"] == "jean"
    unused = page_of(press(bob, "jean", "link")).one(id="link")["value"]
    assert press(bob, "jean", "signed-out").status_code == 303
    assert jean.get("/api/me").status_code == 401
    assert jean.post(unused.replace("/en/", "/")).status_code == 410
    assert not shown(bob, of("jean")).all(id="link")
    add_account(app, redis, "carl", status="suspended")
    assert not shown(bob, of("carl")).all("button", value="link")
    assert "suspendu" in page_of(press(bob, "carl", "link"), 410).one(role="alert").text
    assert recorded(redis) == [("bob", what, "jean") for what in ("link-made", "link-made", "signed-out")]
    public = add_account(make_public_app(public_url="https://modules.example"), redis, "ann", role="admin")
    made = public.post(of("jean"), data={"do": "link"}, headers=BROWSER | {"Origin": "https://modules.example"})
    assert page_of(made).one(id="link")["value"].startswith("https://modules.example/en/sign-in?token=")


def test_data_is_downloaded_as_a_file(app: Flask, alice: Client, bob: Client, redis: Any) -> None:
    opened(alice, "May I?")
    expected = privacy.kept(redis, "alice")
    response = press(bob, "alice", "data")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="data-alice.json"'
    assert response.headers["Cache-Control"] == "no-store"
    data = json.loads(response.data)
    assert (data["requests"], data["account"]) == (expected["requests"], expected["account"])
    assert recorded(redis) == [("bob", "data-exported", "alice")]
    add_account(app, redis, 'x"é\\/..')
    assert press(bob, 'x"é\\/..', "data").headers["Content-Disposition"] == 'attachment; filename="data-x-.json"'


def test_a_person_is_shown_and_erased_with_all_that_is_kept_once_the_id_is_typed(
    app: Flask, alice: Client, bob: Client, redis: Any
) -> None:
    opened(alice, "May I?")
    add_voters(redis, "linkedin", ["alice"])
    page = shown(bob, of("alice"))
    assert [one.text for one in page.one(class_="wants").all("a")] == ["Recherche LinkedIn"]
    assert shown(bob, page.one(class_="asked").links["SMS"]).one(id="thread-title").text == "SMS"
    add_voters(redis, "scrap", ["alice"])
    address = of("alice", f"{PERSON}/erase")
    said = shown(bob, address).one(class_="goes").text
    assert "2 votes" in said and "1 demande" in said
    add_account(app, redis, "carl")
    assert len(shown(bob, of("carl", f"{PERSON}/erase")).one(class_="goes").all("li")) == 1
    before = privacy.kept(redis, "alice")
    for typed in ("", "Alice"):
        page = page_of(bob.post(address, data={"typed": typed}, headers=BROWSER), 422)
        assert page.one(id="typed")["value"] == typed
        assert page.one(id="typed-error").text == "Ce n’est pas l’identifiant. Rien n’a été effacé."
        assert "2 votes" in page.one(class_="goes").text
    assert privacy.kept(redis, "alice") == before
    assert recorded(redis) == []
    assert sent_to(bob.post(address, data={"typed": " alice "}, headers=BROWSER)) == (303, LIST)
    assert "effacé" in told(bob, LIST)[0]
    assert privacy.kept(redis, "alice")["stored_in"] == []
    [(_, what, whom)] = recorded(redis)
    assert what == "person-erased" and whom != "alice"
    assert alice.get("/api/me").status_code == 401


@pytest.mark.parametrize("account_id", ["nobody", "x" * 3000, "\u202e"])
def test_an_account_that_is_not_there(bob: Client, account_id: str) -> None:
    for address in (of(account_id), of(account_id, f"{PERSON}/erase")):
        assert parse(bob.get(address, headers=BROWSER).text).one("h1").text == "Ce compte n’existe pas"
    for do in ("activated", "signed-out", "link", "data"):
        assert press(bob, account_id, do).status_code == 404
    assert bob.get(PERSON, headers=BROWSER).headers["Location"] == LIST
