"""What was done is told once, to whoever did it; no address has a page say so."""

import pytest
from application import signed_in
from contract import Client, platform_cookie
from flask import Flask
from markup import BROWSER, add_account, desk_of, opened, page_of, send, told
from redis import Redis
from support import OPERATOR

from service.accounts import store
from service.accounts.model import account_key

LIST = "/fr/admin/people"
CARL = "/fr/admin/person?id=carl"


@pytest.fixture
def carl(app: Flask, redis: Redis) -> Client:
    return add_account(app, redis, "carl", role="admin")


def test_no_page_says_that_something_was_done_because_of_its_address(alice: Client, bob: Client, carl: Client) -> None:
    address = opened(alice)
    told(alice, address)
    for client, path, what in (
        (alice, f"{address}?", "sent"),
        (alice, "/fr/account?", "saved"),
        (bob, f"{desk_of(address)}?", "answered"),
        (bob, f"{LIST}?", "erased"),
        (bob, f"{CARL}&", "activated"),
    ):
        assert told(client, f"{path}done={what}") == []


def test_it_is_told_once_on_its_page_to_whoever_did_it(app: Flask, alice: Client, bob: Client, carl: Client) -> None:
    assert bob.post(CARL, data={"do": "demoted"}, headers=BROWSER).status_code == 303
    assert bob.post(CARL, data={"do": "promoted"}, headers=BROWSER).status_code == 303
    kept = bob.get_cookie("done")
    assert kept is not None
    assert (kept.http_only, kept.same_site, kept.max_age) == (True, "Lax", 60)
    assert told(bob, CARL.replace("carl", "alice")) == told(bob, LIST) == [], "it is about another"
    assert told(bob, CARL) == ["Cette personne est maintenant admin."]
    assert told(bob, CARL) == []
    for client, value in ((carl, kept.value), (bob, f"{kept.value}x"), (bob, "x")):
        client.set_cookie("done", value)
        assert told(client, CARL) == []
    assert "session" not in str(send(alice, "/fr/modules/sms_campaign/request", "x").headers.getlist("Set-Cookie"))


def test_it_is_told_as_long_as_it_is_so(alice: Client, bob: Client, carl: Client, redis: Redis) -> None:
    vote = "/fr/modules/linkedin/vote"
    alice.post(f"{vote}?wanted=yes", headers=BROWSER)
    for client, path, sent, account, field, values, said in (
        (bob, CARL, {"do": "suspended"}, "carl", "status", ("suspended", "active"), "Le compte est suspendu."),
        (alice, "/fr/account", {"locale": "fr"}, "alice", "locale", ("fr", ""), "Votre langue est enregistrée."),
        (
            alice,
            f"{vote}/reason",
            {"reason": "x"},
            "alice",
            "status",
            ("active", "suspended"),
            "Votre raison est enregistrée.",
        ),
    ):
        for value, is_told in zip(values, ([said], []), strict=True):
            assert client.post(path, data=sent, headers=BROWSER).status_code == 303, path
            redis.hset(account_key(account), field, value)
            assert told(client, path.removesuffix("/reason")) == is_told, path


@pytest.mark.parametrize(("account", "typed", "status"), [("carl", "wrong", 422), ("eve", "eve", 404)])
def test_it_is_not_told_after_a_form_that_did_nothing(
    app: Flask, bob: Client, carl: Client, redis: Redis, account: str, typed: str, status: int
) -> None:
    add_account(app, redis, "eve")
    erase = "/fr/admin/person/erase?id="
    assert bob.post(f"{erase}eve", data={"typed": "eve"}, headers=BROWSER).status_code == 303
    assert bob.post(f"{erase}{account}", data={"typed": typed}, headers=BROWSER).status_code == status
    assert told(bob, LIST) == []


def test_it_is_told_soon_or_not_at_all(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no page tells it beside what has happened since."""
    monkeypatch.setattr("service.web.pages.blueprint._LIFETIME", -1)
    address = opened(alice)
    assert told(alice, address) == []


def test_whose_session_has_ended_is_not_told_that_somebody_was_erased(app: Flask, carl: Client, redis: Redis) -> None:
    add_account(app, redis, "bob", role="admin")
    bob = signed_in(app, "bob", _generation=redis.hget("{registry}:account:bob", "generation"))
    store.renew_generation(redis, "bob", by=OPERATOR)
    address = "/fr/admin/person/erase?id=carl"
    page = page_of(bob.post(address, data={"typed": "wrong"}, headers=BROWSER), 401)
    [button] = page.all("main a.primary")
    assert button["href"] == "/fr/sign-in?next=%2Ffr%2Fadmin%2Fperson%2Ferase%3Fid%3Dcarl"
    bob.set_cookie("session", platform_cookie(app, _user_id="bob"))
    assert told(bob, LIST) == []
