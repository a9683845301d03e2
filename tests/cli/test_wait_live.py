"""`wait-live` and `status`: which registry the workers of every host serve."""

from __future__ import annotations

import json
import os
import random
import threading
import urllib.request
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from support import DOCUMENTED, Serve, Store, connect, kill_and_wait, run, wait_until

from service.workers import announcements
from service.workers.announcements import announce

EDITED = DOCUMENTED.read_text("utf-8") + "# another revision\n"
REFUSED = EDITED.replace("category: sources", "category: source", 1)
KEY = "k" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_bytes(DOCUMENTED.read_bytes())
    return path


@pytest.fixture
def settings(own_store: Store, file: Path) -> dict[str, str]:
    return {"REDIS_URL": own_store.url, "SECRET_KEY": KEY, "REGISTRY_FILE": str(file)}


def revision(served: Serve) -> str:
    with urllib.request.urlopen(f"{served.url}/api/modules") as answer:
        return str(answer.headers["Registry-Revision"])


def test_it_ends_well_once_every_worker_of_every_host_serves_the_file(
    serve: Callable[..., Serve], settings: dict[str, str], file: Path, tmp_path: Path
) -> None:
    here = serve("--workers", "2", **settings)
    there_file = tmp_path / "there.yaml"
    there_file.write_bytes(file.read_bytes())
    there = serve(**(settings | {"REGISTRY_FILE": str(there_file)}))
    waited = run("wait-live", **settings)
    assert (waited.returncode, waited.stderr) == (0, "")
    digest = sha256(file.read_bytes()).hexdigest()
    assert waited.stdout == f"live: 3 workers on 1 host serve {digest[:12]}\n"
    assert revision(here) == revision(there) == digest

    file.write_text(EDITED)
    waited = run("wait-live", "--timeout", "2", **settings)
    assert waited.returncode == 1
    first, behind = waited.stderr.splitlines()
    assert first == f"not live: 1 of 3 workers on 1 host does not serve {sha256(EDITED.encode()).hexdigest()[:12]}"
    assert behind.endswith(f": serves {digest[:12]}, and has not seen another file")

    waiting = threading.Thread(target=there_file.write_text, args=(EDITED,))
    waiting.start()
    assert run("wait-live", str(there_file), **settings).returncode == 0
    waiting.join()
    assert revision(here) == revision(there) == sha256(EDITED.encode()).hexdigest()


def test_a_file_that_was_refused_is_not_waited_for(
    serve: Callable[..., Serve], settings: dict[str, str], file: Path
) -> None:
    served = serve("--workers", "2", **settings)
    file.write_text(REFUSED)
    waited = run("wait-live", "--timeout", "3600", **settings)
    assert waited.returncode == 1
    refused = [line for line in waited.stderr.splitlines() if line.endswith(", and has refused this file")]
    assert len(refused) == 2
    assert "registry.yaml:" in waited.stderr.splitlines()[3]
    assert len(waited.stderr.splitlines()) == 4  # what both say is said once
    assert revision(served) == sha256(DOCUMENTED.read_bytes()).hexdigest()


def test_where_no_worker_lives_nothing_is_live(settings: dict[str, str], file: Path) -> None:
    waited = run("wait-live", "--timeout", "0", **settings)
    assert (waited.returncode, waited.stderr) == (
        1,
        "not live: no worker lives on this store; start `module-registry serve`\n",
    )
    assert run("wait-live", str(file.parent / "none.yaml"), **settings).returncode == 2


@pytest.mark.long
def test_who_stops_is_off_the_list_and_who_was_killed_a_while_after(
    serve: Callable[..., Serve], settings: dict[str, str], own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve("--workers", "2", **settings)
    with closing(connect(own_store.url)) as client:
        wait_until(lambda: {each.pid for each in announcements.announcements(client)} == served.workers)
        killed = min(served.workers)
        kill_and_wait(killed)
        wait_until(lambda: len(announcements.announcements(client)) == 3)  # and the one that is started in its place
        assert served.stop() == 0
        (left,) = announcements.announcements(client)
        assert left.pid == killed
        monkeypatch.setattr(announcements, "LIFETIME", 0.01)
        (id,) = client.hkeys(announcements.WORKERS_KEY)
        announce(client, id, left)
        wait_until(lambda: announcements.announcements(client) == [])


def test_who_is_stopped_while_it_starts_is_off_the_list(
    serve: Callable[..., Serve], settings: dict[str, str], own_store: Store
) -> None:
    with closing(connect(own_store.url)) as client:
        served = serve("--workers", "4", wait=False, **settings)
        wait_until(lambda: client.command("HLEN", announcements.WORKERS_KEY))  # said before it accepts requests
        assert served.stop() == 0
        assert announcements.announcements(client) == []


@pytest.mark.long
def test_without_redis_a_worker_serves_as_ever(serve: Callable[..., Serve], file: Path) -> None:
    served = serve(REDIS_URL="redis://127.0.0.1:1", SECRET_KEY=KEY, REGISTRY_FILE=str(file))
    file.write_text(EDITED)
    wait_until(lambda: revision(served) == sha256(EDITED.encode()).hexdigest())
    assert served.stop() == 0


def test_status_says_what_is_served_and_what_the_file_is(
    serve: Callable[..., Serve], settings: dict[str, str], file: Path
) -> None:
    served = serve(**settings)
    assert run("wait-live", **settings).returncode == 0
    (pid,) = served.workers
    said = run("status", **settings)
    assert said.returncode == 0
    registry, store, votes, workers, _, header, row = said.stdout.splitlines()
    assert registry.startswith(f"registry  {file}: 52 modules, revision {revision(served)[:12]}")
    assert (store, votes) == ("store     server: votes can be recorded", "votes     0 for 28 features")
    assert (workers, header.split()[:2]) == ("workers   1", ["host", "process"])
    assert row.split()[1:3] == [str(pid), revision(served)[:12]]
    assert row.endswith("served")

    file.write_text(REFUSED)
    assert run("wait-live", **settings).returncode == 1
    said = run("status", **settings)
    assert "1 problem: see check" in said.stdout
    assert said.stdout.rstrip().endswith("refused")
    facts = json.loads(run("status", "--format", "json", **settings).stdout)
    (worker,) = facts["workers"]
    assert worker["refused"] == facts["registry"]["revision"] == sha256(REFUSED.encode()).hexdigest()
    assert len(worker["problems"]) == facts["registry"]["problems"] == 1


def test_status_says_what_changed_last(serve: Callable[..., Serve], settings: dict[str, str], file: Path) -> None:
    serve(**settings)
    assert "changes" not in run("status", **settings).stdout
    edited = DOCUMENTED.read_text("utf-8").replace('en: "File import"', 'en: "Import of files"')
    file.write_text(edited, encoding="utf-8")

    def last() -> list[str]:
        lines = run("status", **settings).stdout.splitlines()
        return lines[-1].split(maxsplit=3) if "the last changes" in lines[-2] else []

    found = wait_until(last)
    assert found[1:] == ["import", "relabelled", "Import de fichier / File import  Import de fichier / Import of files"]
    (change,) = json.loads(run("status", "--format", "json", **settings).stdout)["changes"]
    assert (change["slug"], change["kind"], change["revision"]) == (
        "import",
        "relabelled",
        sha256(edited.encode()).hexdigest(),
    )


def test_status_without_workers_says_so(settings: dict[str, str]) -> None:
    assert "workers   none lives" in run("status", **settings).stdout


@pytest.mark.long
def test_it_never_says_so_too_early(
    serve: Callable[..., Serve], settings: dict[str, str], file: Path, tmp_path: Path
) -> None:
    """EDITS of them, each seen by one of two `serve` a little later than by the other."""
    there_file = tmp_path / "there.yaml"
    there_file.write_bytes(file.read_bytes())
    served = [serve("--workers", "2", **settings)]
    served.append(serve("--workers", "2", **(settings | {"REGISTRY_FILE": str(there_file)})))
    text = file.read_text("utf-8")
    for number in range(int(os.environ.get("EDITS", "20"))):
        edited = f"{text}# {number}\n"
        file.write_text(edited)
        late = threading.Timer(random.Random(number).random(), there_file.write_text, (edited,))
        late.start()
        assert run("wait-live", **settings).returncode == 0
        asked = [revision(one) for one in served for _ in range(20)]  # a new connection each: every worker has some
        assert set(asked) == {sha256(edited.encode()).hexdigest()}
        late.join()
