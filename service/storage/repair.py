"""Go on with what is left of a store whose files have lost something."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from service.problems import InvalidSetting
from service.storage import aof, lock, mark, scratch, server
from service.storage.aof import FOLDER, MANIFEST, Part
from service.storage.data_dir import write_whole
from service.storage.inspection import SCRATCH, Tail, foreign, inspect, keep_copy
from service.storage.mark import MARK

_NAME = re.compile(r"appendonly\.aof\.([1-9]\d*)\.(base\.rdb|incr\.aof)")

#: From the fork of a rewrite until its snapshot has the time, at most. The times are whole seconds.
_BEGINNING = timedelta(seconds=2)


@dataclass(slots=True)
class Plan:
    """What is wrong, and what a repair does about it, each in sentences for the operator.

    `unfinished` is the last write, if a crash has left a part of it: that is no damage. `parts` and `stretches` (of the
    files that lose something, by name) are what is kept; `resaved` are snapshots whose checksum is wrong, but which can
    be read.
    """

    seen: list[str]
    unfinished: Tail | None = None
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
    damage, unfinished = inspect(data_dir)
    planned = Plan(list(damage), unfinished)
    _choose_parts(planned, data_dir)
    commands = scratch.commands()
    for part in planned.parts:
        if part.kind == "i":
            _plan_records(planned, part, folder / part.name, commands, is_last=part is planned.parts[-1])
    if planned.seen and not planned.parts:
        planned.steps.append("nothing is left: the next start begins with no votes and no accounts")
    return planned


def _choose_parts(planned: Plan, data_dir: Path) -> None:
    """Plan for the parts that count, among the files that are there: their names tell sequence and kind.

    By the manifest where all that it names is there: a base that it does not name is of a rewrite that did not come to
    its end, and holds again what the files before it hold. A file of records that it does not name was forgotten.
    Without a manifest, the newest base that can be read counts, and the files of records that it does not hold.
    """
    folder, named = data_dir / FOLDER, set[str]()
    files = [path.name for path in folder.glob("appendonly.aof.*") if path.is_file()]
    names = [said for name in files if (said := _NAME.fullmatch(name))]
    found = sorted((Part(said[0], int(said[1]), said[2][0]) for said in names), key=lambda part: part.sequence)
    bases = [part for part in found if part.kind == "b"]
    records = [part for part in found if part.kind == "i"]
    with suppress(ValueError, OSError):
        manifest = aof.manifest(data_dir)
        current = {part.name for part in aof.parts(manifest)}
        if current <= {part.name for part in found}:
            named = current
            bases = [part for part in bases if part.name in named]
            # One that is done with may be there for a moment more; the manifest names it as well.
            records = [part for part in records if part.name in named or part.name not in manifest]
    base = next((part for part in reversed(bases) if _plan_snapshot(planned, part, folder / part.name)), None)
    if base:
        planned.parts = [base, *_not_held(planned, base, records, named, folder)]
    else:
        planned.parts = records


def _not_held(planned: Plan, base: Part, records: list[Part], named: set[str], folder: Path) -> list[Part]:
    """The files of records that the base does not hold, and those of which nothing tells.

    A rewrite begins a file of records, and its base holds all that the files before it hold. The numbers of the two are
    counted apart: one that fails leaves a file and no base, so only the times in them tell which belong together.
    """
    left = [part for part in records if part.sequence >= base.sequence or part.name in named]
    for part in records:
        if part not in left:
            planned.steps.append(f"{part.name} is left out: by its number {base.name} holds what it holds")
    held = {part: _is_held(base, part, folder) for part in left if part.name not in named}
    newest = max((left.index(part) for part, is_held in held.items() if is_held), default=-1)
    for part in left[: newest + 1]:
        planned.steps.append(f"{part.name} is left out: {base.name} is newer, and holds what it holds")
    left = left[newest + 1 :]
    for part in left:
        if held.get(part, False) is not None:
            break  # what follows is newer still
        planned.steps.append(
            f"{part.name} may be in {base.name} already, which nothing tells for certain: it is read once more, and "
            "trends may then count its votes twice"
        )
    return left


def _is_held(base: Part, part: Part, folder: Path) -> bool | None:
    """Whether the base was begun after all that a file of records holds, or before: None if their times do not tell."""
    if base.sequence == 1:  # no rewrite: the first start has made it
        return False
    began, path = aof.snapshot_time(folder / base.name), folder / part.name
    if began is None:
        return None
    first, last = aof.first_time(path), aof.last_time(path, aof.scan(path).end)
    older, newer = first is not None and first < began - _BEGINNING, last is not None and last > began
    return None if older == newer else older


def _plan_snapshot(planned: Plan, part: Part, path: Path) -> bool:
    """Say whether it is kept, and return that."""
    if scratch.is_whole(path):
        planned.steps.append(f"{part.name} is kept whole")
        return True
    planned.seen.append(f"{part.name} is damaged, as its checksum or its end tells")
    if scratch.can_read(path):
        planned.resaved.append(part.name)
        planned.steps.append(f"{part.name} can be read and is kept, but something in it is not what was written")
        return True
    planned.steps.append(f"{part.name} cannot be read: all {path.stat().st_size} bytes are dropped")
    return False


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
    folder, marked = data_dir / FOLDER, data_dir / MARK
    before = [path for path in (marked, *folder.glob("*")) if path.is_file()]
    copy = keep_copy(data_dir, before)
    parts = list(planned.parts)
    if parts and parts[-1].kind == "b":
        # Without one, the server would number its files of records from 1 again, as if they were older than the base.
        parts.append(Part(f"appendonly.aof.{parts[-1].sequence}.incr.aof", parts[-1].sequence, "i"))
        planned.stretches[parts[-1].name] = []
    names = {MANIFEST, *(part.name for part in parts)} if parts else set[str]()
    try:
        for path in [*foreign(folder), *([marked] if os.path.lexists(marked) and not marked.is_file() else [])]:
            path.rename(copy / path.name)
        # The mark goes last, so that no start begins anew while there is no manifest, or only some of the files.
        if parts:
            _write(folder, planned, parts)
        for path in sorted(before, key=lambda path: path == marked):
            if path.name not in names:
                path.unlink(missing_ok=True)  # what an earlier repair was writing when it was killed is written over
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{folder} cannot be written: {error.strerror}; see {copy}") from error
    server.stop(server.start(data_dir))
    mark.leave(data_dir)
    return copy


def _write(folder: Path, planned: Plan, parts: list[Part]) -> None:
    for name, stretches in planned.stretches.items():
        content = (folder / name).read_bytes() if stretches else b""
        write_whole(folder / name, b"".join(content[start:end] for start, end in stretches))
    for name in planned.resaved:
        with TemporaryDirectory(prefix=SCRATCH, dir=folder.parent) as beside:
            scratch.can_read(folder / name, save_to=Path(beside) / name)
            (Path(beside) / name).replace(folder / name)
    lines = [f"file {part.name} seq {part.sequence} type {part.kind}\n" for part in parts]
    write_whole(folder / MANIFEST, "".join(lines).encode())
