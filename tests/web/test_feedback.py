"""Activation requests: asking, answering, and who sees what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from application import signed_in
from contract import Client, kind, problem
from flask import Flask
from redis import Redis
from support import everything, without_audit
from werkzeug.test import TestResponse

SignIn = Callable[..., Client]
ASK = "/api/feedback"
QUEUE = "/api/admin/feedback"


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    """An active admin, Bob."""
    return sign_in("bob", role="admin", name="Bob Martin")


def ask(client: Client, message: str = "Please", module: str = "sms_campaign") -> TestResponse:
    return client.post(ASK, json={"module": module, "message": message})


def opened(client: Client, message: str = "Please", module: str = "sms_campaign") -> str:
    """The path of a thread that is new."""
    response = ask(client, message, module)
    assert response.status_code == 201
    return response.headers["Location"]


def say(client: Client, path: str, message: str) -> TestResponse:
    return client.post(f"{path}/messages", json={"message": message})


def shown(client: Client, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200
    return dict(response.json or {})


def change(client: Client, path: str, status: str, etag: str | None = None) -> TestResponse:
    """Change a thread's status, by default from what it is now."""
    return client.patch(path, json={"status": status}, headers={"If-Match": etag or client.get(path).headers["ETag"]})


def texts(thread: dict[str, Any]) -> list[str]:
    return [message["text"] for message in thread["messages"]]


def threads(client: Client, path: str = ASK) -> list[dict[str, Any]]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.json
    return list(response.json["threads"])


def test_asking_opens_a_thread_where_location_says_and_asking_again_goes_on_with_it(
    alice: Client, sign_in: SignIn
) -> None:
    response = ask(alice, " Please \r\n soon ")
    assert response.status_code == 201
    path = response.headers["Location"]
    thread = shown(alice, path)
    assert thread == response.json
    names = ("module", "status", "note", "unread")
    assert [thread[name] for name in names] == ["sms_campaign", "open", None, False]
    assert thread["account"] == {"id": "alice", "name": ""}
    [message] = thread["messages"]
    assert (message["author"], message["text"]) == ("member", "Please \n soon")
    assert thread["created"] == thread["updated"] == message["at"]
    assert opened(sign_in("zoe")).rpartition("/")[2][:8] != path.rpartition("/")[2][:8], "no id tells of another"
    said = ["Please \n soon"]
    for message in ("Please \n soon", "two", "Please \n soon"):  # what was said last is not said again
        said += [message] if message != said[-1] else []
        response = ask(alice, message)
        assert (response.status_code, texts(response.json or {})) == (200, said)
    assert [each["id"] for each in threads(alice)] == [thread["id"]]


def test_a_body_is_json_and_two_thousand_characters_of_any_kind_are_a_message(alice: Client) -> None:
    path = opened(alice, "\N{BOAR}" * 2000)
    assert texts(shown(alice, path)) == ["\N{BOAR}" * 2000]
    assert problem(say(alice, path, "\N{BOAR}" * 2001))["field"] == "message"
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert alice.post(ASK, data=b"module=sms_campaign", content_type=content_type).status_code == 415
    for body in (b"", b"{", b"[]", b"null", b'{"message": "\\ud800"}', b'{"message": "\xff"}', b"[" * 999):
        assert alice.post(ASK, data=body, content_type="application/json").status_code == 400
    assert ask(alice, "x" * 40_000).status_code == 413


def test_an_admins_message_answers_and_a_members_reopens(alice: Client, admin: Client) -> None:
    path = opened(alice, "one")
    assert shown(admin, path)["account"]["id"] == "alice"
    assert threads(admin) == [], "what waits for admins is nobody's own"
    assert admin.get(f"{QUEUE}?cursor={'9' * 16}").status_code == 200
    answered = say(admin, path, "two")
    assert (answered.status_code, answered.headers["Location"]) == (201, path)
    assert shown(alice, path)["status"] == "answered"
    said = shown(alice, path)["messages"]
    assert [(message["author"], message["name"]) for message in said] == [("member", ""), ("admin", "Bob Martin")]
    for client, where in ((alice, ASK), (admin, QUEUE)):
        [thread] = threads(client, where)
        assert (thread["message_count"], thread["last_message"]["text"]) == (2, "two")
    assert say(alice, path, "three").status_code == 201
    assert shown(alice, path)["status"] == "open"

    own = opened(admin)  # where an admin who asks is a member
    say(admin, own, "more")
    assert {message["author"] for message in shown(admin, own)["messages"]} == {"member"}
    assert threads(admin, QUEUE)[0]["unread"]
    assert admin.post(f"{own}/read").status_code == 204
    assert not next(each for each in threads(admin, QUEUE) if own.endswith(each["id"]))["unread"]


def test_a_closed_thread_stays_closed_whoever_speaks_unless_an_admin_opens_it_again(
    alice: Client, admin: Client
) -> None:
    for status in ("activated", "declined"):
        first = opened(alice)
        assert change(admin, first, status).status_code == 200
        for client in (alice, admin):
            assert say(client, first, "x").status_code == 201
        assert shown(alice, first)["status"] == status
    latest, older = threads(alice)
    page = alice.get(f"{ASK}?limit=1").json or {}
    assert page["threads"] == [latest]
    assert alice.get(f"{ASK}?limit=1&cursor={page['next']}").json == {"threads": [older], "next": None}
    assert change(admin, first, "answered").status_code == 200
    assert ask(alice, "more").status_code == 200
    change(admin, first, "declined")
    second = opened(alice)
    response = change(admin, first, "open")
    assert (response.status_code, kind(response)) == (409, "request-already-open")
    assert ask(alice, "yet more").json["id"] == second.rpartition("/")[2]  # type: ignore[index]


def test_only_the_first_of_two_admins_changes_the_status_to_one_of_the_four(alice: Client, admin: Client) -> None:
    path = opened(alice)
    etag = admin.get(path).headers["ETag"]
    for headers in ({}, {"If-Match": ""}, {"If-Match": "*"}, {"If-Match": f"W/{etag}"}):
        response = admin.patch(path, json={"status": "declined"}, headers=headers)
        assert (response.status_code, kind(response)) == (428, "condition-missing")
    for status in ("", "Open", None, 1, ["open"]):
        response = admin.patch(path, json={"status": status}, headers={"If-Match": '"1-own-sms_campaign"'})
        assert (response.status_code, problem(response)["field"]) == (422, "status")
    first = change(admin, path, "activated", etag)
    assert (first.status_code, first.json["status"]) == (200, "activated")  # type: ignore[index]
    for other in ("", ', "x"', ', ""'):
        second = change(admin, path, "declined", etag + other)
        assert (second.status_code, kind(second)) == (412, "request-changed")
    assert shown(admin, path)["status"] == "activated"
    say(alice, path, "Never mind")
    assert change(admin, path, "declined", first.headers["ETag"]).status_code == 412
    assert change(admin, path, "declined", f"{etag}, {admin.get(path).headers['ETag']}").status_code == 200


def test_unread_is_what_the_other_side_did(alice: Client, admin: Client) -> None:
    path = opened(alice)

    def unread() -> tuple[bool, bool]:
        [own], [queued] = threads(alice), threads(admin, QUEUE)
        assert own["unread"] == shown(alice, path)["unread"]
        assert queued["unread"] == shown(admin, path)["unread"]
        # What waits for the admins is nobody's own.
        assert [client.get("/api/me").json["unread"] for client in (alice, admin)] == [int(own["unread"]), 0]  # type: ignore[index]
        return own["unread"], queued["unread"]

    assert unread() == (False, True)
    say(admin, path, "Which country?")
    assert unread() == (True, False)
    etag = alice.get(path).headers["ETag"]
    for client in (alice, admin):
        assert client.post(f"{path}/read").status_code == 204
        assert client.get(path).headers["ETag"] == etag  # which reading does not move
    assert unread() == (False, False)
    say(alice, path, "France")
    assert unread() == (False, True)
    assert admin.post(f"{path}/read").status_code == 204
    say(alice, path, "and Belgium")
    change(admin, path, "activated")
    assert unread() == (True, False)
    assert alice.get(path).headers["ETag"] != etag
    for status in ("open", "answered"):
        change(admin, path, status)
        alice.post(f"{path}/read")
        before = shown(admin, path), shown(alice, path), alice.get(path).headers["ETag"]
        assert change(admin, path, status).status_code == 200, "which it has already: that is no news"
        assert (shown(admin, path), shown(alice, path), alice.get(path).headers["ETag"]) == before
    change(admin, path, "declined")
    say(admin, opened(alice), "Which country?")
    assert alice.get("/api/me").json["unread"] == 2  # type: ignore[index]


def members(response: TestResponse) -> list[int]:
    return [int(thread["account"]["id"][-1]) for thread in (response.json or {})["threads"]]


def test_unread_threads_come_first_then_newest_activity_on_pages_and_filtered(
    app: Flask, sign_in: SignIn, admin: Client
) -> None:
    people = [opened(sign_in(f"member{number}")) for number in range(5)]
    assert members(admin.get(QUEUE)) == [4, 3, 2, 1, 0]
    for number in (4, 1):
        say(admin, people[number], "answer")
    assert members(admin.get(QUEUE)) == [3, 2, 0, 1, 4]
    ask(signed_in(app, "member0"), "more")
    for limit in (1, 2, 4, 5, 100):
        seen, after = [], ""
        while after is not None:
            response = admin.get(f"{QUEUE}?limit={limit}{after and f'&cursor={after}'}")
            seen += members(response)
            after = (response.json or {})["next"]
        assert seen == [0, 3, 2, 1, 4]
    change(admin, people[0], "activated")
    for query, expected in (
        ("status=open", {2, 3}),
        ("status=answered", {1, 4}),
        ("status=activated", {0}),
        ("status=declined", set()),
        ("module=sms_campaign", {0, 1, 2, 3, 4}),
        ("module=sms_campaign&status=answered", {1, 4}),
        ("module=scrap", set()),
        ("module=%FF", set()),
    ):
        assert {*members(admin.get(f"{QUEUE}?{query}"))} == expected


def test_a_thread_has_at_most_500_messages(alice: Client, admin: Client, redis: Redis) -> None:
    path = opened(alice, "first")
    key = f"{{registry}}:feedback:messages:{path.rpartition('/')[2]}"
    redis.rpush(key, *redis.lrange(key, 0, -1) * 498)
    assert say(alice, path, "500th").status_code == 201
    before = without_audit(redis)
    for response in (say(alice, path, "x"), say(admin, path, "x"), ask(alice, "x")):
        assert (response.status_code, kind(response)) == (409, "request-full")
    assert ask(alice, "500th").status_code == 200
    assert without_audit(redis) == before
    assert change(admin, path, "activated").status_code == 200


def test_requests_are_never_cached(alice: Client) -> None:
    for path in (ASK, opened(alice), "/api/me"):
        assert alice.get(path).headers["Cache-Control"] == alice.head(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("account_id", ["", " ", 0, None, False])
def test_a_session_of_nobody_is_no_admins(app: Flask, alice: Client, redis: Redis, account_id: object) -> None:
    """As the platform may leave one when somebody signs out."""
    path, nobody = opened(alice), signed_in(app, account_id)
    before = everything(redis)
    for method, where in (("POST", f"{path}/read"), ("GET", path), ("GET", QUEUE), ("GET", ASK)):
        assert nobody.open(where, method=method).status_code == 401
    assert everything(redis) == before
