"""What the tests of the store share: folders in memory, one whose store was killed, and a proxy."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from proxy import Proxy
from support import Store, connect, kill_and_wait, socket_url

from service.storage import embedded
from service.storage.data_dir import prepare, socket_path


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


@pytest.fixture(scope="session")
def _prepared() -> Iterator[Path]:
    """The folder of a store that was killed, which holds the numbers from 0 to 99, each with a trend."""
    with tempfile.TemporaryDirectory(prefix="mr-") as folder:
        process = embedded.start(Path(folder))
        with closing(connect(socket_url(Path(folder)))) as client, client.pipeline(transaction=False) as all_of_it:
            for number in range(100):
                for step in (["MULTI"], ["SADD", "kept", f"user{number}"], ["HINCRBY", "trend", "today", 1], ["EXEC"]):
                    all_of_it.execute_command(*step)
            all_of_it.execute()
        kill_and_wait(process.pid)
        process.wait()
        yield Path(folder)


@pytest.fixture
def killed(_prepared: Path, data_dir: Path) -> Path:
    """A copy of that folder."""
    without_socket = shutil.ignore_patterns("*.sock")
    return Path(shutil.copytree(_prepared, data_dir, dirs_exist_ok=True, ignore=without_socket))
