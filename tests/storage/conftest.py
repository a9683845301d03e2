"""What the tests of the store share: folders in memory, and such whose stores have ended in order or not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from proxy import Proxy
from support import Store, connect, kill_and_wait, socket_url, wait_until

from service.settings import Settings
from service.storage import server
from service.storage.data_dir import prepare, socket_path
from service.storage.embedded import open_store

_MEMORY = Path("/dev/shm")


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """An empty folder whose path is short, in memory where there is some: there each write is synced at once."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir=_MEMORY if _MEMORY.is_dir() else "/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def data_dir(short_dir: Path) -> Path:
    """A folder that is ready for a store."""
    folder = short_dir / "var"
    prepare(folder)
    return folder


@pytest.fixture
def proxy(own_store: Store) -> Iterator[Proxy]:
    """A proxy in front of `own_store`."""
    with Proxy(socket_path(own_store.data_dir)) as made:
        yield made


def _fill(url: str) -> None:
    with closing(connect(url)) as client, client.pipeline(transaction=False) as all_of_it:
        for number in range(100):
            for step in (["MULTI"], ["SADD", "kept", f"user{number}"], ["HINCRBY", "trend", "today", 1], ["EXEC"]):
                all_of_it.execute_command(*step)
        all_of_it.execute()


@pytest.fixture(scope="session")
def _prepared() -> Iterator[Path]:
    """Folders whose stores hold the numbers from 0 to 99, each with a trend, by how they ended."""
    with tempfile.TemporaryDirectory(prefix="mr-") as name:
        stopped, killed, rewritten = (Path(name) / state for state in ("stopped", "killed", "rewritten"))
        for folder in (stopped, killed):
            prepare(folder)
            with open_store(Settings(data_dir=folder)) as url:
                if folder == stopped:
                    _fill(url.urls[0])
        process = server.start(killed)
        _fill(socket_url(killed))
        kill_and_wait(process.pid)
        process.wait()
        shutil.copytree(stopped, rewritten)
        with open_store(Settings(data_dir=rewritten)) as url, closing(connect(url)) as client:
            client.bgrewriteaof()
            wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
        yield Path(name)


def _copy(prepared: Path, data_dir: Path) -> Path:
    without_socket = shutil.ignore_patterns("*.sock")
    return Path(shutil.copytree(prepared, data_dir, dirs_exist_ok=True, ignore=without_socket))


@pytest.fixture
def stopped(_prepared: Path, data_dir: Path) -> Path:
    """The folder of a store that has ended in order."""
    return _copy(_prepared / "stopped", data_dir)


@pytest.fixture
def killed(_prepared: Path, data_dir: Path) -> Path:
    """The folder of a store that was killed."""
    return _copy(_prepared / "killed", data_dir)


@pytest.fixture
def rewritten(_prepared: Path, data_dir: Path) -> Path:
    """The folder of a store that has written its base anew, which holds all there is, and has ended in order."""
    return _copy(_prepared / "rewritten", data_dir)
