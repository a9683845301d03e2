"""The connection that a thread keeps for its scripts."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from threading import Barrier, Thread

import pytest
from redis import Redis
from support import DEADLINE, REPOSITORY, Store, clean_environ, connect, wait_until

from service.problems import StorageUnavailable
from service.storage.data_dir import socket_path
from service.storage.script import Script

SCRIPT = Script("return 'done'")


def kept(redis: Redis) -> set[str]:
    """The ids of the connections whose last command was a script."""
    return {each["id"] for each in redis.client_list() if each["cmd"] in ("eval", "evalsha")}


@pytest.mark.long
def test_a_thread_keeps_one_connection_and_leaves_none_behind(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    barrier = Barrier(9)

    def ask() -> None:
        for _ in range(3):
            client.run(SCRIPT, ["key"], [])
        barrier.wait()
        barrier.wait()

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    barrier.wait()
    assert len(kept(redis) - before) == 8
    barrier.wait()
    for thread in threads:
        thread.join()
    wait_until(lambda: not kept(redis) - before)


def test_a_thread_whose_script_was_not_known_leaves_none_behind(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    redis.script_flush()
    thread = Thread(target=client.run, args=(SCRIPT, ["key"], []))
    gc.disable()  # which would find the connection in the end, but not at once
    try:
        thread.start()
        thread.join()
        wait_until(lambda: not kept(redis) - before)
    finally:
        gc.enable()


def test_close_closes_it_and_a_later_script_opens_another(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    client.run(SCRIPT, ["key"], [])
    first = kept(redis) - before
    assert len(first) == 1
    client.close()
    wait_until(lambda: not kept(redis) & first)
    assert client.run(SCRIPT, ["key"], []) == "done"
    assert len(kept(redis) - before - first) == 1
    client.close()


def test_one_that_the_server_has_closed_is_opened_again(valkey_url: str, redis: Redis) -> None:
    client = connect(valkey_url, timeout=5.0)
    client.run(SCRIPT, ["key"], [])
    for each in kept(redis):
        redis.client_kill_filter(_id=each)
    assert client.run(SCRIPT, ["key"], []) == "done"
    client.close()


def test_a_forked_process_does_not_share_it(valkey_url: str) -> None:
    code = f"""
import os
import sys
sys.path.insert(0, "tests")
from support import connect
from service.storage.script import Script

client, script = connect({valkey_url!r}, 5.0), Script({SCRIPT.source!r})
client.run(script, ["key"], [])
if os.fork():
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 11
else:
    before = {{each["id"] for each in client.client_list()}}
    client.run(script, ["key"], [])
    os._exit(10 + len({{each["id"] for each in client.client_list()}} - before))
"""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=clean_environ(), check=True, timeout=60)


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes from one socket to another, until either is closed."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


@pytest.fixture
def tls_url(short_dir: Path, own_store: Store) -> Iterator[str]:
    """The URL of `own_store` behind TLS."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = short_dir / "key.pem", short_dir / "certificate.pem"
    made = ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", "-x509", "-nodes", *curve, *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    opened: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                client = context.wrap_socket(listening.accept()[0], server_side=True)
            except OSError:
                return
            store = socket.socket(socket.AF_UNIX)
            store.connect(str(socket_path(own_store.data_dir)))
            opened.extend((client, store))
            for ends in ((client, store), (store, client)):
                Thread(target=pump, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=accept, daemon=True).start()
        yield f"rediss://127.0.0.1:{listening.getsockname()[1]}/0?ssl_ca_certs={certificate}"
        listening.shutdown(socket.SHUT_RDWR)
    for each in opened:
        each.close()


@pytest.fixture(params=["over a Unix socket", "over TLS"])
def own_url(request: pytest.FixtureRequest, own_store: Store) -> str:
    return str(request.getfixturevalue("tls_url")) if request.param == "over TLS" else own_store.url


def within_the_deadline(function: Callable[[], None]) -> None:
    """Call it in a thread of its own, and fail if it hangs."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            done.set_result(function())
        except Exception as error:  # noqa: BLE001  # which `result` raises
            done.set_exception(error)

    Thread(target=run, daemon=True).start()
    done.result(DEADLINE)


@pytest.mark.parametrize("size", [0, 8_000_000], ids=["waiting for the answer", "while it is sent"])
def test_a_script_that_takes_too_long_is_not_sent_again(own_url: str, own_store: Store, size: int) -> None:
    def call() -> None:
        client = connect(own_url, timeout=0.3)
        client.ping()
        for _ in range(2):  # on a connection that has just been opened, and on one that has been opened again
            assert client.run(SCRIPT, ["key"], ["x" * size]) == "done"
            opened = client.info("stats")["total_connections_received"]
            own_store.signal(SIGSTOP)
            with pytest.raises(StorageUnavailable, match="did not answer within its time limit"):
                client.run(SCRIPT, ["key"], ["x" * size])
            own_store.signal(SIGCONT)
            # That of this question: what was idle when a call timed out is not used again.
            assert client.info("stats")["total_connections_received"] == opened + 1
        client.close()

    within_the_deadline(call)


def test_a_socket_that_the_kernel_never_lets_wait_keeps_python_s_limit(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As gevent's sockets, whose descriptors do not block."""
    settimeout = socket.socket.settimeout

    def unblocked(sock: socket.socket, seconds: float | None) -> None:
        settimeout(sock, seconds)
        os.set_blocking(sock.fileno(), False)

    monkeypatch.setattr(socket.socket, "settimeout", unblocked)
    client = connect(valkey_url, timeout=5.0)
    assert client.run(SCRIPT, ["key"], []) == "done"
    assert client._scripts._connection()._sock.gettimeout() == 5.0
    client.close()
