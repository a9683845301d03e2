"""`wait-live` and `status`: which registry the workers of every host serve; and `doctor` beside a real `serve`."""

import json
import os
import random
import re
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from nginx import ask
from support import DOCUMENTED, AnyClient, Serve, Store, run

from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.registry.model import Label
from service.rollout.announcements import Announcement, announce

Command = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., Serve]

KEY = "k" * 32
SERVED = DOCUMENTED.read_text("utf-8")
EDITED = SERVED + "# another revision\n"
INVALID = EDITED.replace("category: sources", "category: source", 1)
#: Valid, and most likely cut while it was written: no worker believes it.
REFUSED = "modules: []\n"


OLD, NEW, BAD = (sha256(text.encode()).hexdigest() for text in (SERVED, EDITED, INVALID))


def test_it_ends_well_once_every_worker_of_every_host_serves_the_file(
    command: Command, file: Path, redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid, revision in enumerate([NEW, NEW, OLD]):
        announce(redis, str(pid), Announcement("here" if pid else "there", pid, revision, 0.0))
    file.write_text(EDITED)
    # In place of the pauses.
    states = Announcement("here", 2, OLD, 0.0, "f" * 64, ("no",)), Announcement("here", 2, NEW, 0.0)
    happens = [partial(announce, redis, "2", state) for state in states]
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: happens.pop(0)())
    monkeypatch.setattr(import_module("service.cli.status"), "time", clock)
    waited = command("wait-live")
    assert (waited.returncode, waited.stderr) == (0, "")
    assert waited.stdout == f"live: 3 workers on 2 hosts serve {NEW[:12]}\n"
    assert happens == []


#: How many workers are late, what each has refused, and what is said of that.
LATE = [
    (1, None, "has not seen another file"),
    (1, "", "has refused a file that cannot be read"),
    (2, "f" * 64, "has refused ffffffffffff"),
    (2, NEW, "has refused this file"),  # which is not waited for
]


@pytest.mark.parametrize(("late", "refused", "said"), LATE)
def test_who_does_not_serve_it_is_named_with_the_reason(
    command: Command, file: Path, redis: AnyClient, late: int, refused: str | None, said: str
) -> None:
    announce(redis, "live", Announcement("there", 7, NEW, 0.0))
    for pid in range(late):
        announce(redis, str(pid), Announcement("here", pid, OLD, 0.0, refused, ("no",), 3))
    file.write_text(EDITED)
    waited = command("wait-live", "--timeout", "3600" if refused == NEW else "0")
    assert (waited.returncode, waited.stdout) == (1, "")
    assert waited.stderr.splitlines() == [
        f"not live: {late} of {late + 1} workers on 2 hosts {'do' if late > 1 else 'does'} not serve {NEW[:12]}",
        *(f"here, process {pid}: serves {OLD[:12]}, and {said}" for pid in range(late)),
        "no",
        *["and 3 other problems"] * late,
    ]


def test_a_file_with_problems_is_not_waited_for_and_the_store_is_not_asked(file: Path) -> None:
    file.write_text(INVALID)
    waited = run("wait-live", "--timeout", "3600", REGISTRY_FILE=str(file), REDIS_URL="redis://127.0.0.1:1")
    assert (waited.returncode, waited.stdout) == (1, "")
    assert waited.stderr.startswith(f"{file}:") and "did you mean sources?" in waited.stderr
    assert run("wait-live", str(file.parent / "none.yaml")).returncode == 2


def test_status_says_what_is_served_and_what_the_file_is(command: Command, file: Path, redis: AnyClient) -> None:
    waited = command("wait-live", "--timeout", "0")
    none = "not live: no worker lives on this store; start `module-registry serve`\n"
    assert (waited.returncode, waited.stderr) == (1, none)
    assert command("status").stdout.endswith("workers   none lives\n")

    announce(redis, "1", Announcement("here", 7, OLD, 1_700_000_000.0))
    said = command("status")
    assert said.returncode == 0
    registry, store, votes, workers, _, header, row = said.stdout.splitlines()
    assert registry == f"registry  {file}: 52 modules, revision {OLD[:12]}"
    assert (store, votes) == ("store     server: votes can be recorded", "votes     0 for 28 features")
    assert (workers, " ".join(header.split())) == ("workers   1", "host process revision since the registry file")
    assert row.split() == ["here", "7", OLD[:12], "2023-11-14T22:13:20+00:00", "served"]

    file.write_text(EDITED)
    assert command("status").stdout.rstrip().endswith("not served")
    file.write_text(INVALID)
    announce(redis, "1", Announcement("here", 7, OLD, 0.0, BAD, ("no",)))
    said = command("status")
    assert "1 problem: see check" in said.stdout and said.stdout.rstrip().endswith("refused")
    change = Change(Kind.RELABELLED, "import", Label("Un", "1"), Label("Un", "One"), Label("Un", "1"))
    redis.xadd(EVENTS_KEY, {"event": encoded(change, NEW, None)})
    header, row = command("status").stdout.splitlines()[-2:]
    assert re.split(" {2,}", header) == ["the last changes", "module", "what", "before", "after"]
    assert row.split(maxsplit=1)[1] == "import  relabelled  Un / One  Un / 1"
    facts = json.loads(command("status", "--format", "json").stdout)
    [worker], [event] = facts["workers"], facts["changes"]
    assert worker["refused"] == facts["registry"]["revision"] == BAD
    assert len(worker["problems"]) == facts["registry"]["problems"] == 1
    assert (event["slug"], event["kind"], event["revision"]) == ("import", "relabelled", NEW)


def test_the_workers_of_a_running_serve_are_those_that_are_listed(running: Serve) -> None:
    settings = {"DATA_DIR": str(running.data_dir), "REGISTRY_FILE": str(DOCUMENTED)}
    assert run("wait-live", **settings).stdout == f"live: 1 worker on 1 host serves {OLD[:12]}\n"
    facts = json.loads(run("status", "--format", "json", **settings).stdout)
    assert {each["pid"] for each in facts["workers"]} == running.workers
    assert facts["store"] == {"kind": "embedded", "votes": "possible"}


def revision(served: Serve) -> str:
    """What one of its workers serves."""
    return str(ask(served.url, "/api/modules")["Registry-Revision"])


@pytest.mark.long
def test_it_never_says_so_too_early(serve: Start, own_store: Store, file: Path, tmp_path: Path) -> None:
    """EDITS of them, each seen by one of two `serve` a little later than by the other."""
    there_file = tmp_path / "there.yaml"
    there_file.write_text(SERVED)
    settings = {"REDIS_URL": own_store.url, "SECRET_KEY": KEY, "REGISTRY_FILE": str(file)}
    served = [serve("--workers", "2", **settings)]
    served.append(serve("--workers", "2", **(settings | {"REGISTRY_FILE": str(there_file)})))
    for number in range(int(os.environ.get("EDITS", "5"))):
        edited = f"{SERVED}# {number}\n"
        file.write_text(edited)
        late = threading.Timer(random.Random(number).random(), there_file.write_text, (edited,))
        late.start()
        assert run("wait-live", **settings).returncode == 0
        asked = [revision(each) for each in served for _ in range(20)]  # a new connection each: every worker has some
        assert set(asked) == {sha256(edited.encode()).hexdigest()}
        late.join()
    for each in (file, there_file):
        each.write_text(REFUSED)
    refused = run("wait-live", "--timeout", "3600", **settings)
    assert (refused.returncode, refused.stderr.count(", and has refused this file")) == (1, 4)
    assert revision(served[0]) == sha256(edited.encode()).hexdigest()


@pytest.mark.long
def test_beside_a_good_serve_all_is_well_until_something_is_not(serve: Start, file: Path) -> None:
    running = serve(REGISTRY_FILE=str(file))
    settings = {"DATA_DIR": str(running.data_dir), "REGISTRY_FILE": str(file), "PUBLIC_URL": running.url}
    well = run("doctor", "--data", **settings)
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.endswith("0 problems, 0 not seen, 0 warnings and 7 well\n"), well.stdout
    wrong = {"SESSION_COOKIE_SECURE": "true"}, {"SESSION_COOKIE_SECURE": "false", "PUBLIC_URL": "https://127.0.0.1:1"}
    assert run("doctor", "--fail-on", "not-seen", **settings | wrong[0]).returncode == 0
    plain = run("doctor", "--fail-on", "problem", **settings | wrong[1])
    assert (plain.returncode, "mend:  unset SESSION_COOKIE_SECURE" in plain.stdout) == (3, True)
