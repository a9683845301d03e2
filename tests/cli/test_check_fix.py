"""`module-registry check --fix` and `--diff`: what is written where, and what they exit with."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support import run

from service.cli import whole_file
from service.registry import loading
from service.registry.edit import mending
from service.registry.edit.mending import mended
from service.registry.lint.linter import Linted

GOOD = b"""# What there is
modules:
  - slug: scrap
    category: sources
    label: { fr: Scraper, en: Scraper }
    api_endpoint: /api/scrap
    pipelinable: true
    produces: [leads]
  # Beside it
  - slug: emails
    label: { fr: "\xc3\x89mails", en: "Emails" }
    api_endpoint: /api/emails
    needs: [leads]
    category: enrich
    multi_proxy: true

legacy_features: []
"""
#: Two mistakes of which one is mended for certain, in a file with the line ends of Windows.
BROKEN = GOOD.replace(b"pipelinable: true", b"pipelineable: true").replace(b"category: enrich", b"category: x")
BROKEN = BROKEN.replace(b"\n", b"\r\n")
MENDED = BROKEN.replace(b"pipelineable", b"pipelinable")
REGISTRY = BROKEN.decode()


def test_a_sound_file_is_not_written(file: Path) -> None:
    file.write_bytes(GOOD)
    before = file.stat()
    for option in ("--fix", "--diff"):
        done = run("check", option, folder=file.parent)
        assert (done.returncode, done.stdout if option == "--diff" else "") == (0, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


DIGITS = b"".join(b"%d\n" % n for n in range(99))
MANY = b"".join(b"%d\n" % n for n in range(9_999))
APPLIED = [
    (BROKEN, MENDED),
    (BROKEN, mended(GOOD.replace(b"\n", b"\r\n"))[0]),
    (b"a\nb\n", b"a\nb"),
    (b"a\nb", b"a\nb\n"),
    (b"", b"a\n"),
    (b"a", b""),
    (b"\xef\xbb\xbfa\rb\n\xff\n", b"\xef\xbb\xbfa\rc\n\xff\n"),
    (DIGITS, b"".join(b"%d\n" % (n or 7) for n in range(1, 99) if n % 20)),
    (b"x\n" * 20_000, b"y\n" + b"x\n" * 19_998 + b"y\n"),
    (b"x\n" * 20_000, b"y\n" * 2 + b"x\n" * 19_998 + b"y\n"),
    (MANY, b"".join(b"%d\n" % (n or 7) for n in range(9_999) if n % 20)),
    (MANY, b"".join(b"%d\n" % (n if n % 20 else 7) for n in range(9_999))),
]


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize(("before", "after"), APPLIED)
def test_git_applies_a_diff(
    before: bytes,
    after: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "f.yaml").write_bytes(before)
    whole_file.say_diff("f.yaml", before, after)
    shown = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "-p0"], cwd=tmp_path, input=shown, check=True)
    assert (tmp_path / "f.yaml").read_bytes() == after


#: An edit that lays open another problem, and is not made: others are tried without it.
IN_VAIN = b"""modules:
  - {slug: a, category: tools, label: {fr: A, en: A}, is_meta: true, needs: [x]}
  - {slug: b, category=Tools, label: {fr: B, en: B}, is_meta: true, produces: [y]}
  - {slug: c, category: tools, label: {fr: "C # c", en: <b>C</b>}, is_meta: truee}
"""


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("data", [BROKEN, IN_VAIN, GOOD])
def test_what_is_said_of_a_mended_file_is_what_check_says_of_it(data: bytes, style: str, file: Path) -> None:
    for option in "--diff", "--fix":
        file.write_bytes(data)
        done = run("check", option, "--format", style, folder=file.parent)
        checked = run("check", "--format", style, folder=file.parent)
        assert (done.returncode, checked.stderr) == (checked.returncode, "")
        assert (done.stdout if option == "--fix" else done.stderr).endswith(checked.stdout)


def test_it_is_said_when_not_all_was_tried(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "_MOST_SECONDS", 0)
    said = f"{file}: not all that may be mended was tried, which takes too long: mend some by hand"
    assert said in run("check", "--fix", str(file)).stderr
    monkeypatch.undo()
    file.write_bytes(BROKEN + b"#" * 1024 * 1024)
    said = f"{file}: the file has more than 1 MiB or 150,000 values, and takes too long to edit: do so by hand"
    assert said in run("check", "--fix", str(file)).stderr


LOOKS = [
    (GOOD, 1),
    (GOOD.replace(b"category: enrich", b"category: x", 1), 1),
    (b"modules:\n" + b"  - slug: 1\n" * 150, 1),  # of which not all are listed
    (BROKEN, 2),  # as it was, and as it is
]


@pytest.mark.parametrize(("data", "looks"), LOOKS)
@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_file_is_looked_at_once_and_after_each_try_to_mend_it(
    data: bytes, looks: int, option: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(data: bytes, file: str = "", warnings: bool = False) -> Linted:
        seen.append(data)
        return linted(data, file, warnings)

    linted = loading.lint
    file.write_bytes(data)
    monkeypatch.setattr(loading, "lint", look)
    run("check", option, str(file))
    assert len(seen) == looks
