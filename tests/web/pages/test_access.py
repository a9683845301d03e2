"""Who may see the pages that are about somebody, and press their buttons."""

from collections.abc import Callable

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, FORM, OWN, add_account, desk_of, opened, shown
from redis import Redis
from support import everything

PERSON, ERASE = "/fr/admin/person?id=carl", "/fr/admin/person/erase?id=carl"

OF_MEMBERS = [FORM, OWN, f"{OWN}/0123456789abcdef", f"{OWN}?cursor=1", "/fr/account"]
OF_ADMINS = [
    *("/fr/admin/", "/fr/admin/requests", "/fr/admin/requests/0123456789abcdef"),
    *("/fr/admin/requests?status=open&module=sms_campaign", "/fr/admin/people", PERSON, ERASE),
    *("/fr/admin/audit", "/fr/admin/audit?who=x", "/fr/admin/insights", "/fr/admin/insights/nowhere"),
    *("/fr/admin/people?q=x&cursor=x", "/fr/admin/people?status=x", "/fr/admin/insights/linkedin?cursor=x"),
]


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


def test_only_admins_act(app: Flask, alice: Client, bob: Client, redis: Redis) -> None:
    """By each form that an admin can send, not even in a request of one's own."""
    add_account(app, redis, "carl", status="pending")
    desk = desk_of(opened(alice))
    fields = shown(bob, desk).one("form.reply").fields
    forms = [(desk, fields | {"message": "x"}), (desk, fields | {"status": "declined"}), (desk, {"do": "read"})]
    forms += [(PERSON, {"do": do}) for do in ("activated", "suspended", "promoted", "demoted", "signed-out", "link")]
    forms += [(PERSON, {"do": "data"}), (ERASE, {"typed": "carl"}), ("/fr/admin/insights/nowhere/mail-merge.csv", {})]
    before = everything(redis)
    for path, form in forms:
        answers = [client.post(path, data=form, headers=BROWSER) for client in (alice, signed_out(app))]
        assert [answer.status_code for answer in answers] == [403, 401], form
    for path in ("/fr/admin/insights.csv", "/fr/admin/insights.json"):
        assert [client.get(path).status_code for client in (alice, signed_out(app))] == [403, 401]
    assert everything(redis) == before
