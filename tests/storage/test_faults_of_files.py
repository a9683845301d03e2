"""Every fault of the embedded store's files that the table in store.md lists, and what `serve` makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import documentation
import pytest
from support import DEADLINE, Serve
from test_repair import cut_short, fill, flipped, unreadable, without_manifest, written

from service.storage import lock
from service.storage.data_dir import prepare


def cut_in_the_last_write(data_dir: Path) -> None:
    path = written(data_dir)
    path.write_bytes(path.read_bytes() + b"*3\r\n$4\r\nSADD\r\n$4\r\nke")


#: The rows of the table: the fault, and its other cells.
TABLE = documentation.table("store.md", "| `serve` starts on |")

#: For each row, whether the store was killed, and what became of its files.
FAULTS: dict[str, tuple[bool, Callable[[Path], None]]] = {
    "a last write that a crash has cut off": (True, cut_in_the_last_write),
    "a file that was cut after a clean stop": (False, cut_short),
    "a file that was changed after a clean stop": (False, flipped),
    "a file that is senseless in the middle, after a crash": (True, unreadable),
    "files without their manifest": (False, without_manifest),
}
ANOTHER = "a folder that another machine uses"


def check(starting: Serve, fault: str) -> None:
    """Hold what a `serve` does and says against the row of a fault."""
    does, says, _ = TABLE[fault]
    if does == "serves":
        assert starting.started().stop() == 0
    else:
        assert starting.process.wait(DEADLINE) == 1
    said = starting.stderr.read_text()
    for part in says.strip("`").split("..."):
        assert part in said


def test_every_fault_of_the_table_is_tried() -> None:
    assert list(TABLE) == [*FAULTS, ANOTHER]


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_a_start_on_damaged_files_is_as_the_table_says(serve: Callable[..., Serve], data_dir: Path, fault: str) -> None:
    was_killed, damage = FAULTS[fault]
    fill(data_dir, crash=was_killed)
    damage(data_dir)
    before = {path.name: path.read_bytes() for path in (data_dir / "appendonlydir").iterdir()}
    check(serve(wait=False, data_dir=data_dir), fault)
    after = {path.name: path.read_bytes() for path in (data_dir / "appendonlydir").iterdir()}
    if TABLE[fault][0] == "refuses":
        assert after == before, "nothing is dropped"


@pytest.mark.long
def test_a_start_in_the_folder_of_another_machine_is_as_the_table_says(
    serve: Callable[..., Serve], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(data_dir)
    monkeypatch.setattr(lock, "MACHINE", "another")
    with lock.held_by_serve(data_dir):
        check(serve(wait=False, data_dir=data_dir), ANOTHER)
