"""Asking for an activation and reading the answers, on pages, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from application import signed_in, signed_out
from contract import Client
from flask import Flask
from markup import Element, parse
from redis import Redis
from support import OPERATOR
from test_pages import BROWSER, POLICY
from werkzeug.test import TestResponse

from service.accounts import store as accounts
from service.accounts.store import Account

FORM = "/fr/modules/sms_campaign/request"
OWN = "/fr/requests"

#: What would be something else than text, were it not escaped.
HOSTILE = "<script>alert(1)</script>\n\"'></textarea>\u202e& fin"


@pytest.fixture
def admin(app: Flask, redis: Redis) -> Client:
    accounts.add(redis, Account("bob", "active", "admin", "Bob <b>"), by=OPERATOR)
    return signed_in(app, "bob")


def shown(client: Client, path: str, status: int = 200) -> Element:
    response = client.get(path, headers=BROWSER)
    return page_of(response, status)


def page_of(response: TestResponse, status: int = 200) -> Element:
    """The page of a response, about which nothing may be kept, and in which nothing is inline."""
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Security-Policy"] == POLICY
    page = parse(response.text)
    for element in page:
        assert element.tag != "style"
        assert element.tag != "script" or (element.attributes["src"] and not element.children)
        assert not any(name == "style" or name.startswith("on") for name in element.attributes)
    assert len(page.all("h1")) == 1
    return page


def send(client: Client, path: str, text: str, **fields: str) -> TestResponse:
    """Send the form of a page, as a browser does: with CRLF."""
    data = {"message": text.replace("\n", "\r\n")} | fields
    return client.post(path, data=data, headers=BROWSER)


def opened(client: Client, text: str = "Please") -> str:
    """The address of a request that was made with the form, without the query that says so."""
    response = send(client, FORM, text)
    assert response.status_code == 303
    return response.headers["Location"].partition("?")[0]


def words(page: Element) -> list[str]:
    return ["".join(map(str, one.children)) for one in page.all("p", class_="words")]


def test_a_tile_leads_to_the_form(client: Client) -> None:
    link = parse(client.get("/fr/").text).one("a", href=FORM)
    assert link.text == "Demander l’activation"


def test_who_has_had_no_answer_is_not_asked_for_one(alice: Client, admin: Client) -> None:
    address = opened(alice)

    def label() -> str:
        return shown(alice, address).one("label", for_="message").text

    assert label() == "Ajouter un message"
    thread = address.rpartition("/")[2]
    assert admin.post(f"/api/feedback/{thread}/messages", json={"message": "Which country?"}).status_code == 201
    assert label() == "Votre réponse"


def test_every_page_leads_to_ones_own_requests_without_javascript(client: Client) -> None:
    """A public page cannot know who is signed in, and says so by script alone."""
    for path in ("/fr/", "/fr/modules/scrap", "/fr/docs/", "/fr/nowhere"):
        foot = parse(client.get(path, headers=BROWSER).text).one("footer")
        assert foot.one("a", href=OWN).text == "Mes demandes"


@pytest.mark.parametrize(
    ("lang", "heading", "button"),
    [
        ("fr", "Demander l’activation de «\u00a0SMS\u00a0»", "Envoyer la demande"),
        ("en", "Request activation of Text messages", "Send the request"),
    ],
)
def test_asking_leads_to_the_request(alice: Client, lang: str, heading: str, button: str) -> None:
    path = f"/{lang}/modules/sms_campaign/request"
    page = shown(alice, path).one("main")
    assert (page.one("h1").text, page.one("form").one("button").text) == (heading, button)
    hint = page.one(id=page.one("textarea").attributes["aria-describedby"])
    assert hint.text
    response = send(alice, path, "one\ntwo")
    address, _, query = response.headers["Location"].partition("?")
    assert (response.status_code, query) == (303, "done=sent#latest")
    assert address.startswith(f"/{lang}/requests/")
    thread = shown(alice, f"{address}?{query}").one("main")
    assert words(thread) == ["one\ntwo"]
    assert thread.one(role="status").text == {"fr": "Votre message a été envoyé.", "en": "Your message was sent."}[lang]
    assert thread.all("a", href=f"/{lang}/modules/sms_campaign")


def test_an_open_request_is_shown_instead_of_the_form(alice: Client) -> None:
    address = opened(alice)
    response = alice.get(FORM, headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (302, address)
    assert opened(alice, "more") == address
    assert words(shown(alice, address)) == ["Please", "more"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Écrivez d’abord un message."),
        (" \n ", "Écrivez d’abord un message."),
        ("é" * 2001, "Le message compte 2\u202f001 caractères\u00a0; la limite est de 2\u202f000."),
        ("a\x1b[31m", "Le message contient des caractères impossibles à afficher. Collez-le en texte brut."),
    ],
)
def test_what_is_refused_stands_in_the_form_again(alice: Client, text: str, said: str) -> None:
    page = page_of(send(alice, FORM, text), 422)
    field = page.one("textarea")
    assert "".join(map(str, field.children)).removeprefix("\n").replace("\r", "") == text
    error = page.one(id="message-error")
    assert error.text == said
    assert "message-error" in field.attributes["aria-describedby"].split()
    assert field.attributes["aria-invalid"] == "true"
    assert page.one("title").text.startswith("Erreur\u00a0: ")
    assert shown(alice, OWN).all("ul", class_="threads") == []


def test_a_text_that_is_far_too_long_comes_back_as_well(alice: Client) -> None:
    page = page_of(send(alice, FORM, "é" * 10_000), 422)
    assert "é" * 10_000 in page.one("textarea").text
    assert send(alice, FORM, "é" * 12_000).status_code == 413


@pytest.mark.parametrize("path", [FORM, OWN, f"{OWN}/0123456789abcdef", f"{OWN}?cursor=1"])
def test_who_is_signed_out_signs_in_and_comes_back(client: Client, link: Callable[..., str], path: str) -> None:
    ways_in = client.get(path, headers=BROWSER)
    assert ways_in.status_code == 302
    assert client.get(ways_in.headers["Location"], headers=BROWSER).status_code == 200
    assert client.post(link(), headers=BROWSER).headers["Location"] == path


def test_a_session_that_ends_while_one_types_loses_nothing(app: Flask, alice: Client) -> None:
    address, text = opened(alice), "typed for a long time"
    for path in (FORM, address):
        response = send(signed_out(app), path, text)
        page = page_of(response, 401)
        assert response.headers["WWW-Authenticate"]
        assert page.one("textarea").text == text
        assert page.one(id="message-error").one("a").attributes["href"].startswith("/fr/sign-in?next=")
        assert page.one("form", class_="ask").attributes.get("action", path) == path
    assert words(shown(alice, address)) == ["Please"]


def test_a_store_that_does_not_answer_loses_nothing(app: Flask, make_app: Callable[..., Flask], alice: Client) -> None:
    address = opened(alice)
    broken = signed_in(make_app(redis_url="redis://127.0.0.1:1/0"), "alice")
    for path in (FORM, address):
        response = send(broken, path, "typed")
        page = page_of(response, 503)
        assert response.headers["Retry-After"]
        assert page.one("textarea").text == "typed"


def test_a_pending_account_is_told_why_not_yet(sign_in: Callable[..., Client], redis: Redis) -> None:
    paul = sign_in("paul")
    address = opened(paul)
    redis.hset("account:paul", "status", "pending")
    said = "Vous pourrez écrire dès que votre compte sera activé."
    assert shown(paul, address).all("form", class_="reply") == []
    assert said in shown(paul, address).one("main").text
    page = page_of(send(paul, address, "typed"), 403)
    assert (page.one(id="message-error").text, page.one("textarea").text) == (said, "typed")
    redis.hdel("{feedback}:open:paul", "sms_campaign")
    assert shown(paul, FORM).one("main").all("textarea") == []
    assert said in shown(paul, FORM).one("main").text


@pytest.mark.parametrize("slug", ["scrap", "linkedin", "finance"])
def test_there_is_no_form_where_nothing_is_on_demand(alice: Client, slug: str) -> None:
    response = alice.get(f"/fr/modules/{slug}/request", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (302, f"/fr/modules/{slug}")
    page = page_of(send(alice, f"/fr/modules/{slug}/request", "typed"), 409)
    assert page.one("textarea").text == "typed"
    assert page.one(id="message-error").text == "Ce module n’est plus à la demande\u00a0: il n’y a rien à demander."


def test_a_module_that_is_not_there_has_no_form(alice: Client) -> None:
    assert alice.get("/fr/modules/nowhere/request", headers=BROWSER).status_code == 404
    assert send(alice, "/fr/modules/nowhere/request", "typed").status_code == 404


def test_nobody_has_asked_for_anything_yet(alice: Client) -> None:
    page = shown(alice, OWN).one("main")
    assert "Vous n’avez encore rien demandé." in page.text
    assert page.one("a", class_="primary").attributes["href"] == "/fr/?state=on_demand"


def test_an_answer_is_unread_until_it_is_marked_as_read(alice: Client, admin: Client) -> None:
    address = opened(alice)
    assert "Non lue" not in shown(alice, OWN).one("main").text
    admin.post(f"/api/feedback/{address.rpartition('/')[2]}/messages", json={"message": "Yes"})
    listed = shown(alice, OWN).one("ul", class_="threads")
    assert listed.one("a").has("class", "unread")
    assert "Non lue" in listed.text
    assert "Bob <b> · Équipe · Yes" in listed.text
    page = shown(alice, address)
    assert page.one(class_="thread").has("data-thread", address.rpartition("/")[2])
    form = next(one for one in page.all("form") if one.all("button", value="read"))
    assert form.one("button").text == "Marquer comme lue"
    assert "Non lue" in shown(alice, OWN).one("main").text, "to read it is not enough: a GET changes nothing"
    response = alice.post(address, data={"do": "read"}, headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, address)
    assert "Non lue" not in shown(alice, OWN).one("main").text
    assert not shown(alice, address).all("button", value="read")


def test_a_conversation(alice: Client, admin: Client) -> None:
    address = opened(alice, "one")
    admin.post(f"/api/feedback/{address.rpartition('/')[2]}/messages", json={"message": "two"})
    assert shown(alice, address).one("main").all(class_="request-answered")
    assert send(alice, address, "three").headers["Location"] == f"{address}?done=sent#latest"
    page = shown(alice, address).one("main")
    assert words(page) == ["one", "two", "three"]
    assert [one.one("b").text for one in page.all("p", class_="said-by")] == ["Vous", "Bob <b> · Équipe", "Vous"]
    assert page.all(class_="request-open")
    assert page_of(send(alice, address, ""), 422).one("main").one(id="message-error").text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_times_are_told_as_the_language_does(alice: Client, redis: Redis, lang: str) -> None:
    address = opened(alice).replace("/fr/", f"/{lang}/")
    thread = f"{{feedback}}:thread:{address.rpartition('/')[2]}"
    now = int(redis.hget(thread, "created"))
    for seconds, expected in (
        (0, {"fr": "à l’instant", "en": "just now"}),
        (3 * 3600 + 60, {"fr": "il y a 3 heures", "en": "3 hours ago"}),
        (2 * 86400 + 60, {"fr": "il y a 2 jours", "en": "2 days ago"}),
    ):
        redis.hset(thread, "created", now - seconds)
        assert shown(alice, address).one("p", class_="thread-facts").one("time").text == expected[lang]
    redis.hset(thread, "created", 1577934245)
    time = shown(alice, address).one("p", class_="thread-facts").one("time")
    assert time.text == {"fr": "2 janv. 2020", "en": "2 Jan 2020"}[lang]
    assert time.attributes["datetime"] == "2020-01-02T03:04:05+00:00"
    assert time.attributes["title"] == {"fr": "2 janvier 2020, 03:04 UTC", "en": "2 January 2020, 03:04 UTC"}[lang]


def test_what_people_write_is_text(app: Flask, redis: Redis) -> None:
    accounts.add(redis, Account("eve", "active"), by=OPERATOR)
    redis.hset("account:eve", "name", "<img src=x>\u202e\n" + "x" * 300)
    eve = signed_in(app, "eve")
    address = opened(eve, HOSTILE)
    for path in (OWN, address):
        page = shown(eve, path)
        assert not page.one("main").all("script")
        assert not page.one("main").all("img")
        name = page.one(id="account").one("bdi").text
        assert name.startswith("<img src=x>\\u202e\\n")
        assert len(name) == 100
    page = shown(eve, address)
    assert words(page) == [HOSTILE]
    assert page.one("p", class_="words").attributes["dir"] == "auto", "it cannot turn what stands around it"
    assert page.one("main").all("bdi") == [] and shown(eve, OWN).one("ul", class_="threads").all("bdi")
    again = page_of(send(eve, address, HOSTILE + "x" * 2000), 422)
    assert "".join(map(str, again.one("main").one("textarea").children)).replace("\r", "").strip().startswith(HOSTILE)


def test_a_list_has_pages(alice: Client, redis: Redis) -> None:
    for number in range(51):
        address = opened(alice, f"{number}.")
        redis.delete("{feedback}:open:alice")
    page = shown(alice, OWN).one("main")
    assert len(page.all("a", class_="thread-link")) == 50
    assert page.all("a", class_="thread-link")[0].attributes["href"] == address
    [older] = [one for one in page.all("a", class_="button") if one.text == "Plus anciennes"]
    last = shown(alice, older.attributes["href"]).one("main")
    assert [one.text for one in last.all("a", class_="button")] == ["Les plus récentes"]
    assert len(last.all("a", class_="thread-link")) == 1
    assert alice.get(f"{OWN}?cursor=x", headers=BROWSER).status_code == 422


def test_a_request_of_somebody_else_is_not_there(alice: Client, sign_in: Callable[..., Client], admin: Client) -> None:
    address, zoe = opened(alice), sign_in("zoe")
    assert zoe.get(address, headers=BROWSER).status_code == 404
    assert send(zoe, address, "x").status_code == 404
    assert zoe.post(address, data={"do": "read"}, headers=BROWSER).status_code == 404
    response = admin.get(address, headers=BROWSER)
    assert response.headers["Location"] == address.replace("/fr/", "/fr/admin/"), "admins read it where they answer"


def test_a_note_says_what_became_of_a_module(make_app: Callable[..., Flask], alice: Client, tmp_path: Path) -> None:
    address = opened(alice)
    file = tmp_path / "registry.yaml"
    file.write_text("modules:\n  - { slug: scrap, category: sources, is_meta: true, label: { fr: A, en: A } }\n")
    later = signed_in(make_app(registry_file=file), "alice")
    page = shown(later, address).one("main")
    assert page.one("h1").text == "sms_campaign"
    assert page.one("p", class_="note").text == "Ce module n’existe plus."
    assert page.all(class_="request-declined")
    assert shown(later, OWN).one("main").all(class_="request-declined")


@pytest.mark.parametrize("path", [FORM, f"{OWN}/0123456789abcdef"])
def test_a_form_of_another_site_is_refused(alice: Client, path: str) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = alice.post(path, data={"message": "x"}, headers=BROWSER | headers)
        assert response.status_code == 403
    assert shown(alice, OWN).all("a", class_="thread-link") == []


def test_the_page_knows_who_is_signed_in_without_scripts(alice: Client, admin: Client) -> None:
    for client, name, hidden in ((alice, "alice", True), (admin, "Bob <b>", False)):
        page = shown(client, OWN)
        assert page.one(id="account").one("a", href="/fr/requests").text == name
        assert ("hidden" in page.one(id="admin-link").attributes) == hidden
    assert page.one("form", class_="no-js").attributes["action"] == "/sign-out"
