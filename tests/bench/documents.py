"""(a) The registry beside nginx, the same bytes from a bare WSGI function, and a plain service; (f) pages, likewise."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace

import redis
from bench import servers
from bench.load import Load, ask, compare, expect, rates
from bench.measuring import Bench, Wrong
from bench.servers import ACCOUNTS, REGISTRY

from service.registry.loading import load as load_registry

PATH = "/api/modules-registry"
_TARGETS = {"nginx": 0.45, "bare WSGI": 0.9}
_BESIDE_PLAIN = 8.0
_PAGE = "/en/"


def registry_body(url: str) -> bytes:
    """What `serve` answers, if that is the registry. Raises Wrong otherwise."""
    body = expect(ask(url, PATH), 200).body
    document, buckets = json.loads(body), load_registry(REGISTRY).buckets
    if {name: document.get(name) for name in buckets} != buckets:
        raise Wrong(f"{PATH} is not the registry: {body[:200]!r}")
    return body


def polls(bench: Bench, who: str, url: str, path: str = PATH, body: bytes | None = None) -> dict[int, Load]:
    """Loads of a server that answers 200, and 304 where the client has the document. Raises Wrong if it does not."""
    full = expect(ask(url, path), 200, body, who)
    known = {"If-None-Match": full.headers["etag"]}
    unchanged = expect(ask(url, path, headers=known), 304, b"", who)
    load = Load(bench, url + path, full.size)
    return {200: load, 304: replace(load, size=unchanged.size, headers=known)}


def measure_registry(bench: Bench) -> None:
    """Fill in the lines of part (a)."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.store(bench))
        ours = stack.enter_context(servers.serve(bench, "serve", redis_url))
        body = registry_body(ours.url)
        others = {
            "nginx": servers.nginx(bench, PATH, body),
            "bare WSGI": servers.bare_wsgi(bench, body),
        }
        urls = {"ours": ours.url} | {name: stack.enter_context(other).url for name, other in others.items()}
        loads = {who: polls(bench, who, url, body=body) for who, url in urls.items()}
        for status in (200, 304):
            seen = rates(bench, f"registry {status}", {who: each[status] for who, each in loads.items()})
            for name, target in _TARGETS.items():
                compare(bench, f"registry {status}", seen, name, target)
        plain = stack.enter_context(servers.plain(bench, redis_url)).url
        size = expect(ask(plain, PATH), 200, who="the plain service").size
        alike = {"ours": loads["ours"][200], "plain": Load(bench, plain + PATH, size)}
        compare(bench, "registry 200", rates(bench, "registry, plain", alike), "plain", _BESIDE_PLAIN)


def measure_pages(bench: Bench) -> None:
    """Fill in the lines of part (f)."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.store(bench))
        servers.add_accounts(stack.enter_context(redis.Redis.from_url(redis_url)), *ACCOUNTS)
        ours = stack.enter_context(servers.serve(bench, "serve", redis_url)).url
        page = expect(ask(ours, _PAGE), 200).body
        wsgi = stack.enter_context(servers.bare_wsgi(bench, page)).url
        loads = {who: polls(bench, who, url, _PAGE, page) for who, url in (("ours", ours), ("bare WSGI", wsgi))}
        for status in (200, 304):
            seen = rates(bench, f"a page {status}", {who: each[status] for who, each in loads.items()})
            compare(bench, f"a page {status}", seen, "bare WSGI", 0.9)
