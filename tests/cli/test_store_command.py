"""`module-registry store repair`: what it says, asks and refuses. tests/storage/test_repair.py has what it mends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Serve, run

from service.storage.aof import FOLDER, MANIFEST


@pytest.fixture
def damaged(short_dir: Path) -> Path:
    """A DATA_DIR whose file has lost its end since a clean stop."""
    data_dir = short_dir / "var"
    for name in ("alice", "bob"):
        assert run("accounts", "add", name, "--create", DATA_DIR=str(data_dir)).returncode == 0
    (written,) = (data_dir / FOLDER).glob("*.incr.aof")
    os.truncate(written, written.stat().st_size - 1)
    return data_dir


def answered(data_dir: Path, answer: str) -> subprocess.CompletedProcess[str]:
    return run("store", "repair", stdin=answer, DATA_DIR=str(data_dir))


def content(data_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data_dir / FOLDER).iterdir()}


def test_it_says_what_it_would_do_and_asks(damaged: Path) -> None:
    before = content(damaged)
    refused = answered(damaged, "n\n")
    assert refused.returncode == 1
    assert "seen: appendonlydir/appendonly.aof.1.incr.aof has " in refused.stdout
    assert "bytes can be read and are kept" in refused.stdout
    assert content(damaged) == before
    done = answered(damaged, "y\n")
    assert (done.returncode, done.stderr) == (0, "")
    (copy,) = damaged.glob("kept-*")
    assert done.stdout.endswith(f"repaired; the files as they were are in {copy}\n")
    assert "alice  active  member\n" in run("accounts", "list", DATA_DIR=str(damaged)).stdout


def test_a_command_on_a_damaged_store_is_refused_in_one_line_that_names_the_repair(damaged: Path) -> None:
    result = run("accounts", "list", DATA_DIR=str(damaged))
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert "`module-registry store repair`" in line


@pytest.mark.parametrize("there", [True, False])
def test_where_all_is_well_it_has_nothing_to_do(short_dir: Path, there: bool) -> None:
    data_dir = short_dir / "var"
    if there:
        run("accounts", "add", "alice", "--create", DATA_DIR=str(data_dir))
    result = run("store", "repair", DATA_DIR=str(data_dir))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"the store in {data_dir} is whole: there is nothing to repair\n"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("words", [("accounts", "list"), ("accounts", "add", "alice"), ("votes", "tally")])
def test_a_command_where_there_is_no_store_makes_none(short_dir: Path, there: bool, words: tuple[str, ...]) -> None:
    data_dir = short_dir / "var"
    if there:
        data_dir.mkdir(0o700)
    result = run(*words, DATA_DIR=str(data_dir))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"there is no store in DATA_DIR {data_dir}: `module-registry serve` makes one")
    assert "`module-registry accounts add ID --create` and `module-registry restore FILE`" in result.stderr
    assert [*short_dir.rglob("*")] == [data_dir] * there


@pytest.mark.long
def test_a_started_serve_makes_a_store_for_the_commands_after_it(serve: Callable[..., Serve]) -> None:
    running = serve()
    assert run("accounts", "add", "alice", DATA_DIR=str(running.data_dir)).returncode == 0
    assert running.stop() == 0
    assert "alice" in run("accounts", "list", DATA_DIR=str(running.data_dir)).stdout


def test_it_refuses_while_the_store_runs(serve: Callable[..., Serve]) -> None:
    running = serve()
    result = run("store", "repair", "--yes", DATA_DIR=str(running.data_dir))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"process {running.process.pid}" in result.stderr


def test_a_serve_whose_file_was_cut_says_so_in_its_own_log(serve: Callable[..., Serve]) -> None:
    first = serve()
    assert run("accounts", "add", "alice", DATA_DIR=str(first.data_dir)).returncode == 0
    store = first.store
    assert store
    first.clean_up()
    (written,) = (first.data_dir / FOLDER).glob("*.incr.aof")
    os.truncate(written, written.stat().st_size - 1)
    again = serve()
    (line,) = again.log
    assert "bytes are cut off the end" in line
    assert "Its last complete record is of 20" in line
    assert "What is cut off is in" in line


@pytest.mark.long
def test_a_serve_without_its_manifest_ends_with_one_line(serve: Callable[..., Serve]) -> None:
    first = serve()
    assert first.stop() == 0
    (first.data_dir / FOLDER / MANIFEST).unlink()
    again = serve(wait=False)
    assert again.process.wait(20) == 1
    (line,) = again.log
    assert f"{FOLDER}/{MANIFEST}, which was there, is missing" in line
