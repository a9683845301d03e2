"""The embedded store and the folder it lives in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import DEADLINE, connect, is_alive, kill_and_wait, socket_url, wait_until

from service.problems import DataDirInUse, InvalidSetting, StorageUnavailable
from service.settings import Settings
from service.storage import embedded, lock, server
from service.storage.data_dir import kept_secret_key, prepare, socket_path
from service.storage.embedded import kept_running, open_store
from service.storage.files import FOLDER, MANIFEST
from service.storage.redis_url import RedisUrl
from service.storage.server import at_rest


def write(url: str | RedisUrl, member: str) -> None:
    with closing(connect(url)) as redis:
        redis.sadd("kept", member)


def read(url: str | RedisUrl) -> set[str]:
    with closing(connect(url)) as redis:
        return set(redis.smembers("kept"))


def listening(data_dir: Path) -> int:
    """The process id of the store."""
    found = server.listening_process(data_dir)
    assert found
    return found


def test_a_command_starts_a_store_of_its_own_and_the_next_one_finds_its_data(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a very secret key")
    settings = Settings(data_dir=short_dir / "not" / "yet" / "there")
    with open_store(settings) as url:
        write(url, "a")
        store = listening(settings.data_dir)
        assert settings.data_dir.stat().st_mode & 0o777 == 0o700
        assert Path(socket_path(settings.data_dir)).stat().st_mode & 0o077 == 0
        assert os.getsid(store) == store, "signals to our process group must not reach it"
        environ = Path(f"/proc/{store}/environ")
        assert not environ.exists() or environ.read_bytes() == b"", "it gets no secret"
    assert not is_alive(store)
    with open_store(settings) as url:
        assert read(url) == {"a"}


def test_a_command_uses_the_configured_server_and_leaves_the_folder_alone(valkey_url: str, short_dir: Path) -> None:
    url = RedisUrl.parse(valkey_url)
    with open_store(Settings(redis_url=url, data_dir=short_dir / "var")) as found:
        assert found == url
    assert not (short_dir / "var").exists()


def test_a_command_reaches_the_store_of_a_running_serve(data_dir: Path) -> None:
    with lock.held_by_serve(data_dir), kept_running(data_dir) as url:
        write(url, "a")
        with open_store(Settings(data_dir=data_dir)) as found:
            assert read(found) == {"a"}
        assert read(url) == {"a"}, "the command must not stop the store of `serve`"


def test_who_does_not_end_or_answer_is_named_in_the_refusal(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HOLDER_TIMEOUT", 0.1)
    process = rf"\(process {os.getpid()}\)"
    with open_store(Settings(data_dir=data_dir)):
        named = f"another command {process}"
        with pytest.raises(DataDirInUse, match=named), open_store(Settings(data_dir=data_dir)):
            pass
        with pytest.raises(DataDirInUse, match=named), lock.held_by_serve(data_dir):
            pass
    named = f"running `serve` {process} does not answer"
    with lock.held_by_serve(data_dir), pytest.raises(StorageUnavailable, match=named):
        open_store(Settings(data_dir=data_dir)).__enter__()


def test_who_waits_for_the_folder_has_it_once_the_other_has_ended(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, found = lock.acquire(data_dir, "command"), lock.holder(data_dir)
    assert held and found and found.role == "command"
    monkeypatch.setattr(time, "sleep", lambda seconds: held.release())  # meanwhile the other ends
    with lock.held_by_serve(data_dir):
        found = lock.holder(data_dir)
        assert found and (found.role, found.pid) == ("serve", os.getpid())


def test_a_folder_is_served_only_while_a_serve_holds_it(data_dir: Path) -> None:
    assert not lock.is_served(data_dir)
    with lock.held_by_serve(data_dir):
        assert lock.is_served(data_dir)
    assert not lock.is_served(data_dir)
    # What a killed one leaves behind is not believed.
    (data_dir / lock.LOCK).write_text('{"role": "serve", "pid": 1}')
    assert not lock.is_served(data_dir)


def test_a_forked_child_does_not_hold_the_lock(data_dir: Path) -> None:
    held = lock.acquire(data_dir, "serve")
    assert held is not None
    context = multiprocessing.get_context("fork")
    runs, end = context.Event(), context.Event()
    child = context.Process(target=lambda: (runs.set(), end.wait()))
    child.start()
    runs.wait()
    held.release()
    again = lock.acquire(data_dir, "serve")
    end.set()
    child.join()
    assert again is not None
    again.release()


@pytest.fixture
def leftover(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A store that still runs in the folder, as one that was suspended when its parent was killed."""
    process = server.start(data_dir)
    yield process
    kill_and_wait(process.pid)
    process.wait()


@pytest.fixture
def asking() -> Iterator[socket.socket]:
    """A socket that is not connected yet."""
    with socket.socket(socket.AF_UNIX) as made:
        yield made


@pytest.mark.parametrize("state", ["running", "suspended", "busy", "about to end, its socket removed"])
def test_a_leftover_store_is_replaced_without_losing_data(
    data_dir: Path,
    leftover: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
    asking: socket.socket,
    state: str,
) -> None:
    write(socket_url(data_dir), "a")
    if state == "suspended":
        leftover.send_signal(signal.SIGSTOP)
    if state == "busy":
        monkeypatch.setattr(server, "STOP_TIMEOUT", 1.0)
        monkeypatch.setattr(server, "_ANSWER_TIMEOUT", 0.1)
        asking.connect(socket_path(data_dir))
        asking.sendall(b"EVAL 'while true do end' 0\r\n")
        wait_until(lambda: not server.ask(data_dir))  # it sees to nothing else any more
    if state == "about to end, its socket removed":
        # Only its lock tells that it could still write to the file.
        Path(socket_path(data_dir)).unlink()
        leftover.terminate()
    process = server.start(data_dir)
    try:
        assert leftover.wait(DEADLINE) == (-signal.SIGKILL if state == "busy" else 0)
        assert server.listening_process(data_dir) == process.pid
        assert read(socket_url(data_dir)) == {"a"}
    finally:
        server.stop(process)


def test_a_store_that_is_told_to_end_with_everything_else_is_not_started_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    noticed = threading.Event()

    class Watched(embedded._Store):
        @property
        def was_told_to_end(self) -> bool:
            if super().was_told_to_end:
                noticed.set()
            return noticed.is_set()

    monkeypatch.setattr(embedded, "_Store", Watched)
    monkeypatch.setattr(embedded, "_RETRY_INTERVAL", DEADLINE)  # the end may come as late as that
    with kept_running(data_dir) as url:
        write(url, "a")
        os.kill(listening(data_dir), signal.SIGTERM)
        assert noticed.wait(DEADLINE)
    assert not caplog.records
    with open_store(Settings(data_dir=data_dir)) as url:
        assert read(url) == {"a"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["told to end by itself", "killed"])
def test_a_store_that_has_ended_is_started_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setattr(embedded, "_RETRY_INTERVAL", 0.05)
    with kept_running(data_dir) as url:
        write(url, "a")
        store = listening(data_dir)
        os.kill(store, number)
        wait_until(lambda: server.listening_process(data_dir) not in (None, store))
        wait_until(lambda: server.ask(data_dir).startswith(b"+PONG"))
        assert read(url) == {"a"}
        second = listening(data_dir)
    assert not is_alive(second)


@pytest.mark.usefixtures("leftover")
@pytest.mark.parametrize("said", ["", "0", "-1", "-7", "1"])
def test_a_leftover_that_cannot_be_found_is_never_joined_and_nobody_in_particular_killed(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, number: asked.append(group))
    monkeypatch.setattr(server, "STOP_TIMEOUT", 0.02)
    Path(socket_path(data_dir)).unlink()
    (data_dir / server.STORE_LOCK).write_text(f"{said:>10}\n" if said else "")
    with pytest.raises(StorageUnavailable, match=r"still running and cannot be ended.*fuser"):
        server.start(data_dir)
    assert asked == []


def test_a_repair_beside_a_leftover_says_how_to_find_it(data_dir: Path, leftover: subprocess.Popen[bytes]) -> None:
    for found in (f"process, {leftover.pid}", f"`fuser {data_dir / server.STORE_LOCK}`"):
        with pytest.raises(StorageUnavailable, match=found), at_rest(data_dir):
            pass
        Path(socket_path(data_dir)).unlink(missing_ok=True)


@pytest.mark.parametrize("name", [lock.LOCK, server.STORE_LOCK, server.LOG])
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a FIFO"])
def test_what_stands_in_place_of_a_lock_or_log_is_refused_at_once(
    data_dir: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(data_dir / name)
    named = f"^DATA_DIR: {data_dir / name} cannot be "
    with pytest.raises(InvalidSetting, match=named), open_store(Settings(data_dir=data_dir)):
        pass
    with pytest.raises(InvalidSetting, match=named), lock.held_by_serve(data_dir), kept_running(data_dir):
        pass


def test_a_store_that_cannot_be_started_again_says_once_that_it_has_ended(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = embedded._Store(data_dir)
    write(socket_url(data_dir), "a")
    kill_and_wait(listening(data_dir))
    manifest = data_dir / FOLDER / MANIFEST
    kept = manifest.read_bytes()
    manifest.write_bytes(b"nonsense")
    wait_until(store.look_after)  # a thread of it may take longer to go
    assert [store.look_after() for _ in range(2)] == [True] * 2
    ended, refused = caplog.records
    log = data_dir / server.LOG
    assert ended.getMessage() == f"The store ended by SIGKILL. It is started again; its log is {log}."
    assert "cannot be started; trying again" in refused.getMessage()
    manifest.write_bytes(kept)
    assert store.look_after()
    wait_until(lambda: server.ask(data_dir).startswith(b"+PONG"))
    assert read(socket_url(data_dir)) == {"a"}
    store.end()


def test_the_server_says_why_it_did_not_start(data_dir: Path) -> None:
    server.stop(server.start(data_dir))
    with (data_dir / FOLDER / "appendonly.aof.1.incr.aof").open("ab") as file:
        file.write(b"nonsense\r\n")
    with pytest.raises(
        StorageUnavailable, match=r"ended while starting(.|\n)*store repair(.|\n)*[Bb]ad file format"
    ) as refusal:
        server.start(data_dir)
    assert "valkey-check" not in str(refusal.value), "`store repair` calls it"


def test_the_secret_key_is_made_once_and_a_short_one_is_refused_as_the_setting_is(data_dir: Path) -> None:
    path = data_dir / "secret_key"
    made = kept_secret_key(data_dir)
    assert len(made) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o400, 0o600):
        path.chmod(mode)
        assert kept_secret_key(data_dir) == made
    path.write_text("")
    with pytest.raises(InvalidSetting, match=r"^SECRET_KEY: .*/secret_key is empty"):
        kept_secret_key(data_dir)
    path.write_text("abc\n")
    with pytest.raises(InvalidSetting) as refused:
        kept_secret_key(data_dir)
    with pytest.raises(InvalidSetting) as setting:
        Settings.from_env({"SECRET_KEY": "abc"})
    said = str(setting.value).replace("SECRET_KEY:", f"SECRET_KEY: {path}")
    assert str(refused.value) == f"{said}, or remove it to have a new key made"
    path.write_text("0123456789abcdef\n")
    assert kept_secret_key(data_dir) == "0123456789abcdef"


def test_a_folder_too_deep_for_a_socket_is_refused_and_reached_from_nearby(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = short_dir / ("d" * 120)
    with pytest.raises(InvalidSetting, match=r"^DATA_DIR: .* too long for a Unix socket"):
        prepare(deep)
    deep.mkdir(exist_ok=True)
    monkeypatch.chdir(deep)
    with open_store(Settings(data_dir=Path("v ä?"))) as url:
        write(url, "a")
        assert read(url) == {"a"}


def test_a_file_in_place_of_the_folder_is_refused(short_dir: Path) -> None:
    (short_dir / "file").touch()
    for path in (short_dir / "file", short_dir / "file" / "var"):
        with pytest.raises(InvalidSetting, match=r"^DATA_DIR: .* is not a folder"):
            prepare(path)
