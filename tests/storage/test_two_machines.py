"""DATA_DIR that two machines share: the second one is refused, whether it sees the first one's lock or not."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from service.problems import DataDirInUse
from service.settings import Settings
from service.storage import lock
from service.storage.embedded import open_store
from service.storage.lock import Holder, Lock


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "BEAT", 0.02)
    monkeypatch.setattr(lock, "LOOKS_FOR_BEATS", 0.2)


@pytest.fixture
def elsewhere(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lock]:
    """A `serve` of another machine, as far as this one can tell."""
    with monkeypatch.context() as patch:
        patch.setattr(lock, "MACHINE", "another")
        patch.setattr("socket.gethostname", lambda: "elsewhere")
        held = lock.acquire(data_dir, "serve")
    assert held is not None
    yield held
    held.release()


NAMED = rf"in use on another machine, elsewhere \(process {os.getpid()} there\)\. A folder is for one machine"


@pytest.mark.parametrize("is_seen", [True, False], ids=["its lock is seen", "its lock is not seen"])
def test_the_second_one_is_refused_and_told_where_the_first_one_is(
    data_dir: Path, elsewhere: Lock, is_seen: bool
) -> None:
    if not is_seen:  # as on NFS that is mounted with `nolock`
        fcntl.flock(elsewhere._descriptor, fcntl.LOCK_UN)
    said = (data_dir / lock.LOCK).read_bytes()
    for _ in range(2):
        with pytest.raises(DataDirInUse, match=NAMED), lock.held_by_serve(data_dir):
            pass
        with pytest.raises(DataDirInUse, match=NAMED), open_store(Settings(data_dir=data_dir)):
            pass
    assert (data_dir / lock.LOCK).read_bytes() == said
    assert not (data_dir / "appendonlydir").exists()


def test_one_that_was_killed_there_keeps_nobody_out(data_dir: Path) -> None:
    (data_dir / lock.LOCK).write_text(json.dumps(asdict(Holder("serve", 1, "elsewhere", "another"))))
    with lock.held_by_serve(data_dir):
        found = Holder(**json.loads((data_dir / lock.LOCK).read_bytes()))
        assert (found.pid, found.is_elsewhere) == (os.getpid(), False)
