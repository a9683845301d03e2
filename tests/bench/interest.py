"""(b) Features and votes, beside a bare Flask view, and a store that does not sync."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import redis
from bench import servers
from bench.asking import ask, expect
from bench.documents import REGISTRY, registry_body
from bench.errors import Wrong
from bench.load import Load, Sample, write_script
from bench.measuring import Bench
from bench.voters import ACCOUNTS, Votes, add_voters, cookies, read_requests, vote_path

from service.interest.keys import interest_key
from service.registry.loading import load as load_registry


class Service(NamedTuple):
    """A `serve` on a store of its own, with accounts and votes."""

    url: str
    redis_url: str
    pid: int
    reads: Load
    votes: Load


@contextmanager
def service(
    bench: Bench,
    name: str,
    votes: Votes,
    voters: tuple[str, int] | None = None,
    *,
    sync: bool = True,
    is_limited: bool = True,
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
        limits = {} if is_limited else {"VOTE_RATE": "0", "FEEDBACK_RATE": "0"}
        url, pid = stack.enter_context(servers.serve(bench, name, redis_url, REGISTRY, **limits))
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

        what = f"features ({len(features)} ids)"
        found = bench.rates(what, {"ours": ours.reads, "bare Flask": reads})
        bench.compare(what, found["ours"], "bare Flask", found["bare Flask"], 0.30)

        client = stack.enter_context(redis.Redis.from_url(ours.redis_url, decode_responses=True))
        client.config_resetstat()
        found = bench.rates("votes", {"ours": ours.votes, "bare Flask": changes})
        bench.compare("votes", found["ours"], "bare Flask", found["bare Flask"], 0.33)
        _check_that_votes_were_stored(client, found["ours"])
    with ExitStack() as stack:
        limited = stack.enter_context(service(bench, "limited", votes))
        free = stack.enter_context(service(bench, "free", votes, is_limited=False))
        found = bench.rates("votes, limits", {"ours": limited.votes, "without a limit": free.votes})
        bench.compare(
            "votes, with a limit that none reaches", found["ours"], "without a limit", found["without a limit"], 0.97
        )
    with ExitStack() as stack:
        synced = stack.enter_context(service(bench, "synced", votes))
        loose = stack.enter_context(service(bench, "loose", votes, sync=False))
        found = bench.rates("votes, synced", {"ours": synced.votes, "without fsync": loose.votes})
        bench.compare("votes, each synced to disk", found["ours"], "without fsync", found["without fsync"], 0.9)


def _check_that_votes_were_stored(client: redis.Redis, found: Sequence[Sample]) -> None:
    """Raise Wrong if Redis has entered fewer changes into trends than were answered; nearly each vote is a change."""
    answered = sum(sample.answers for sample in found)
    entered = client.info("commandstats")["cmdstat_hincrby"]["calls"]
    if entered < 0.95 * answered:
        raise Wrong(f"{answered} votes were answered, and {entered} are in the trends")
