"""The application on a Redis Cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
from application import FEATURES, signed_in, signed_out
from clusters import Cluster
from contract import kind
from flask import Flask
from redis import Redis
from redis.crc import key_slot
from support import OPERATOR, connect, everything, wait_until

from service.accounts import sign_in as links
from service.accounts import store as accounts
from service.accounts.store import Account, Status
from service.interest import maintenance
from service.interest.keys import interest_key

pytestmark = pytest.mark.long

VOTES = [f"/api/features/{feature}/interest" for feature in FEATURES]
BEFORE = "modules: [{ slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }]\n"
AFTER = BEFORE.replace("slug: crm", "slug: contacts, formerly: [crm]")


def shard(key: str) -> int:
    return key_slot(key.encode()) * 3 // 16384


@pytest.fixture
def store(cluster: Cluster) -> Iterator[Redis]:
    client = connect(cluster.url, 5.0)
    client.flushall()
    accounts.add(client, Account("alice", Status.ACTIVE), by=OPERATOR)
    yield client
    client.close()


@pytest.fixture
def app(make_app: Callable[..., Flask], cluster: Cluster) -> Flask:
    return make_app(redis_url=cluster.url, redis_timeout=5.0)


@pytest.mark.parametrize(
    ("status", "answers"), [(Status.PENDING, (200, 403, 403, 403)), (Status.SUSPENDED, (401, 401, 401, 401))]
)
def test_a_change_of_status_holds_at_once(app: Flask, store: Redis, status: Status, answers: tuple[int, ...]) -> None:
    alice = signed_in(app, "alice")
    alice.post(VOTES[0])
    accounts.set_status(store, "alice", status, by=OPERATOR)
    before = everything(store)
    asked = [alice.get("/api/features"), alice.post(VOTES[1]), alice.delete(VOTES[0])]
    asked.append(alice.post("/api/features/nowhere/interest"))
    assert tuple(response.status_code for response in asked) == answers
    assert everything(store) == before
    assert store.smembers(interest_key(FEATURES[0])) == {"alice"}


def test_a_feature_that_is_not_known_is_not_written(app: Flask, store: Redis) -> None:
    before = {*store.scan_iter()}
    assert signed_in(app, "alice").post("/api/features/nowhere/interest").status_code == 404
    assert {*store.scan_iter()} == before


def test_a_rename_while_people_vote_through_workers_with_either_registry(
    make_app: Callable[..., Flask], store: Redis, cluster: Cluster, tmp_path: Path
) -> None:
    apps = []
    for name, text in [("before", BEFORE), ("after", AFTER)]:
        file = tmp_path / f"{name}.yaml"
        file.write_text(text)
        apps.append(make_app(redis_url=cluster.url, redis_timeout=5.0, registry_file=file))
    people = [f"p{number}" for number in range(200)]
    for person in people:
        accounts.add(store, Account(person, Status.ACTIVE), by=OPERATOR)

    def act(number: int) -> list[int]:
        """Most of the first half have the old registry, most of the second half the new one."""
        held = apps[number % 7 == 3 if number < 100 else number % 7 != 3]
        client = signed_in(held, people[number])
        answers = [client.post("/api/features/crm/interest").status_code]
        if number % 3 == 0:
            answers.append(client.delete("/api/features/crm/interest").status_code)
        return answers

    with ThreadPoolExecutor(8) as pool:
        assert {status for statuses in pool.map(act, range(200)) for status in statuses} == {204}
    expected = {person for number, person in enumerate(people) if number % 3}
    for held, feature in zip(apps, ("crm", "contacts"), strict=True):
        assert signed_in(held, "p1").get("/api/features").json == {
            "voted": [feature],
            "counts": {feature: len(expected)},
        }
    assert store.smembers(interest_key("contacts")) == expected
    assert maintenance.stored_features(store) == ["contacts"]


def test_with_one_shard_down_it_is_503_until_it_is_back(make_app: Callable[..., Flask], short_dir: Path) -> None:
    own = Cluster(short_dir, node_timeout=500)
    try:
        with closing(connect(own.url, 5.0)) as client:
            accounts.add(client, Account("alice", Status.ACTIVE), by=OPERATOR)
        alice = signed_in(make_app(redis_url=own.url), "alice")
        assert {alice.post(vote).status_code for vote in VOTES} == {204}
        own.end(shard(interest_key(FEATURES[0])))
        for method, path in [("POST", VOTES[0]), ("GET", "/api/features"), ("GET", "/readyz?need=votes")]:
            response = alice.open(path, method=method)
            assert (response.status_code, kind(response)) == (503, "storage-unavailable")
        assert alice.get("/api/modules").status_code == 200
        own.start(shard(interest_key(FEATURES[0])))
        own.wait()
        assert alice.get("/api/features").json == {"voted": FEATURES, "counts": dict.fromkeys(FEATURES, 1)}
    finally:
        own.stop()


def test_with_one_shard_silent_it_is_503_and_never_a_hang(
    make_app: Callable[..., Flask], store: Redis, cluster: Cluster
) -> None:
    alice = signed_in(make_app(redis_url=cluster.url, redis_timeout=0.3), "alice")
    assert alice.get("/api/features").status_code == 200
    silent = shard(interest_key(FEATURES[0]))
    cluster.signal(silent, SIGSTOP)
    try:
        for method, path in [("POST", VOTES[0]), ("GET", "/api/features"), ("GET", "/readyz?need=votes")]:
            assert alice.open(path, method=method).status_code == 503
    finally:
        cluster.signal(silent, SIGCONT)
    wait_until(lambda: alice.post(VOTES[0]).status_code == 204)


def test_an_app_starts_without_its_cluster(make_app: Callable[..., Flask]) -> None:
    client = make_app(redis_url="redis+cluster://127.0.0.1:1,127.0.0.1:2").test_client()
    assert client.get("/api/modules-registry").status_code == 200
    assert client.get("/readyz").json["votes"] == "unavailable"


def test_sessions_and_links_end_with_the_generation(app: Flask, store: Redis) -> None:
    first, second, unspent = (f"/sign-in?token={links.make_token(store, 'alice', by=OPERATOR)}" for _ in range(3))
    alice, elsewhere, later = (signed_out(app) for _ in range(3))
    assert alice.get(first).json["account"] == "alice"
    for client, link in ((alice, first), (elsewhere, second)):
        assert client.post(link).json == {"account": "alice", "status": "active"}
        assert client.post(link).status_code == 410
        assert client.post(VOTES[0]).status_code == 204
    assert alice.post("/sign-out").status_code == 204
    assert later.post(unspent).status_code == 410
    for method, path in (("GET", "/api/features"), ("POST", VOTES[0]), ("POST", "/api/features/nowhere/interest")):
        assert elsewhere.open(path, method=method).status_code == 401
