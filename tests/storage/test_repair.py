"""A store whose files have lost something: refused, said, and gone on with, in the words of the server's tools."""

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import documentation
import pytest
from support import connect, run

from service.problems import ModuleRegistryError
from service.settings.settings import Settings
from service.storage import files
from service.storage.embedded import open_store

#: The rows of the table in store.md: the fault, and its other cells.
TABLE = documentation.table("store.md", "| `serve` starts on |")


def manifest(data_dir: Path) -> Path:
    return data_dir / files.FOLDER / files.MANIFEST


def records(data_dir: Path) -> Path:
    """The file that the store appends to."""
    return data_dir / files.FOLDER / "appendonly.aof.1.incr.aof"


def base(data_dir: Path) -> Path:
    return data_dir / files.FOLDER / "appendonly.aof.1.base.rdb"


def content(data_dir: Path) -> dict[Path, bytes | None]:
    """The store's files, with what is in those that are regular ones, and copies of them."""
    folders = [data_dir / files.FOLDER, *data_dir.glob("kept-*")]
    return {path: path.read_bytes() if path.is_file() else None for each in folders for path in each.iterdir()}


def members(data_dir: Path) -> tuple[int, int]:
    """How many numbers a store that is started holds, and what their trend says."""
    with open_store(Settings(data_dir=data_dir)) as url, closing(connect(url)) as client:
        return client.scard("kept"), int(client.hget("trend", "today") or 0)


def senseless(data_dir: Path) -> None:
    before = records(data_dir).read_bytes()
    records(data_dir).write_bytes(before.replace(b"$6\r\nuser50", b"%6\r\nuser50", 1))
    assert records(data_dir).read_bytes() != before


def flipped_snapshot(data_dir: Path) -> None:
    before = base(data_dir).read_bytes()
    base(data_dir).write_bytes(before[:-1] + bytes([before[-1] ^ 1]))


def fifo(path: Path) -> None:
    """Have one stand in the place of a file."""
    path.unlink()
    os.mkfifo(path)


def test_an_unfinished_last_write_is_cut_off_and_said(killed: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = records(killed)
    whole = path.read_bytes()
    os.truncate(path, len(whole) - 10)
    assert members(killed) == (99, 99)
    dropped = len(whole) - 10 - whole.rindex(b"*1\r\n$5\r\nMULTI\r\n")
    [said] = caplog.messages
    assert said.startswith(f"The last {dropped} bytes of {path.name} in DATA_DIR {killed} ")
    does, says, _ = TABLE["a last write that a crash has cut off"]
    assert (does, [part for part in says.strip("`").split("...") if part not in said]) == ("serves", [])
    assert members(killed) == (99, 99)
    assert caplog.messages == [said], "it is said once"


def test_a_store_that_a_crash_left_whole_starts_without_a_word(killed: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = "temp-rewriteaof-bg-12.aof", "temp-rewriteaof-12.aof", f"{files.FOLDER}/temp-appendonly.aof.manifest"
    unfinished = [killed / name for name in names]
    for path in unfinished:
        path.write_text("personal data")
    with manifest(killed).open("a") as file:
        file.write("file appendonly.aof.9.base.rdb seq 9 type h\n")  # which a rewrite is done with
    assert members(killed) == (100, 100)
    assert not caplog.records
    assert not any(path.exists() for path in unfinished)


def test_of_a_first_start_that_was_killed_nothing_is_missing(data_dir: Path) -> None:
    (data_dir / files.FOLDER).mkdir()
    base(data_dir).write_bytes(b"REDIS")
    records(data_dir).touch()
    assert not files.look(data_dir)


#: For each row, and what else no tool mends, what became of the files, and what is seen of that.
DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file that is senseless in the middle": (senseless, r"appendonlydir/appendonly\.aof\.1\.incr\.aof, from byte "),
    "a file that is missing, or a snapshot that has changed": (flipped_snapshot, r"1\.base\.rdb: .*CRC"),
    "files without their manifest": (
        lambda folder: manifest(folder).unlink(),
        r"manifest: it is missing beside \S+1\.incr\.aof",
    ),
    "a manifest of another kind": (lambda folder: manifest(folder).write_text("nonsense"), "it makes no sense"),
    "no base": (lambda folder: base(folder).unlink(), r"1\.base\.rdb: it cannot be read: No such file"),
    "a FIFO as base": (lambda folder: fifo(base(folder)), "it is not a regular file"),
    "a FIFO as manifest": (lambda folder: fifo(manifest(folder)), "cannot be read"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_start_on_damage_is_as_the_table_says(killed: Path, name: str) -> None:
    assert [*TABLE][1:] == [*DAMAGES][: len(TABLE) - 1]
    does, says, _ = TABLE.get(name, ("refuses", "", ""))
    damage, seen = DAMAGES[name]
    damage(killed)
    before = content(killed)
    with pytest.raises(ModuleRegistryError, match=seen) as refusal:
        members(killed)
    assert (does, [part for part in says.strip("`").split("...") if part not in str(refusal.value)]) == ("refuses", [])
    if damage is not senseless:
        done = run("store", "repair", "--yes", DATA_DIR=str(killed))
        assert done.returncode == 1 and "Traceback" not in done.stderr
    assert content(killed) == before, "nothing is dropped"


def test_damage_in_the_middle_is_refused_until_it_is_repaired(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def command(line: str, stdin: str = "") -> tuple[int, str, str]:
        done = run(*line.split(), stdin=stdin, DATA_DIR=str(killed))
        return done.returncode, done.stdout, done.stderr

    senseless(killed)
    before = content(killed)
    code, said, why = command("accounts list")
    assert (code, said, "`module-registry store repair`" in why) == (1, "", True)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        assert "No space left" in command("store repair --yes")[2]
    code, said, _ = command("store repair", stdin="n\n")
    parts = ("seen: appendonlydir/appendonly.aof.1.incr.aof, from byte ", "then: ", " bytes are cut off, and ")
    assert (code, [part for part in parts if part not in said]) == (1, [])
    assert content(killed) == before, "nothing is dropped"
    code, said, why = command("store repair", stdin="y\n")
    (copy,) = killed.glob("kept-*")
    assert (code, why, said.endswith(f"repaired; the files as they were are in {copy}\n")) == (0, "", True)
    assert (copy / records(killed).name).read_bytes() == before[records(killed)]
    assert members(killed) == (50, 50)
    assert command("store repair") == (0, f"the store in {killed} is whole: there is nothing to repair\n", "")


def test_a_disk_that_is_read_only_takes_no_writes(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "open_regular", Mock(side_effect=OSError(errno.EROFS, "Read-only file system")))
    monkeypatch.setattr(files, "appended", records)
    assert files.reserve(killed) == "read-only"
