"""A disk that is full, for real: a file system in memory, of a size of its own."""

import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support import DOCUMENTED, Serve, connect, run, run_process, session_cookie, socket_url, wait_until

from service.interest.keys import interest_key
from service.problems import InvalidSetting
from service.storage.data_dir import kept_secret_key

pytestmark = pytest.mark.long

KEY = "a secret key of the platform"


@pytest.fixture
def disk(short_dir: Path) -> Iterator[Path]:
    """A file system of 24 MiB and 200 files."""
    folder = short_dir / "disk"
    folder.mkdir()
    options = "size=24m,nr_inodes=200,mode=0700"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a file system can be mounted by root only, where that is permitted: {mounted.stderr.strip()}")
    yield folder
    # Lazily: what a failed test left running would keep it.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Write until nothing more fits."""
    with (disk / "other").open("ab", buffering=0) as file, suppress(OSError):
        for size in (1 << 16, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)


def test_a_disk_that_fills_up_stops_votes_and_nothing_else(serve: Callable[..., Serve], disk: Path) -> None:
    running = serve("--workers", "2", data_dir=disk / "var", SECRET_KEY=KEY)
    settings = {"DATA_DIR": str(running.data_dir), "REGISTRY_FILE": str(DOCUMENTED)}
    assert run("accounts", "add", "alice", **settings).returncode == 0
    store, cookie, voted = running.store, session_cookie(KEY, "alice"), False

    def change() -> int:
        """Vote, or take the vote back: a change in any case; returns the status."""
        nonlocal voted
        status = running.ask("DELETE" if voted else "POST", "/api/features/linkedin/interest", Cookie=cookie)
        voted ^= status == 204
        return status

    def is_kept() -> bool:
        """Whether the store has what was acknowledged."""
        with closing(connect(socket_url(running.data_dir))) as redis:
            return bool(redis.sismember(interest_key("linkedin"), "alice")) is voted

    assert change() == 204
    fill(disk)
    wait_until(lambda: change() == 503)
    for _ in range(20):
        assert change() == 503
        assert running.ask("GET", "/api/features", Cookie=cookie) == 200
        assert is_kept()
        fill(disk)
    assert (running.ask("GET", "/readyz"), running.ask("GET", "/readyz?need=votes")) == (200, 503)
    with urllib.request.urlopen(f"{running.url}/metrics") as response:
        told = response.read().decode()
    for line in ("redis_up 1.0", "votes_possible 0.0", "store_free_bytes 0.0"):
        assert f"\nmodule_registry_{line}\n" in told
    said = run("doctor", "--fail-on", "problem", **settings)
    assert said.returncode == 3
    assert "The embedded store takes no votes or other writes at the moment." in said.stdout
    assert "NOREPLICAS" not in said.stdout, "which is how its writes are stopped, not why"
    refused = run("accounts", "add", "bob", **settings)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    (disk / "other").unlink()
    wait_until(lambda: change() == 204)
    assert is_kept()
    assert running.ask("GET", "/readyz?need=votes") == 200
    assert running.store == store, "it has not been restarted"
    assert running.stop() == 0
    first, last = running.log
    assert f"The disk of DATA_DIR {running.data_dir} is full" in first
    assert f"The disk of DATA_DIR {running.data_dir} has room again" in last


def test_a_disk_that_is_full_at_the_start_is_said_in_one_line_and_nothing_is_left_behind(disk: Path) -> None:
    settings = {"DATA_DIR": str(disk / "var"), "REGISTRY_FILE": str(DOCUMENTED), "SECRET_KEY": KEY}
    fill(disk)
    with pytest.raises(InvalidSetting, match="secret_key cannot be written: No space left"):
        kept_secret_key(disk)
    assert [path.name for path in disk.iterdir()] == ["other"]
    add = ["accounts", "add", "bob", "--create"]
    for done in (run(*add, **settings), run_process("serve", "--port", "0", **settings)):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert done.stderr.startswith("DATA_DIR: ") and settings["DATA_DIR"] in done.stderr
    (disk / "other").unlink()
    done = run(*add, **settings)
    assert (done.returncode, done.stderr) == (0, "")
