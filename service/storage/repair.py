"""Go on with what is left of a store whose files have lost something."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from service.problems import InvalidSetting
from service.storage import aof, lock, mark, scratch, server
from service.storage.aof import FOLDER, MANIFEST, Part
from service.storage.data_dir import write_whole
from service.storage.inspection import inspect, keep_copy
from service.storage.mark import MARK

_NAME = re.compile(r"appendonly\.aof\.([1-9]\d*)\.(base\.rdb|incr\.aof)")


@dataclass(slots=True)
class Plan:
    """What is wrong, and what a repair does about it, each in sentences for the operator.

    `manifest` and `stretches` (of the files that lose something, by name) are what is kept; `resaved` are snapshots
    whose checksum is wrong, but which can be read.
    """

    seen: list[str]
    steps: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    stretches: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    resaved: list[str] = field(default_factory=list)


@contextmanager
def at_rest(data_dir: Path) -> Iterator[None]:
    """Hold the store's files while no server uses them. Raises DataDirInUse, StorageUnavailable or InvalidSetting."""
    held = lock.acquire(data_dir, "command")
    if held is None:
        raise lock.in_use(data_dir, lock.holder(data_dir))
    try:
        if server.is_running(data_dir):
            raise server.left_over(data_dir)
        yield
    finally:
        held.release()


def plan(data_dir: Path) -> Plan:
    """Look at everything, and say what to do; nothing is changed. Nothing is seen where all is well."""
    folder = data_dir / FOLDER
    planned = Plan(list(inspect(data_dir).damage), parts=_parts(data_dir))
    commands = scratch.commands()
    for part in list(planned.parts):
        path = folder / part.name
        if part.kind == "b":
            _plan_snapshot(planned, part, path)
        else:
            _plan_records(planned, part, path, commands, is_last=part is planned.parts[-1])
    if planned.seen and not planned.parts:
        planned.steps.append("nothing is left: the next start begins with no votes and no accounts")
    return planned


def _parts(data_dir: Path) -> list[Part]:
    """The parts that count, among the files that are there: their names tell sequence and kind.

    By the manifest where all that it names is there: a base that it does not name is of a rewrite that did not come to
    its end, and holds again what the files before it hold. A file of records that it does not name was forgotten.
    """
    folder = data_dir / FOLDER
    names = [said for path in folder.glob("appendonly.aof.*") if (said := _NAME.fullmatch(path.name))]
    found = sorted((Part(said[0], int(said[1]), said[2][0]) for said in names), key=lambda part: part.sequence)
    bases = [part for part in found if part.kind == "b"]
    records = [part for part in found if part.kind == "i"]
    with suppress(ValueError, OSError):  # UnicodeDecodeError, too
        manifest = (folder / MANIFEST).read_text()
        named = {part.name for part in aof.parts(manifest)}
        if named <= {part.name for part in found}:
            bases = [part for part in bases if part.name in named]
            # One that is done with may be there for a moment more; the manifest names it as well.
            records = [part for part in records if part.name in named or part.name not in manifest]
    return bases[-1:] + [part for part in records if not bases or part.sequence >= bases[-1].sequence]


def _plan_snapshot(planned: Plan, part: Part, path: Path) -> None:
    if scratch.can_read(path):
        planned.steps.append(f"{part.name} is kept whole")
        return
    planned.seen.append(f"{part.name} is damaged, as its checksum tells")
    if scratch.can_read(path, checked=False):
        planned.resaved.append(part.name)
        planned.steps.append(f"{part.name} can be read and is kept, but something in it is not what was written")
    else:
        planned.parts.remove(part)
        planned.steps.append(f"{part.name} cannot be read: all {path.stat().st_size} bytes are dropped")


def _plan_records(planned: Plan, part: Part, path: Path, commands: frozenset[bytes], *, is_last: bool) -> None:
    size = path.stat().st_size
    stretches = list(aof.undamaged(path, commands))
    kept = sum(end - start for start, end in stretches)
    if kept == size:
        planned.steps.append(f"{part.name} is kept whole: every record in it can be read")
        return
    scan = aof.scan(path)
    unfinished = is_last and not scan.damaged and stretches == [(0, scan.end)]  # which is normal after a crash
    if not unfinished and not any(part.name in seen for seen in planned.seen):
        planned.seen.append(f"{part.name} holds what makes no sense")
    planned.stretches[part.name] = stretches
    planned.steps.append(f"{part.name}: {kept} of {size} bytes can be read and are kept, {size - kept} are dropped")


def carry_out(data_dir: Path, planned: Plan) -> Path:
    """Do it, and see that a server reads the result; returns where the files are as they were.

    Raises StorageUnavailable if the server does not, and InvalidSetting if there is no room.
    """
    folder = data_dir / FOLDER
    before = [path for path in (data_dir / MARK, *folder.glob("*")) if path.is_file()]
    copy = keep_copy(data_dir, before)
    try:
        if planned.parts:
            _write(folder, planned)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        (data_dir / MARK).unlink(missing_ok=True)
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{folder} cannot be written: {error.strerror}; see {copy}") from error
    server.stop(server.start(data_dir))
    mark.leave(data_dir)
    return copy


def _write(folder: Path, planned: Plan) -> None:
    for name, stretches in planned.stretches.items():
        content = (folder / name).read_bytes()
        write_whole(folder / name, b"".join(content[start:end] for start, end in stretches))
    for name in planned.resaved:
        with TemporaryDirectory(prefix="repair-", dir=folder.parent) as beside:
            scratch.can_read(folder / name, checked=False, save_to=Path(beside) / name)
            (Path(beside) / name).replace(folder / name)
    lines = [f"file {part.name} seq {part.sequence} type {part.kind}\n" for part in planned.parts]
    write_whole(folder / MANIFEST, "".join(lines).encode())
