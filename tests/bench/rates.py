"""What answers how many requests a second: (a) the registry and (f) pages beside nginx, a bare WSGI function and a
plain service, (h) both as files; (b) features and votes; (c) what grows with modules, votes and connections.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

import redis
from bench import servers
from bench.measuring import Bench, Load, Request, Wrong, ask, expect
from bench.servers import ACCOUNTS, REGISTRY, Votes, cookies, vote_path

from service.interest.keys import interest_key
from service.registry.loading.loader import load as load_registry

PATH, PAGE = "/api/modules-registry", "/en/"
MODULES = (50, 1_000, 10_000)
VOTERS = (0, 10_000, 1_000_000)
CONNECTIONS = (1, 100, 1_000)

_MODULE = """
  - slug: module_{n}
    category: sources
    label: {{ fr: "Le module numéro {n}", en: "Module number {n}" }}
    produces: [leads]
    pipelinable: true
    api_endpoint: /api/module-{n}
    feature_page: the-page-of-module-{n}
"""


def polls(bench: Bench, who: str, url: str, path: str = PATH, body: bytes | None = None) -> dict[int, Load]:
    """Loads of a server that answers 200, and 304 where the client has the document. Raises Wrong if it does not."""
    whole = expect(ask(url, path), 200, body, who)
    known = {"If-None-Match": whole.headers["etag"]}
    expect(ask(url, path, **known), 304, b"", who)
    load = Load(bench, url + path, len(whole.body))
    return {200: load, 304: replace(load, size=0, headers=known)}


def measure_registry(bench: Bench) -> None:
    """Fill in the lines of part (a)."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.store(bench))
        ours = stack.enter_context(servers.serve(bench, "serve", redis_url)).url
        body = expect(ask(ours, PATH), 200).body
        document, buckets = json.loads(body), load_registry(REGISTRY).buckets
        if {name: document.get(name) for name in buckets} != buckets:
            raise Wrong(f"{PATH} is not the registry: {body[:200]!r}")
        others = {"nginx": servers.nginx(bench, PATH, body), "bare WSGI": servers.bare_wsgi(bench, body)}
        urls = {"ours": ours} | {name: stack.enter_context(other).url for name, other in others.items()}
        loads = {who: polls(bench, who, url, body=body) for who, url in urls.items()}
        for status in (200, 304):
            contenders = {who: each[status] for who, each in loads.items()}
            bench.race(f"registry {status}", contenders, **{"nginx": 0.45, "bare WSGI": 0.9})
        plain = stack.enter_context(servers.bare(bench, "plain", redis_url, str(REGISTRY))).url
        beside = Load(bench, plain + PATH, len(expect(ask(plain, PATH), 200, who="the plain service").body))
        bench.race("registry, plain", {"ours": loads["ours"][200], "plain": beside}, "registry 200", plain=8.0)


def measure_pages(bench: Bench) -> None:
    """Fill in the lines of part (f)."""
    with ExitStack() as stack:
        ours = stack.enter_context(servers.serve(bench, "serve", stack.enter_context(servers.store(bench)))).url
        page = expect(ask(ours, PAGE), 200).body
        wsgi = stack.enter_context(servers.bare_wsgi(bench, page)).url
        loads = {who: polls(bench, who, url, PAGE, page) for who, url in (("ours", ours), ("bare WSGI", wsgi))}
        for status in (200, 304):
            contenders = {who: each[status] for who, each in loads.items()}
            bench.race(f"a page {status}", contenders, **{"bare WSGI": 0.9})


def measure_published(bench: Bench) -> None:
    """Fill in the lines of part (h): each file beside itself, served plainly by another nginx at the same time.

    By what an answer takes of the processor: a few per cent are told, which from one second to the next are not.
    """
    with servers.published(bench) as ours:
        for what, path in (("the registry", PATH), ("a page", PAGE)):
            body = expect(ask(ours.url, path), 200).body
            with servers.nginx(bench, path, body) as beside:
                servers_of = {"ours": ours, "nginx": beside}
                loads = {who: polls(bench, who, each.url, path, body) for who, each in servers_of.items()}
                for status in (200, 304):
                    contenders = {who: replace(each[status], server=servers_of[who].pid) for who, each in loads.items()}
                    bench.race(f"{what}, as a file {status}", contenders, nginx=0.95)


class Service(NamedTuple):
    """A service on a store of its own, with accounts and votes."""

    client: redis.Redis
    pid: int
    url: str
    reads: Load
    votes: Load


@contextmanager
def service(
    bench: Bench,
    name: str,
    votes: Votes,
    voters: tuple[str, int] | None = None,
    *,
    syncs: bool = True,
    is_plain: bool = False,
    **settings: str,
) -> Iterator[Service]:
    """Start a `serve`, or the plain one, and see that it counts and votes rightly. Raises Wrong if it does not."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.store(bench, f"{name}-store"))
        client = stack.enter_context(redis.Redis.from_url(redis_url, decode_responses=True))
        if not syncs:
            client.config_set("appendonly", "no")
        votes.store(client)
        if voters:
            servers.add_voters(client, *voters)
        bare = servers.bare(bench, "plain", redis_url, str(REGISTRY)) if is_plain else None
        url, pid = stack.enter_context(bare or servers.serve(bench, name, redis_url, **settings))
        reading = [Request("GET", "/api/features", cookie) for cookie in cookies().values()]
        reads = Load(bench, f"{url}/api/features", _read_size(url, client), reading)
        _check_votes(url, client, votes)
        yield Service(client, pid, url, reads, Load(bench, url, 0, votes.requests()))


def _read_size(url: str, client: redis.Redis) -> int:
    """The size of an answer, if what it says is what the store holds. Raises Wrong otherwise."""
    account, features = ACCOUNTS[0], load_registry(REGISTRY).allowed_features
    wanted = {
        "voted": [feature for feature in features if client.sismember(interest_key(feature), account)],
        "counts": {feature: client.scard(interest_key(feature)) for feature in features},
    }
    answer = expect(ask(url, "/api/features", Cookie=cookies()[account]), 200)
    if json.loads(answer.body) != wanted:
        raise Wrong(f"/api/features answers {answer.body!r}, and the store holds {wanted}")
    expect(ask(url, "/api/features"), 401, who="serve, not signed in,")
    return len(answer.body)


def _check_votes(url: str, client: redis.Redis, votes: Votes) -> None:
    """See that a vote is stored, and taken back again. Raises Wrong otherwise."""
    account, feature = votes.pairs[0]
    for method, is_stored in (("POST", True), ("DELETE", False)):
        expect(ask(url, vote_path(feature), method, Cookie=cookies()[account]), 204)
        if bool(client.sismember(interest_key(feature), account)) is not is_stored:
            raise Wrong(f"{method} {vote_path(feature)} answers 204, and the store does not show it")


def measure_interest(bench: Bench) -> None:
    """Fill in the lines of part (b)."""
    features = load_registry(REGISTRY).allowed_features
    votes = Votes(features)
    with service(bench, "ours", votes) as ours, service(bench, "plain", votes, is_plain=True) as plain:
        bench.race(f"features ({len(features)} ids)", {"ours": ours.reads, "plain": plain.reads}, plain=3.0)
        ours.client.config_resetstat()
        seen = bench.race("votes", {"ours": ours.votes, "plain": plain.votes}, plain=1.5)
        answered = sum(sample.answers for sample in seen["ours"])
        entered = ours.client.info("commandstats")["cmdstat_hincrby"]["calls"]
        if entered < 0.95 * answered:  # nearly each vote is a change
            raise Wrong(f"{answered} votes were answered, and {entered} are in the trends")
    for what, name, target, settings in (
        ("votes, with a limit that none reaches", "without a limit", 0.97, {"VOTE_RATE": "0", "FEEDBACK_RATE": "0"}),
        ("votes, each synced to disk", "without fsync", 0.9, {"syncs": False}),
    ):
        with service(bench, "usual", votes) as ours, service(bench, "other", votes, **settings) as other:  # type: ignore[arg-type]
            bench.race(what, {"ours": ours.votes, name: other.votes}, **{name: target})


def measure_growth(bench: Bench) -> None:
    """Fill in the lines of part (c)."""
    with ExitStack() as stack:
        loads = {}
        for count in MODULES:
            registry = bench.folder / f"{count}.yaml"
            registry.write_text("modules:" + "".join(_MODULE.format(n=n) for n in range(count)), encoding="utf-8")
            loads[f"{count:,} modules"] = _polls(bench, stack, f"modules-{count}", registry)[304]
        _compare(bench, "registry 304", "registry 304 by modules", loads)
    with ExitStack() as stack:
        _connections(bench, _polls(bench, stack, "connections", REGISTRY)[200])
    feature = load_registry(REGISTRY).allowed_features[0]
    with ExitStack() as stack:
        services = {
            f"{count:,} other voters": stack.enter_context(
                service(bench, f"voters-{count}", Votes([feature]), (feature, count))
            )
            for count in VOTERS
        }
        _compare(bench, "votes", "votes by voters", {name: each.votes for name, each in services.items()})
        _compare(bench, "features", "features by voters", {name: each.reads for name, each in services.items()})


def _polls(bench: Bench, stack: ExitStack, name: str, registry: Path) -> dict[int, Load]:
    """Loads of 200 and 304 of a `serve` that runs as long as `stack`."""
    store = stack.enter_context(servers.store(bench, f"{name}-store"))
    return polls(bench, name, stack.enter_context(servers.serve(bench, name, store, registry)).url)


def _compare(bench: Bench, what: str, series: str, loads: dict[str, Load]) -> None:
    """A line for each size but the smallest, beside which it is put."""
    seen = {name: [sample.rate for sample in samples] for name, samples in bench.race(series, loads).items()}
    smallest, *larger = seen
    for name in larger:
        bench.compare(f"{what}, {name}", seen[name], seen[smallest], name=smallest, target=0.9)


def _connections(bench: Bench, whole: Load) -> None:
    loads = {f"{count:,} connection{'s' * (count > 1)}": replace(whole, connections=count) for count in CONNECTIONS}
    for name, samples in bench.race("registry 200 by connections", loads).items():
        rate, p50, p99 = (median(getattr(each, figure) for each in samples) for figure in ("rate", "p50", "p99"))
        errors = sum(each.errors for each in samples)
        bench.add(f"registry 200, {name}", rate, name=f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, {errors} errors")
    errors += _unanswered(whole.url, CONNECTIONS[-1])
    bench.add(f"errors at {name}, with those never answered", errors, unit="", target=0)


def _unanswered(url: str, connections: int) -> int:
    """How many of so many connections that ask at once get no answer within 2 s: wrk knows only those that do."""
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    missing = 0
    with ExitStack() as stack:
        address = parts.hostname or "", parts.port or 80
        asking = [stack.enter_context(socket.create_connection(address, timeout=2)) for _ in range(connections)]
        for connection in asking:
            connection.sendall(request)
        deadline = time.monotonic() + 2
        for connection in asking:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                missing += not connection.recv(1)
            except OSError:
                missing += 1
    return missing
