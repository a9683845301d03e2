"""What has no end, or never begins, is refused by name: FIFOs, devices, sockets, and files that are too large."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import clean_environ, command, run

MAX = 4 * 1024 * 1024
VALID = "modules: []\n"


@pytest.fixture
def folder(short_dir: Path) -> Iterator[Path]:
    """A folder with one of each kind; nobody writes to the FIFO."""
    os.mkfifo(short_dir / "fifo")
    (short_dir / "to-fifo").symlink_to("fifo")
    (short_dir / "to-to-fifo").symlink_to("to-fifo")
    (short_dir / "folder").mkdir()
    (short_dir / "large").write_bytes(b"#" * (MAX + 1))
    (short_dir / "to-large").symlink_to("large")
    (short_dir / "endless").symlink_to("endless")
    (short_dir / "valid.yaml").write_text(VALID)
    (short_dir / "to-valid").symlink_to("valid.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short_dir / "socket"))
        yield short_dir


#: What it is, its exit code, and what is said of it.
KINDS = [
    ("fifo", 2, "is not a regular file"),
    ("to-fifo", 2, "is not a regular file"),
    ("to-to-fifo", 2, "is not a regular file"),
    ("/dev/zero", 2, "is not a regular file"),
    ("/dev/null", 2, "is not a regular file"),
    ("socket", 2, "is not a regular file"),
    ("folder", 2, "is a folder without a registry"),
    ("endless", 2, "cannot be read: Too many levels of symbolic links"),
    ("large", 1, "4 MiB"),
    ("to-large", 1, "4 MiB"),
]
#: Every way to name a registry.
WAYS = [
    (["check", "{}"], {}),
    (["check"], {"REGISTRY_FILE": "{}"}),
    (["changes", "{}", "valid.yaml"], {}),
    (["changes", "valid.yaml", "{}"], {}),
    (["export", "--format", "json", "--registry", "{}"], {}),
    (["serve", "--registry", "{}"], {"DATA_DIR": "var"}),
    (["votes", "tally"], {"REGISTRY_FILE": "{}", "DATA_DIR": "var"}),
]


@pytest.mark.parametrize(("arguments", "settings"), WAYS)
def test_what_is_no_registry_is_refused_by_name(folder: Path, arguments: list[str], settings: dict[str, str]) -> None:
    for name, code, words in KINDS if arguments == ["check", "{}"] else [KINDS[0], KINDS[3], KINDS[-1]]:
        named = {setting: value.format(name) for setting, value in settings.items()}
        done = run(*(one.format(name) for one in arguments), folder=folder, **named)  # a FIFO would wait for ever
        said = done.stdout if code == 1 and arguments[0] == "check" else done.stderr
        assert done.returncode == code, (name, done)
        assert said.startswith(name) and words in said, (name, said)
    assert not (folder / "var").exists()


def test_a_symbolic_link_to_a_regular_file_is_followed(folder: Path) -> None:
    done = run("check", "to-valid", folder=folder)
    assert (done.returncode, done.stdout) == (0, "to-valid: valid, 0 modules\n")


def test_a_file_of_4_mib_is_read(folder: Path) -> None:
    (folder / "large").write_bytes(VALID.encode() + b"#" * (MAX - len(VALID)))
    done = run("check", "large", folder=folder)
    assert (done.returncode, done.stdout) == (0, "large: valid, 0 modules\n")


@pytest.mark.parametrize(("size", "code"), [(MAX, 0), (MAX + 1, 1)])
def test_standard_input_is_read_up_to_4_mib(size: int, code: int) -> None:
    text = VALID.encode() + b"#" * (size - len(VALID))
    done = subprocess.run(command("check", "-"), input=text, env=clean_environ(), capture_output=True, timeout=30)
    assert done.returncode == code
    assert (b"<stdin>:1:1: " in done.stdout and b"4 MiB" in done.stdout) is (code == 1)


def test_standard_input_that_has_no_end_is_refused() -> None:
    with Path("/dev/zero").open("rb") as endless:
        done = subprocess.run(
            command("check", "-"), stdin=endless, env=clean_environ(), capture_output=True, timeout=30
        )
    assert (done.returncode, b"4 MiB" in done.stdout) == (1, True)


def test_process_substitution_is_refused_with_another_way(folder: Path) -> None:
    start = '"$0" -c "$1" check <(cat valid.yaml)'
    done = subprocess.run(
        ["bash", "-c", start, command()[0], command()[2]],
        cwd=folder, env=clean_environ(), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("/dev/fd/") and "`check -` reads standard input" in done.stderr
