"""`module-registry votes` and `accounts` on a Redis Cluster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clusters import Cluster
from redis import Redis
from support import OPERATOR, connect, run

from service.accounts.store import Account, add
from service.interest.keys import interest_key
from service.interest.maintenance import add_voters, stored_features
from service.storage.schema import SCHEMA_KEY

Run = Callable[..., subprocess.CompletedProcess[str]]

REGISTRY = """
modules:
  - { slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }
  - { slug: hiring, category: signals, label: { fr: Recrutement, en: Hiring }, coming_soon: true, formerly: [jobs] }
legacy_features: [company]
"""


@pytest.fixture
def store(cluster: Cluster) -> Iterator[Redis]:
    client = connect(cluster.url, 5.0)
    client.flushall()
    for name in ("alice", "bob"):
        add(client, Account(name, "active", name=name.title()), by=OPERATOR)
    add_voters(client, "crm", ["alice", "bob"])
    add_voters(client, "jobs", ["alice", "zoe"])
    add_voters(client, "gone", ["zoe"])
    yield client
    client.close()


@pytest.fixture
def on_cluster(cluster: Cluster, tmp_path: Path) -> Run:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")

    def call(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = run(*arguments, stdin=stdin, REDIS_URL=cluster.url, REGISTRY_FILE=str(file))
        done.check_returncode()
        return done

    return call


def test_looking(on_cluster: Run, store: Redis) -> None:
    before = {*store.scan_iter(), SCHEMA_KEY}  # which says for ever what the store is
    assert on_cluster("votes", "tally", "--format", "csv", "--since", "7").stdout == (
        "feature,votes,last 7 days\ncrm,2,2\nhiring,2,2\ncompany,0,0\n"
    )
    assert on_cluster("votes", "orphans").stdout == "feature  votes\ngone         1\n"
    assert on_cluster("votes", "who", "hiring").stdout == "alice\tAlice\nzoe\n"
    assert on_cluster("accounts", "list", "--format", "csv").stdout == (
        "id,status,role,name,email,locale\nalice,active,member,Alice,,\nbob,active,member,Bob,,\n"
    )
    assert {*store.scan_iter()} == before


def test_merge(on_cluster: Run, store: Redis) -> None:
    add_voters(store, "hiring", ["bob"])
    merge = ("votes", "merge", "crm", "hiring", "--yes")
    moved = "{} from crm to hiring, {} of them by people who had both\nhiring has 3 votes\n"
    assert on_cluster(*merge).stdout == moved.format("2 votes moved", 1)
    assert on_cluster(*merge).stdout == moved.format("0 votes moved", 0)
    assert store.smembers(interest_key("hiring")) == {"alice", "bob"}


def test_a_round_trip(on_cluster: Run, store: Redis) -> None:
    exported = on_cluster("votes", "export").stdout
    votes = sorted((vote["feature"], vote["voter"]) for vote in map(json.loads, exported.splitlines()))
    assert votes == [("crm", "alice"), ("crm", "bob"), ("gone", "zoe"), ("jobs", "alice"), ("jobs", "zoe")]
    store.flushall()
    assert on_cluster("votes", "import", stdin=exported).stdout == "5 votes read, 5 of them new\n"
    assert on_cluster("votes", "import", stdin=exported).stdout == "5 votes read, 0 of them new\n"
    assert store.smembers(interest_key("jobs")) == {"alice", "zoe"}


def test_removing(on_cluster: Run, store: Redis) -> None:
    removed = on_cluster("accounts", "remove", "alice", stdin="y\n").stdout
    assert removed == "Remove alice with 2 votes for good? [y/N]: y\nremoved alice, with 2 votes\n"
    assert on_cluster("votes", "orphans", "--delete", "--yes").stdout == "deleted 1 vote\n"
    assert stored_features(store) == ["crm", "jobs"]
    assert store.smembers(interest_key("jobs")) == {"zoe"}
