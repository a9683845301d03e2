"""A stop under load answers what is under way, in time; one that comes during a start waits for the store."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import pytest
from support import (
    DEADLINE,
    AnyClient,
    Serve,
    clean_environ,
    command,
    run,
    run_process,
    session_cookie,
    socket_url,
    wait_until,
    wait_until_all_listen,
)
from traffic import FEATURE, KEY, Fate, ask, connected, enrol, lost_votes, traffic

from service.cli.listening import Address
from service.cli.supervisor import LONGEST_STOP
from service.settings.redis_url import RedisUrl
from service.storage import embedded

#: How often a service is stopped under load.
STOPS = int(os.environ.get("STOPS", "4"))
#: How long each client waits before a request, in seconds.
PAUSE = 0.005
#: What bounds a first answer, in seconds: many at once on a machine that is busy with other things take long.
LONGEST_START = 120.0


@pytest.mark.long
def test_a_stop_under_load_cuts_no_answer(serve: Callable[..., Serve], valkey_url: str, redis: AnyClient) -> None:
    """What is asked about when it comes is answered, or does not get a byte of an answer."""
    voters = enrol(redis)
    for _ in range(STOPS):
        service = serve(REDIS_URL=valkey_url, REDIS_TIMEOUT="3", SECRET_KEY=KEY)
        with traffic(service.url, voters, PAUSE) as clients:
            wait_until(lambda clients=clients: all(len(client.done) > 2 for client in clients), LONGEST_START)
            told = time.monotonic()
            assert service.stop() == 0
            assert time.monotonic() - told < LONGEST_STOP
        assert service.log == []
        assert {request.fate for client in clients for request in client.done} <= {Fate.ANSWERED, Fate.REFUSED}
        assert lost_votes(redis, clients) == []


@pytest.mark.long
def test_votes_that_are_under_way_are_answered_by_a_stop(
    serve: Callable[..., Serve], valkey_url: str, redis: AnyClient
) -> None:
    voters = enrol(redis)[:4]  # fewer than those of one worker who wait for a slow store
    service = serve(REDIS_URL=valkey_url, REDIS_TIMEOUT="20", SECRET_KEY=KEY)
    redis.execute_command("CLIENT", "PAUSE", 20_000, "WRITE")
    with ThreadPoolExecutor(len(voters)) as threads:
        path = f"/api/features/{FEATURE}/interest"
        votes = [threads.submit(service.ask, "POST", path, Cookie=session_cookie(KEY, each)) for each in voters]
        wait_until(lambda: redis.info("clients")["blocked_clients"] >= len(voters))
        service.process.terminate()
        wait_until(lambda: not service.listens())
        redis.execute_command("CLIENT", "UNPAUSE")
        assert [each.result() for each in votes] == [204] * len(voters)
    assert service.process.wait(DEADLINE) == 0
    assert service.log == []


#: More than the kernel takes of an answer by itself, in bytes.
LARGE = 16 * 1024 * 1024
#: How long its client reads nothing of it, in seconds: longer than a stop waits for clients that have been answered.
SILENCE = 3.3

#: Runs workers without a store, and prints their address once they answer. What they serve is to be defined before.
WORKERS = """
from service.cli.listening import listening_address
from service.cli.supervisor import run_workers
address = listening_address("127.0.0.1", 0)
run_workers(address, 1, make, address.url)
"""
LARGE_ANSWER = f"""
def make():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "{LARGE}")])
        return [bytes({LARGE})]
    return app
"""
NEVER = """
import os, time
def make():
    os.write(1, b"begun\\n")
    time.sleep(600)
"""


def workers(made: str) -> subprocess.Popen[str]:
    """A process with workers that serve what is `made` so."""
    return subprocess.Popen(command(program=made + WORKERS), env=clean_environ(), stdout=-1, stderr=-1, text=True)


@pytest.mark.long
def test_an_answer_that_is_read_slowly_is_sent_to_its_end() -> None:
    with workers(LARGE_ANSWER) as service:
        assert service.stdout
        with connected(service.stdout.readline().strip()) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = len(connection.recv(1000))
            service.terminate()
            with suppress(subprocess.TimeoutExpired):
                service.wait(SILENCE)
            while part := connection.recv(262_144):
                received += len(part)
        assert received > LARGE
        assert service.wait(DEADLINE) == 0


@pytest.mark.long
def test_many_signals_at_once_stop_it_like_one(serve: Callable[..., Serve]) -> None:
    service = serve("--workers", "1")
    for _ in range(30_000):
        with suppress(ProcessLookupError):
            service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(DEADLINE) == 0


@pytest.mark.long
def test_one_that_was_suspended_when_the_signal_came_stops_like_another(serve: Callable[..., Serve]) -> None:
    """The kernel hands it to any of the threads that it wakes."""
    service = serve("--workers", "2")
    wait_until_all_listen(service, 2)
    os.killpg(service.process.pid, signal.SIGSTOP)
    service.process.terminate()
    began = time.monotonic()
    os.killpg(service.process.pid, signal.SIGCONT)
    assert service.process.wait(DEADLINE) == 0
    assert time.monotonic() < began + LONGEST_STOP  # when a worker would be killed
    assert service.log == []


@pytest.mark.long
def test_a_worker_that_is_being_set_up_keeps_no_stop_waiting() -> None:
    with workers(NEVER) as service:
        assert service.stdout and service.stdout.readline() == "begun\n"
        began = time.monotonic()
        service.terminate()
        assert service.wait(DEADLINE) == 0
        assert time.monotonic() < began + LONGEST_STOP / 2


def test_workers_that_never_start_end_it_with_the_reason() -> None:
    with workers("import os; make = lambda: os._exit(7)") as service:
        said, reason = service.communicate(timeout=60)
    assert (service.returncode, said) == (1, "")
    assert "[ERROR] Worker crash loop detected, exiting\n" in reason
    assert "Traceback" not in reason


@pytest.mark.long
def test_an_idle_connection_does_not_keep_it_from_stopping(serve: Callable[..., Serve]) -> None:
    service = serve()
    with connected(service.url) as silent, connected(service.url) as idle:
        assert ask(idle)[0] is Fate.ANSWERED
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() < began + LONGEST_STOP  # when a worker would be killed
        assert idle.recv(1) == silent.recv(1) == b""
    assert service.log == []


@pytest.mark.long
def test_a_collector_that_is_silent_does_not_hold_up_a_stop(serve: Callable[..., Serve]) -> None:
    """In which a worker sends what spans it has; that waits for an answer, and tries again."""
    pytest.importorskip("opentelemetry.sdk", reason="the extra otel is not installed")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        service = serve(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert service.ask("GET", "/healthz") == 200
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() < began + LONGEST_STOP / 2
    assert service.log == []


IN_A_FINALIZER = """
import os, signal, time
from service.cli.shared import unwind_on_sigterm

class Ending:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

unwind_on_sigterm()
Ending()
time.sleep(600)
"""


def test_a_command_that_is_told_to_end_while_a_finalizer_runs_ends() -> None:
    """Python goes on where that exits, and waited for a store that was suspended."""
    ended = run_process(program=IN_A_FINALIZER)
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGTERM, "")


@pytest.mark.usefixtures("put_back")
def test_a_stop_during_a_start_waits_for_the_store_and_a_second_one_does_not_interrupt_it(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python ignores what a handler raises around a fork, and locks of the log would stay held."""
    done = []

    @contextmanager
    def kept_running(data_dir: Path) -> Iterator[RedisUrl]:
        signal.raise_signal(signal.SIGTERM)
        done.append("started")
        try:
            yield RedisUrl.parse(socket_url(data_dir))
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            done.append("stopped")

    monkeypatch.setattr(embedded, "kept_running", kept_running)
    monkeypatch.setattr(
        "service.cli.serve.listening_address", lambda *_: Address(ip_address("127.0.0.1"), 80, "localhost")
    )
    ended = run("serve", DATA_DIR=str(short_dir / "var"))
    assert (ended.returncode, ended.stdout, done) == (0, "", ["started", "stopped"])
