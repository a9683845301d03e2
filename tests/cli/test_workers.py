"""The workers of `serve`: they come back whenever they die, and stop without losing a request."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import URLError

import pytest
from support import (
    DEADLINE,
    DOCUMENTED,
    REPOSITORY,
    Serve,
    clean_environ,
    is_alive,
    kill_and_wait,
    wait_for_workers,
    wait_until,
)
from traffic import connected, poll

from service.cli.worker import LONGEST_STOP
from service.settings import Settings

Start = Callable[..., Serve]


def is_healthy(serve: Serve) -> bool:
    try:
        with urllib.request.urlopen(f"{serve.url}/healthz", timeout=10) as response:
            return bool(response.status == 200)
    except (URLError, ConnectionError):  # one that waited for a worker that was killed is reset
        return False


def others(serve: Serve, gone: int) -> set[int]:
    """Both workers, once there is one in place of the one that is gone."""
    return wait_until(lambda: found if len(found := serve.workers - {gone}) == 2 else set())


def test_while_it_stops_each_client_is_answered_and_told_to_send_no_more(serve: Start) -> None:
    clients = 64
    service = serve("--workers", "2")
    wait_for_workers(service, 2)
    at_work = threading.Barrier(clients + 1)

    def client(_: int) -> list[bytes]:
        with connected(service.url) as connection:
            answers = [poll(connection)]
            at_work.wait(DEADLINE)
            while answers[-1] and b"connection: close" not in answers[-1]:
                answers.append(poll(connection))
        return answers

    with ThreadPoolExecutor(clients) as pool:
        answers = [pool.submit(client, number) for number in range(clients)]
        at_work.wait(DEADLINE)
        assert service.stop() == 0
    assert all(answer.startswith(b"http/1.1 200") for each in answers for answer in each.result())
    assert service.log == []


def test_an_idle_connection_does_not_keep_it_from_stopping(serve: Start) -> None:
    service = serve()
    with connected(service.url) as silent, connected(service.url) as idle:
        assert poll(idle)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() < began + LONGEST_STOP  # when a worker would be killed
        assert idle.recv(1) == silent.recv(1) == b""
    assert service.log == []


@pytest.mark.long
def test_a_worker_that_dies_again_and_again_is_started_again_and_said_once(serve: Start) -> None:
    service = serve("--workers", "2")
    victim, other = wait_for_workers(service, 2)
    for _ in range(3):
        kill_and_wait(victim)
        wait_until(lambda: is_healthy(service))  # by the other one
        [victim] = others(service, victim) - {other}  # in place of the one that is gone
    service.stop()
    [line] = service.log
    assert re.search(r"\[ERROR\] Worker \d ended by SIGKILL\. It is started again", line)


@pytest.mark.long
def test_what_waits_for_a_worker_that_dies_is_answered_by_the_next(serve: Start) -> None:
    service = serve()
    [worker] = service.workers
    os.kill(worker, signal.SIGSTOP)
    with connected(service.url) as waiting:
        kill_and_wait(worker)
        assert poll(waiting).startswith(b"http/1.1 200")


@pytest.mark.long
def test_one_that_cannot_start_says_why_and_comes_back_when_that_is_mended(serve: Start, short_dir: Path) -> None:
    registry = short_dir / "registry.yaml"
    registry.write_text(DOCUMENTED.read_text())
    service = serve(REGISTRY_FILE=str(registry))
    [worker] = service.workers
    registry.write_text("modules: 1\n")
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: "registry.yaml:1:10: " in service.stderr.read_text())
    registry.write_text(DOCUMENTED.read_text())
    wait_until(lambda: is_healthy(service))
    assert service.stop() == 0
    assert "Traceback" not in service.stderr.read_text()


def test_workers_that_never_start_end_it_with_the_reason() -> None:
    script = (
        "import os, sys\n"
        "from service.cli.address import listening_address\n"
        "from service.cli.supervisor import run_workers\n"
        "from service.problems import WorkersFailed\n"
        "try: run_workers(listening_address('127.0.0.1', 0), 2, lambda: os._exit(7), 'ready')\n"
        "except WorkersFailed as error: sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=clean_environ(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("No worker could be started: the last of 3 tries ended with exit code 7.\n")
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_few_files_mean_few_connections_and_a_line_in_the_log(serve: Start) -> None:
    script = (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1000))\n"
        "from service.cli import main; main(prog_name='module-registry')\n"
    )
    environ = clean_environ(REDIS_URL="redis://127.0.0.1:1", SECRET_KEY="k" * 32, REGISTRY_FILE=str(DOCUMENTED))
    service = subprocess.Popen(
        [sys.executable, "-c", script, "serve", "--port", "0", "--workers", "1"],
        cwd=REPOSITORY,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert service.stdout
    url = service.stdout.readline().split()[2]
    # As many as that are held, and one more is no worse off: the first ones give way in time.
    held = [connected(url) for _ in range(900)]
    with connected(url) as late:
        assert poll(late).startswith(b"http/1.1 200")
    for connection in held:
        connection.close()
    service.terminate()
    _, errors = service.communicate(timeout=DEADLINE)
    assert service.returncode == 0
    assert "holds at most 872 connections, not 8192: raise the limit of open files (ulimit -Hn) to 8320" in errors


def test_secrets_are_taken_out_of_the_environment() -> None:
    given = {
        "SECRET_KEY": "k" * 32,
        "SECRET_KEY_FALLBACKS": "f" * 32,
        "REDIS_URL": "redis://:p@x:1",
        "CACHE_MAX_AGE": "5",
    }
    environ = dict(given)
    assert Settings.taken_from(environ) == Settings.from_env(given)
    assert environ == {"CACHE_MAX_AGE": "5"}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc to look into")
def test_the_store_gets_no_environment_and_so_no_secret(serve: Start) -> None:
    service = serve(SECRET_KEY="a very secret key of somebody")
    assert Path(f"/proc/{service.store}/environ").read_bytes() == b""


def test_the_application_of_another_server_sees_no_secret_in_the_environment(valkey_url: str) -> None:
    script = "import os, wsgi; print('hidden' in str(os.environ))"
    settings = {"SECRET_KEY": "a hidden key of 24 bytes", "REDIS_URL": f"{valkey_url}?hidden"}
    environ = clean_environ(REGISTRY_FILE=str(DOCUMENTED), **settings)
    done = subprocess.run([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, check=True)
    assert done.stdout == b"False\n"


@pytest.mark.long
@pytest.mark.parametrize("told", ["serve", "its whole group", "serve, of which a worker has died"])
def test_each_way_to_stop_it_is_heard_by_every_worker(serve: Start, told: str) -> None:
    service = serve("--workers", "2")
    workers = wait_for_workers(service, 2)
    began = time.monotonic()
    if told == "its whole group":  # as systemd does
        os.killpg(service.process.pid, signal.SIGTERM)
        assert service.process.wait(DEADLINE) == 0
    else:
        if told != "serve":
            os.kill(workers.pop(), signal.SIGKILL)
        assert service.stop() == 0
    assert time.monotonic() < began + LONGEST_STOP  # a worker that has not heard it is killed after that
    assert not any(map(is_alive, service.workers))
    assert len(service.log) <= ("died" in told)


@pytest.mark.long
def test_a_worker_that_is_started_anew_does_not_confirm_what_the_others_refuse(serve: Start, short_dir: Path) -> None:
    """A restart of `serve` does: until then, every worker serves the last good registry."""
    file = short_dir / "registry.yaml"
    entry = "  - {{ slug: m{0}, category: tools, label: {{ fr: F, en: E }}, is_meta: true }}\n"
    whole, edited, cut = ("modules:\n" + "".join(map(entry.format, range(number))) for number in (8, 9, 2))
    file.write_text(whole)
    service = serve("--workers", "1", "--registry", str(file))

    def seen() -> tuple[str, int]:
        try:
            with urllib.request.urlopen(f"{service.url}/readyz", timeout=10) as response:
                ready = json.load(response)
                return ready["registry"], ready["modules"]
        except (URLError, ConnectionError):
            return "none", 0

    file.write_text(edited)
    wait_until(lambda: seen() == ("current", 9))
    file.write_text(cut)
    wait_until(lambda: seen() == ("stale", 9))
    (worker,) = service.workers
    kill_and_wait(worker)
    wait_until(lambda: service.workers - {worker})
    wait_until(lambda: seen() == ("stale", 9))
    service.stop()
    service = serve("--workers", "1", "--registry", str(file))
    wait_until(lambda: seen() == ("current", 2))
