"""What people ask one after the other, and what each is answered, as stories.yaml tells it; and what it cannot tell."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from application import (
    ASKED,
    FOLDER,
    LIMITS,
    VOTE,
    MakeApp,
    MakeLink,
    SignIn,
    counts,
    filled,
    signed_in,
    signed_out,
    state,
    table,
)
from contract import Client, kind, platform_cookie, problem
from flask import Flask
from redis import Redis
from support import DOCUMENTED, add_accounts, everything, without_audit

from service.accounts.model import account_key
from service.interest.keys import interest_key

ASK = "/api/feedback"
STORIES = table("stories.yaml")
#: An account, or what a session holds.
Who = str | dict[str, Any]
FILES = {"names.yaml": FOLDER / "names.yaml", "documented.yaml": DOCUMENTED}


def is_part(said: Any, whole: Any) -> bool:
    """Whether a document says so: a mapping may have more than what is said, and a list has just as many items."""
    if isinstance(said, dict):
        return isinstance(whole, dict) and all(is_part(value, whole.get(name)) for name, value in said.items())
    if isinstance(said, list):
        return isinstance(whole, list) and len(said) == len(whole) and all(map(is_part, said, whole))
    return bool(said == whole)


class Stage:
    """An application, who asks it, and what was answered before, which later steps name: `{first}` is an address."""

    def __init__(self, app: Flask, redis: Redis) -> None:
        for account_id, more in STORIES["accounts"].items():
            add_accounts(redis, account_id, **more)
        self.app, self.known = app, {}
        self.clients: dict[str, Client] = {}

    def client(self, who: Who) -> Client:
        session = who if isinstance(who, dict) else {"_user_id": who}
        if str(who) not in self.clients:
            client = self.clients[str(who)] = signed_out(self.app)
            if who not in ("nobody", "browser", "another"):
                client.set_cookie("session", platform_cookie(self.app, **session))
        return self.clients[str(who)]

    def play(self, who: Who, asked: str, sent: Any, status: int, said: Any, more: dict[str, Any]) -> None:
        """One step: who asks, for what, with which JSON, and what is to be answered.

        `said` is the kind of a problem, or a part of a document. More are headers that are `sent`, headers of the
        `answer`, and a name by which to `keep` the address of what was made, and its entity tag.
        """
        method, _, path = filled(asked, self.known).partition(" ")
        headers, sent = filled(more.get("sent", {}), self.known), filled(sent, self.known)
        response = self.client(who).open(path, method=method, json=sent, headers=headers)
        assert response.status_code == status, response.text
        if isinstance(said, str):
            assert kind(response) == said
        elif said is not None:
            assert is_part(filled(said, self.known), response.json), response.json
        for name, value in more.get("answer", {}).items():
            begin, more_or_less, end = (filled(value, self.known) or "").partition("...")
            header = response.headers.get(name) or ""
            assert (header.startswith(begin) and header.endswith(end)) if more_or_less else header == begin, name
        if name := more.get("keep"):
            self.known |= {name: response.headers.get("Location", path), f"{name}_tag": response.headers.get("ETag")}
            self.known |= {f"{name}_next": (response.json or {}).get("next")}


@pytest.mark.parametrize("story", STORIES["stories"])
def test_what_is_asked_is_answered_so(
    make_once: MakeApp, valkey_url: str, redis: Redis, link: MakeLink, story: str
) -> None:
    settings, *steps = STORIES["stories"][story]
    settings |= {name: tuple(value) for name, value in settings.items() if isinstance(value, list)}
    settings |= {name: FILES[value] for name, value in settings.items() if name == "registry_file"}
    stage = Stage(make_once(redis_url=valkey_url, **settings), redis)
    for who, asked, *told in steps:
        if who == "redis":
            assert [redis.execute_command(*filled(asked, stage.known).split())] == told
        elif who == "link":
            stage.known["link"] = link(asked)
        else:
            sent, status, said, more = [*told, None, None][:4]
            stage.play(who, asked, sent, status, said, more or {})


def test_a_request_is_sent_as_json(alice: Client) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert alice.post(ASK, data=b"module=sms_campaign", content_type=content_type).status_code == 415
    for body in (b"", b"{", b"[]", b"null", b'{"message": "\\ud800"}', b'{"message": "\xff"}', b"[" * 999):
        assert alice.post(ASK, data=body, content_type="application/json").status_code == 400


def test_a_request_has_at_most_500_messages(alice: Client, sign_in: SignIn, redis: Redis) -> None:
    admin, path = sign_in("bob", role="admin"), alice.post(ASK, json=ASKED).headers["Location"]
    key = f"{{registry}}:feedback:messages:{path.rpartition('/')[2]}"
    redis.rpush(key, *redis.lrange(key, 0, -1) * 498)
    last, more = (ASKED | {"message": text} for text in ("500th", "x"))
    tag = alice.post(f"{path}/messages", json=last).headers["ETag"]
    before = without_audit(redis)
    for client, where in ((alice, f"{path}/messages"), (admin, f"{path}/messages"), (alice, ASK)):
        assert kind(client.post(where, json=more)) == "request-full"
    assert alice.post(ASK, json=last).status_code == 200
    assert without_audit(redis) == before
    assert admin.patch(path, json={"status": "activated"}, headers={"If-Match": tag}).status_code == 200


def test_one_limit_holds_for_all_apps_on_a_store(make_app: MakeApp, alice: Client) -> None:
    clients = [signed_in(make_app(**LIMITS), "alice") for _ in range(2)] * 2
    voted = [client.post(VOTE).status_code for client in clients]
    asked = [client.post(ASK, json=ASKED).status_code for client in clients]
    assert (voted, asked) == ([204, 204, 429, 429], [201, 200, 429, 429])


def test_a_second_vote_and_taking_back_none_change_nothing(alice: Client, redis: Redis) -> None:
    redis.sadd("{registry}:interest:forgotten", "alice")  # which is no longer allowed, and not shown
    for method, voted in (("POST", ["linkedin"]), ("DELETE", [])):
        assert alice.open(VOTE, method=method).status_code == 204
        assert state(alice) == {"voted": voted, "counts": counts(linkedin=len(voted))}
        before = everything(redis)
        assert alice.open(VOTE, method=method).status_code == 204
        assert everything(redis) == before


def test_one_hundred_simultaneous_votes_of_one_account_count_one(app: Flask, alice: Client) -> None:
    with ThreadPoolExecutor(100) as pool:
        votes = pool.map(lambda _: signed_in(app, "alice").post(VOTE).status_code, range(100))
        assert list(votes) == [204] * 100
    assert state(alice) == {"voted": ["linkedin"], "counts": counts(linkedin=1)}
    assert alice.delete(VOTE).status_code == 204
    assert state(alice) == {"voted": [], "counts": counts()}


REFUSED = table("refused.yaml")


@pytest.mark.parametrize("row", REFUSED["rows"], ids=str)
def test_refusals_come_in_order_and_write_nothing(app: Flask, redis: Redis, row: list[Any]) -> None:
    callers, methods, paths, sent, *answer = row
    for name, (status, role) in REFUSED["accounts"].items():
        redis.hset(account_key(name), mapping={"status": status, "role": role})
        redis.sadd(interest_key("linkedin"), name)
    thread = signed_in(app, "member").post(ASK, json=ASKED).headers["Location"]
    before = everything(redis)
    for caller, method, path in itertools.product(callers.split(), methods.split(), paths.split()):
        client = signed_out(app) if caller == "nobody" else signed_in(app, caller)
        path = path.replace("{thread}", thread)
        response = client.open(path, method=method, json=sent, headers={"If-Match": '"1-own-sms_campaign"'})
        field = problem(response).get("field")
        assert [response.status_code, kind(response), *[field] * bool(field)] == answer, (caller, method, path)
        assert not field or problem(response)["detail"].startswith(field)
    assert everything(redis) == before
