"""`module-registry serve`: it starts, stops, dies and comes back as a whole.

And what it makes of its options, settings and limits: where it listens, who can sign in, which store it takes.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from support import (
    DEADLINE,
    DOCUMENTED,
    Serve,
    Store,
    clean_environ,
    command,
    connect,
    is_alive,
    kill_and_wait,
    run,
    run_process,
    socket_url,
    wait_for_workers,
    wait_until,
)

from service.cli import supervisor
from service.cli.listening import Address, listening_address
from service.problems import AddressInUse, InvalidSetting
from service.registry.model import Registry
from service.settings.settings import Settings
from service.storage import lock
from service.storage.embedded import ask
from service.web.app import create_app
from service.web.pages.table import PAGES

Start = Callable[..., Serve]
Refused = Callable[..., str]


def kept(serve: Serve) -> object:
    """What is in its store: something that was added to it, if this was called before."""
    with closing(connect(socket_url(serve.data_dir))) as client:
        return client.incr("kept")


def test_it_serves_says_where_and_stops_everything_when_asked(serve: Start) -> None:
    running = serve("--workers", "2", CACHE_MAXAGE="5")  # which is warned of
    assert running.stdout.read_text() == f"Serving on {running.url} (2 workers, store in {running.data_dir})\n"
    assert (running.ask("GET", "/healthz"), running.ask("GET", "/nowhere")) == (200, 404)
    assert lock.is_served(running.data_dir)
    store, workers = running.store, wait_for_workers(running, 2)
    assert running.stop() == 0
    assert store and not any(map(is_alive, {store, *workers}))
    assert not lock.is_served(running.data_dir)
    socket.create_server(("127.0.0.1", int(running.port))).close()  # which is free
    times, said = zip(*(line.split(" ", 1) for line in running.stderr.read_text().splitlines()), strict=True)
    assert all(datetime.fromisoformat(time).utcoffset() == timedelta(0) for time in times)
    assert said == (
        "[WARNING] CACHE_MAXAGE is not a setting, and is ignored: did you mean CACHE_MAX_AGE?",
        "[INFO] The workers have stopped.",
    )


def test_what_dies_is_started_again_and_ends_with_a_killed_serve_as_well(serve: Start) -> None:
    killed = serve()
    assert kept(killed) == 1
    store, [worker] = killed.store, killed.workers
    key = (killed.data_dir / "secret_key").read_text()
    assert store
    os.kill(store, signal.SIGKILL)
    store = wait_until(lambda: None if (now := killed.store) == store else now)
    wait_until(lambda: ask(killed.data_dir).startswith(b"+PONG"))
    kill_and_wait(worker)
    [worker] = wait_until(lambda: killed.workers - {worker, store})
    wait_until(killed.listens)
    errors = [line.partition("[ERROR] ")[2] for line in killed.log if "[WARNING]" not in line]
    assert [line[:52] for line in errors] == [
        "The store ended by SIGKILL. It is started again; its",
        "Unexpected exit from worker-1",
    ]
    killed.kill()
    wait_until(lambda: not is_alive(store) and not is_alive(worker))
    following = serve("--port", killed.port)
    assert (following.url, kept(following)) == (killed.url, 2)
    assert (following.data_dir / "secret_key").read_text() == key
    os.killpg(following.process.pid, signal.SIGINT)  # as a terminal does: its workers are told, too
    assert following.process.wait(DEADLINE) == 0


def test_kill_9_of_everything_loses_nothing(serve: Start) -> None:
    killed = serve()
    assert kept(killed) == 1
    store = killed.store
    assert store
    os.kill(store, signal.SIGKILL)
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.process.wait(DEADLINE)
    wait_until(lambda: not is_alive(store))
    with closing(Store(killed.data_dir)):
        assert kept(killed) == 2


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has this scheduling policy")
def test_threads_of_a_worker_do_not_preempt_each_other(running: Serve) -> None:
    [worker] = wait_for_workers(running, 1)
    assert running.ask("GET", "/healthz") == 200  # so its threads have been started
    threads = [int(path.name) for path in Path(f"/proc/{worker}/task").iterdir()]
    assert len(threads) > 2
    assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def test_two_services_share_neither_a_folder_nor_a_port(
    running: Serve, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.listening._FREE_PORT_TIMEOUT", 0.05)
    said = refused(DATA_DIR=str(running.data_dir))
    assert f"process {running.process.pid})" in said and "DATA_DIR of its own" in said
    said = refused("--port", running.port)
    assert f"Port {running.port} on 127.0.0.1 cannot be had: Address already in use" in said
    said = run("store", "repair", "--yes", DATA_DIR=str(running.data_dir))
    assert (said.returncode, said.stdout, f"process {running.process.pid}" in said.stderr) == (1, "", True)


def test_an_invalid_registry_is_printed_and_nothing_is_started(short_dir: Path) -> None:
    registry = short_dir / "broken.yaml"
    registry.write_text("modules: 1\nlegacy_features: 2\n")
    refused = run_process("serve", "--registry", str(registry), "--port", "0", DATA_DIR=str(short_dir / "var"))
    assert refused.returncode == 1
    first, second = refused.stderr.splitlines()
    assert first.startswith(f"{registry}:1:10: ") and second.startswith(f"{registry}:2:18: ")
    assert not (short_dir / "var").exists()


@pytest.mark.parametrize(
    ("at", "advice"),
    [(0, ", at the module scrap; check its entry, or report"), (None, "; report")],
    ids=["module known", "module unknown"],
)
def test_start_is_refused_if_page_cannot_be_made(
    refused: Refused, short_dir: Path, monkeypatch: pytest.MonkeyPatch, at: int | None, advice: str
) -> None:
    def roadmap(registry: Registry, lang: str) -> dict[str, Any]:
        module = None if at is None else registry.modules[at]
        raise KeyError(module and "imagined")

    monkeypatch.setitem(PAGES, "roadmap", ("roadmap.html", roadmap))
    *log, reason = refused(REGISTRY_FILE=str(DOCUMENTED)).splitlines()
    fault = "KeyError: None" if at is None else "KeyError: 'imagined'"
    assert reason == f"The page /en/roadmap cannot be made: {fault}{advice} this with the traceback in the log."
    assert log[0].endswith("[ERROR] The page /en/roadmap cannot be made.") and log[-1].strip() == fault
    assert [line for line in log if not line.startswith(" ")] == log[:1], "one record, with the traceback"
    assert not (short_dir / "var").exists()


def test_what_cannot_be_served_is_refused_by_name(refused: Refused, short_dir: Path, valkey_url: str) -> None:
    for name in ("missing.yaml", ""):  # and the folder
        assert refused("--registry", str(short_dir / name), code=2).startswith(str(short_dir / name))
    assert refused(REDIS_URL=valkey_url).startswith("SECRET_KEY: is required with REDIS_URL")
    assert "VOTE_DURABILITY: the embedded store has no replica" in refused(VOTE_DURABILITY="replica")
    said = refused(DATA_DIR=str(short_dir / ("d" * 120)))
    assert said.startswith("DATA_DIR: ") and "too long for a Unix socket" in said


def test_a_folder_that_every_user_may_write_to_is_refused(refused: Refused, short_dir: Path) -> None:
    (folder := short_dir / "open").mkdir()
    folder.chmod(0o777)
    assert "may be written to by every user" in refused(DATA_DIR=str(folder))


Prepared = Callable[..., Any]

HTTP, HTTPS = ({"PUBLIC_URL": f"{scheme}://registry.example.com"} for scheme in ("http", "https"))
#: Where it listens and its settings, whether it is warned that nobody could sign in, and whether cookies are for HTTPS.
WAYS_TO_SIGN_IN = [
    ("127.0.0.1", {}, False, False),
    ("0.0.0.0", {}, True, True),
    ("0.0.0.0", HTTP, True, True),
    ("0.0.0.0", HTTPS, False, True),
    ("0.0.0.0", {"SESSION_COOKIE_SECURE": "false"}, False, False),
]


@pytest.mark.parametrize(("host", "settings", "warned", "secure"), WAYS_TO_SIGN_IN)
def test_it_says_where_it_listens_and_warns_where_nobody_could_sign_in(
    prepared: Prepared, short_dir: Path, host: str, settings: dict[str, str], warned: bool, secure: bool
) -> None:
    served = prepared("--workers", "3", "--host", host, **settings)
    where = "listening on 0.0.0.0, " if host == "0.0.0.0" else ""
    assert served.ready == f"Serving on {served.address.url} ({where}3 workers, store in {short_dir / 'var'})"
    assert served.address.url.startswith("http://127.0.0.1:")
    assert (served.workers, served.settings.session_cookie_secure) == (3, secure)
    assert len(served.log) == warned
    said = ("nobody can sign in", "PUBLIC_URL", "SESSION_COOKIE_SECURE=false")
    assert all(words in line for line in served.log for words in said)


@pytest.mark.usefixtures("redis")
def test_with_redis_url_nothing_is_embedded(prepared: Prepared, short_dir: Path, valkey_url: str) -> None:
    served = prepared("--workers", "1", REDIS_URL=valkey_url, SECRET_KEY="a key of the platform")
    assert served.ready == f"Serving on {served.address.url} (1 worker, store at REDIS_URL)"
    assert (served.log, (short_dir / "var").exists()) == ([], False)
    assert run("accounts", "add", "alice", REDIS_URL=valkey_url).returncode == 0
    link = run("accounts", "sign-in-link", "alice", REDIS_URL=valkey_url).stdout
    assert link.startswith(f"{served.address.url}/"), "where links lead is said in the store"
    served = prepared(REDIS_URL="redis://127.0.0.1:1", SECRET_KEY="a key of the platform")
    (line,) = served.log
    assert "[WARNING] Redis cannot be used at the moment. (" in line and "Connection refused" in line
    assert line.endswith("The registry is served; votes answer 503 until it can be used.")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "0.0.0.0"])
def test_no_other_that_starts_at_the_same_moment_gets_the_same_address(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any worker listens there, and so before the kernel would refuse it."""
    monkeypatch.setattr("service.cli.listening._FREE_PORT_TIMEOUT", 0.05)
    first = listening_address(host, 0)
    assert first.claim and first.port > 0
    is_everywhere = host == "0.0.0.0"
    local = "127.0.0.1" if is_everywhere else host
    assert (first.url, first.name, first.ip.is_loopback) == (f"http://{local}:{first.port}", host, not is_everywhere)
    with first.claim, pytest.raises(AddressInUse, match="Address already in use"):
        listening_address(host, first.port)
    second = listening_address(host, first.port)
    assert second.claim and second.port == first.port
    second.claim.close()


def test_an_address_of_ipv6_is_written_in_brackets_and_a_host_that_is_not_ours_is_refused() -> None:
    assert {Address(ip_address(ip), 80, ip).url for ip in ("::1", "::")} == {"http://[::1]:80"}
    for host in ("", "a..b", "203.0.113.1"):
        with pytest.raises(InvalidSetting, match=r"^--host: "):
            listening_address(host, 0)


#: The limit of open files, what it is set to, and how many connections a worker has then.
FILES = [(-1, 8326, 8192), (10_000, 8326, 8192), (1000, 1000, 866), (142, 142, 8)]


@pytest.mark.parametrize(("limit", "files", "connections"), FILES)
def test_few_files_mean_few_connections_and_a_line_in_the_log(
    limit: int, files: int, connections: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Mock()
    monkeypatch.setattr(supervisor.resource, "getrlimit", lambda _: (256, limit))
    monkeypatch.setattr(supervisor.resource, "setrlimit", limits)
    assert supervisor.most_connections(1) == connections
    limits.assert_called_once_with(supervisor.resource.RLIMIT_NOFILE, (files, limit))
    said = f"holds at most {connections} connections, not 8192: raise the limit of open files (ulimit -Hn) to 8326"
    assert (said in caplog.text) is (connections < 8192)


@pytest.mark.parametrize(("limit", "workers", "needed"), [(141, "1", "142"), (1000, "256", "1672")])
def test_too_few_files_are_refused_by_number_before_anything_is_started(
    limit: int, workers: str, needed: str, refused: Callable[..., str], short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor.resource, "getrlimit", lambda _: (limit, limit))
    said = refused("--workers", workers)
    assert said.startswith(f"{needed} open files are needed to serve with {workers} worker")
    assert said.endswith(f", and the limit (ulimit -Hn) is {limit}: raise it.\n")
    assert not (short_dir / "var").exists()


@pytest.mark.long
def test_as_few_files_as_are_needed_do(short_dir: Path) -> None:
    settings = {"DATA_DIR": str(short_dir / "var"), "REGISTRY_FILE": str(DOCUMENTED)}
    start = ["sh", "-c", 'ulimit -n 208; exec "$@"', "sh", *command("serve", "--port", "0", "--workers", "12")]
    with subprocess.Popen(start, env=clean_environ(**settings), stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout and process.stdout.readline().startswith("Serving on")
        process.terminate()


def test_secrets_are_taken_out_of_the_environment() -> None:
    secrets = {"SECRET_KEY": "k" * 32, "SECRET_KEY_FALLBACKS": "f" * 32, "REDIS_URL": "redis://:p@x:1"}
    environ = {**secrets, "CACHE_MAX_AGE": "5"}
    assert Settings.taken_from(environ) == Settings.from_env({**secrets, "CACHE_MAX_AGE": "5"})
    assert environ == {"CACHE_MAX_AGE": "5"}


def test_the_store_gets_no_environment_and_so_no_secret(running: Serve) -> None:
    assert Path(f"/proc/{running.store}/environ").read_bytes() == b""


def test_an_application_by_itself_leaves_no_secret_in_the_environment(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a hidden key of 24 bytes")
    monkeypatch.setenv("REDIS_URL", f"{valkey_url}?hidden")
    monkeypatch.setenv("REGISTRY_FILE", str(DOCUMENTED))
    create_app().extensions["module_registry"].client.close()
    assert "hidden" not in str(os.environ)
