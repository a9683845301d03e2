"""The dashboard of admins: what waits, answering, deciding, and being told that somebody was faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from contract import Client
from flask import Flask
from markup import BROWSER, Element, add_account, desk_of, opened, page_of, send, sent_to, shown, words
from redis import Redis
from werkzeug.test import TestResponse

from service.feedback.model import Status

HOME = "/fr/admin/"
LIST = "/fr/admin/requests"

#: As many modules on demand as the filters need.
REGISTRY = """
modules:
  - { slug: sms, category: outreach, label: { fr: Campagne de SMS, en: SMS }, is_on_demand: true, formerly: [texts] }
  - { slug: mail, category: outreach, label: { fr: Campagne d’e-mails, en: E-mail campaign }, is_on_demand: true }
  - { slug: gone, category: outreach, label: { fr: Passé, en: Past }, is_on_demand: true }
"""


def fields_of(page: Element) -> dict[str, str]:
    """What the form of a thread sends if nothing is typed or chosen."""
    form = page.one("form", class_="reply")
    fields = {one["name"]: one["value"] for one in form.all("input")}
    [chosen] = [one for one in form.all("option") if "selected" in one.attributes] or [None]
    return fields | ({"status": chosen["value"]} if chosen else {})


def do(client: Client, address: str, page: Element, text: str = "", **fields: str) -> TestResponse:
    """Send the form of a page that was shown."""
    return send(client, address, text, **(fields_of(page) | fields))


def done(response: TestResponse, address: str) -> None:
    assert sent_to(response) == (303, f"{address}#thread")


def names(page: Element) -> list[str]:
    """The threads of the list: whose last message each shows."""
    return [one.text.split()[0] for one in page.part("nav.desk-list a.thread-link .thread-last")]


def test_an_admin_reads_answers_and_decides(alice: Client, bob: Client) -> None:
    address = opened(alice, "May I?")
    desk = desk_of(address)
    page = shown(bob, desk)
    assert page.one("a", class_="unread")
    assert page.one("button", value="read").text == "Marquer comme lue"
    done(bob.post(desk, data={"do": "read"}, headers=BROWSER), desk)
    page = shown(bob, desk)
    assert page.one("main").all("a", class_="unread") == page.all("button", value="read") == []
    assert page.one("h1").text == "Demandes d’activation"
    assert page.one(id="thread-title").text == "SMS"
    done(do(bob, desk, page, "Yes"), desk)
    page = shown(bob, desk)
    assert words(page) == ["May I?", "Yes"]
    assert page.one(role="status", class_="note").text == "Votre réponse a été envoyée."
    assert page.one("main").one(class_="thread-facts").all(class_="request-answered")
    assert words(shown(alice, address)) == ["May I?", "Yes"]

    done(do(bob, desk, page, "Done", status="activated"), desk)
    page = shown(alice, address)
    assert words(page) == ["May I?", "Yes", "Done"]
    assert page.one("main").one(class_="thread-facts").all(class_="request-activated")
    assert page.one("p", class_="note").text == "Le module est activé pour vous."

    done(do(bob, desk, shown(bob, desk), status=Status.DECLINED), desk)
    assert fields_of(shown(bob, desk))["status"] == Status.DECLINED
    assert words(shown(bob, desk)) == ["May I?", "Yes", "Done"], "decided without a word"


def test_what_cannot_be_done_is_said_and_changes_nothing(alice: Client, bob: Client) -> None:
    address = opened(alice)
    desk = desk_of(address)
    page = page_of(do(bob, desk, shown(bob, desk), " \n"), 422)
    assert page.one(id="message-error").text == "Écrivez une réponse ou choisissez un autre statut."
    page = page_of(do(bob, desk, shown(bob, desk), "x" * 2001, status="declined"), 422)
    assert page.one("textarea").text == "x" * 2001
    assert [one["value"] for one in page.all("option") if "selected" in one.attributes] == ["declined"]
    assert do(bob, desk, shown(bob, desk), status="nonsense").status_code == 422
    for etag in ("", "x", "*", '"1-own-sms_campaign"', "1-gone-sms_campaign", "9" * 1000):  # forged
        for fields in ({"text": "x"}, {"status": "declined"}):
            assert page_of(do(bob, desk, shown(bob, desk), etag=etag, seen=etag, **fields), 412).one(role="alert")
    assert words(shown(bob, desk)) == ["Please"]

    page = shown(bob, desk)
    send(alice, address, "Never mind")
    told = page_of(do(bob, desk, page, "Done"), 412)
    assert [one.one(class_="words").text for one in told.all("li", class_="is-new")] == ["Never mind"]

    done(do(bob, desk, shown(bob, desk), status="declined"), desk)
    opened(alice)
    page = page_of(do(bob, desk, shown(bob, desk), "Anew", status="open"), 409)
    assert "Votre réponse a été envoyée. Le statut n’a pas été modifié." in page.one("main").text
    assert page.one("textarea").text == "", "so that it is not sent twice"
    assert words(page)[-1] == "Anew"


@pytest.mark.parametrize(
    ("first", "told", "status", "second"),
    [
        ({"text": "A"}, "il y a 1 nouveau message.", "Répondue", {"text": "B"}),
        ({"status": "declined"}, "Son statut a changé\u00a0: Refusée.", "Refusée", {"status": "answered"}),
        (
            {"text": "A", "status": "activated"},
            "message. Son statut a changé",
            "Activée",
            {"text": "B", "status": "open"},
        ),
    ],
)
def test_the_second_of_two_admins_is_told(
    app: Flask, alice: Client, bob: Client, redis: Redis, first: Any, told: str, status: str, second: Any
) -> None:
    desk = desk_of(opened(alice))
    carol = add_account(app, redis, "carol", role="admin")
    pages = {client: shown(client, desk) for client in (bob, carol)}
    assert do(bob, desk, pages[bob], **first).status_code == 303
    before = words(shown(bob, desk))
    page = page_of(do(carol, desk, pages[carol], **second), 412)
    alert = page.one(role="alert")
    assert alert.text.startswith("Quelqu’un vous a devancé.")
    assert told in alert.text
    assert page.one("textarea").text == second.get("text", "")
    assert [one.one(class_="words").text for one in page.all("li", class_="is-new")] == [*first.get("text", "")]
    assert page.one(class_="thread-facts").one("span", class_="state").text == status
    assert words(shown(bob, desk)) == before, "nothing of the second one's was done"
    assert do(carol, desk, page, "Third").status_code == 303, "what was shown now is what holds"


def test_next_leads_through_unread_ones(sign_in: Callable[..., Client], bob: Client) -> None:
    ones = {name: desk_of(opened(sign_in(name), name)) for name in ("a1", "a2", "a3", "a4")}

    def ways(page: Element) -> dict[str, str]:
        return {way: one["href"] for way in ("prev", "next") for one in page.all("a", rel=way)}

    page = shown(bob, LIST)
    assert names(page) == ["a4", "a3", "a2", "a1"]
    assert page.one("a", aria_current="true", class_="thread-link")["href"] == ones["a4"]
    assert ways(page) == {"next": ones["a3"]}
    page = shown(bob, ones["a3"])
    assert ways(page) == {"prev": ones["a4"], "next": ones["a2"]}
    do(bob, ones["a3"], page, "Yes")
    page = shown(bob, ones["a3"])
    assert names(page) == ["a4", "a2", "a1", "Bob"]
    assert ways(page)["next"] == ones["a4"], "from what is done to what waits"
    for name in ("a1", "a2", "a4"):
        do(bob, ones[name], shown(bob, ones[name]), "Yes")
    assert ways(shown(bob, ones["a3"])) == {"prev": ones["a1"]}


def test_what_the_registry_decides_no_admin_changes(
    with_registry: Callable[..., Flask], redis: Redis, alice: Client
) -> None:
    desk = desk_of(opened(alice))
    bob = add_account(with_registry(REGISTRY), redis, "bob", role="admin")
    page = shown(bob, desk)
    assert page.one("article").one("p", class_="note").text == "Ce module n’existe plus."
    assert not page.all("select")
    done(do(bob, desk, page, "Sorry"), desk)


def test_filters_are_links_with_numbers(with_registry: Callable[..., Flask], redis: Redis) -> None:
    app = with_registry(REGISTRY)
    bob = add_account(app, redis, "bob", role="admin")
    members = [add_account(app, redis, name) for name in ("m1", "m2", "m3")]
    for module, asking in (("sms", members), ("mail", members[:1])):
        for number, member in enumerate(asking):
            send(member, f"/fr/modules/{module}/request", f"{module} {number}")
    first = shown(bob, LIST).all("a", class_="thread-link")[0]["href"]
    do(bob, first, shown(bob, first), status="declined")

    def chips(page: Element) -> dict[str, str]:
        return page.one("nav", class_="filters").links

    page = shown(bob, LIST)
    by_status = ["Toutes les demandes 4", "Ouvertes 3", "Répondues 0", "Activées 0", "Refusées 1"]
    assert list(chips(page)) == [*by_status, "Campagne de SMS 3", "Campagne d’e-mails 1"]
    assert page.one("p", class_="lead").text == "3 non lues, 3 ouvertes. La plus ancienne attend depuis 1 minute."
    page = shown(bob, chips(page)["Ouvertes 3"])
    assert {"Ouvertes 3", "Campagne de SMS 3", "Campagne d’e-mails 0"} <= set(chips(page))
    assert [one.text for one in page.one("nav", class_="filters").all("a", aria_current="true")] == ["Ouvertes 3"]
    page = shown(bob, chips(page)["Campagne de SMS 3"])
    assert {"Toutes les demandes 3", "Ouvertes 3", "Refusées 0"} <= set(chips(page))
    assert len(names(page)) == 3
    query = "?status=open&module=sms"
    assert all(one["href"].endswith(query) for one in page.one("nav", class_="desk-list").all("a"))
    desk = page.all("a", class_="thread-link")[0]["href"]
    response = do(bob, desk, shown(bob, desk), "Yes")
    assert response.headers["Location"] == f"{desk}#thread"
    page = shown(bob, desk)
    assert len(names(page)) == 2, "it has left the list, and is still shown"
    assert page.one("a", rel="next")["href"] == page.all("a", class_="thread-link")[0]["href"]
    assert chips(page)["Toutes les demandes 3"] == f"{LIST}?module=sms"
    assert "Toutes les demandes 3" in chips(shown(bob, f"{LIST}?module=texts")), "as it was called before"
    assert "Aucune demande ne correspond." in shown(bob, f"{LIST}?status=activated").one("main").text
    assert shown(bob, f"{LIST}?module=%3Cb%3E").one("main").all("a", href=LIST)
    assert bob.get(f"{LIST}?status=nonsense", headers=BROWSER).status_code == 422


def test_a_long_list_has_pages_and_the_dashboard_counts_what_waits(app: Flask, bob: Client, redis: Redis) -> None:
    assert "Aucune demande pour l’instant." in shown(bob, LIST).one("main").text
    page = shown(bob, HOME)
    assert page.one("p", class_="lead").text == "Tout est lu. 0 ouverte."
    assert not page.one(id="menu").all(class_="count")

    address, *_ = [opened(add_account(app, redis, f"m{number}")) for number in range(51)]
    page = shown(bob, LIST)
    waiting = "51 non lues, 51 ouvertes. La plus ancienne attend depuis "
    assert page.one("p", class_="lead").text.startswith(waiting)
    assert len(page.part("nav.desk-list a.thread-link")) == 50
    [older] = page.part("nav.desk-list a.button")
    [last] = shown(bob, older["href"]).part("nav.desk-list a.thread-link")
    assert last["href"].partition("?")[2] == older["href"].partition("?")[2]

    desk = desk_of(address)
    do(bob, desk, shown(bob, desk), "Yes")
    page = shown(bob, HOME)
    assert page.one(id="admin-link").text == "Administration 50 à lire"
    main = page.one("main")
    assert main.one("p", class_="lead").text.startswith("50 non lues, 50 ouvertes. La plus ancienne attend depuis")
    assert len(main.all("a", class_="thread-link")) == 5
    assert main.one("ul", class_="figures").links == {
        "50 Ouvertes": f"{LIST}?status=open",
        "1 Répondue": f"{LIST}?status=answered",
        "0 Activée": f"{LIST}?status=activated",
        "0 Refusée": f"{LIST}?status=declined",
    }
