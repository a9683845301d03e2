"""Several commands, or a command and an editor, change one file at the same time: what somebody was told is in it."""

import fcntl
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from errno import EBUSY
from pathlib import Path
from typing import TextIO

import pytest
from support import DOCUMENTED, clean_environ, command, run

from service.cli import whole_file
from service.problems import UnwritableFile
from service.registry.edit.mending import Mended, mended
from service.registry.loading.loader import load

Until = Callable[[Callable[[], object]], list[str]]
Moment = Callable[[Callable[[Path], object]], None]

BESIDE = "--category tools --fr Nouveau --en New --state meta"
RENAME = ("rename", "crm", "customers")
#: The file as somebody else has edited it.
EDITED = DOCUMENTED.read_text("utf-8") + "# somebody else\n"


@pytest.fixture
def until_it_waits(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Until]:
    """Hold the lock until a command says that it waits, and do something before it gets it; what was said."""
    held = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    def until(first: Callable[[], object]) -> list[str]:
        said: list[str] = []

        def say(text: str, **_: object) -> None:
            said.append(text)
            first()
            fcntl.flock(held, fcntl.LOCK_UN)

        monkeypatch.setattr(whole_file, "say", say)
        return said

    yield until
    os.close(held)


SECOND = {
    f"new beside {BESIDE}": "slug: beside",
    "rename crm customers": "slug: customers",
    "release crm --endpoint /api/crm": "api_endpoint: /api/crm",
    "remove crm --because-fr Non. --because-en No.": "removed:\n  - slug: crm\n",
    "check --fix": "pipelinable: true",
}


@pytest.mark.parametrize("line", SECOND)
def test_who_comes_second_says_what_it_waits_for_and_works_on_what_the_first_wrote(
    line: str, file: Path, until_it_waits: Until
) -> None:
    text = file.read_text("utf-8")
    if line == "check --fix":
        file.write_text(text.replace("pipelinable: true", "pipelineable: true", 1))
    said = until_it_waits(lambda: file.write_text(file.read_text("utf-8") + "# the first\n"))
    assert run(*line.split(), folder=file.parent).returncode == 0
    assert said == [f"registry.yaml: waits, since another command changes a file in {file.parent}"]
    after = file.read_text("utf-8")
    assert after.count("# the first\n") == 1 and SECOND[line] in after
    assert [*file.parent.iterdir()] == [file]


def test_init_waits_too_and_leaves_what_the_first_wrote(file: Path, until_it_waits: Until) -> None:
    text = file.read_bytes()
    file.unlink()
    said = until_it_waits(lambda: file.write_bytes(text))
    done = run("init", folder=file.parent)
    assert (done.returncode, len(said), file.read_bytes()) == (1, 1, text)


def test_init_leaves_nothing_behind_on_a_full_disk(tmp_path: Path) -> None:
    limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *command("init")]
    done = subprocess.run(limited, cwd=tmp_path, env=clean_environ(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, "File too large" in done.stderr) == (1, True)
    assert [*tmp_path.iterdir()] == []


@pytest.fixture
def at_that_moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    """Do something with the file right before a command exchanges it for what it has written."""
    exchange = whole_file._exchanged

    def at_that_moment(do: Callable[[Path], object]) -> None:
        def exchanged(draft: Path, target: Path) -> bool:
            do(target)
            return exchange(draft, target)

        monkeypatch.setattr(whole_file, "_exchanged", exchanged)

    return at_that_moment


def in_place(target: Path) -> None:
    target.write_text(EDITED)


def by_rename(target: Path) -> None:
    new = target.with_name("new")
    new.write_text(EDITED)
    new.replace(target)


def and_interrupt(target: Path) -> None:
    target.write_text(EDITED)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


#: How it writes the file, of which name, and what the command exits with: for the last one no name is left.
WRITES = [
    (in_place, "registry.yaml", 0),
    (by_rename, "registry.yaml", 0),
    (and_interrupt, "registry.yaml", 1),
    (in_place, "r" * 250 + ".yaml", 1),
]


@pytest.mark.parametrize(("write", "name", "code"), WRITES)
def test_what_an_editor_writes_at_that_very_moment_is_kept_however_the_command_ends(
    write: Callable[[Path], None], name: str, code: int, file: Path, at_that_moment: Moment
) -> None:
    file = file.rename(file.with_name(name))
    (older := file.with_name("registry.yaml~")).mkdir()
    at_that_moment(write)
    done = run(*RENAME, "--file", name, folder=file.parent)
    [kept] = {*file.parent.iterdir()} - {file, older}
    assert (done.returncode, kept.read_text("utf-8")) == (code, EDITED)
    assert "customers" in load(file).by_slug
    assert kept.name == "registry.yaml~2" or name != "registry.yaml"
    said = f"registry.yaml: somebody else wrote it at the same moment; what that was is in {kept}\n"
    assert done.stderr == said or code


def test_what_a_program_has_open_to_write_it_is_not_replaced(file: Path) -> None:
    with file.open("r+") as script:
        done = run(*RENAME, folder=file.parent)
        script.write(EDITED)
    said = "registry.yaml: is not written, since another program has it open to write it: try again when that is done\n"
    assert (done.returncode, done.stderr, file.read_text("utf-8")) == (1, said, EDITED)
    assert [*file.parent.iterdir()] == [file]


def test_what_a_program_opens_at_that_very_moment_is_kept(file: Path, at_that_moment: Moment) -> None:
    before, scripts = file.read_text("utf-8"), list[TextIO]()
    at_that_moment(lambda target: scripts.append(target.open("a")))
    assert run(*RENAME, folder=file.parent).returncode == 0
    with scripts[0] as script:
        script.write("# a script\n")
    kept = file.with_name("registry.yaml~")
    assert kept.read_text("utf-8") == before + "# a script\n"
    assert "customers" in load(file).by_slug and {*file.parent.iterdir()} == {file, kept}


def test_what_an_editor_is_about_to_write_anew_is_not_overwritten(file: Path, at_that_moment: Moment) -> None:
    """It puts the file aside, before it writes another of its name."""
    at_that_moment(lambda target: target.rename(file.with_name("aside")))
    done = run(*RENAME, folder=file.parent)
    said = "registry.yaml: is not written, since it has changed meanwhile: try again\n"
    assert (done.returncode, done.stderr) == (1, said)
    assert [*file.parent.iterdir()] == [file.with_name("aside")]


def test_init_overwrites_nothing_that_comes_at_that_very_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, link = tmp_path / "registry.yaml", os.link

    def make_and_link(draft: Path, target: Path) -> None:
        file.write_text("# an editor\n")
        link(draft, target)

    monkeypatch.setattr(os, "link", make_and_link)
    done = run("init", folder=tmp_path)
    assert (done.returncode, file.read_text("utf-8")) == (1, "# an editor\n")
    assert "there already" in done.stderr and [*tmp_path.iterdir()] == [file]


def test_what_cannot_be_read_after_it_was_replaced_is_kept(file: Path, at_that_moment: Moment) -> None:
    def make_folder(target: Path) -> None:
        target.unlink()
        target.mkdir()
        (target / "theirs").touch()

    at_that_moment(make_folder)
    done = run(*RENAME, folder=file.parent)
    assert done.returncode == 0 and "customers" in load(file).by_slug
    assert {*file.parent.rglob("*")} == {file, kept := file.with_name("registry.yaml~"), kept / "theirs"}


def test_what_has_changed_meanwhile_or_cannot_be_replaced_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def change(data: bytes) -> Mended:
        file.write_bytes(data + b"# an editor\n")
        return mended(data, "registry.yaml")._replace(data=b"")

    with pytest.raises(UnwritableFile, match=r"registry\.yaml: is not written, since it has changed meanwhile"):
        whole_file.change_file(file, change)
    assert file.read_bytes() == before + b"# an editor\n"

    def busy(*_: object) -> None:
        raise OSError(EBUSY, "Device or resource busy")  # as where the file alone is mounted

    monkeypatch.setattr(whole_file, "_exchanged", lambda *_: False)  # as on a file system that cannot
    monkeypatch.setattr(whole_file, "_is_open_for_writing", lambda _: True)  # nor can tell
    with monkeypatch.context() as mounted:
        mounted.setattr(Path, "replace", busy)
        done = run(*RENAME, folder=file.parent)
    assert (done.returncode, done.stderr) == (1, "registry.yaml: cannot be written: Device or resource busy\n")
    assert [*file.parent.iterdir()] == [file]
    assert run(*RENAME, folder=file.parent).returncode == 0
    assert "customers" in load(file).by_slug and [*file.parent.iterdir()] == [file]


@pytest.mark.long
def test_whatever_several_processes_say_of_one_file_is_in_it(file: Path) -> None:
    """Four at once, ROUNDS times."""
    slugs: set[str] = set()
    for number in range(int(os.environ.get("ROUNDS", "5"))):
        new = {f"m{number}_{which}" for which in range(3)}
        lines = [f"new {slug} {BESIDE}".split() for slug in new]
        lines.append(["rename", *(["crm", "crm0"] if number == 0 else [f"crm{number - 1}", f"crm{number}"])])
        started = [
            subprocess.Popen(command(*line), cwd=file.parent, env=clean_environ(), stdout=-1, stderr=-1, text=True)
            for line in lines
        ]
        said = [(process.communicate(timeout=60), process.returncode) for process in started]
        assert [code for _, code in said] == [0] * 4, said
        slugs |= new
    assert slugs | {f"crm{number}"} <= {*load(file).by_slug}
    assert [*file.parent.iterdir()] == [file]
