"""(g) The page of what people want, of a million votes and ten thousand modules, and what one of few takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import redis
import yaml
from bench import servers
from bench.asking import ask, expect
from bench.documents import REGISTRY
from bench.measuring import Bench
from bench.table import Row
from bench.voters import add_accounts, add_voters, sessions

from service.accounts.store import account_key
from service.interest.keys import trend_key
from service.registry.loading import load as load_registry

VOTES, MODULES = 1_000_000, 10_000
#: Over how many days the votes have come.
_DAYS = 365
#: How often the page is asked for.
_TIMES = 30
_ADMIN = "bench-admin"


def measure(bench: Bench) -> None:
    """Fill in the lines of part (g)."""
    large = bench.folder / "large.yaml"
    write_registry(large, MODULES)
    for name, registry, votes in (
        (f"what people want: {VOTES:,} votes, {MODULES:,} modules", large, VOTES),
        (f"what people want: {VOTES:,} votes", REGISTRY, VOTES),
        ("what people want: 1,000 votes", REGISTRY, 1_000),
    ):
        took = _page(bench, registry, votes)
        bench.report.rounds[f"{name}, ms"] = {"ours": took}
        remark = f"slowest of {_TIMES}: {max(took):.0f} ms"
        bench.add(Row(name, median(took), name=remark, unit="ms", target=100))


def write_registry(path: Path, modules: int) -> None:
    """Write the shipped registry with as many more active modules as it takes."""
    document = yaml.load(REGISTRY.read_text(encoding="utf-8"), yaml.CSafeLoader)
    missing = modules - len(document["modules"])
    document["modules"] += [
        {"slug": f"module_{n}", "category": "tools", "label": {"fr": f"Module {n}", "en": f"Module {n}"}}
        | {"api_endpoint": f"/api/module-{n}"}
        for n in range(missing)
    ]
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


def _page(bench: Bench, registry: Path, votes: int) -> list[float]:
    """How long each of some answers took, from the request to the last byte, in milliseconds."""
    with servers.valkey(bench.folder / f"store-{registry.stem}-{votes}") as url:
        client = redis.Redis.from_url(url, decode_responses=True)
        add_accounts(client, [_ADMIN])
        client.hset(account_key(_ADMIN), "role", "admin")
        features, today = load_registry(registry).allowed_features, datetime.now(UTC).date()
        for feature in features:
            of_each = votes // len(features)
            add_voters(client, feature, of_each)
            days = [(today - timedelta(days=ago)).isoformat() for ago in range(_DAYS)]
            client.hset(trend_key(feature), mapping=dict.fromkeys(days, of_each // _DAYS))
        cookie = {"Cookie": sessions([_ADMIN])[_ADMIN]}
        with servers.serve(bench, "insights", url, registry) as ours:
            expect(ask(ours.url, "/en/admin/insights", headers=cookie), 200, who="serve")
            return [_timed(ours.url, cookie) for _ in range(_TIMES)]


def _timed(url: str, cookie: dict[str, str]) -> float:
    began = time.perf_counter()
    expect(ask(url, "/en/admin/insights", headers=cookie), 200, who="serve")
    return (time.perf_counter() - began) * 1000
