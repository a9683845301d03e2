"""Whoever votes or writes too often by a form is told so, and keeps what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from contract import Client
from flask import Flask
from markup import BROWSER, parse
from test_limits import SETTINGS, check


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(**SETTINGS)


def test_a_vote_by_a_form_is_refused_by_a_page_that_leads_back(alice: Client) -> None:
    page = "/fr/modules/linkedin/vote"
    for _ in range(2):
        assert alice.post(f"{page}?wanted=yes", headers=BROWSER).status_code == 303
    refused = alice.post(f"{page}?wanted=no", headers=BROWSER)
    check(refused, "votes")
    main = parse(refused.text).one("main")
    assert main.one("h1").text == "Un instant"
    assert main.one("a", class_="primary")["href"] == ""
    assert "Retirer mon vote" in alice.get(page, headers=BROWSER).text


def test_a_form_keeps_what_was_typed(alice: Client) -> None:
    form = "/fr/modules/sms_campaign/request"
    for _ in range(2):
        sent = alice.post(form, data={"message": "Une fois"}, headers=BROWSER)
        assert sent.status_code == 303
    thread = sent.headers["Location"].partition("?")[0]
    for page in (form, thread):
        refused = alice.post(page, data={"message": "Encore une fois"}, headers=BROWSER)
        check(refused, "messages")
        main = parse(refused.text).one("main")
        assert main.one("textarea").text == "Encore une fois"
        assert main.one(id="message-error").text.startswith("Vous avez envoyé un très grand nombre de messages.")
        said = re.sub(r"\s", "", main.one(id="message-error").text)
        assert said.endswith(f"renvoyez-ledans{refused.headers['Retry-After']}s.")
