"""Where files are published: a link to a folder beside it, which is replaced in one step."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support import DOCUMENTED, clean_environ, command, run, run_process, wait_until

from service.problems import UnwritableFile
from service.publish.folder import Target

FILES = {"a.txt": b"the same", "b/c.txt": b"before", "assets/one/x.js": b"x"}
EDITED = FILES | {"b/c.txt": b"beyond"}


def publish(path: Path, files: dict[str, bytes], assets: str = "one") -> bool:
    target = Target(path)
    with target.drafted():
        told = "".join(target.write(name, data) for name, data in files.items())
        versions = [assets, *(each for each in target.versions if each != assets)]
        target.keep(f"assets/{each}" for each in versions[1:])
        name = f"{path.name}.{sha256(told.encode()).hexdigest()[:24]}"
        return target.finish(path.with_name(name), assets=versions)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_link_leads_to_what_is_written_and_what_stayed_is_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "registry"
    assert publish(path, FILES)
    before = path.resolve()
    assert publish(path, EDITED)
    after = path.resolve()
    assert path.is_symlink() and after.parent == before.parent == tmp_path and after != before
    assert (after / "a.txt").samefile(before / "a.txt")
    assert (before / "b/c.txt").read_bytes() == b"before"  # for whoever still serves it
    assert (after / "b/c.txt").read_bytes() == b"beyond"
    assert {each.name for each in tmp_path.iterdir()} == {path.name, before.name, after.name}
    assert not publish(path, EDITED) and path.resolve() == after, "the same again changes nothing"
    assert publish(path, FILES) and path.resolve() == before, "and back again"


def test_times_are_the_same_on_every_host_and_others_where_bytes_are(tmp_path: Path) -> None:
    here, there, edited = (tmp_path / name for name in ("here", "there", "edited"))
    for path, files in ((here, FILES), (there, FILES), (edited, EDITED)):
        publish(path, files)
    times = [[(path / name).stat().st_mtime_ns for name in FILES] for path in (here, there, edited)]
    assert times[0] == times[1]
    assert [one == other for one, other in zip(times[0], times[2], strict=True)] == [True, False, True]
    assert all(0 <= each < 2**31 * 10**9 and each % 10**9 == 0 for each in times[0])


def test_files_that_pages_of_a_version_before_load_stay(tmp_path: Path) -> None:
    path = tmp_path / "registry"
    own = {"a.txt": b"a page", "assets/two/x.js": b"y"}
    publish(path, FILES)
    publish(path, own, "two")
    publish(path, own | {"a.txt": b"the page of an edit"}, "two")
    assert [(path / f"assets/{version}/x.js").read_bytes() for version in ("one", "two")] == [b"x", b"y"]


def test_a_folder_that_was_left_a_day_ago_goes_and_no_other(tmp_path: Path) -> None:
    path, others = tmp_path / "registry", [tmp_path / name for name in ("registry.old", f"registry.{'0' * 24}")]
    for other in others:
        other.mkdir()
    publish(path, FILES)
    first = path.resolve()
    publish(path, EDITED)
    second = path.resolve()
    publish(path, FILES | {"a.txt": b"another"})
    assert first.exists() and second.exists()
    os.utime(first, (0, time.time() - 25 * 3600))
    publish(path, EDITED | {"a.txt": b"another"})
    assert not first.exists() and second.exists() and all(other.exists() for other in others)


@pytest.mark.parametrize("kind", ["folder", "file", "link", "dangling", "damaged", "draft", "new-link"])
def test_what_is_something_else_is_refused_by_name_and_left(tmp_path: Path, kind: str) -> None:
    path, other = tmp_path / "registry", tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    named = path
    match kind:
        case "damaged":
            (other / "module-registry.json").write_text('{"form": 1}')
            path.symlink_to("other")
        case "draft":
            other.rename(named := tmp_path / "registry.draft")
        case "new-link":
            (named := tmp_path / "registry.link").write_text("mine")
        case "folder":
            path.mkdir()
        case "file":
            path.write_text("mine")
        case "link":
            path.symlink_to("other")
        case _:
            path.symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    done = run("publish", str(path))
    assert done.returncode == 1
    assert done.stderr == f"{named}: is there, and is not what `publish` makes: name another folder\n"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["/", "a b", "a;b"])
def test_a_path_that_nginx_would_not_read_is_refused(tmp_path: Path, name: str) -> None:
    done = run("publish", str(tmp_path / name))
    assert (done.returncode, done.stderr.count("cannot be named so in nginx's configuration")) == (1, 1)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    done = run("publish", str(tmp_path / "missing" / "registry"))
    assert (done.returncode, done.stderr) == (
        1,
        f"{tmp_path}/missing/registry: cannot be written: No such file or directory\n",
    )
    with pytest.raises(UnwritableFile):
        Target(tmp_path / "missing" / ".." / "..")


@pytest.mark.parametrize("step", ["unlink", "symlink_to", "rename", "iterdir"])
@pytest.mark.parametrize("time", [1, 2])
def test_a_run_that_ends_at_any_step_leaves_one_of_both_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, time: int
) -> None:
    path, times, done = tmp_path / "registry", count(1), getattr(Path, step)
    publish(path, FILES)
    written = {path.resolve(): contents(path)}

    def ending(self: Path, *arguments: Any, **named: Any) -> Any:
        if next(times) == time:
            raise KeyboardInterrupt
        return done(self, *arguments, **named)

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(Path, step, ending)
        publish(path, EDITED)
    told = contents(path)
    assert told == written.get(path.resolve(), told) and told["a.txt"] == FILES["a.txt"]
    publish(path, EDITED)
    assert contents(path)["b/c.txt"] == EDITED["b/c.txt"]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.long
def test_a_run_that_finds_nothing_new_changes_nothing(tmp_path: Path) -> None:
    path, printed = tmp_path / "registry", []
    for seed in ("1", "2"):
        done = run_process("publish", str(path), REGISTRY_FILE=str(DOCUMENTED), PYTHONHASHSEED=seed)
        printed.append(done.stdout.partition("\n")[0])
    assert printed[0].startswith(f"{path} leads to {path.resolve().name}: ")
    assert printed[1] == printed[0].replace(":", ", as before:")


@pytest.mark.long
@pytest.mark.parametrize("files", [0, 100, 500])
def test_a_run_that_is_killed_leaves_the_one_before_whole(tmp_path: Path, files: int) -> None:
    """And the next one takes away what it left."""
    path, registry = tmp_path / "registry", tmp_path / "registry.yaml"
    registry.write_text(DOCUMENTED.read_text("utf-8"), "utf-8")
    publishing, environ = command("publish", str(path)), clean_environ(REGISTRY_FILE=str(registry))
    subprocess.run(publishing, env=environ, check=True, capture_output=True)
    before, folder = contents(path), path.resolve()
    registry.write_text(registry.read_text("utf-8").replace("slug: tracking\n", "slug: traces\n"), "utf-8")
    process = subprocess.Popen(publishing, env=environ, stdout=subprocess.DEVNULL)
    draft = tmp_path / "registry.draft"
    wait_until(lambda: draft.exists() and sum(1 for _ in draft.rglob("*")) >= files)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.resolve() == folder and contents(path) == before
    subprocess.run(publishing, env=environ, check=True, capture_output=True)
    assert json.loads((path / "api/modules/traces.json").read_bytes())["slug"] == "traces"
    assert contents(folder) == before
    assert {each.name for each in tmp_path.iterdir()} == {"registry", "registry.yaml", folder.name, path.resolve().name}


@pytest.mark.parametrize("name", ["module-registry.json", "a.txt"])
def test_what_a_run_left_that_was_ended_while_it_began_or_tidied_up_is_taken_away(tmp_path: Path, name: str) -> None:
    path, draft = tmp_path / "registry", tmp_path / "registry.draft"
    draft.mkdir()
    (draft / "module-registry.json").write_bytes(b'{"form": 1, "assets": []}' if name == "a.txt" else b"")
    (draft / name).write_bytes((draft / name).read_bytes() if (draft / name).exists() else b"x")
    assert publish(path, FILES)
    assert not draft.exists()


def test_incomplete_revision_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "registry"
    publish(path, FILES)
    first = path.resolve()
    publish(path, EDITED)
    (first / "a.txt").unlink()
    assert publish(path, FILES) and path.resolve() == first and (path / "a.txt").read_bytes() == FILES["a.txt"]
    (first / "a.txt").unlink()
    assert publish(path, FILES) and (path / "a.txt").read_bytes() == FILES["a.txt"], "the current one too"
    assert contents(path).keys() == {*FILES, "module-registry.json"} and not publish(path, FILES)


def test_interrupted_replacement_of_the_current_folder_leaves_what_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "registry"
    publish(path, FILES)
    before = contents(path)
    (path / "a.txt").unlink()

    def interrupt(file: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(os, "remove", interrupt)
        publish(path, FILES)
    assert before.items() <= contents(path).items()
    assert publish(path, FILES) and contents(path) == before


def test_interrupted_removal_leaves_no_half_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "registry"
    publish(path, FILES)
    first = path.resolve()
    before = contents(first)
    publish(path, EDITED)
    os.utime(first, (0, time.time() - 25 * 3600))
    removed, remove = [], os.remove

    def interrupt(file: Path) -> None:
        if "a.txt" in str(file):
            removed.append(file)
            raise KeyboardInterrupt
        remove(file)

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(os, "remove", interrupt)
        publish(path, EDITED | {"a.txt": b"another"})
    assert removed and not first.exists()
    publish(path, FILES)
    assert path.resolve() == first and contents(path) == before
