"""(b) Features and votes, beside a bare Flask view, the same commands without HTTP, and a store that does not sync."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from statistics import median
from typing import NamedTuple

import redis
from bench import servers
from bench.asking import ask, expect
from bench.documents import REGISTRY, registry_body
from bench.errors import Wrong
from bench.load import Load, Sample, ratio, write_script
from bench.measuring import Bench
from bench.table import Row
from bench.voters import ACCOUNTS, Votes, add_voters, cookies, read_requests, vote_path

from service.interest import store as interest
from service.interest.scripts import interest_key
from service.registry.loading import load as load_registry
from service.storage.client import connect


class Service(NamedTuple):
    """A `serve` on a store of its own, with accounts and votes."""

    url: str
    redis_url: str
    pid: int
    reads: Load
    votes: Load


@contextmanager
def service(
    bench: Bench, name: str, votes: Votes, voters: tuple[str, int] | None = None, *, sync: bool = True
) -> Iterator[Service]:
    """Start one, and see that it counts and votes rightly. Raises Wrong if it does not."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.valkey(bench.folder / f"{name}-store"))
        client = stack.enter_context(redis.Redis.from_url(redis_url, decode_responses=True))
        if not sync:
            client.config_set("appendonly", "no")
        votes.store(client)
        if voters:
            add_voters(client, *voters)
        command, settings = servers.serve_command(), servers.serve_settings(redis_url, REGISTRY)
        log = bench.folder / f"{name}.log"
        url, pid = stack.enter_context(servers.granian(command, bench.cores.server, log, **settings))
        reading = write_script(bench.folder / f"{name}-reads.lua", read_requests())
        voting = write_script(bench.folder / f"{name}-votes.lua", votes.requests())
        yield Service(
            url,
            redis_url,
            pid,
            reads=Load(f"{url}/api/features", reading, check_reading(url, client)),
            votes=Load(url, voting, check_voting(url, client, votes)),
        )


def check_reading(url: str, client: redis.Redis) -> int:
    """The size of an answer, if what it says is what the store holds. Raises Wrong otherwise."""
    account = ACCOUNTS[0]
    features = load_registry(REGISTRY).allowed_features
    wanted = {
        "voted": [feature for feature in features if client.sismember(interest_key(feature), account)],
        "counts": {feature: client.scard(interest_key(feature)) for feature in features},
    }
    answer = expect(ask(url, "/api/features", headers={"Cookie": cookies()[account]}), 200, who="serve")
    if json.loads(answer.body) != wanted:
        raise Wrong(f"/api/features answers {answer.body!r}, and the store holds {wanted}")
    expect(ask(url, "/api/features"), 401, who="serve, not signed in,")
    return answer.size


def check_voting(url: str, client: redis.Redis, votes: Votes) -> int:
    """The size of an answer, if a vote is stored and taken back again. Raises Wrong otherwise."""
    account, feature = votes.pairs[0]
    for method, there in (("POST", True), ("DELETE", False)):
        answer = expect(ask(url, vote_path(feature), method, {"Cookie": cookies()[account]}), 204, who="serve")
        if bool(client.sismember(interest_key(feature), account)) is not there:
            raise Wrong(f"{method} {vote_path(feature)} answers 204, and the store does not show it")
    return answer.size


def measure(bench: Bench) -> None:
    """Fill in the lines of part (b)."""
    features = load_registry(REGISTRY).allowed_features
    votes = Votes(features)
    with ExitStack() as stack:
        ours = stack.enter_context(service(bench, "ours", votes))
        body = ask(ours.url, "/api/features", headers={"Cookie": cookies()[ACCOUNTS[0]]}).body
        other = servers.bare("flask", bench.folder, bench.cores.server, registry_body(ours.url), body)
        bare = stack.enter_context(other).url
        size = expect(ask(bare, "/api/features"), 200, body, "bare Flask").size
        reads = Load(f"{bare}/api/features", ours.reads.script, size)
        size = expect(ask(bare, vote_path(features[0]), "POST"), 204, b"", "bare Flask").size
        changes = Load(bare, ours.votes.script, size)
        found = bench.rates(f"features ({len(features)} ids)", {"ours": ours.reads, "bare Flask": reads})
        bench.compare(f"features ({len(features)} ids)", found["ours"], "bare Flask", found["bare Flask"], 0.30)
        voted = bench.rates("votes", {"ours": ours.votes, "bare Flask": changes})
        bench.compare("votes", voted["ours"], "bare Flask", voted["bare Flask"], 0.33)
        reading, voting = found["ours"], voted["ours"]
    with ExitStack() as stack:
        synced = stack.enter_context(service(bench, "synced", votes))
        loose = stack.enter_context(service(bench, "loose", votes, sync=False))
        found = bench.rates("votes, synced", {"ours": synced.votes, "without fsync": loose.votes})
        bench.compare("votes, each synced to disk", found["ours"], "without fsync", found["without fsync"], 0.9)
        _beside_the_store(bench, loose, reading, voting)


def _beside_the_store(bench: Bench, loose: Service, reads: list[Sample], votes: list[Sample]) -> None:
    """The same commands from one thread on the server's core, without HTTP, Flask and sessions.

    On a store that does not sync: a single caller would wait for the disk each time, while many share one wait.
    """
    registry = load_registry(REGISTRY)
    account, feature = ACCOUNTS[0], registry.allowed_features[0]
    client = connect(loose.redis_url, 1.0)
    changes = cycle((interest.vote, interest.retract))
    calls: dict[str, Callable[[], object]] = {
        "features": lambda: interest.read(client, account, registry),
        "votes": lambda: next(changes)(client, account, feature, registry),
        "GET": lambda: client.get("nothing"),
    }
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {bench.cores.server})
    try:
        took = bench.turns(
            "the store alone, µs a call", {name: _timed(call, bench.seconds / 4) for name, call in calls.items()}
        )
    finally:
        os.sched_setaffinity(0, mine)
        client.close()
    for what, samples in (("features", reads), ("votes", votes)):
        rates, alone = [sample.rate for sample in samples], [1e6 / one for one in took[what]]
        name = f"the same from one thread without HTTP ({median(took[what]):.0f} µs a call)"
        bench.add(Row(what, median(rates), median(alone), ratio(rates, alone), name=name))
    bench.add(Row("a GET of Redis in that thread", median(took["GET"]), unit="µs"))


def _timed(call: Callable[[], object], seconds: float) -> Callable[[], float]:
    """A function that makes calls for so long, and says how many microseconds each took."""

    def run() -> float:
        began = time.perf_counter()
        count = 0
        while (passed := time.perf_counter() - began) < seconds:
            call()
            count += 1
        return passed / count * 1e6

    return run
