"""What was done is told once, to whoever did it; no address has a page say so."""

import pytest
from application import signed_in
from contract import Client, platform_cookie
from flask import Flask
from markup import BROWSER, add_account, desk_of, opened, page_of, send, told
from redis import Redis
from support import OPERATOR

from service.accounts import store

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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 1_999 + "\nx", "Le message compte 2 001 caractères ; la limite est de 2 000."),
        ("x\n" * 990 + "\x02", "Le message contient des caractères impossibles à afficher. Collez-le en texte brut."),
        ("x\x02" + " " * 2_500, "Le message contient des caractères impossibles à afficher. Collez-le en texte brut."),
    ],
)
def test_why_nothing_was_sent_is_said_of_what_would_have_been_kept(alice: Client, text: str, said: str) -> None:
    """Its line breaks are one character each, and blanks around it are none."""
    refused = page_of(send(alice, "/fr/modules/sms_campaign/request", text), 422)
    assert refused.one("#message-error").text.replace("\u202f", " ").replace("\xa0", " ") == said


def test_it_is_told_as_long_as_it_is_so(bob: Client, carl: Client, redis: Redis) -> None:
    for status, said in (("suspended", ["Le compte est suspendu."]), ("active", [])):
        assert bob.post(CARL, data={"do": "suspended"}, headers=BROWSER).status_code == 303
        redis.hset("{registry}:account:carl", "status", status)
        assert told(bob, CARL) == said


@pytest.mark.parametrize(("account", "typed", "status"), [("carl", "wrong", 422), ("eve", "eve", 404)])
def test_it_is_not_told_after_a_form_that_did_nothing(
    app: Flask, bob: Client, carl: Client, redis: Redis, account: str, typed: str, status: int
) -> None:
    add_account(app, redis, "eve")
    erase = "/fr/admin/person/erase?id="
    assert bob.post(f"{erase}eve", data={"typed": "eve"}, headers=BROWSER).status_code == 303
    assert bob.post(f"{erase}{account}", data={"typed": typed}, headers=BROWSER).status_code == status
    assert told(bob, LIST) == []


def test_a_language_is_saved_as_long_as_it_is_that_of_the_account(alice: Client, redis: Redis) -> None:
    for locale, said in (("fr", ["Votre langue est enregistrée."]), ("", [])):
        assert alice.post("/fr/account", data={"locale": "fr"}, headers=BROWSER).status_code == 303
        redis.hset("{registry}:account:alice", "locale", locale)
        assert told(alice, "/fr/account") == said


def test_of_a_reason_nothing_is_told_to_whoever_is_signed_out(alice: Client, redis: Redis) -> None:
    vote = "/fr/modules/linkedin/vote"
    alice.post(f"{vote}?wanted=yes", headers=BROWSER)
    assert alice.post(f"{vote}/reason", data={"reason": "x"}, headers=BROWSER).status_code == 303
    redis.hset("{registry}:account:alice", "status", "suspended")
    assert not any("raison" in text for text in told(alice, vote))


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
