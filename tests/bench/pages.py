"""(f) A page beside a bare WSGI function with the same bytes, and a call of the pages beside a bare Flask view."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace

import redis
from bench import servers
from bench.asking import ask, expect
from bench.documents import REGISTRY, registry_body
from bench.errors import Wrong
from bench.load import Load, Request, write_script
from bench.measuring import Bench
from bench.voters import ACCOUNTS, add_accounts, cookies

_PAGE = "/en/"


def measure(bench: Bench) -> None:
    """Fill in the lines of part (f)."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(servers.valkey(bench.folder / "store"))
        client = stack.enter_context(redis.Redis.from_url(redis_url, decode_responses=True))
        add_accounts(client, ACCOUNTS)
        core = bench.cores.server
        ours = stack.enter_context(servers.serve(bench, "serve", redis_url, REGISTRY)).url

        page = expect(ask(ours, _PAGE), 200, who="serve")
        wsgi = servers.bare("wsgi", bench.folder, core, page.body, b"")
        beside = stack.enter_context(wsgi).url
        plain = write_script(bench.folder / "plain.lua")
        loads = {
            "ours": Load(ours + _PAGE, plain, page.size),
            "bare WSGI": Load(beside + _PAGE, plain, expect(ask(beside, _PAGE), 200, page.body, "bare WSGI").size),
        }
        found = bench.rates("a page 200", loads)
        bench.compare("a page 200", found["ours"], "bare WSGI", found["bare WSGI"], 0.9)
        known = {
            who: {"If-None-Match": ask(load.url.removesuffix(_PAGE), _PAGE).headers["etag"]}
            for who, load in loads.items()
        }
        loads = {who: replace(load, size=None, headers=known[who], sent=0) for who, load in loads.items()}
        for who, load in loads.items():
            expect(ask(load.url.removesuffix(_PAGE), _PAGE, headers=load.headers), 304, b"", who)
        found = bench.rates("a page 304", loads)
        bench.compare("a page 304", found["ours"], "bare WSGI", found["bare WSGI"], 0.9)

        me = [Request("GET", "/api/me", cookie) for cookie in cookies().values()]
        answer = expect(ask(ours, "/api/me", headers={"Cookie": me[0].cookie}), 200, who="serve")
        if json.loads(answer.body)["id"] != ACCOUNTS[0]:
            raise Wrong(f"/api/me answers {answer.body!r}")
        flask = servers.bare("flask", bench.folder, core, registry_body(ours), answer.body)
        view = stack.enter_context(flask).url
        alike = [request._replace(path="/api/features") for request in me]
        loads = {
            "ours": Load(ours, write_script(bench.folder / "me.lua", me), answer.size),
            "bare Flask": Load(view, write_script(bench.folder / "alike.lua", alike)),
        }
        found = bench.rates("/api/me", loads)
        bench.compare("/api/me", found["ours"], "bare Flask", found["bare Flask"])
