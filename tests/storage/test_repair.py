"""A store whose files have lost something: refused, said, and gone on with."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from unittest.mock import patch

import documentation
import pytest
from support import connect, run

from service.problems import InvalidSetting, ModuleRegistryError, StorageUnavailable, StoreDamaged
from service.settings import Settings
from service.storage import aof, lock, mark, repair, scratch, space
from service.storage.embedded import kept_running, open_store
from service.storage.inspection import inspect
from service.storage.repair import at_rest

BASE, RECORDS = "appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof"
MARK = f"../{mark.MARK}"
MULTI = b"*1\r\n$5\r\nMULTI\r\n"

Damage = Callable[[Path], object]

_commands = cache(scratch.commands)


def manifest(data_dir: Path) -> Path:
    return data_dir / aof.FOLDER / aof.MANIFEST


def records(data_dir: Path) -> Path:
    """The file that the store appends to."""
    return next((data_dir / aof.FOLDER).glob("*.incr.aof"))


def base(data_dir: Path) -> Path:
    return next((data_dir / aof.FOLDER).glob("*.base.rdb"))


def members(data_dir: Path) -> tuple[int, int]:
    """How many numbers a store that is started holds, and what their trend says."""
    with open_store(Settings(data_dir=data_dir)) as url, closing(connect(url)) as client:
        return client.scard("kept"), int(client.hget("trend", "today") or 0)


def repaired(data_dir: Path) -> str:
    """What a repair says. The server is asked for its commands only once."""
    with patch.object(scratch, "commands", _commands):
        result = run("store", "repair", "--yes", DATA_DIR=str(data_dir))
    assert result.returncode == 0, result.stderr
    return result.stdout


def replaced(old: bytes, new: bytes) -> Damage:
    """Other bytes in the records, where these are first."""

    def damage(data_dir: Path) -> None:
        content = records(data_dir).read_bytes()
        assert old in content
        records(data_dir).write_bytes(content.replace(old, new, 1))

    return damage


def says(old: str, new: str) -> Damage:
    """A manifest that says something else."""
    return lambda data_dir: manifest(data_dir).write_text(manifest(data_dir).read_text().replace(old, new))


def stands(name: str, make: Callable[[Path], None]) -> Damage:
    """Something else in the place of a file or folder."""

    def damage(data_dir: Path) -> None:
        path = data_dir / aof.FOLDER / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        make(path)

    return damage


def cut_short(data_dir: Path) -> None:
    os.truncate(records(data_dir), records(data_dir).stat().st_size - 200)


def unfinished(data_dir: Path) -> None:
    with records(data_dir).open("ab") as file:
        file.write(b"*3\r\n$4\r\nSADD\r\n$4\r\nke")


def without_manifest(data_dir: Path) -> None:
    manifest(data_dir).unlink()


def flipped_snapshot(data_dir: Path) -> None:
    content = base(data_dir).read_bytes()
    base(data_dir).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


#: The 5 becomes a 1.
flipped = replaced(b"user50", b"user10")
senseless = replaced(b"$6\r\nuser50", b"%6\r\nuser50")
forgotten = says("file appendonly.aof.1.incr.aof seq 1 type i\n", "")


def test_an_unfinished_last_write_is_cut_off_and_said(killed: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = records(killed)
    whole = path.read_bytes()
    os.truncate(path, len(whole) - 10)
    assert members(killed) == (99, 99)
    (said,) = [record.getMessage() for record in caplog.records if "in the middle of a write" in record.getMessage()]
    lost = len(whole) - 10 - whole.rindex(MULTI)
    assert f": {lost} bytes" in said
    assert "complete record is of 20" in said
    (copy,) = killed.glob(f"kept-*-{path.name}-from-byte-{whole.rindex(MULTI)}")
    assert copy.read_bytes() == whole[whole.rindex(MULTI) : -10]
    assert str(copy) in said
    caplog.clear()
    assert members(killed) == (99, 99)
    assert not caplog.records, "it is said once"


def test_a_store_that_a_crash_left_whole_starts_without_a_word(killed: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = "temp-rewriteaof-bg-12.aof", "temp-rewriteaof-12.aof", f"{aof.FOLDER}/temp-appendonly.aof.manifest"
    unfinished_work = [killed / name for name in (*names, "unfinished-repair-x/dump.rdb")]
    for path in unfinished_work:
        path.parent.mkdir(exist_ok=True)
        path.write_text("personal data")
    of_the_operator = [killed / name for name in ("repair-backup-monday", "repair-notes.txt", "temp-notes.aof")]
    for path in of_the_operator:
        path.mkdir()
    assert members(killed) == (100, 100)
    assert not caplog.records
    assert not any(path.exists() for path in (*unfinished_work, killed / "unfinished-repair-x"))
    assert all(path.is_dir() for path in of_the_operator)


#: After a clean stop: the damage, what is seen of it, and how much a repair leaves.
DAMAGES: dict[str, tuple[Damage, str, tuple[int, int]]] = {
    "cut short": (cut_short, r"incr\.aof has \d+ bytes of the \d+ that it had", (98, 98)),
    "no manifest": (without_manifest, r"manifest, which was there, is missing", (100, 100)),
    "another name": (says("1.incr.aof", "1.incr.aog"), r"incr\.aog is missing", (100, 100)),
    "a forgotten name": (forgotten, r"manifest does not name appendonly\.aof\.1\.incr\.aof any more", (100, 100)),
    "a wrong sequence": (
        says("seq 1 type i", "seq 3 type i"),
        r"manifest does not say of appendonly\.aof\.1\.incr\.aof what it said",
        (100, 100),
    ),
    "a wrong type": (says("type i", "type h"), r"manifest makes no sense", (100, 100)),
    "no folder": (lambda folder: shutil.rmtree(folder / aof.FOLDER), r"appendonlydir is missing", (0, 0)),
    "a flipped bit": (flipped, r"the first \d+ bytes of .*incr\.aof are not what they were", (99, 100)),
    "senseless records": (senseless, r"the first \d+ bytes of .*incr\.aof are not what they were", (99, 99)),
    "a flipped snapshot": (flipped_snapshot, r"the first \d+ bytes of .*base\.rdb are not what they were", (100, 100)),
    "a FIFO as folder": (stands("", os.mkfifo), r"appendonlydir is not a folder", (0, 0)),
    "a FIFO as base": (stands(BASE, os.mkfifo), r"1\.base\.rdb is not a regular file", (100, 100)),
    "a FIFO as manifest": (stands(aof.MANIFEST, os.mkfifo), r"manifest is not a regular file", (100, 100)),
    "a FIFO as mark": (stands(MARK, os.mkfifo), r"store\.mark cannot be read", (100, 100)),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_was_lost_after_a_clean_stop_is_refused_until_it_is_repaired(stopped: Path, name: str) -> None:
    damage, seen, left = DAMAGES[name]
    said_before = manifest(stopped).read_text()
    damage(stopped)
    before = {path for path in stopped.rglob("*") if path.suffix != ".lock"}
    with pytest.raises(StoreDamaged, match=seen) as refusal:
        members(stopped)
    assert "`module-registry store repair`" in str(refusal.value)
    assert {path for path in stopped.rglob("*") if path.suffix != ".lock"} == before
    copy = Path(repaired(stopped).split()[-1])
    files = {path.name for path in before if path.parent.name == aof.FOLDER}
    assert {path.name for path in copy.iterdir()} - {mark.MARK, aof.FOLDER} == files
    assert members(stopped) == left
    assert not inspect(stopped).damage
    if left == (100, 100) and "base" not in name:
        assert manifest(stopped).read_text() == said_before


def test_a_command_says_in_one_line_that_the_store_is_damaged(stopped: Path) -> None:
    stands(aof.MANIFEST, os.mkfifo)(stopped)
    (line,) = run("votes", "tally", DATA_DIR=str(stopped)).stderr.splitlines()
    assert f"is damaged: {aof.FOLDER}/{aof.MANIFEST} is not a regular file" in line
    assert "`module-registry store repair`" in line


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        (senseless, (99, 99)),
        (replaced(b"*3\r\n$4\r\nSADD", b"*3\r\n$4\r\nSAFD"), (99, 99)),
        (lambda folder: os.mkfifo(folder / aof.FOLDER / "appendonly.aof.2.incr.aof"), (100, 100)),
    ],
    ids=["senseless", "an unknown command", "a FIFO where the server would write"],
)
def test_damage_in_the_middle_after_a_crash_is_refused_until_it_is_repaired(
    killed: Path, damage: Damage, left: tuple[int, int]
) -> None:
    damage(killed)
    with pytest.raises((StoreDamaged, StorageUnavailable), match="store repair"):
        members(killed)
    repaired(killed)
    assert members(killed) == left


#: The rows of the table in store.md: the fault, and its other cells.
TABLE = documentation.table("store.md", "| `serve` starts on |")
#: For each row, whether the store was killed, and what became of its files.
FAULTS: dict[str, tuple[str, Damage]] = {
    "a last write that a crash has cut off": ("killed", unfinished),
    "a file that was cut after a clean stop": ("stopped", cut_short),
    "a file that was changed after a clean stop": ("stopped", flipped),
    "a file that is senseless in the middle, after a crash": ("killed", senseless),
    "files without their manifest": ("stopped", without_manifest),
}


def held_and_started(data_dir: Path) -> str:
    """Hold a folder and start its store as `serve` does; the refusal, or nothing."""
    try:
        with lock.held_by_serve(data_dir), kept_running(data_dir):
            return ""
    except ModuleRegistryError as error:
        return str(error)


def hold_against_the_table(fault: str, refusal: str, logged: str) -> None:
    """Compare what a start does and says with the row of a fault."""
    does, says, _ = TABLE[fault]
    assert does == ("refuses" if refusal else "serves")
    assert all(part in refusal + logged for part in says.strip("`").split("..."))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_start_on_damaged_files_is_as_the_table_says(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    ended, damage = FAULTS[fault]
    data_dir = request.getfixturevalue(ended)
    damage(data_dir)
    before = {path.name: path.read_bytes() for path in (data_dir / aof.FOLDER).iterdir()}
    refusal = held_and_started(data_dir)
    hold_against_the_table(fault, refusal, caplog.text)
    after = {path.name: path.read_bytes() for path in (data_dir / aof.FOLDER).iterdir()}
    assert not refusal or after == before, "nothing is dropped"


def test_every_fault_of_the_table_is_tried() -> None:
    assert list(TABLE) == [*FAULTS]


@pytest.mark.parametrize("tells", [True, False])
def test_files_that_the_newest_base_holds_are_not_read_again_without_a_manifest(rewritten: Path, tells: bool) -> None:
    """One that a rewrite which failed has left has a number as high as that of the base which holds it."""
    held, newest = rewritten / aof.FOLDER / "appendonly.aof.3.incr.aof", records(rewritten)
    began = aof.snapshot_time(base(rewritten))
    assert began and newest.name == "appendonly.aof.2.incr.aof"
    newest.rename(newest.with_name("appendonly.aof.4.incr.aof"))
    step = b"*1\r\n$5\r\nMULTI\r\n*3\r\n$4\r\nSADD\r\n$4\r\nkept\r\n$5\r\nuser1\r\n"
    step += b"*4\r\n$7\r\nHINCRBY\r\n$5\r\ntrend\r\n$5\r\ntoday\r\n$1\r\n1\r\n*1\r\n$4\r\nEXEC\r\n"
    held.write_bytes(b"#TS:%d\r\n" % (began.timestamp() - (10 if tells else 0)) + step)
    held.with_name(RECORDS).write_bytes(step)
    without_manifest(rewritten)
    said = repaired(rewritten)
    assert f"{RECORDS} is left out: by its number appendonly.aof.2.base.rdb holds what it holds" in said
    if tells:
        assert f"{held.name} is left out: appendonly.aof.2.base.rdb is newer" in said
        assert not held.exists()
        assert members(rewritten) == (100, 100)
    else:
        assert f"{held.name} may be in appendonly.aof.2.base.rdb already" in said
        assert members(rewritten) == (100, 101)
    assert "nothing to repair" in repaired(rewritten)


def test_what_is_written_after_a_repair_outlives_the_next_one(rewritten: Path) -> None:
    records(rewritten).unlink()
    (rewritten / aof.FOLDER / f"{RECORDS}.new").write_bytes(b"of a repair that was killed")
    repaired(rewritten)
    assert not list((rewritten / aof.FOLDER).glob("*.new"))
    with open_store(Settings(data_dir=rewritten)) as url, closing(connect(url)) as client:
        client.sadd("kept", "later")
    without_manifest(rewritten)
    repaired(rewritten)
    assert members(rewritten) == (101, 100)


def test_a_repair_that_cannot_write_leaves_a_store_that_refuses_to_start(
    rewritten: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_manifest(rewritten)

    def no_room(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, at_rest(rewritten):
        patched.setattr(repair, "write_whole", no_room)
        with pytest.raises(InvalidSetting, match="No space left"):
            repair.carry_out(rewritten, repair.plan(rewritten))
    with pytest.raises(StoreDamaged):
        members(rewritten)
    repaired(rewritten)
    assert members(rewritten) == (100, 100)


def test_a_repair_names_the_folder_for_temporary_files_that_it_cannot_use(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_short(stopped)
    (stopped / (110 * "x")).mkdir()
    for folder in ("missing", 110 * "x"):
        monkeypatch.setattr(tempfile, "tempdir", str(stopped / folder))
        with at_rest(stopped), pytest.raises(InvalidSetting, match=r"^TMPDIR: "):
            repair.plan(stopped)


@pytest.mark.parametrize("name", [MARK, "."])
def test_what_may_not_be_read_is_no_damage(stopped: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = (stopped / aof.FOLDER / name).resolve()
    monkeypatch.setattr(os, "access", lambda asked, mode: asked != path)
    with pytest.raises(InvalidSetting, match=f"^DATA_DIR: {path} may not be read and written by this user; mend that"):
        inspect(stopped)


def test_a_disk_that_is_read_only_takes_no_writes(stopped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(space, "open_regular", read_only)
    assert space.reserve(stopped) == "read-only"
