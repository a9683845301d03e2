"""Who may see the pages that are about somebody, and press their buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, FORM, OWN, add_account, desk_of, opened, shown
from redis import Redis
from support import everything, without_audit
from test_admin_pages import fields_of

PERSON, ERASE = "/fr/admin/person?id=carl", "/fr/admin/person/erase?id=carl"
MAIL_MERGE = "/fr/admin/insights/linkedin/mail-merge.csv"
VOTE = "/fr/modules/linkedin/vote"

OF_MEMBERS = [FORM, OWN, f"{OWN}/0123456789abcdef", f"{OWN}?cursor=1", VOTE, "/fr/account"]
OF_ADMINS = [
    *("/fr/admin/", "/fr/admin/requests", "/fr/admin/requests/0123456789abcdef"),
    *("/fr/admin/requests?status=open&module=sms_campaign", "/fr/admin/people", PERSON, ERASE),
    *("/fr/admin/audit", "/fr/admin/audit?who=x", "/fr/admin/insights", "/fr/admin/insights/nowhere"),
]
DEEDS = ["activated", "suspended", "promoted", "demoted", "signed-out", "link", "data"]


@pytest.mark.parametrize("path", OF_MEMBERS + OF_ADMINS)
def test_who_is_signed_out_signs_in_and_comes_back(client: Client, link: Callable[..., str], path: str) -> None:
    ways_in = client.get(path, headers=BROWSER)
    assert (ways_in.status_code, ways_in.headers["Cache-Control"]) == (302, "no-store")
    assert client.get(ways_in.headers["Location"], headers=BROWSER).status_code == 200
    assert client.post(link(), headers=BROWSER).headers["Location"] == path


@pytest.mark.parametrize("path", OF_ADMINS)
def test_what_is_for_admins_is_for_nobody_else(app: Flask, alice: Client, redis: Redis, path: str) -> None:
    for client in (alice, add_account(app, redis, "dan", status="pending", role="admin")):
        assert shown(client, path, 403).one("h1").text


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_downloads_are_for_admins_alone(alice: Client, client: Client, kind: str) -> None:
    assert client.get(f"/fr/admin/insights.{kind}").status_code == 401
    assert alice.get(f"/fr/admin/insights.{kind}").status_code == 403


@pytest.fixture
def buttons(alice: Client, bob: Client, app: Flask, redis: Redis) -> list[tuple[str, dict[str, str]]]:
    """Each form that an admin can send, filled in."""
    add_account(app, redis, "carl", status="pending")
    desk = desk_of(opened(alice))
    etag = fields_of(shown(bob, desk))
    forms = [etag | {"message": "x"}, etag | {"message": "", "status": "declined"}, {"do": "read"}]
    persons = [(PERSON, {"do": do}) for do in DEEDS]
    return [*((desk, form) for form in forms), *persons, (ERASE, {"typed": "carl"}), (MAIL_MERGE, {})]


def test_only_admins_act(app: Flask, alice: Client, redis: Redis, buttons: list[tuple[str, dict[str, str]]]) -> None:
    before = everything(redis)
    for path, form in buttons:  # not even in a request of one's own
        assert alice.post(path, data=form, headers=BROWSER).status_code == 403, form
        assert signed_out(app).post(path, data=form, headers=BROWSER).status_code == 401, form
    assert everything(redis) == before


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_presses_no_button(
    bob: Client, redis: Redis, buttons: list[tuple[str, dict[str, str]]], headers: dict[str, str]
) -> None:
    own = [(FORM, {"message": "x"}), (f"{VOTE}?wanted=yes", {}), ("/fr/account", {"locale": "en"})]
    before = without_audit(redis)
    for path, form in (*buttons, *own, (desk_of(OWN), {"message": "x"})):
        assert bob.post(path, data=form, headers=BROWSER | headers).status_code in (403, 405), path
    assert without_audit(redis) == before
