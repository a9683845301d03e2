"""A page leaves out what it cannot read, and says how many, in both languages."""

from itertools import product

import pytest
from contract import Client
from flask import Flask
from markup import add_account, shown
from redis import Redis

from service.audit.store import ENTRIES_KEY
from service.feedback.keys import messages_key, thread_key
from service.history.store import EVENTS_KEY
from service.interest.keys import interest_key, trend_key

NOTE = {
    "en": "1 entry cannot be read and is not shown. The service log says why.",
    "fr": "1 élément est illisible et n’apparaît pas ici. Le journal du service en donne la raison.",
}


@pytest.fixture
def requests(app: Flask, bob: Client, redis: Redis) -> tuple[Client, str, str]:
    """Somebody, and the ids of their two requests: the older one is declined."""
    eve, ids = add_account(app, redis, "eve"), []
    for _ in range(2):
        response = eve.post("/api/feedback", json={"module": "sms_campaign", "message": "Please"})
        ids.append(response.json["id"])
        if len(ids) == 1:
            seen = {"If-Match": response.headers["ETag"]}
            assert bob.patch(f"/api/feedback/{ids[0]}", json={"status": "declined"}, headers=seen).status_code == 200
    return eve, ids[0], ids[1]


@pytest.mark.parametrize(
    "damage",
    ["DEL MESSAGES", "SET MESSAGES x", "DEL THREAD", "SET THREAD x", "HSET THREAD updated x", "HSET THREAD acted x"],
)
def test_one_damaged_request(bob: Client, redis: Redis, requests: tuple[Client, str, str], damage: str) -> None:
    eve, sound, id = requests
    keys = {"THREAD": thread_key(id), "MESSAGES": messages_key(id)}
    redis.execute_command(*(keys.get(word, word) for word in damage.split()))
    looks = [(bob, "admin/"), (bob, "admin/requests"), (bob, "admin/person?id=eve"), (eve, "requests")]
    for (lang, note), (client, path) in product(NOTE.items(), looks):
        page = shown(client, f"/{lang}/{path}")
        assert note in page.texts("p"), path
        links = "".join(page.links.values())
        assert path == "admin/" or sound in links, path
        assert id not in links, path
    assert eve.get("/api/feedback").json["unreadable"] == 1
    assert eve.get("/api/me").status_code == 200  # which counts what is unread
    assert bob.get("/fr/admin/insights").status_code == 200  # which says since when the oldest waits


def test_a_request_that_is_damaged_within_keeps_no_other_from_view(
    bob: Client, redis: Redis, requests: tuple[Client, str, str]
) -> None:
    eve, sound, id = requests
    assert eve.post(f"/api/feedback/{id}/messages", json={"message": "Again"}).status_code == 201
    redis.lset(messages_key(id), 1, "x")  # who has said the first, which no list shows
    assert shown(bob, "/en/admin/requests").all(f"a[href=/en/admin/requests/{sound}]")
    assert bob.get(f"/en/admin/requests/{id}").status_code == 503
    assert bob.get(f"/en/admin/requests/{sound}").status_code == 200


def test_the_next_page_begins_behind_it(bob: Client, redis: Redis, requests: tuple[Client, str, str]) -> None:
    eve, sound, lost = requests
    redis.hset(thread_key(lost), "updated", "x")
    for path in ("/api/feedback", "/api/admin/feedback"):
        client = bob if "admin" in path else eve
        first = client.get(f"{path}?limit=1").json
        assert (first["threads"], first["unreadable"]) == ([], 1)
        second = client.get(f"{path}?limit=1&cursor={first['next']}").json
        assert [each["id"] for each in second["threads"]] == [sound]


def test_acts_changes_and_trends(bob: Client, redis: Redis) -> None:
    for text in ("{}", "x"):
        redis.delete(EVENTS_KEY)
        redis.xadd(EVENTS_KEY, {"event": text})
        redis.delete(ENTRIES_KEY)
        redis.xadd(ENTRIES_KEY, {"way": "account"} if text == "x" else {"way": "by air", "who": "x", "what": "x"})
        redis.sadd(interest_key("linkedin"), "ana")
        redis.hset(trend_key("linkedin"), "0-yesterday", "1")
        for (lang, note), path in product(NOTE.items(), ("changes", "admin/audit", "admin/insights")):
            assert note in shown(bob, f"/{lang}/{path}").texts("p"), path
    assert bob.get("/api/changes").json == {"changes": [], "next": None, "unreadable": 1}
    assert bob.get("/fr/admin/insights.json").json["unreadable"] == 1
    assert b"<entry>" not in bob.get("/changes.atom").data
