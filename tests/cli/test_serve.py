"""`module-registry serve`: it starts, stops, dies and comes back as a whole."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import (
    DEADLINE,
    Serve,
    Store,
    connect,
    is_alive,
    kill_and_wait,
    run,
    run_process,
    socket_url,
    wait_for_workers,
    wait_until,
)

from service.storage import lock
from service.storage.embedded import ask

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


def test_what_cannot_be_served_is_refused_by_name(refused: Refused, short_dir: Path, valkey_url: str) -> None:
    for name in ("missing.yaml", ""):  # and the folder
        assert refused("--registry", str(short_dir / name), code=2).startswith(str(short_dir / name))
    assert refused(REDIS_URL=valkey_url).startswith("SECRET_KEY: is required with REDIS_URL")
    assert "VOTE_DURABILITY: the embedded store has no replica" in refused(VOTE_DURABILITY="replica")
    said = refused(DATA_DIR=str(short_dir / ("d" * 120)))
    assert said.startswith("DATA_DIR: ") and "too long for a Unix socket" in said
