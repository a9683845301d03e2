"""(c) What grows: modules in the file, votes on a feature, connections."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench import servers
from bench.documents import polls
from bench.interest import service
from bench.load import Load, Sample, compare, rates
from bench.measuring import Bench, Row
from bench.servers import REGISTRY, Votes

from service.registry.loading import load as load_registry

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


def measure(bench: Bench) -> None:
    """Fill in the lines of part (c)."""
    with ExitStack() as stack:
        loads = {}
        for count in MODULES:
            registry = bench.folder / f"{count}.yaml"
            registry.write_text("modules:" + "".join(_MODULE.format(n=n) for n in range(count)), encoding="utf-8")
            loads[f"{count:,} modules"] = _polls(bench, stack, f"modules-{count}", registry)[304]
        _compare(bench, "registry 304", rates(bench, "registry 304 by modules", loads))
    with ExitStack() as stack:
        _connections(bench, _polls(bench, stack, "connections", REGISTRY)[200])
    feature = load_registry(REGISTRY).allowed_features[0]
    votes = Votes([feature])
    with ExitStack() as stack:
        services = {
            f"{count:,} other voters": stack.enter_context(service(bench, f"voters-{count}", votes, (feature, count)))
            for count in VOTERS
        }
        for what in ("votes", "features"):
            loads = {name: each.votes if what == "votes" else each.reads for name, each in services.items()}
            _compare(bench, what, rates(bench, f"{what} by voters", loads))


def _polls(bench: Bench, stack: ExitStack, name: str, registry: Path) -> dict[int, Load]:
    """Loads of 200 and 304 of a `serve` that runs as long as `stack`."""
    store = stack.enter_context(servers.store(bench, f"{name}-store"))
    return polls(bench, name, stack.enter_context(servers.serve(bench, name, store, registry)).url)


def _connections(bench: Bench, full: Load) -> None:
    loads = {f"{count:,} connection{'s' * (count > 1)}": replace(full, connections=count) for count in CONNECTIONS}
    seen = rates(bench, "registry 200 by connections", loads)
    for name, samples in seen.items():
        rate, p50, p99 = (median(getattr(each, figure) for each in samples) for figure in ("rate", "p50", "p99"))
        errors = sum(each.errors for each in samples)
        bench.add(Row(f"registry 200, {name}", rate, name=f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, {errors} errors"))
    errors += _unanswered(full.url, CONNECTIONS[-1])
    bench.add(Row(f"errors at {name}, with those never answered", errors, unit="", target=0))


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


def _compare(bench: Bench, what: str, seen: Mapping[str, list[Sample]]) -> None:
    """A line for each size but the smallest, beside which it is put."""
    smallest, *larger = seen
    for name in larger:
        compare(bench, f"{what}, {name}", seen, smallest, 0.9, ours=name)
