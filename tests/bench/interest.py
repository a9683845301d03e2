"""(b) Features and votes, beside a plain service, no limits, and a store that does not sync."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import redis
from bench import servers
from bench.load import Load, Request, ask, compare, expect, rates
from bench.measuring import Bench, Wrong
from bench.servers import ACCOUNTS, REGISTRY, Votes, cookies, vote_path

from service.interest.keys import interest_key
from service.registry.loading import load as load_registry


class Service(NamedTuple):
    """A `serve` on a store of its own, with accounts and votes."""

    url: str
    client: redis.Redis
    pid: int
    reads: Load
    votes: Load


@contextmanager
def service(
    bench: Bench, name: str, votes: Votes, voters: tuple[str, int] | None = None, *, sync: bool = True, **settings: str
) -> Iterator[Service]:
    """Start one, and see that it counts and votes rightly. Raises Wrong if it does not."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.store(bench, f"{name}-store"))
        client = stack.enter_context(redis.Redis.from_url(redis_url, decode_responses=True))
        if not sync:
            client.config_set("appendonly", "no")
        votes.store(client)
        if voters:
            servers.add_voters(client, *voters)
        url, pid = stack.enter_context(servers.serve(bench, name, redis_url, **settings))
        reading = [Request("GET", "/api/features", cookie) for cookie in cookies().values()]
        reads = Load(bench, f"{url}/api/features", _read_size(url, client), reading)
        yield Service(url, client, pid, reads, Load(bench, url, _vote_size(url, client, votes), votes.requests()))


def _read_size(url: str, client: redis.Redis) -> int:
    """The size of an answer, if what it says is what the store holds. Raises Wrong otherwise."""
    account = ACCOUNTS[0]
    features = load_registry(REGISTRY).allowed_features
    wanted = {
        "voted": [feature for feature in features if client.sismember(interest_key(feature), account)],
        "counts": {feature: client.scard(interest_key(feature)) for feature in features},
    }
    answer = expect(ask(url, "/api/features", headers={"Cookie": cookies()[account]}), 200)
    if json.loads(answer.body) != wanted:
        raise Wrong(f"/api/features answers {answer.body!r}, and the store holds {wanted}")
    expect(ask(url, "/api/features"), 401, who="serve, not signed in,")
    return answer.size


def _vote_size(url: str, client: redis.Redis, votes: Votes) -> int:
    """The size of an answer, if a vote is stored and taken back again. Raises Wrong otherwise."""
    account, feature = votes.pairs[0]
    for method, there in (("POST", True), ("DELETE", False)):
        answer = expect(ask(url, vote_path(feature), method, {"Cookie": cookies()[account]}), 204)
        if bool(client.sismember(interest_key(feature), account)) is not there:
            raise Wrong(f"{method} {vote_path(feature)} answers 204, and the store does not show it")
    return answer.size


def measure(bench: Bench) -> None:
    """Fill in the lines of part (b)."""
    features = load_registry(REGISTRY).allowed_features
    votes = Votes(features)
    with ExitStack() as stack:
        ours = stack.enter_context(service(bench, "ours", votes))
        redis_url = stack.enter_context(servers.store(bench, "plain-store"))
        with redis.Redis.from_url(redis_url, decode_responses=True) as client:
            votes.store(client)
            plain = stack.enter_context(servers.plain(bench, redis_url)).url
            reads = Load(bench, f"{plain}/api/features", _read_size(plain, client), ours.reads.requests)
            changes = Load(bench, plain, _vote_size(plain, client, votes), ours.votes.requests)
        what = f"features ({len(features)} ids)"
        compare(bench, what, rates(bench, what, {"ours": ours.reads, "plain": reads}), "plain", 3.0)
        ours.client.config_resetstat()
        seen = rates(bench, "votes", {"ours": ours.votes, "plain": changes})
        compare(bench, "votes", seen, "plain", 1.5)
        answered = sum(sample.answers for sample in seen["ours"])
        entered = ours.client.info("commandstats")["cmdstat_hincrby"]["calls"]
        if entered < 0.95 * answered:  # nearly each vote is a change
            raise Wrong(f"{answered} votes were answered, and {entered} are in the trends")
    with (
        service(bench, "limited", votes) as limited,
        service(bench, "free", votes, VOTE_RATE="0", FEEDBACK_RATE="0") as free,
    ):
        seen = rates(bench, "votes, limits", {"ours": limited.votes, "without a limit": free.votes})
        compare(bench, "votes, with a limit that none reaches", seen, "without a limit", 0.97)
    with service(bench, "synced", votes) as synced, service(bench, "loose", votes, sync=False) as loose:
        seen = rates(bench, "votes, synced", {"ours": synced.votes, "without fsync": loose.votes})
        compare(bench, "votes, each synced to disk", seen, "without fsync", 0.9)
