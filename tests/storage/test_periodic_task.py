"""What a worker does again and again: in a thread, in each forked child, and no longer than its object is there."""

import gc
import os
import threading
from pathlib import Path

import pytest
from support import wait_until

from service.problems import StorageUnavailable
from service.storage import periodic_task
from service.storage.periodic_task import PeriodicTask


class Writer:
    """Writes down which process it is in."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.failures: list[Exception] = []
        self.rounds = PeriodicTask(self.write, "writer", 0.01)

    def write(self) -> None:
        if self.failures:
            raise self.failures.pop()
        with self.file.open("a") as file:
            file.write(f"{os.getpid()}\n")


def is_running() -> bool:
    return "writer" in {thread.name for thread in threading.enumerate()}


def test_it_goes_on_until_it_is_ended_also_after_a_defect_which_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(periodic_task, "AFTER_A_DEFECT", 0.1)
    writer = Writer(tmp_path / "rounds")
    writer.failures = [ZeroDivisionError(), StorageUnavailable("away")]  # of which requests tell
    writer.rounds.start()
    wait_until(writer.file.exists)
    wait_until(lambda: len(writer.file.read_text().split()) > 2)
    writer.rounds.end()
    assert not is_running()
    said = [each.getMessage() for each in caplog.records if "writer" in each.getMessage()]
    assert said == ["what writer does could not be done"]


def test_a_forked_child_goes_its_own_and_it_ends_with_its_object(tmp_path: Path) -> None:
    file = tmp_path / "rounds"
    writer = Writer(file)
    writer.rounds.start()
    wait_until(file.exists)
    child = os.fork()
    if child == 0:
        try:
            wait_until(lambda: str(os.getpid()) in file.read_text())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert set(file.read_text().split()) == {str(os.getpid()), str(child)}
    del writer
    gc.collect()
    wait_until(lambda: not is_running())
