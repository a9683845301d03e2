"""Who is signed in, and what is new for them; and, for admins, whom to tell that a feature shipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from application import signed_in
from contract import Client, kind, problem
from flask import Flask
from redis import Redis

from service.history.store import RELEASED_KEY
from service.interest.maintenance import add_voters

CHOICE = "/api/me/locale"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}
VOTERS = "/api/features/linkedin/voters"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"status": "active", "role": "member", "name": "Alice Petit"}, {}),
        ({"status": "pending", "role": "admin", "name": "Alice Petit"}, {"status": "pending", "role": "admin"}),
        ({"status": "active"}, {"name": ""}),
        # What the platform wrote is short and printable.
        (
            {"status": "active", "role": b"\xff", "name": "\x1b[31m" + "x" * 5000},
            {"name": "\\x1b[31m" + "x" * 89 + "..."},
        ),
    ],
)
def test_it_says_who_one_is(app: Flask, redis: Redis, stored: dict[str, Any], said: dict[str, str]) -> None:
    redis.hset("{registry}:account:alice", mapping=stored)
    expected = {"id": "alice", "name": "Alice Petit", "role": "member", "status": "active", "locale": None} | said
    assert signed_in(app, "alice").get("/api/me").json == expected | {"unread": 0, "shipped": []}


def test_it_tells_what_has_shipped_until_that_is_dismissed(alice: Client, redis: Redis) -> None:
    for feature in ("import", "linkedin", "scrap"):  # active, coming soon, and active but a legacy id
        add_voters(redis, feature, ["alice"])
    redis.hset(RELEASED_KEY, "import", 1_764_146_400_123)
    shipped = {"slug": "import", "label": {"fr": "Import", "en": "Import"}, "released": "2025-11-26T08:40:00+00:00"}
    assert (alice.get("/api/me").json or {})["shipped"] == [shipped]
    assert kind(alice.delete("/api/me/shipped/import", headers=ELSEWHERE)) == "cross-site-request"
    assert (alice.get("/api/me").json or {})["shipped"] == [shipped]
    for _ in range(2):
        response = alice.delete("/api/me/shipped/import")
        assert (response.status_code, response.data, response.headers["Cache-Control"]) == (204, b"", "no-store")
        assert (alice.get("/api/me").json or {})["shipped"] == []


def test_what_others_wrote_is_read_by_its_primary_subtag(alice: Client, redis: Redis) -> None:
    for tag, locale in (("fr-CA", "fr"), ("FR_fr", "fr"), ("en", "en"), ("", None), ("de", None), ("fra", None)):
        redis.hset("{registry}:account:alice", "locale", tag)
        assert (alice.get("/api/me").json or {})["locale"] == locale, tag


def test_what_one_chooses_is_remembered(sign_in: Callable[..., Client], redis: Redis) -> None:
    caller = sign_in("pia", "pending")
    for locale in ("fr", "en", "en"):
        response = caller.put(CHOICE, json={"locale": locale})
        assert (response.status_code, response.headers["Cache-Control"]) == (204, "no-store")
        assert redis.hget("{registry}:account:pia", "locale") == locale == (caller.get("/api/me").json or {})["locale"]


def test_a_choice_is_small_and_of_this_site(alice: Client, redis: Redis) -> None:
    assert alice.put(CHOICE, json={"locale": "fr", "x": "x" * 1024}).status_code == 413
    choice = alice.put(CHOICE, json={"locale": "fr"}, headers=ELSEWHERE)
    assert (kind(choice), redis.hget("{registry}:account:alice", "locale")) == ("cross-site-request", None)


def test_an_admin_reads_who_voted_page_by_page(sign_in: Callable[..., Client], redis: Redis) -> None:
    admin = sign_in("ana", role="admin", name="Ana", email="ana@example.com", locale="fr")
    add_voters(redis, "linkedin", ["ana", "bob", "élise"])
    first = admin.get(VOTERS, query_string={"limit": 2}).json or {}
    unknown = {"name": "", "email": "", "locale": ""}
    ana = {"id": "ana", "name": "Ana", "email": "ana@example.com", "locale": "fr"}
    assert first["voters"] == [ana, {"id": "bob"} | unknown]
    last = admin.get(VOTERS, query_string={"limit": 2, "cursor": first["next"]})
    assert last.json == {"voters": [{"id": "élise"} | unknown], "next": None}
    assert last.headers["Cache-Control"] == "no-store"
    response = admin.get("/api/features/linkdin/voters")
    assert (response.status_code, kind(response)) == (404, "unknown-feature")
    assert problem(response)["suggestions"] == {"linkdin": "linkedin"}
    assert problem(admin.get("/api/features/%ff%00/voters"))["suggestions"] == {"\ufffd\0": None}
