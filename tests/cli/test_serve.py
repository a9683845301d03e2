"""`module-registry serve`: it starts, stops, dies and comes back as a whole."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from support import (
    DEADLINE,
    Serve,
    connect,
    is_alive,
    kill_and_wait,
    run,
    run_process,
    socket_url,
    wait_for_workers,
    wait_until,
)

from service.cli.address import Address, listening_address
from service.problems import AddressInUse, InvalidSetting
from service.storage import lock
from service.storage.server import ask

Start = Callable[..., Serve]


def in_store(serve: Serve, use: Callable[[Redis], object]) -> object:
    client = connect(socket_url(serve.data_dir), timeout=5.0)
    try:
        return use(client)
    finally:
        client.close()


def write(serve: Serve, member: str) -> None:
    in_store(serve, lambda redis: redis.sadd("kept", member))


def read(serve: Serve) -> object:
    return in_store(serve, lambda redis: redis.smembers("kept"))


def is_healthy(serve: Serve) -> bool:
    with urllib.request.urlopen(f"{serve.url}/healthz", timeout=10) as response:
        return bool(response.status == 200)


def says_that_it_stops(serve: Serve, number: signal.Signals) -> None:
    """In the one line that it has logged."""
    (line,) = serve.stderr.read_text().splitlines()
    assert line.endswith(f" [INFO] Stopping ({number.name}): what is asked by now is answered.")


def port_is_free(url: str) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(url.rpartition(":")[2])))
        except OSError:
            return False
    return True


def test_it_serves_says_where_and_stops_everything_when_asked(serve: Start) -> None:
    running = serve("--workers", "2")
    assert is_healthy(running)
    assert running.stdout.read_text() == (f"Serving on {running.url} (2 workers, store in {running.data_dir})\n")
    assert lock.is_served(running.data_dir)
    store, workers = running.store, wait_for_workers(running, 2)
    assert running.stop() == 0
    assert store and not any(map(is_alive, {store, *workers}))
    assert port_is_free(running.url)
    assert not lock.is_served(running.data_dir)
    says_that_it_stops(running, signal.SIGTERM)


def test_ctrl_c_to_the_whole_group_ends_all_of_it_cleanly(serve: Start) -> None:
    running = serve("--workers", "2")
    store, workers = running.store, wait_for_workers(running, 2)
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(DEADLINE) == 0
    assert store and not any(map(is_alive, {store, *workers}))
    says_that_it_stops(running, signal.SIGINT)


@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["a terminal", "nohup"])
def test_a_closed_terminal_ends_it_unless_nohup_has_started_it(serve: Start, inherited: signal.Handlers) -> None:
    before = signal.signal(signal.SIGHUP, inherited)
    try:
        running = serve()
    finally:
        signal.signal(signal.SIGHUP, before)
    if inherited is signal.SIG_DFL:
        assert running.stop(signal.SIGHUP) == 0
    else:
        status = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
        (ignored,) = [int(line.split()[1], 16) for line in status if line.startswith("SigIgn:")]
        assert ignored & 1 << signal.SIGHUP - 1


def test_a_stop_while_it_starts_leaves_no_store_behind(serve: Start) -> None:
    running = serve(wait=False)
    wait_until(lambda: running.store)
    running.process.send_signal(signal.SIGUSR2)  # there is nothing to replace yet
    assert running.stop() == 0
    assert running.store is None


def test_a_second_one_in_the_same_folder_is_refused_by_name(serve: Start) -> None:
    first = serve()
    second = run_process("serve", "--port", "0", DATA_DIR=str(first.data_dir))
    assert second.returncode == 1
    assert f"process {first.process.pid})" in second.stderr
    assert "DATA_DIR of its own" in second.stderr
    assert "Traceback" not in second.stderr
    assert is_healthy(first)


def test_after_kill_9_of_serve_its_workers_and_store_end_and_the_next_one_takes_over(serve: Start) -> None:
    killed = serve("--workers", "2")
    write(killed, "a")
    workers, store = wait_for_workers(killed, 2), killed.store
    key = (killed.data_dir / "secret_key").read_text()
    killed.kill()
    assert store
    wait_until(lambda: not any(map(is_alive, {store, *workers})))
    wait_until(lambda: port_is_free(killed.url))
    following = serve("--port", killed.url.rpartition(":")[2])
    assert following.url == killed.url
    assert read(following) == {"a"}
    assert (following.data_dir / "secret_key").read_text() == key


def test_a_store_that_was_started_again_ends_with_serve_too(serve: Start) -> None:
    killed = serve()
    first = killed.store
    assert first
    os.kill(first, signal.SIGKILL)
    second = wait_until(lambda: None if (now := killed.store) == first else now)
    killed.kill()
    wait_until(lambda: not is_alive(second))


def test_kill_9_of_everything_loses_nothing(serve: Start) -> None:
    killed = serve()
    write(killed, "a")
    store = killed.store
    assert store
    os.kill(store, signal.SIGKILL)
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.process.wait(DEADLINE)
    wait_until(lambda: not is_alive(store))
    assert read(serve()) == {"a"}


def test_a_worker_that_outlives_a_killed_serve_does_not_keep_the_folder(serve: Start) -> None:
    killed = serve()
    [worker] = killed.workers
    os.kill(worker, signal.SIGSTOP)
    try:
        killed.kill()
        assert is_healthy(serve())
    finally:
        kill_and_wait(worker)


def test_a_store_that_dies_is_started_again(serve: Start) -> None:
    running = serve()
    write(running, "a")
    store = running.store
    assert store
    os.kill(store, signal.SIGKILL)
    wait_until(lambda: running.store not in (None, store) and ask(running.data_dir).startswith(b"+PONG"))
    assert read(running) == {"a"}
    assert "The store ended" in running.stderr.read_text()
    assert running.stop() == 0


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has this scheduling policy")
def test_threads_of_a_worker_do_not_preempt_each_other(serve: Start) -> None:
    running = serve()
    [worker] = wait_for_workers(running, 1)
    assert is_healthy(running)  # so its threads have been started
    threads = [int(path.name) for path in Path(f"/proc/{worker}/task").iterdir()]
    assert len(threads) > 2
    assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def test_a_taken_port_is_refused(short_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run_process("serve", "--port", str(port), DATA_DIR=str(short_dir / "var"))
    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be had" in refused.stderr


def test_two_services_never_share_a_port(serve: Start, short_dir: Path) -> None:
    first = serve()
    refused = run_process("serve", "--port", first.url.rpartition(":")[2], DATA_DIR=str(short_dir / "other"))
    assert refused.returncode == 1
    assert "cannot be had: Address already in use" in refused.stderr


def test_an_invalid_registry_is_printed_and_nothing_is_started(short_dir: Path) -> None:
    registry = short_dir / "broken.yaml"
    registry.write_text("modules: 1\nlegacy_features: 2\n")
    refused = run_process("serve", "--registry", str(registry), "--port", "0", DATA_DIR=str(short_dir / "var"))
    assert refused.returncode == 1
    lines = refused.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{registry}:1:10: ")
    assert lines[1].startswith(f"{registry}:2:18: ")
    assert not (short_dir / "var").exists()


@pytest.mark.parametrize("name", ["missing.yaml", ""], ids=["missing", "a folder"])
def test_a_registry_that_cannot_be_read_is_refused(short_dir: Path, name: str) -> None:
    refused = run_process("serve", "--registry", str(short_dir / name), DATA_DIR=str(short_dir / "var"))
    assert refused.returncode != 0
    assert str(short_dir / name) in refused.stderr
    assert "Traceback" not in refused.stderr


def test_with_redis_url_the_secret_key_must_be_given(valkey_url: str) -> None:
    refused = run_process("serve", "--port", "0", REDIS_URL=valkey_url)
    assert refused.returncode == 1
    assert refused.stderr.startswith("SECRET_KEY: is required with REDIS_URL")


def test_with_redis_url_nothing_is_embedded(serve: Start, valkey_url: str) -> None:
    running = serve(REDIS_URL=valkey_url, SECRET_KEY="a key of the platform")
    assert is_healthy(running)
    assert not running.data_dir.exists()
    assert running.stop() == 0


def test_a_redis_that_cannot_be_reached_is_said_at_start(serve: Start) -> None:
    running = serve(REDIS_URL="redis://127.0.0.1:1", SECRET_KEY="a key of the platform")
    assert is_healthy(running)
    (line,) = running.log
    assert "[WARNING] Redis cannot be used at the moment. (" in line
    assert "Connection refused" in line
    assert "The registry is served; votes answer 503 until it can be used." in line


WAYS_TO_SIGN_IN = [
    ((), {}, False, False),
    (("--host", "0.0.0.0"), {}, True, True),
    pytest.param(
        ("--host", "0.0.0.0"), {"PUBLIC_URL": "http://registry.example.com"}, True, True, marks=pytest.mark.long
    ),
    (("--host", "0.0.0.0"), {"PUBLIC_URL": "https://registry.example.com"}, False, True),
    pytest.param(("--host", "0.0.0.0"), {"SESSION_COOKIE_SECURE": "false"}, False, False, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("arguments", "settings", "warned", "secure"), WAYS_TO_SIGN_IN)
def test_it_says_where_it_listens_and_warns_where_nobody_could_sign_in(
    serve: Start, arguments: tuple[str, ...], settings: dict[str, str], warned: bool, secure: bool
) -> None:
    running = serve(*arguments, **settings)
    where = "listening on 0.0.0.0, " if arguments else ""
    said = f"Serving on {running.url} ({where}1 worker, store in {running.data_dir})\n"
    assert running.stdout.read_text() == said
    assert running.url.startswith("http://127.0.0.1:")
    assert [line for line in running.log if "nobody can sign in" in line] == running.log
    assert len(running.log) == warned
    if warned:
        assert "PUBLIC_URL" in running.log[0] and "SESSION_COOKIE_SECURE=false" in running.log[0]
    data_dir = str(running.data_dir)
    assert run("accounts", "add", "alice", DATA_DIR=data_dir).returncode == 0
    _, _, token = run("accounts", "sign-in-link", "alice", DATA_DIR=data_dir).stdout.strip().partition("?token=")
    with urllib.request.urlopen(f"{running.url}/sign-in?token={token}", data=b"", timeout=10) as response:
        assert ("; Secure" in response.headers["Set-Cookie"]) == secure


def test_a_data_dir_too_deep_for_a_socket_is_refused(short_dir: Path) -> None:
    refused = run_process("serve", "--port", "0", DATA_DIR=str(short_dir / ("d" * 120)))
    assert refused.returncode == 1
    assert refused.stderr.startswith("DATA_DIR: ")
    assert "too long for a Unix socket" in refused.stderr


def test_the_address_is_written_as_a_client_would_use_it() -> None:
    assert Address("127.0.0.1", 80, "localhost", None).url == "http://localhost:80"
    assert Address("::1", 80, "::1", None).url == "http://[::1]:80"
    assert Address("0.0.0.0", 80, "0.0.0.0", None).url == "http://127.0.0.1:80"
    assert Address("::", 80, "::", None).url == "http://[::1]:80"


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_a_free_port_is_found_on_the_host(host: str, is_loopback: bool) -> None:
    address = listening_address(host, 0)
    assert address.claim
    address.claim.close()
    assert address.port > 0
    assert address.name == host
    assert address.is_loopback is is_loopback


def test_no_other_that_starts_at_the_same_moment_gets_the_same_address() -> None:
    """Before any worker listens there, and so before the kernel would refuse it."""
    first = listening_address("127.0.0.1", 0)
    with pytest.raises(AddressInUse, match="Address already in use"):
        listening_address("127.0.0.1", first.port)
    assert first.claim
    first.claim.close()
    second = listening_address("127.0.0.1", first.port)
    assert second.claim
    second.claim.close()
    assert second.port == first.port


@pytest.mark.parametrize("host", ["", "a..b", "203.0.113.1"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(InvalidSetting, match=r"^--host: "):
        listening_address(host, 0)


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUse, match=f"Port {port} on 127.0.0.1"):
            listening_address("127.0.0.1", port)
