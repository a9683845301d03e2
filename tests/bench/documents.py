"""(a) The registry, 200 and 304, beside nginx, a bare WSGI function and a bare Flask view with the same bytes."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace

from bench import servers
from bench.asking import ask, expect
from bench.errors import Wrong
from bench.load import Load, write_script
from bench.measuring import Bench
from support import REPOSITORY

from service.registry.loading import load as load_registry

PATH = "/api/modules-registry"
REGISTRY = REPOSITORY / "registry.yaml"
_TARGETS = {"nginx": 0.45, "bare WSGI": 0.9, "bare Flask": 5.0}


def registry_body(url: str) -> bytes:
    """What `serve` answers, if that is the registry. Raises Wrong otherwise."""
    body = expect(ask(url, PATH), 200, who="serve").body
    buckets = load_registry(REGISTRY).buckets
    document = json.loads(body)
    if {name: document.get(name) for name in buckets} != buckets:
        raise Wrong(f"{PATH} is not the registry: {body[:200]!r}")
    return body


def polls(bench: Bench, who: str, url: str, body: bytes | None = None) -> tuple[Load, Load]:
    """Loads of a server that answers 200, and 304 where the client has the document. Raises Wrong if it does not."""
    plain = write_script(bench.folder / "plain.lua")
    full = expect(ask(url, PATH), 200, body, who)
    known = {"If-None-Match": full.headers["etag"]}
    unchanged = expect(ask(url, PATH, headers=known), 304, b"", who)
    load = Load(url + PATH, plain, full.size)
    return load, replace(load, size=unchanged.size, headers=known)


def measure(bench: Bench) -> None:
    """Fill in the lines of part (a)."""
    with ExitStack() as stack:
        store = stack.enter_context(servers.valkey(bench.folder / "store"))
        core = bench.cores.server
        ours = stack.enter_context(servers.serve(bench, "serve", store, REGISTRY))
        body = registry_body(ours.url)
        others = {
            "nginx": servers.nginx(bench.folder, core, PATH, body),
            "bare WSGI": servers.bare("wsgi", bench.folder, core, body, b""),
            "bare Flask": servers.bare("flask", bench.folder, core, body, b""),
        }
        urls = {"ours": ours.url} | {name: stack.enter_context(other).url for name, other in others.items()}
        loads = {who: polls(bench, who, url, body) for who, url in urls.items()}
        for position, status in enumerate(("200", "304")):
            found = bench.rates(f"registry {status}", {who: pair[position] for who, pair in loads.items()})
            for name, target in _TARGETS.items():
                bench.compare(f"registry {status}", found["ours"], name, found[name], target)
            # The server's floor: no answer from this server can be further from a bare Flask view.
            bench.compare(f"bare WSGI {status}", found["bare WSGI"], "bare Flask", found["bare Flask"])
