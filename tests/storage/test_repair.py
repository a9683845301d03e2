"""A store whose files have lost something: refused, said, and gone on with."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support import DOCUMENTED, clean_environ, command, connect, kill_and_wait, run, socket_url, wait_until

from service.problems import InvalidSetting, StorageUnavailable, StoreDamaged
from service.settings import Settings
from service.storage import aof, mark, repair, server
from service.storage.embedded import open_store
from service.storage.inspection import inspect
from service.storage.repair import at_rest

FILES = [aof.MANIFEST, "appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", f"../{mark.MARK}"]
MULTI = b"*1\r\n$5\r\nMULTI\r\n"


def written(data_dir: Path) -> Path:
    """The file that the store appends to."""
    return next((data_dir / aof.FOLDER).glob("*.incr.aof"))


def fill(data_dir: Path, *, crash: bool) -> None:
    """Store the numbers from 0 to 99, each with a trend, and end in order or not."""
    if crash:
        with open_store(Settings(data_dir=data_dir)):
            pass
        process = server.start(data_dir)
        _fill(socket_url(data_dir))
        kill_and_wait(process.pid)
        process.wait()
    else:
        with open_store(Settings(data_dir=data_dir)) as url:
            _fill(url)


def _fill(url: str) -> None:
    client = connect(url, timeout=5.0)
    for number in range(100):
        with client.pipeline(transaction=True) as step:
            step.sadd("kept", f"user{number}").hincrby("trend", "today", 1).execute()
    client.close()


def members(data_dir: Path) -> tuple[int, int]:
    with open_store(Settings(data_dir=data_dir)) as url:
        client = connect(url, timeout=5.0)
        found = client.scard("kept"), int(client.hget("trend", "today") or 0)
        client.close()
        return found


def repaired(data_dir: Path) -> str:
    result = run("store", "repair", "--yes", DATA_DIR=str(data_dir))
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_an_unfinished_last_write_is_cut_off_and_said(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(data_dir, crash=True)
    path = written(data_dir)
    whole = path.read_bytes()
    os.truncate(path, len(whole) - 10)
    assert members(data_dir) == (99, 99)
    (said,) = [record.getMessage() for record in caplog.records if "in the middle of a write" in record.getMessage()]
    lost = len(whole) - 10 - whole.rindex(MULTI)
    assert f": {lost} bytes" in said
    assert "complete record is of 20" in said
    (copy,) = data_dir.glob(f"kept-*-{path.name}-from-byte-{whole.rindex(MULTI)}")
    assert copy.read_bytes() == whole[whole.rindex(MULTI) : -10]
    assert str(copy) in said
    caplog.clear()
    assert members(data_dir) == (99, 99)
    assert not caplog.records, "it is said once"


def test_a_store_that_a_crash_left_whole_starts_without_a_word(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(data_dir, crash=True)
    assert members(data_dir) == (100, 100)
    assert not caplog.records


def test_a_crash_while_the_file_is_rewritten_does_no_harm(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    process = server.start(data_dir)
    client = connect(socket_url(data_dir), timeout=5.0)
    client.config_set("rdb-key-save-delay", 1_000_000)  # microseconds: it is killed half-way
    client.bgrewriteaof()
    client.sadd("kept", "late")
    client.close()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(list((data_dir / aof.FOLDER).glob("*.incr.aof"))) == 2
    assert members(data_dir) == (101, 100)


def cut_short(data_dir: Path) -> None:
    os.truncate(written(data_dir), written(data_dir).stat().st_size - 200)


def cut_to_nothing(data_dir: Path) -> None:
    os.truncate(written(data_dir), 0)


def without_manifest(data_dir: Path) -> None:
    (data_dir / aof.FOLDER / aof.MANIFEST).unlink()


def without_part(data_dir: Path) -> None:
    written(data_dir).unlink()


def wrong_name(data_dir: Path) -> None:
    manifest = data_dir / aof.FOLDER / aof.MANIFEST
    manifest.write_text(manifest.read_text().replace("1.incr.aof", "1.incr.aog"))


def forgotten_name(data_dir: Path) -> None:
    manifest = data_dir / aof.FOLDER / aof.MANIFEST
    manifest.write_text(manifest.read_text().splitlines()[0] + "\n")


def nonsense(data_dir: Path) -> None:
    (data_dir / aof.FOLDER / aof.MANIFEST).write_text("nonsense\n")


def without_folder(data_dir: Path) -> None:
    shutil.rmtree(data_dir / aof.FOLDER)


def flipped(data_dir: Path) -> None:
    content = bytearray(written(data_dir).read_bytes())
    content[content.index(b"user50") + 4] ^= 4  # the 5 becomes a 1
    written(data_dir).write_bytes(content)


def unreadable(data_dir: Path) -> None:
    content = bytearray(written(data_dir).read_bytes())
    content[content.index(b"$6\r\nuser50")] ^= 1
    written(data_dir).write_bytes(content)


def flipped_snapshot(data_dir: Path) -> None:
    base = next((data_dir / aof.FOLDER).glob("*.base.rdb"))
    content = bytearray(base.read_bytes())
    content[-1] ^= 1
    base.write_bytes(content)


@pytest.mark.long
@pytest.mark.parametrize(
    ("damage", "seen", "left"),
    [
        (cut_short, r"incr\.aof has \d+ bytes of the \d+ that it had", (98, 98)),
        (cut_to_nothing, r"incr\.aof has 0 bytes of the \d+ that it had", (0, 0)),
        (without_manifest, r"manifest, which was there, is missing", (100, 100)),
        (without_part, r"incr\.aof is missing", (0, 0)),
        (wrong_name, r"incr\.aog is missing", (100, 100)),
        (forgotten_name, r"manifest does not name appendonly\.aof\.1\.incr\.aof any more", (100, 100)),
        (nonsense, r"manifest makes no sense", (100, 100)),
        (without_folder, r"appendonlydir is missing", (0, 0)),
        (flipped, r"the first \d+ bytes of .*incr\.aof are not what they were", (99, 100)),
        (unreadable, r"the first \d+ bytes of .*incr\.aof are not what they were", (99, 99)),
        (flipped_snapshot, r"the first \d+ bytes of .*base\.rdb are not what they were", (100, 100)),
    ],
)
def test_what_was_lost_after_a_clean_stop_is_refused_until_it_is_repaired(
    data_dir: Path, damage: Callable[[Path], None], seen: str, left: tuple[int, int]
) -> None:
    fill(data_dir, crash=False)
    damage(data_dir)
    before = sorted(path.name for path in data_dir.glob("appendonlydir/*"))
    for _ in range(2):
        with pytest.raises(StoreDamaged, match=seen) as refusal:
            members(data_dir)
    assert "`module-registry store repair`" in str(refusal.value)
    assert "valkey-check" not in str(refusal.value)
    said = repaired(data_dir)
    copy = Path(said.split()[-1])
    assert sorted(path.name for path in copy.iterdir() if path.name != "store.mark") == before
    assert members(data_dir) == left
    assert "nothing to repair" in repaired(data_dir)


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        (b"$6\r\nuser50", b"%6\r\nuser50", (99, 99)),
        (b"*3\r\n$4\r\nSADD", b"*3\r\n$4\r\nSAFD", (99, 99)),
    ],
)
def test_damage_in_the_middle_after_a_crash_is_refused_until_it_is_repaired(
    data_dir: Path, old: bytes, new: bytes, left: tuple[int, int]
) -> None:
    fill(data_dir, crash=True)
    path = written(data_dir)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    with pytest.raises((StoreDamaged, StorageUnavailable), match="store repair"):
        members(data_dir)
    repaired(data_dir)
    assert members(data_dir) == left


@pytest.mark.long
def test_any_flipped_bit_of_the_mark_is_refused_or_does_no_harm(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    path = data_dir / mark.MARK
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        inspect(data_dir)  # raises nothing: what is wrong is among what it returns


@pytest.mark.long
def test_any_flipped_bit_of_the_manifest_is_refused_after_a_clean_stop(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    path = data_dir / aof.FOLDER / aof.MANIFEST
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert inspect(data_dir).damage, f"bit {bit % 8} of byte {bit // 8}"


def test_a_wrong_sequence_in_the_manifest_is_repaired(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    manifest = data_dir / aof.FOLDER / aof.MANIFEST
    said = manifest.read_text()
    manifest.write_text(said.replace("seq 1 type i", "seq 3 type i"))
    with pytest.raises(StoreDamaged, match=r"manifest does not say of appendonly\.aof\.1\.incr\.aof what it said"):
        members(data_dir)
    repaired(data_dir)
    assert manifest.read_text() == said
    assert members(data_dir) == (100, 100)


@pytest.mark.parametrize("forgets", [False, True])
def test_the_base_of_a_rewrite_that_did_not_end_is_not_counted_again(data_dir: Path, forgets: bool) -> None:
    fill(data_dir, crash=False)
    folder = data_dir / aof.FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with open_store(Settings(data_dir=data_dir)) as url:
        client = connect(url, timeout=5.0)
        client.bgrewriteaof()
        wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
        client.close()
    (base,) = folder.glob("*.base.rdb")
    left = {base.name: base.read_bytes()}
    shutil.rmtree(folder)
    folder.mkdir()
    for name, content in {**before, **left}.items():
        (folder / name).write_bytes(content)
    (data_dir / mark.MARK).unlink()
    if forgets:
        forgotten_name(data_dir)
    unreadable(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (99, 99)


@pytest.mark.parametrize("tells", [True, False])
def test_files_that_the_newest_base_holds_are_not_read_again_without_a_manifest(data_dir: Path, tells: bool) -> None:
    fill(data_dir, crash=False)
    folder = data_dir / aof.FOLDER
    process = server.start(data_dir)
    client = connect(socket_url(data_dir), timeout=5.0)
    client.config_set("rdb-key-save-delay", 1_000_000)  # microseconds: it is killed half-way
    client.bgrewriteaof()
    second = folder / "appendonly.aof.2.incr.aof"
    wait_until(second.exists)
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
    client.config_set("rdb-key-save-delay", 0)
    with client.pipeline(transaction=True) as step:
        step.sadd("kept", "late").hincrby("trend", "today", 1).execute()
    held = second.read_bytes()
    client.bgrewriteaof()
    wait_until(lambda: (folder / "appendonly.aof.2.base.rdb").exists() and not second.exists())
    with client.pipeline(transaction=True) as step:
        step.sadd("kept", "later").hincrby("trend", "today", 1).execute()
    client.close()
    assert server.stop(process)
    assert held.startswith(b"#TS:")
    second.write_bytes(re.sub(rb"#TS:(\d+)", lambda said: b"#TS:%d" % (int(said[1]) - 10), held) if tells else held)
    without_manifest(data_dir)
    said = repaired(data_dir)
    if tells:
        assert "appendonly.aof.2.incr.aof is left out: appendonly.aof.2.base.rdb is newer" in said
        assert not second.exists()
        assert members(data_dir) == (102, 102)
    else:
        assert "appendonly.aof.2.incr.aof may be in appendonly.aof.2.base.rdb already" in said
        assert members(data_dir) == (102, 103)
    assert "nothing to repair" in repaired(data_dir)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("", Path.touch),
        ("", os.mkfifo),
        *((name, make) for name in FILES for make in (os.mkdir, os.mkfifo)),
    ],
)
def test_what_stands_in_place_of_a_file_is_refused_until_it_is_repaired(
    data_dir: Path, name: str, make: Callable[[Path], None]
) -> None:
    fill(data_dir, crash=False)
    path = data_dir / aof.FOLDER / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    make(path)
    result = run("votes", "tally", DATA_DIR=str(data_dir))
    (line,) = result.stderr.splitlines()
    assert f"is damaged: {path.resolve().relative_to(data_dir)} " in line
    assert "`module-registry store repair`" in line
    repaired(data_dir)
    members(data_dir)
    assert "nothing to repair" in repaired(data_dir)


def test_what_stands_where_the_server_would_write_is_refused(data_dir: Path) -> None:
    fill(data_dir, crash=True)
    os.mkfifo(data_dir / aof.FOLDER / "appendonly.aof.2.incr.aof")
    with pytest.raises(StoreDamaged, match=r"appendonly\.aof\.2\.incr\.aof is not a regular file"):
        members(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (100, 100)


def test_what_a_killed_rewrite_or_repair_has_left_is_removed(data_dir: Path) -> None:
    fill(data_dir, crash=True)
    left = [data_dir / "temp-rewriteaof-bg-12.aof", data_dir / "temp-rewriteaof-12.aof"]
    left += [data_dir / aof.FOLDER / "temp-appendonly.aof.manifest", data_dir / "unfinished-repair-x" / "dump.rdb"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_text("personal data")
    assert members(data_dir) == (100, 100)
    assert not any(path.exists() for path in left)
    assert not (data_dir / "unfinished-repair-x").exists()


def test_a_part_that_nothing_has_taken_the_place_of_is_not_done_with(data_dir: Path) -> None:
    fill(data_dir, crash=True)
    manifest = data_dir / aof.FOLDER / aof.MANIFEST
    manifest.write_text(manifest.read_text().replace("type i", "type h"))
    with pytest.raises(StoreDamaged, match="makes no sense"), open_store(Settings(data_dir=data_dir)):
        pass


def rewritten(data_dir: Path) -> None:
    """Have the store write its base anew, which then holds all there is."""
    with open_store(Settings(data_dir=data_dir)) as url:
        client = connect(url, timeout=5.0)
        client.bgrewriteaof()
        wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
        client.close()


def test_without_manifest_and_mark_a_base_is_not_begun_anew_beside(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    rewritten(data_dir)
    written(data_dir).write_bytes(b"")
    (data_dir / mark.MARK).unlink()
    without_manifest(data_dir)
    with pytest.raises(StoreDamaged, match=r"manifest is missing beside appendonly\.aof\.2\.base\.rdb"):
        members(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (100, 100)


def test_what_is_written_after_a_repair_outlives_the_next_one(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    rewritten(data_dir)
    without_part(data_dir)
    repaired(data_dir)
    with open_store(Settings(data_dir=data_dir)) as url:
        client = connect(url, timeout=5.0)
        client.sadd("kept", "later")
        client.close()
    without_manifest(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (101, 100)


def test_a_repair_that_cannot_write_leaves_a_store_that_refuses_to_start(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data_dir, crash=False)
    rewritten(data_dir)
    without_manifest(data_dir)

    def no_room(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, at_rest(data_dir):
        patched.setattr(repair, "write_whole", no_room)
        with pytest.raises(InvalidSetting, match="No space left"):
            repair.carry_out(data_dir, repair.plan(data_dir))
    with pytest.raises(StoreDamaged):
        members(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (100, 100)


def test_what_a_killed_repair_was_writing_does_not_stop_the_next_one(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    cut_short(data_dir)
    (data_dir / aof.FOLDER / f"{written(data_dir).name}.new").write_bytes(b"a part")
    repaired(data_dir)
    assert not list((data_dir / aof.FOLDER).glob("*.new"))
    assert members(data_dir)[0] > 0


@pytest.mark.long
@pytest.mark.parametrize("name", [aof.MANIFEST, FILES[1], FILES[2], FILES[3], "."])
def test_what_may_not_be_read_is_no_damage(data_dir: Path, name: str) -> None:
    fill(data_dir, crash=False)
    path = (data_dir / aof.FOLDER / name).resolve()
    mode, before = path.stat().st_mode, sorted(data_dir.iterdir())
    path.chmod(0)
    # Root may read everything, unless it has none of its capabilities.
    without = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    for arguments in (("store", "repair", "--yes"), ("votes", "tally")):
        result = subprocess.run(
            [*without, *command(*arguments)],
            env=clean_environ(DATA_DIR=str(data_dir), REGISTRY_FILE=str(DOCUMENTED)),
            capture_output=True,
            text=True,
        )
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == (
            f"DATA_DIR: {path} may not be read and written by this user; mend that with chown or chmod\n"
        )
    path.chmod(mode)
    assert [one for one in sorted(data_dir.iterdir()) if one.name != "store.lock"] == [
        one for one in before if one.name != "store.lock"
    ]
    assert members(data_dir) == (100, 100)


@pytest.mark.parametrize("folder", ["missing", "long"])
def test_a_repair_names_the_folder_for_temporary_files_that_it_cannot_use(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    fill(data_dir, crash=False)
    cut_short(data_dir)
    monkeypatch.setattr(tempfile, "tempdir", str(data_dir / folder))
    if folder == "long":
        monkeypatch.setattr(tempfile, "tempdir", str(data_dir / (110 * "x")))
        Path(tempfile.gettempdir()).mkdir()
    with at_rest(data_dir), pytest.raises(InvalidSetting, match=r"^TMPDIR: "):
        repair.plan(data_dir)


def test_a_mark_that_is_a_link_to_itself_is_put_aside(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    (data_dir / mark.MARK).unlink()
    (data_dir / mark.MARK).symlink_to(mark.MARK)
    with pytest.raises(StoreDamaged):
        members(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (100, 100)


def test_a_start_leaves_alone_what_the_operator_put_there(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    names = ["repair-backup-monday", "repair-notes.txt", "temp-notes.aof"]
    for name in names:
        (data_dir / name).mkdir()
    members(data_dir)
    assert all((data_dir / name).is_dir() for name in names)


def test_what_stands_behind_the_end_of_a_base_is_dropped(data_dir: Path) -> None:
    fill(data_dir, crash=False)
    rewritten(data_dir)
    (data_dir / mark.MARK).unlink()
    (base,) = (data_dir / aof.FOLDER).glob("*.base.rdb")
    base.write_bytes(base.read_bytes() + bytes(4096))
    with pytest.raises(StorageUnavailable, match="store repair"):
        members(data_dir)
    repaired(data_dir)
    assert members(data_dir) == (100, 100)
