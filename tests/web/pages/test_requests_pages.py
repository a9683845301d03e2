"""Asking for an activation and reading the answers, on pages, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from application import signed_in, signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, FORM, OWN, add_account, desk_of, opened, page_of, send, sent_to, shown, words
from redis import Redis
from test_admin_pages import fields_of
from test_limits import check


def test_asking_leads_to_the_request(alice: Client) -> None:
    page = shown(alice, FORM).one("main")
    assert page.one("h1").text == "Demander l’activation de «\u00a0SMS\u00a0»"
    assert page.one("form").one("button").text == "Envoyer la demande"
    assert page.one(id=page.one("textarea")["aria-describedby"]).text
    response = send(alice, FORM, "one\ntwo")
    address, _, place = response.headers["Location"].partition("#")
    assert (response.status_code, place) == (303, "latest")
    assert address.startswith("/fr/requests/")
    thread = shown(alice, address).one("main")
    assert words(thread) == ["one\ntwo"]
    assert thread.one(role="status").text == "Votre message a été envoyé."
    assert {time.text for time in thread.all("time")} == {"à l’instant"}
    assert thread.all("a", href="/fr/modules/sms_campaign")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("é" * 10_000, "Le message compte 10\u202f000 caractères\u00a0; la limite est de 2\u202f000."),
        ("", "Écrivez d’abord un message."),
        ("a\x1b[31m", "Le message contient des caractères impossibles à afficher. Collez-le en texte brut."),
    ],
)
def test_what_is_refused_stands_in_the_form_again(alice: Client, text: str, said: str) -> None:
    page = page_of(send(alice, FORM, text), 422)
    field = page.one("textarea")
    assert "".join(map(str, field.children)).removeprefix("\n").replace("\r", "") == text
    assert page.one(id="message-error").text == said
    assert "message-error" in field["aria-describedby"].split()
    assert field["aria-invalid"] == "true"
    assert page.one("title").text.startswith("Erreur\u00a0: ")
    assert shown(alice, OWN).all("ul", class_="threads") == []


def test_who_is_signed_out_meanwhile_or_finds_no_store_is_told_that_nothing_was_saved(
    app: Flask, without_store: Flask, alice: Client
) -> None:
    address = opened(alice)
    for path in (FORM, address):
        response = send(signed_out(app), path, "typed")
        page = page_of(response, 401).one("main")
        assert response.headers["WWW-Authenticate"]
        assert "rien n’a été enregistré" in page.text
        assert page.one("a", class_="primary")["href"] == f"/fr/sign-in?next={quote(path, safe='')}"

        response = send(signed_in(without_store, "alice"), path, "typed")
        page = page_of(response, 503)
        assert response.headers["Retry-After"]
        assert "L’envoi n’a peut-être pas été enregistré" in page.one("main").text
        assert page.one("main").one("a", class_="primary")["href"] == "", "which shows the form"
        assert "hidden" in page.one(id="sign-in").attributes, "nobody knows who it is"
    assert words(shown(alice, address)) == ["Please"]


def test_a_pending_account_is_told_why_not_yet(sign_in: Callable[..., Client], redis: Redis) -> None:
    paul = sign_in("paul")
    address = opened(paul)
    redis.hset("{registry}:account:paul", "status", "pending")
    said = "Vous pourrez écrire dès que votre compte sera activé."
    assert shown(paul, address).all("form", class_="reply") == []
    assert said in shown(paul, address).one("main").text
    assert page_of(send(paul, address, "typed"), 403).one("h1").text == "Vous n’avez pas accès à cette page"
    redis.hdel("{registry}:feedback:open:paul", "sms_campaign")
    assert shown(paul, FORM).one("main").all("textarea") == []
    assert said in shown(paul, FORM).one("main").text


@pytest.mark.parametrize("slug", ["scrap", "linkedin", "finance"])
def test_there_is_no_form_where_nothing_is_on_demand(alice: Client, slug: str) -> None:
    assert sent_to(alice.get(f"/fr/modules/{slug}/request", headers=BROWSER)) == (302, f"/fr/modules/{slug}")
    page = page_of(send(alice, f"/fr/modules/{slug}/request", "typed"), 409)
    assert page.one("textarea").text == "typed"
    assert page.one(id="message-error").text == "Ce module n’est plus à la demande\u00a0: il n’y a rien à demander."
    assert alice.get("/fr/modules/nowhere/request", headers=BROWSER).status_code == 404
    assert send(alice, "/fr/modules/nowhere/request", "typed").status_code == 404


def test_an_answer_is_unread_until_it_is_marked_as_read_and_one_goes_on(alice: Client, bob: Client) -> None:
    empty = shown(alice, OWN).one("main")
    assert "Vous n’avez encore rien demandé." in empty.text
    assert empty.one("a", class_="primary")["href"] == "/fr/?state=on_demand"
    address = opened(alice)
    assert "Non lue" not in shown(alice, OWN).one("main").text
    assert shown(alice, address).one("label", for_="message").text == "Ajouter un message"
    assert send(bob, desk_of(address), "Yes", **fields_of(shown(bob, desk_of(address)))).status_code == 303
    assert shown(alice, address).one("label", for_="message").text == "Votre réponse"
    listed = shown(alice, OWN).one("ul", class_="threads")
    assert listed.one("a").has("class", "unread")
    assert "Non lue" in listed.text
    assert "Bob · Équipe · Yes" in listed.text
    page = shown(alice, address)
    assert page.one(class_="thread").has("data-thread", address.rpartition("/")[2])
    form = next(one for one in page.all("form") if one.all("button", value="read"))
    assert form.one("button").text == "Marquer comme lue"
    assert "Non lue" in shown(alice, OWN).one("main").text, "to read it is not enough: a GET changes nothing"
    assert sent_to(alice.post(address, data={"do": "read"}, headers=BROWSER)) == (303, address)
    assert "Non lue" not in shown(alice, OWN).one("main").text
    assert not shown(alice, address).all("button", value="read")

    assert shown(alice, address).one("main").all(class_="request-answered")
    assert send(alice, address, "three").headers["Location"] == f"{address}#latest"
    page = shown(alice, address).one("main")
    assert words(page) == ["Please", "Yes", "three"]
    assert [one.one("b").text for one in page.all("p", class_="said-by")] == ["Vous", "Bob · Équipe", "Vous"]
    assert page.all(class_="request-open")
    assert page_of(send(alice, address, ""), 422).one("main").one(id="message-error").text
    assert sent_to(alice.get(FORM, headers=BROWSER)) == (302, address), "it is shown instead of the form"
    assert opened(alice, "four") == address
    assert words(shown(alice, address)) == ["Please", "Yes", "three", "four"]
    assert send(alice, FORM, "é" * 12_000).status_code == 413
    for client, name, hidden in ((alice, "alice", True), (bob, "Bob", False)):
        page = shown(client, OWN)
        assert page.one(id="account").links[name] == "/fr/account"
        assert ("hidden" in page.one(id="admin-link").attributes) == hidden
    assert page.one("form", class_="no-js")["action"] == "/sign-out"


def test_a_list_has_pages(alice: Client, redis: Redis) -> None:
    for number in range(51):
        address = opened(alice, f"{number}.")
        redis.delete("{registry}:feedback:open:alice")
    page = shown(alice, OWN).one("main")
    assert len(page.all("a", class_="thread-link")) == 50
    assert page.all("a", class_="thread-link")[0]["href"] == address
    last = shown(alice, page.links["Plus anciennes"]).one("main")
    assert [one.text for one in last.all("a", class_="button")] == ["Les plus récentes"]
    assert len(last.all("a", class_="thread-link")) == 1
    assert alice.get(f"{OWN}?cursor=x", headers=BROWSER).status_code == 422


def test_a_request_is_not_there_for_somebody_else_and_stays_when_its_module_goes(
    app: Flask, with_registry: Callable[..., Flask], alice: Client, bob: Client, redis: Redis
) -> None:
    address, zoe = opened(alice), add_account(app, redis, "zoe")
    assert zoe.get(address, headers=BROWSER).status_code == 404
    assert send(zoe, address, "x").status_code == 404
    assert zoe.post(address, data={"do": "read"}, headers=BROWSER).status_code == 404
    response = bob.get(address, headers=BROWSER)
    assert response.headers["Location"] == address.replace("/fr/", "/fr/admin/"), "admins read it where they answer"
    later = signed_in(with_registry("modules: []\n"), "alice")
    page = shown(later, address).one("main")
    assert (page.one("h1").text, page.one("p", class_="note").text) == ("sms_campaign", "Ce module n’existe plus.")
    assert page.all(class_="request-declined")
    assert shown(later, OWN).one("main").all(class_="request-declined")


def test_who_writes_too_often_keeps_what_was_typed(limited: Flask, redis: Redis) -> None:
    alice = add_account(limited, redis, "alice")
    address = [opened(alice) for _ in range(2)][1]
    for path in (FORM, address):
        refused = send(alice, path, "Encore une fois")
        check(refused, "messages")
        main = page_of(refused, 429).one("main")
        assert main.one("textarea").text == "Encore une fois"
        said = main.one(id="message-error").text.replace("\u202f", "").replace("\xa0", " ")
        assert said.startswith("Vous avez envoyé un très grand nombre de messages.")
        assert said.endswith(f"renvoyez-le dans {refused.headers['Retry-After']} s.")
