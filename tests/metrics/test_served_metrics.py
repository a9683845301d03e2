"""/metrics of a real `serve`: the sum over its workers, also once some of them were killed."""

import re
import select
import shutil
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from clusters import free_ports
from scraping import Samples, documented, scrape, scraped_until
from support import (
    DEADLINE,
    DOCUMENTED,
    Serve,
    add_accounts,
    connect,
    kill_and_wait,
    session_cookie,
    socket_url,
    wait_until,
    wait_until_all_listen,
)

from service.cli import listening
from service.cli.listening import metrics_socket
from service.problems import InvalidSetting
from service.settings.values import MetricsPort

Start = Callable[..., Serve]

KEY = "a key of the tests"
VOTE = "/api/features/linkedin/interest"


def requests(route: str, method: str, status: int) -> str:
    return f'requests_total{{method="{method}",route="{route}",status="{status}"}}'


def use(running: Serve, cookie: str) -> None:
    """On a connection each, so that both workers have some."""
    asked = [("GET", "/api/modules-registry")] * 10 + [("HEAD", "/api/modules/scrap"), ("PROPFIND", "/nothing/at/all")]
    assert [running.ask(*each) for each in asked] == [200] * 11 + [404]
    assert [running.ask(method, VOTE, Cookie=cookie) for method in ("POST", "DELETE", "POST")] == [204] * 3


def expected(times: int) -> Samples:
    """What is counted once that was done so many times."""
    return {
        requests("/api/modules-registry", "GET", 200): 10 * times,
        requests("/api/modules/<slug>", "HEAD", 200): times,
        requests("(no route)", "other", 404): times,
        requests("/api/features/<feature_id>/interest", "POST", 204): 2 * times,
        requests("/api/features/<feature_id>/interest", "DELETE", 204): times,
        'votes_total{feature="linkedin"}': 2 * times,
        'retractions_total{feature="linkedin"}': times,
        'feature_votes{feature="linkedin"}': 1,
    }


@pytest.mark.long
def test_nothing_that_was_counted_is_lost_when_workers_are_killed(serve: Start) -> None:
    webhooks = {"WEBHOOK_URL": "http://127.0.0.1:1/", "WEBHOOK_SECRET": "whsec_" + "A" * 32}
    running = serve("--workers", "2", SECRET_KEY=KEY, **webhooks)
    first = scraped_until(running.url, workers=2)
    assert (first["workers_wanted"], first["worker_deaths_total"]) == (2, 0)
    assert (first["redis_up"], first["votes_possible"]) == (1, 1)
    assert first["store_free_bytes"] == pytest.approx(shutil.disk_usage(running.data_dir).free, rel=0.5)
    with closing(connect(socket_url(running.data_dir))) as client:
        add_accounts(client, "alice")
    cookie = session_cookie(KEY, "alice")
    use(running, cookie)
    assert expected(1).items() <= scrape(running.url).items()
    for number, victim in enumerate(sorted(running.workers), 1):
        kill_and_wait(victim)
        now = scraped_until(running.url, workers=2, worker_deaths_total=number)
        assert expected(number).items() <= now.items()
        use(running, cookie)
    last = scrape(running.url)
    assert expected(3).items() <= last.items()
    histogram = 'request_duration_seconds_{}{{method="GET",route="/api/modules-registry",status="200"}}'
    assert last[histogram.format("count")] == 30
    assert 0 < last[histogram.format("sum")] < 30
    with urllib.request.urlopen(f"{running.url}/metrics", timeout=20) as response:
        exposed = re.findall(r"^# TYPE (\S+)", response.read().decode(), re.MULTILINE)
    assert {*exposed} == documented(), "also those that have no number yet"
    assert not [name for name in last if "alice" in name or "/nothing" in name or "/scrap" in name]


@pytest.mark.long
def test_a_port_of_its_own_is_the_only_place_then(serve: Start) -> None:
    [port] = free_ports(1)
    running = serve("--workers", "2", "--host", "0.0.0.0", METRICS_PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    assert scraped_until(url, workers=2)["redis_up"] == 1
    assert running.ask("GET", "/metrics") == 404
    with urllib.request.urlopen(f"{url}/metrics?from=a-probe", timeout=DEADLINE) as response:
        assert response.headers["Cache-Control"] == "no-store"
    with socket.create_connection(("127.0.0.1", port)) as other:
        other.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.0 404 ")
    for victim in running.workers:
        kill_and_wait(victim)
        scrape(url)  # by the other one
        scraped_until(url, workers=2)


@pytest.mark.long
def test_without_loopback_or_at_an_address_for_people_it_is_nowhere_unless_there_is_a_port(serve: Start) -> None:
    for options, settings in (["--host", "0.0.0.0"], {}), ([], {"PUBLIC_URL": "https://registry.example.com"}):
        running = serve(*options, **settings)
        assert running.ask("GET", "/metrics") == 404
        assert running.stop() == 0


@pytest.mark.long
def test_edits_are_counted_by_each_worker(serve: Start, tmp_path: Path) -> None:
    file, written = tmp_path / "registry.yaml", time.time()

    def replace(more: bytes) -> None:
        """At once, or a worker could see half of it, and count one refusal more."""
        new = file.with_suffix(".new")
        new.write_bytes(DOCUMENTED.read_bytes() + more)
        new.replace(file)

    def edited(**expected: float) -> Samples:
        return scraped_until(running.url, **{f"registry_{name}": number for name, number in expected.items()})

    replace(b"")
    running = serve("--workers", "2", REGISTRY_FILE=str(file))
    wait_until_all_listen(running, 2)
    first = scraped_until(running.url, workers=2)
    [info] = [name for name in first if name.startswith("registry_info")]
    replace(b"nonsense: 1\n")
    assert edited(stale_workers=2, refusals_total=2, reloads_total=0)[info] == 1
    replace(b"# edited\n")
    last = edited(stale_workers=0, refusals_total=2, reloads_total=2)
    assert info not in last
    assert 0 <= last["registry_age_seconds"] <= time.time() - written + 1


def test_a_port_that_cannot_be_had_is_refused_by_name() -> None:
    with metrics_socket(MetricsPort("127.0.0.1", 0), besides=80) as taken:
        where = MetricsPort(*taken.getsockname())
        for besides, words in ((80, f"{where} cannot be had"), (where.port, f"{where.port} is the port of `serve`")):
            with pytest.raises(InvalidSetting, match=f"^METRICS_PORT: {words}"):
                metrics_socket(where, besides)


def test_one_thread_answers_all_who_ask_at_the_port_and_leaves_who_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """So nobody who reaches it takes the files of a worker, or its connections to Redis."""
    monkeypatch.setattr(listening, "_LIMIT", 1.0)
    answered_in = []

    def exposed(_: str) -> tuple[str, bytes]:
        answered_in.append(threading.current_thread())
        return "text/plain", b""

    with (
        listening._Server(metrics_socket(MetricsPort("127.0.0.1", 0), besides=80), exposed) as server,
        ExitStack() as stack,
    ):
        address = server.socket.getsockname()
        slow, *others = [stack.enter_context(socket.create_connection(address, DEADLINE)) for _ in range(4)]
        slow.sendall(b"GET /metrics HTTP/1.0\r\nX: ")
        for other in others:
            other.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        answering = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        answering.start()

        def is_answered() -> bool:
            with suppress(OSError):  # it was left
                slow.sendall(b"x")
            return bool(select.select(others[-1:], [], [], 0.02)[0])

        wait_until(is_answered)
        assert [other.recv(12) for other in others] == [b"HTTP/1.0 200"] * 3
        assert answered_in == [answering] * 3
        server.shutdown()
