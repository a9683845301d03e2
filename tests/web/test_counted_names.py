"""Requests by names that clients should give up are counted, wherever these stand, by the kind of client."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from application import MakeApp, SignIn, Start, signed_out, table
from flask import Flask
from metrics.scraping import samples
from support import AnyClient
from web.pages.markup import VARIED

from service.metrics.counting import Memory
from service.usage.store import Keeper, read

ENDS = "{ since: 2026-03-01, removed_after: 2026-12-24, because: { fr: Fin., en: End. } }"


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Path, memory: Memory) -> Flask:
    """With former slugs, deprecated modules, one of which can be voted for, and one that is gone."""
    text, entry, file = VARIED.read_text("utf-8"), "{ slug: funding,", tmp_path / "registry.yaml"
    assert entry in text
    file.write_text(text.replace(entry, f"{entry} formerly: [raised], deprecated: {ENDS},"), encoding="utf-8")
    return make_app(memory=memory, registry_file=file)


def counted(app: Flask) -> set[tuple[str, str, int]]:
    """What has been counted so far: name, kind of client, and how often."""
    return {*app.extensions["module_registry"].uses.gathered()}


def test_a_request_counts_for_each_name_that_it_has(app: Flask) -> None:
    client, expected = signed_out(app), Counter[str]()
    before = Counter(samples(client.get("/metrics").text))
    for method, path, names, *condition in table("counted.yaml"):
        headers = {"User-Agent": "python-requests/2.32.3", "If-None-Match": "".join(condition)}
        for _ in range(2):  # the first one makes a page, and others get what was kept
            client.open(path.format(long="x" * 6000), method=method, headers=headers)
            expected.update(names.split())
            assert counted(app) == {(name, "python", number) for name, number in expected.items()}, (method, path)
    more = Counter(samples(client.get("/metrics").text)) - before
    told = {key: number for key, number in more.items() if key.startswith("name_uses_total")}
    assert told == {f'name_uses_total{{name="{name}"}}': number for name, number in expected.items()}


def test_admins_are_told_who_uses_the_names_of_a_module(app: Flask, redis: AnyClient, sign_in: SignIn) -> None:
    """What a worker has counted is in the store once it was added, as it is each minute."""
    client, serving, today = signed_out(app), app.extensions["module_registry"], datetime.now(UTC).date()
    for agent in ("python-requests/2.32.3", "python-requests/2.32.3", "python-requests/2.32.3", "curl/8"):
        client.get("/api/modules/mails", headers={"User-Agent": agent})
    keeper = Keeper(serving.uses, lambda: serving.in_force.registry.ending_names, AnyClient(redis.url, 5.0))
    keeper.add()
    keeper.end()
    used: dict[str, object] = {"name": "mails", "since": str(today), "requests": 4, "last": str(today)}
    used["clients"] = {"python": 3, "curl": 1}
    ana = sign_in("ana", role="admin")
    for module in ("emails", "mails"):
        answer = ana.get(f"/api/admin/uses?module={module}")
        assert answer.json == {"days": 90, "names": [used]} and answer.headers["Cache-Control"] == "no-store"
    names = (ana.get("/api/admin/uses?module=posts").json or {})["names"]
    assert [(each["requests"], each["last"], each["name"]) for each in names] == [
        (0, None, "feeds"),
        (0, None, "posts"),
    ]
    assert (ana.get("/api/admin/uses?module=scrap").json or {})["names"] == []
    everything = (ana.get("/api/admin/uses").json or {})["names"]
    assert everything[0] == used and {each["name"] for each in everything} > {"mails", "posts", "feeds"}
    assert counted(app) == set(), "to look counts for nothing"


@pytest.mark.long
def test_a_stop_adds_what_was_counted(serve: Start, redis: AnyClient, valkey_url: str) -> None:
    running = serve("--workers", "2", REDIS_URL=valkey_url, SECRET_KEY="k" * 32, REGISTRY_FILE=str(VARIED))
    for _ in range(20):
        running.ask("GET", "/api/modules/posts", **{"User-Agent": "node"})
        running.ask("GET", "/en/modules/vine", **{"User-Agent": "node"})
    assert running.stop() == 0
    assert [used.clients for used in read(redis, ["posts", "vine"])] == [{"node": 20}] * 2
