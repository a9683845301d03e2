"""The cache in front: the real nginx with the configuration that deploy-files writes, before the real service."""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from application import REGISTRY, VOTE, Start, editors_rename, table
from clusters import free_ports
from metrics.scraping import scrape
from nginx import NGINX, Answer, Nginx, ask
from support import DEADLINE, AnyClient, Serve, launch, run, wait_until
from traffic import KEY, Fate, enrol, lost_votes, traffic
from web.pages.markup import VARIED

from service.cli.settings import read_files

#: How often of two services one is stopped, the other killed, and each started again.
ROLLS = int(os.environ.get("ROLLS", "1"))

pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]

HOST = "registry.example.com"
LIST = "/api/modules-registry"


#: How long each client waits before a request, in seconds.
PAUSE = 0.005

#: A document stays fresh for a second, and is of no use to a cache after that unless the service fails.
SHORT = {"CACHE_MAX_AGE": "1", "CACHE_STALE_WHILE_REVALIDATE": "0"}


def old(cache: str, path: str, **headers: str | None) -> Answer:
    """The answer from the cache once it is out of date."""

    def asked() -> Answer | None:
        answer = ask(cache, path, **headers)
        return answer if answer["Cache-Status"] == "nginx; hit; detail=STALE" else None

    return wait_until(asked)


def front_of(front: Nginx, *origins: str) -> str:
    """The configuration as it is, but for what would reach out of the test: its address, its cache, the service.

    For several services, the line of the one that it names is there for each.
    """
    text = read_files()["nginx.conf"]
    [line] = re.findall(r".*127\.0\.0\.1:8000.*\n", text)
    for old, new in (
        ("listen 80;", f"listen {front.address};"),
        ("/var/cache/module-registry", f"{front.folder}/cache"),
        ("/var/log/nginx/module-registry.log", f"{front.folder}/access.log"),
        (line, "".join(line.replace("127.0.0.1:8000", origin) for origin in origins)),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@dataclass
class Site:
    """A service, and the documented nginx in front of it."""

    service: Serve
    front: Nginx

    @property
    def cache(self) -> str:
        """Where people reach it."""
        return self.front.url

    @classmethod
    @contextmanager
    def of(cls, service: Serve, folder: Path) -> Iterator[Site]:
        front = Nginx(folder / "front")
        with front.running(front_of(front, urlsplit(service.url).netloc)):
            yield cls(service, front)

    def reached(self, route: str, status: str = "") -> int:
        """How many requests of a route have reached the service, and were answered so, as it counts them."""
        said = f'route="{route}",status="{status}'
        counted = scrape(self.service.url).items()
        return int(sum(number for name, number in counted if name.startswith("requests_total") and said in name))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site for tests that stop nothing. Whoever counts asks for a document that no other test asks for."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder, ExitStack() as stack:
        service = launch(Path(folder), Path(folder) / "var", CACHE_MAX_AGE="600")
        stack.callback(service.clean_up)
        yield stack.enter_context(Site.of(service.started(), Path(folder)))


@pytest.fixture
def start(serve: Start, short_dir: Path) -> Iterator[Callable[..., Site]]:
    """Start a site of a test's own."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Site.of(serve(**settings), short_dir))


def test_an_address_comes_back_from_the_provider_a_few_times_a_minute(site: Site) -> None:
    """Or a stranger with codes that are made up would keep others from signing in."""
    statuses = Counter(ask(site.cache, "/sign-in/openid/callback?code=x&state=y").status for _ in range(12))
    assert statuses.keys() == {404, 429} and statuses[404] in (6, 7)  # without OpenID, there is nothing
    assert ask(site.cache, "/en/").status == 200


def link_of(serve: Serve, account: str) -> str:
    """The path and query of a sign-in link for a new account."""
    for arguments in (["add", account], ["sign-in-link", account]):
        done = run("accounts", *arguments, DATA_DIR=str(serve.data_dir))
        assert done.returncode == 0, done.stderr
    return done.stdout.strip().removeprefix(serve.url)


def test_nobody_reads_metrics_through_it(site: Site) -> None:
    assert ask(site.service.url, "/metrics").status == 200
    for path in ("/metrics", "/%6detrics", "//metrics", "/en/../metrics", "/metrics?x"):
        for host in (HOST, "localhost", "127.0.0.1:8000"):
            assert ask(site.cache, path, host=host).status in (308, 404), (path, host)


def test_of_many_who_ask_at_once_one_a_variant_reaches_the_service(site: Site) -> None:
    path, tabs = "/openapi.yaml", ["identity", "gzip", "br", "zstd"] * 4
    expected = {coding: ask(site.service.url, path, accept_encoding=coding).body for coding in tabs}
    before, all_at_once = site.reached(path), threading.Barrier(len(tabs))

    def poll(number: int) -> None:
        """What a browser's tab does, but without a pause, and each time in other words."""
        coding, etag = tabs[number], None
        all_at_once.wait(DEADLINE)
        for count in range(50):
            spelling, known = f"x-{number}-{count}, {coding}", etag if count % 2 else None
            answer = ask(site.cache, f"{path}?{number}.{count}", accept_encoding=spelling, if_none_match=known)
            assert (answer.status, answer.body) == ((304, b"") if known else (200, expected[coding]))
            etag = answer["ETag"]

    with ThreadPoolExecutor(len(tabs)) as pool:
        list(pool.map(poll, range(len(tabs))))
    assert site.reached(path) - before == 4


def test_a_client_gets_a_coding_that_it_accepts_and_conditions_are_answered_from_the_cache(site: Site) -> None:
    same = ("ETag", "Vary", "Cache-Control", "Last-Modified", "Content-Type", "Access-Control-Allow-Origin")
    directly = {coding: ask(site.service.url, LIST, accept_encoding=coding) for coding in (None, "br", "gzip", "zstd")}
    assert len({answer["ETag"] for answer in directly.values()}) == 4
    for accept_encoding, coding in table("codings.yaml").items():
        answer = ask(site.cache, LIST, accept_encoding=accept_encoding)
        assert answer["Content-Encoding"] == coding, accept_encoding
        assert answer.body == directly[coding].body
        assert [answer[name] for name in same] == [directly[coding][name] for name in same]
        assert ask(site.cache, LIST, accept_encoding=accept_encoding, if_none_match=answer["ETag"]).status == 304
    plain = directly[None]
    head = ask(site.cache, LIST, "HEAD")
    assert (head.status, head["ETag"], head["Content-Length"]) == (200, plain["ETag"], str(len(plain.body)))
    for condition in (
        {"if_none_match": f'"other", W/{plain["ETag"]}'},
        {"if_modified_since": plain["Last-Modified"]},
        {"if_none_match": plain["ETag"], "if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ):
        answer = ask(site.cache, LIST, **condition)
        assert (answer.status, answer["Cache-Status"]) == (304, "nginx; hit; detail=HIT")
    assert ask(site.cache, LIST, if_none_match='"other"').status == 200


def test_each_answer_has_the_id_of_its_own_request_also_one_that_was_kept(site: Site) -> None:
    for number, path in enumerate(["/api/modules/reviews", "/api/modules/reviews", "/api/features", "/metrics"]):
        given, made = (ask(site.cache, path, x_request_id=name) for name in (f"asked-by-{number}", "no id"))
        assert given.headers.get_all("X-Request-ID") == [f"asked-by-{number}"], path
        assert re.fullmatch("[0-9a-f]{32}", made["X-Request-ID"] or "")
    log = site.front.folder / "access.log"
    wait_until(lambda: log.read_text().endswith(f" {made['X-Request-ID']}\n"))


def test_votes_pass_through_with_their_session_and_count_at_once(site: Site) -> None:
    signed_in = [ask(site.cache, link_of(site.service, account), "POST") for account in ("alice", "bob")]
    alice, bob = (str(each["Set-Cookie"]).partition(";")[0] for each in signed_in)
    for method, voted, count in (("POST", True, 1), ("POST", True, 1), ("DELETE", False, 0)):
        assert ask(site.cache, VOTE, method, cookie=alice).status == 204
        for cookie, is_own in ((alice, voted), (bob, False)):
            answer = ask(site.cache, "/api/features", cookie=cookie)
            assert (answer.status, answer["Cache-Control"], answer["Cache-Status"]) == (200, "no-store", None)
            read = json.loads(answer.body)
            assert ("linkedin" in read["voted"], read["counts"]["linkedin"]) == (is_own, count)
    assert ask(site.cache, "/api/features").status == 401
    for origin, status in (("http://evil.example", 403), (site.service.url, 403), (site.cache, 204)):
        assert ask(site.cache, VOTE, "POST", cookie=alice, origin=origin).status == status


def test_no_token_is_in_the_access_log(site: Site) -> None:
    link = link_of(site.service, "zoe")
    assert ask(site.cache, link).status == 200
    assert ask(site.cache, link, "POST", referer=f"http://{HOST}{link}").status == 200
    assert ask(site.cache, "/api/modules/sort?" + link.partition("?")[2]).status == 200
    log = site.front.folder / "access.log"
    wait_until(lambda: "GET /api/modules/sort" in log.read_text())
    asked = [line.split('"')[1] for line in log.read_text().splitlines()]
    assert "GET /sign-in" in asked and "POST /sign-in" in asked
    assert link.partition("=")[2] not in log.read_text()


def test_what_is_not_a_public_document_is_asked_for_each_time_and_answered_as_it_is(site: Site) -> None:
    for path in ("/readyz", "/healthz", "/sign-in?token=x", "/api/modules/nowhere", "/api/finance?x"):
        directly, *answers = (ask(where, path) for where in (site.service.url, site.cache, site.cache))
        for answer in answers:
            assert answer["Cache-Status"] in (None, "nginx; fwd=uri-miss")
            for name in ("Cache-Control", "Content-Type"):
                assert (answer.status, answer[name]) == (directly.status, directly[name])


def test_graph_of_former_slug_redirects_with_its_filters(start: Callable[..., Site]) -> None:
    site = start(REGISTRY_FILE=str(VARIED))
    for query in ("?state=active&category=tools", "", "?category=enrich"):
        answer = ask(site.cache, f"/en/graph/mails/2{query}")
        assert (answer.status, answer["Location"]) == (308, f"/en/graph/emails/2{query}")


def test_what_is_counted_by_its_name_is_not_kept(start: Callable[..., Site]) -> None:
    """Each such request reaches the service, and none waits for the answer to another, which it would for a second."""
    site = start(CACHE_MAX_AGE="600", REGISTRY_FILE=str(VARIED))
    kept = ("/api/modules/emails", "/en/modules/emails", "/en/")
    counted = {"/api/modules/mails": 308, "/fr/modules/feeds": 308, "/api/modules/posts": 200, "/en/modules/posts": 200}
    counted |= {f"/{begin}/modules/vine": 410 for begin in ("api", "en")}
    for path in (*kept, *counted):
        answers = [ask(site.cache, f"{path}?{number}") for number in range(3)]
        assert {answer.status for answer in answers} == {counted.get(path, 200)}, path
        assert path in kept or {answer["Cache-Status"] for answer in answers} == {"nginx; fwd=uri-miss"}, path
    for path in kept:  # which takes it a moment longer than to answer
        wait_until(lambda path=path: ask(site.cache, path)["Cache-Status"] == "nginx; hit; detail=HIT")  # type: ignore[misc]

    def took(path: str) -> float:
        began = time.monotonic()
        assert ask(site.cache, path).status == 200
        return time.monotonic() - began

    with ThreadPoolExecutor(16) as pool:
        longest = [max(pool.map(took, ["/api/modules/posts"] * 80)) for _ in range(3)]
    assert min(longest) < 0.4  # who waits for another does so for half a second, and the machine not each time
    uses = {name: number for name, number in scrape(site.service.url).items() if name.startswith("name_uses_total")}
    expected = {"mails": 3, "feeds": 3, "posts": 246, "vine": 6}
    assert uses == {f'name_uses_total{{name="{name}"}}': number for name, number in expected.items()}


def test_nobody_waits_for_an_old_document_and_a_removed_module_is_gone_although_it_was_kept(
    start: Callable[..., Site], tmp_path: Path
) -> None:
    registry = tmp_path / "registry.yaml"
    registry.write_text(REGISTRY, encoding="utf-8")
    site = start(CACHE_MAX_AGE="1", CACHE_STALE_WHILE_REVALIDATE="5", REGISTRY_FILE=str(registry))
    statuses: list[str | None] = [ask(site.cache, LIST)["Cache-Status"]]

    def asked_twice() -> bool:
        statuses.append(ask(site.cache, LIST)["Cache-Status"])
        return site.reached(LIST, "304") >= 1

    wait_until(asked_twice)
    assert "nginx; hit; detail=STALE" in statuses
    assert not any("fwd" in (status or "") for status in statuses[1:])
    assert ask(site.cache, "/api/modules/hiring").status == 200
    editors_rename(registry, REGISTRY.replace("slug: hiring", "slug: firing"))
    wait_until(lambda: ask(site.cache, "/api/modules/hiring").status == 404)
    assert ask(site.cache, "/api/modules/firing").status == 200


def test_with_the_service_hung_or_stopped_the_registry_is_answered_and_votes_fail(start: Callable[..., Site]) -> None:
    site = start(**SHORT)
    paths = [LIST, "/api/modules", "/api/modules/scrap", "/openapi.yaml", "/schemas/registry.schema.json"]
    wanted = [(path, coding) for path in paths for coding in ("identity", "gzip")]
    before = {each: ask(site.cache, each[0], accept_encoding=each[1]) for each in wanted}
    os.killpg(site.service.process.pid, signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        vote = pool.submit(ask, site.cache, VOTE, "POST")
        assert old(site.cache, LIST).body == before[LIST, "identity"].body
        assert vote.result().status == 504
    os.killpg(site.service.process.pid, signal.SIGCONT)
    assert ask(site.service.url, "/healthz").status == 200
    assert site.service.stop() == 0
    for (path, coding), kept in before.items():
        answer = old(site.cache, path, accept_encoding=coding)
        assert (answer.status, answer.body, answer["ETag"]) == (200, kept.body, kept["ETag"])
        assert ask(site.cache, path, accept_encoding=coding, if_none_match=kept["ETag"]).status == 304
    assert ask(site.cache, VOTE, "POST").status == 502
    assert ask(site.cache, "/api/features").status == 502


def test_of_two_behind_it_each_is_started_again_and_no_request_is_lost(
    serve: Start, valkey_url: str, redis: AnyClient, short_dir: Path
) -> None:
    """Polls and votes, none of which the cache answers, while one is stopped, the other killed, and each started."""
    ports, settings = free_ports(2), {"REDIS_URL": valkey_url, "REDIS_TIMEOUT": "3", "SECRET_KEY": KEY}
    settings |= {"CACHE_MAX_AGE": "0", "VOTE_RATE": "0"}
    services = [serve("--port", str(each), **settings) for each in ports]
    front = Nginx(short_dir / "front")
    text = front_of(front, *(urlsplit(each.url).netloc for each in services))
    with front.running(text), traffic(front.url, enrol(redis), PAUSE) as clients:
        for number in [0, 1] * ROLLS:
            asked = [len(client.done) for client in clients]
            wait_until(lambda asked=asked: all(len(each.done) > n + 20 for each, n in zip(clients, asked, strict=True)))
            if number:
                services[number].clean_up()
            else:
                assert services[number].stop() == 0
            services[number] = serve("--port", str(ports[number]), **settings)
    assert {request.fate for client in clients for request in client.done} == {Fate.ANSWERED}
    assert lost_votes(redis, clients) == []
