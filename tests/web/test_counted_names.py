"""Requests by names that clients should give up are counted, wherever these stand, by the kind of client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from application import signed_out
from contract import Client
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from support import AnyClient, Serve

from service.history.uses import Keeper, add, read
from service.metrics import counting
from service.metrics.counting import Memory
from service.web.state import State

#: With former slugs, deprecated modules, one of which can be voted for, and one that is gone.
ENDING = Path(__file__).with_name("pages") / "varied.yaml"
ENDS = "{ since: 2026-03-01, removed_after: 2026-12-24, because: { fr: Fin., en: End. } }"


@pytest.fixture
def memory() -> Iterator[Memory]:
    """In a slot of which this process counts meanwhile."""
    made, before = Memory(1), counting.slot()
    counting.count_in(made.claim())
    yield made
    counting.count_in(before)


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path, memory: Memory) -> Flask:
    text, entry, file = ENDING.read_text("utf-8"), "{ slug: funding,", tmp_path / "registry.yaml"
    assert entry in text
    file.write_text(text.replace(entry, f"{entry} formerly: [raised], deprecated: {ENDS},"), encoding="utf-8")
    return make_app(memory=memory, registry_file=file)


def counted(app: Flask) -> dict[str, dict[str, int]]:
    """What has been counted so far, by name and by kind of client."""
    serving: State = app.extensions["module_registry"]
    names: dict[str, dict[str, int]] = {}
    for name, kind, number in serving.uses.gathered():
        names.setdefault(name, {})[kind] = number
    return names


#: Requests, and the names that each of them has.
REQUESTS = [
    ("GET", "/api/modules/mails", "mails"),  # 308
    ("HEAD", "/api/modules/mails", "mails"),
    ("GET", "/api/modules/posts", "posts"),  # deprecated
    ("GET", "/api/modules/feeds", "feeds"),  # a former slug of that
    ("GET", "/api/modules/emails", ""),
    ("GET", "/api/modules", ""),
    ("GET", "/en/modules/mails", "mails"),
    ("GET", "/fr/modules/posts", "posts"),
    ("GET", "/en/modules/emails", ""),
    ("GET", "/en/graph/mails/1", "mails"),  # 308
    ("GET", "/fr/graph/posts/2", "posts"),
    ("GET", "/fr/graph/posts/2", "posts"),  # prepared by now
    ("GET", "/en/modules/raised/vote", "raised"),
    ("POST", "/en/modules/funding/vote?wanted=yes", "funding"),
    ("POST", "/api/features/raised/interest", "raised"),
    ("DELETE", "/api/features/funding/interest", "funding"),
    ("GET", "/api/features/funding/interest/reason", "funding"),
    ("POST", "/api/features/hiring/interest", ""),
    ("OPTIONS", "/api/features/raised/interest", ""),
    ("GET", "/api/pipelines/plan?modules=scrap,mails,posts,mails", "mails posts"),
    ("GET", "/api/pipelines/plan?modules=scrap,nowhere,mails", "mails"),
    ("GET", "/en/pipelines?modules=feeds", "feeds"),
    ("GET", f"/api/pipelines/plan?modules={'x' * 6000}", ""),
    ("GET", "/api/changes?module=mails", ""),  # which tells of it
]


def test_a_request_counts_for_each_name_that_it_has(app: Flask) -> None:
    client, expected = signed_out(app), Counter[str]()
    for method, path, names in REQUESTS:
        for _ in range(2):  # the first one makes a page, and others get what was kept
            client.open(path, method=method, headers={"User-Agent": "python-requests/2.32.3"})
            expected.update(names.split())
            assert counted(app) == {name: {"python": number} for name, number in expected.items()}, (method, path)


def test_one_that_is_gone_and_an_answer_without_a_body_count_as_well(app: Flask) -> None:
    client = signed_out(app)
    [gone, *_] = app.extensions["module_registry"].in_force.registry.removed
    for path in (f"/api/modules/{gone.slug}", f"/en/modules/{gone.slug}"):
        assert client.get(path).status_code == 410
    first = client.get("/api/modules/posts")
    again = client.get("/api/modules/posts", headers={"If-None-Match": first.headers["ETag"], "User-Agent": "curl/8"})
    assert again.status_code == 304
    told = counted(app)
    assert sum(told[gone.slug].values()) == 2 and told["posts"]["curl"] == 1


def test_a_page_of_a_module_that_will_go_says_so_to_caches(app: Flask) -> None:
    """By which nginx keeps none of them."""
    page, entry = (signed_out(app).get(path).headers for path in ("/en/modules/instagram", "/api/modules/instagram"))
    assert page["Deprecation"] == entry["Deprecation"] and page["Sunset"] == entry["Sunset"]
    assert page["Link"].startswith("</en/modules/posts>") and entry["Link"].startswith("</api/modules/posts>")


def test_metrics_have_a_counter_by_name(app: Flask) -> None:
    client = signed_out(app)
    for path in ("/api/modules/mails", "/api/modules/mails", "/api/modules/posts", "/api/modules/nowhere"):
        client.get(path)
    families = text_string_to_metric_families(client.get("/metrics").text)
    [uses] = [family for family in families if family.name == "module_registry_name_uses"]
    assert {sample.labels["name"]: sample.value for sample in uses.samples} == {"mails": 2, "posts": 1}


def test_admins_are_told_who_uses_the_names_of_a_module(
    app: Flask, redis: AnyClient, sign_in: Callable[..., Client]
) -> None:
    today = datetime.now(UTC).date()
    add(redis, ["mails", "posts", "feeds"], [("mails", "python", 3), ("mails", "curl", 1)], today)
    used = {
        "name": "mails",
        "since": str(today),
        "requests": 4,
        "clients": {"python": 3, "curl": 1},
        "last": str(today),
    }
    ana = sign_in("ana", role="admin")
    for module in ("emails", "mails"):
        answer = ana.get(f"/api/admin/uses?module={module}")
        assert answer.json == {"days": 90, "names": [used]} and answer.headers["Cache-Control"] == "no-store"
    names = (ana.get("/api/admin/uses?module=posts").json or {})["names"]
    assert [(each["name"], each["requests"], each["last"]) for each in names] == [
        ("feeds", 0, None),
        ("posts", 0, None),
    ]
    assert (ana.get("/api/admin/uses?module=scrap").json or {})["names"] == []
    everything = (ana.get("/api/admin/uses").json or {})["names"]
    assert everything[0] == used and {each["name"] for each in everything} > {"mails", "posts", "feeds"}
    assert counted(app) == {}, "to look counts for nothing"


def test_what_a_worker_has_counted_is_in_the_store_within_a_minute(
    app: Flask, redis: AnyClient, sign_in: Callable[..., Client]
) -> None:
    serving: State = app.extensions["module_registry"]
    keeper = Keeper(serving.uses, lambda: serving.in_force.registry.ending_names, AnyClient(redis.url, 5.0))
    signed_out(app).get("/api/modules/mails", headers={"User-Agent": "Go-http-client/1.1"})
    keeper.add()
    [used] = (sign_in("ana", role="admin").get("/api/admin/uses?module=emails").json or {})["names"]
    assert (used["requests"], used["clients"]) == (1, {"go": 1})
    keeper.end()


@pytest.mark.long
def test_a_stop_adds_what_was_counted(serve: Callable[..., Serve], redis: AnyClient, valkey_url: str) -> None:
    running = serve("--workers", "2", REDIS_URL=valkey_url, SECRET_KEY="k" * 32, REGISTRY_FILE=str(ENDING))
    for _ in range(20):
        running.ask("GET", "/api/modules/posts", **{"User-Agent": "node"})
        running.ask("GET", "/en/modules/vine", **{"User-Agent": "node"})
    assert running.stop() == 0
    assert [(used.name, used.clients) for used in read(redis, ["posts", "vine"])] == [
        ("posts", {"node": 20}),
        ("vine", {"node": 20}),
    ]
