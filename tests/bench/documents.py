"""(a) The registry beside nginx and the same bytes from a bare WSGI function and Flask view; (f) pages, likewise."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace

import redis
from bench import servers
from bench.load import Load, Request, ask, compare, expect, rates
from bench.measuring import Bench, Wrong
from bench.servers import ACCOUNTS, REGISTRY, cookies

from service.registry.loading import load as load_registry

PATH = "/api/modules-registry"
_TARGETS = {"nginx": 0.45, "bare WSGI": 0.9, "bare Flask": 5.0}
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
        ours = stack.enter_context(servers.serve(bench, "serve", stack.enter_context(servers.store(bench))))
        body = registry_body(ours.url)
        others = {
            "nginx": servers.nginx(bench, PATH, body),
            "bare WSGI": servers.bare(bench, "wsgi", body),
            "bare Flask": servers.bare(bench, "flask", body),
        }
        urls = {"ours": ours.url} | {name: stack.enter_context(other).url for name, other in others.items()}
        loads = {who: polls(bench, who, url, body=body) for who, url in urls.items()}
        for status in (200, 304):
            seen = rates(bench, f"registry {status}", {who: each[status] for who, each in loads.items()})
            for name, target in _TARGETS.items():
                compare(bench, f"registry {status}", seen, name, target)
            # The server's floor: no answer from this server can be further from a bare Flask view.
            compare(bench, f"bare WSGI {status}", seen, "bare Flask", ours="bare WSGI")


def measure_pages(bench: Bench) -> None:
    """Fill in the lines of part (f)."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.store(bench))
        servers.add_accounts(stack.enter_context(redis.Redis.from_url(redis_url)), *ACCOUNTS)
        ours = stack.enter_context(servers.serve(bench, "serve", redis_url)).url
        page = expect(ask(ours, _PAGE), 200).body
        wsgi = stack.enter_context(servers.bare(bench, "wsgi", page)).url
        loads = {who: polls(bench, who, url, _PAGE, page) for who, url in (("ours", ours), ("bare WSGI", wsgi))}
        for status in (200, 304):
            seen = rates(bench, f"a page {status}", {who: each[status] for who, each in loads.items()})
            compare(bench, f"a page {status}", seen, "bare WSGI", 0.9)

        me = [Request("GET", "/api/me", cookie) for cookie in cookies().values()]
        answer = expect(ask(ours, "/api/me", headers={"Cookie": me[0].cookie}), 200)
        if json.loads(answer.body)["id"] != ACCOUNTS[0]:
            raise Wrong(f"/api/me answers {answer.body!r}")
        view = stack.enter_context(servers.bare(bench, "flask", registry_body(ours), answer.body)).url
        alike = [request._replace(path="/api/features") for request in me]
        size = expect(ask(view, "/api/features"), 200, answer.body, "bare Flask").size
        seen = rates(
            bench,
            "/api/me",
            {"ours": Load(bench, ours, answer.size, me), "bare Flask": Load(bench, view, size, alike)},
        )
        compare(bench, "/api/me", seen, "bare Flask")
