"""What has no end, or never begins, is refused by name: FIFOs, devices, sockets, and files that are too large."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import run, run_process

MAX = 4 * 1024 * 1024
VALID = "modules: []\n"


@pytest.fixture
def folder(short_dir: Path) -> Iterator[Path]:
    """A folder with one of each kind; nobody writes to the FIFO."""
    os.mkfifo(short_dir / "fifo")
    (short_dir / "folder").mkdir()
    (short_dir / "large").write_bytes(b"#" * (MAX + 1))
    (short_dir / "valid.yaml").write_text(VALID)
    links = {"to-fifo": "fifo", "to-large": "large", "endless": "endless", "to-valid": "valid.yaml"}
    for name, target in links.items():
        (short_dir / name).symlink_to(target)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short_dir / "socket"))
        yield short_dir


KINDS = {
    **dict.fromkeys(("fifo", "to-fifo", "/dev/zero", "/dev/null", "socket"), "is not a regular file"),
    "folder": "is a folder without a registry",
    "endless": "cannot be read: Too many levels of symbolic links",
    **dict.fromkeys(("./large", "to-large"), "4 MiB"),
}
#: Every way to name a registry.
WAYS: list[tuple[str, dict[str, str]]] = [
    ("check {}", {}),
    ("check", {"REGISTRY_FILE": "{}"}),
    ("changes {} valid.yaml", {}),
    ("changes valid.yaml {}", {}),
    ("export --format json --registry {}", {}),
    ("serve --registry {}", {"DATA_DIR": "var"}),
    ("votes tally", {"REGISTRY_FILE": "{}", "DATA_DIR": "var"}),
]


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize(("line", "settings"), WAYS)
def test_what_is_no_registry_is_refused_by_name(folder: Path, line: str, settings: dict[str, str]) -> None:
    for name in KINDS if line == "check {}" else ["fifo", "/dev/zero", "to-large"]:
        code = 1 if KINDS[name] == "4 MiB" else 2
        named = {setting: value.format(name) for setting, value in settings.items()}
        done = run(*line.format(name).split(), folder=folder, **named)  # a FIFO would wait for ever
        said = done.stdout if code == 1 and line.startswith("check") else done.stderr
        assert (done.returncode, said.startswith(name), KINDS[name] in said) == (code, True, True), (name, done)
    assert not (folder / "var").exists()


def test_a_regular_file_or_standard_input_of_4_mib_is_read_and_so_is_a_link(folder: Path) -> None:
    text = VALID + "#" * (MAX - len(VALID))
    (folder / "large").write_text(text)
    for name, said in (("large", "large"), ("to-valid", "to-valid"), ("-", "<stdin>")):
        done = run("check", name, folder=folder, stdin=text)
        assert (done.returncode, done.stdout) == (0, f"{said}: valid, 0 modules\n")
    for options in ([], ["--fix"]):  # which writes nothing in part
        done = run("check", *options, "-", stdin=f"{text}#")
        said, other = (done.stderr, done.stdout)[:: 1 if options else -1]
        assert (done.returncode, said.startswith("<stdin>:1:1: "), "4 MiB" in said, other) == (1, True, True, "")


ENDLESS = [('"$@" - < /dev/zero', 1, "4 MiB"), ('"$@" <(cat valid.yaml)', 2, "`check -` reads standard input")]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(("start", "code", "words"), ENDLESS)
def test_a_shell_can_give_it_what_has_no_end(folder: Path, start: str, code: int, words: str) -> None:
    done = run_process("check", folder=folder, shell=start)
    assert (done.returncode, words in done.stdout + done.stderr) == (code, True)
