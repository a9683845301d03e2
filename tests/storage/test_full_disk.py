"""A disk that is full, for real: a file system in memory, of a size of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import DOCUMENTED, Serve, run, run_process, session_cookie, wait_until

from service.storage.data_dir import write_whole

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


class Voter:
    """Alice, signed in to a running service; `wanted` is what the last acknowledged change made of her vote."""

    def __init__(self, serve: Serve) -> None:
        self._address, self.wanted = urlsplit(serve.url).netloc, False

    def ask(self, method: str, path: str) -> tuple[int, str]:
        """Status and body."""
        with closing(HTTPConnection(self._address, timeout=10)) as connection:
            connection.request(method, path, headers={"Cookie": session_cookie(KEY, "alice")})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def change(self) -> int:
        """Vote, or take the vote back: a change in any case; returns the status."""
        status, _ = self.ask("DELETE" if self.wanted else "POST", "/api/features/linkedin/interest")
        if status == 204:
            self.wanted = not self.wanted
        return status

    def wants(self) -> bool:
        """Whether the vote is there."""
        status, body = self.ask("GET", "/api/features")
        assert status == 200
        return "linkedin" in json.loads(body)["voted"]


def refused_in_one_line(data_dir: Path) -> Iterator[str]:
    """What a command and a `serve` say that have no room on the disk of the folder."""
    settings = {"DATA_DIR": str(data_dir), "REGISTRY_FILE": str(DOCUMENTED), "SECRET_KEY": KEY}
    for start, words in ((run, ("accounts", "add", "bob", "--create")), (run_process, ("serve", "--port", "0"))):
        result = start(*words, **settings)
        assert (result.returncode, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("DATA_DIR: ") and str(data_dir) in line
        yield line


def test_a_disk_that_fills_up_stops_votes_and_nothing_else(serve: Callable[..., Serve], disk: Path) -> None:
    running = serve("--workers", "2", data_dir=disk / "var", SECRET_KEY=KEY)
    settings = {"DATA_DIR": str(running.data_dir), "REGISTRY_FILE": str(DOCUMENTED)}
    assert run("accounts", "add", "alice", **settings).returncode == 0
    voter, store = Voter(running), running.store
    assert voter.change() == 204
    fill(disk)
    wait_until(lambda: voter.change() == 503)
    for _ in range(20):
        assert voter.change() == 503
        assert voter.wants() == voter.wanted, "what was acknowledged"
        fill(disk)
    status, body = voter.ask("GET", "/readyz")
    assert (status, '"votes":"unavailable"' in body, "takes no votes" in body) == (200, True, True)
    assert voter.ask("GET", "/readyz?need=votes")[0] == 503
    said = run("doctor", "--fail-on", "problem", **settings)
    assert said.returncode == 3
    assert "The embedded store takes no votes or other writes at the moment." in said.stdout
    assert "NOREPLICAS" not in said.stdout, "which is how its writes are stopped, not why"
    refused = run("accounts", "add", "bob", **settings)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    (disk / "other").unlink()
    wait_until(lambda: voter.change() == 204)
    assert voter.wants() == voter.wanted
    assert '"status":"ready"' in voter.ask("GET", "/readyz")[1]
    assert running.store == store, "it has not been restarted"
    assert running.stop() == 0
    first, last = running.log
    assert f"The disk of DATA_DIR {running.data_dir} is full" in first
    assert f"The disk of DATA_DIR {running.data_dir} has room again" in last


def test_a_file_that_does_not_fit_leaves_nothing_behind(disk: Path) -> None:
    fill(disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(disk / "kept", b"x" * 10_000)
    assert [path.name for path in disk.iterdir()] == ["other"]


def test_a_disk_that_takes_no_more_ends_a_command_with_one_line(disk: Path) -> None:
    data_dir = disk / "var"
    settings = {"DATA_DIR": str(data_dir), "REGISTRY_FILE": str(DOCUMENTED)}
    data_dir.mkdir(mode=0o700)
    while os.statvfs(disk).f_favail:
        (disk / f"file{os.statvfs(disk).f_favail}").touch()
    for path in list(disk.glob("file*"))[:8]:  # the lock is one
        path.unlink()
    for line in refused_in_one_line(data_dir):
        assert line.startswith(f"DATA_DIR: {data_dir} has no room for a store: ")
        assert "more files can be made" in line
    for path in disk.glob("file*"):
        path.unlink()
    fill(disk)
    assert next(refused_in_one_line(data_dir))
    (disk / "other").unlink()
    result = run("accounts", "add", "bob", "--create", **settings)
    assert (result.returncode, result.stderr) == (0, "")
