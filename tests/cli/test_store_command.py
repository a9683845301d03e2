"""`module-registry store repair`: what it says, asks and refuses. tests/storage/test_repair.py has what it mends."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import run

from service.storage.files import FOLDER


def break_off(data_dir: Path) -> None:
    """Put something senseless behind what its store has written."""
    (written,) = (data_dir / FOLDER).glob("*.incr.aof")
    with written.open("ab") as file:
        file.write(b"nonsense\r\n")


@pytest.fixture
def data_dir(short_dir: Path) -> Path:
    return short_dir / "var"


@pytest.fixture
def damaged(data_dir: Path) -> Path:
    """A DATA_DIR whose file makes no sense at its end."""
    for name in ("alice", "bob"):
        assert run("accounts", "add", name, "--create", DATA_DIR=str(data_dir)).returncode == 0
    break_off(data_dir)
    return data_dir


def content(data_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data_dir / FOLDER).iterdir()}


def test_it_says_what_it_would_do_and_asks(damaged: Path) -> None:
    settings, before = {"DATA_DIR": str(damaged)}, content(damaged)
    listed = run("accounts", "list", **settings)
    assert (listed.returncode, listed.stdout) == (1, "")
    assert "`module-registry store repair`" in listed.stderr and "Traceback" not in listed.stderr
    refused = run("store", "repair", stdin="n\n", **settings)
    assert refused.returncode == 1
    assert "seen: appendonlydir/appendonly.aof.1.incr.aof, from byte " in refused.stdout
    assert "then: 10 bytes are cut off, and " in refused.stdout
    assert content(damaged) == before
    done = run("store", "repair", stdin="y\n", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    (copy,) = damaged.glob("kept-*")
    assert done.stdout.endswith(f"repaired; the files as they were are in {copy}\n")
    assert "alice  active  member\n" in run("accounts", "list", **settings).stdout
    well = run("store", "repair", **settings)
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout == f"the store in {damaged} is whole: there is nothing to repair\n"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("line", ["accounts list", "accounts add alice", "votes tally"])
def test_a_command_where_there_is_no_store_makes_none(data_dir: Path, there: bool, line: str) -> None:
    if there:
        data_dir.mkdir(0o700)
    result = run(*line.split(), DATA_DIR=str(data_dir))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"there is no store in DATA_DIR {data_dir}: `module-registry serve` makes one")
    assert "`module-registry accounts add ID --create` and `module-registry restore FILE`" in result.stderr
    assert [*data_dir.parent.rglob("*")] == [data_dir] * there
    assert run("store", "repair", DATA_DIR=str(data_dir)).stdout.startswith(f"the store in {data_dir} is whole")
