"""`module-registry export`: where it reads and writes, and how it fails."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support import REPOSITORY, clean_environ, command, run, run_process

from service.registry.export import FORMATS
from service.registry.loading import load

SHIPPED = load(REPOSITORY / "registry.yaml")


def test_it_prints_the_shipped_registry_in_utf_8_whatever_the_locale() -> None:
    environ = clean_environ(LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    done = subprocess.run(command("export", "--format", "json"), cwd=REPOSITORY, env=environ, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == FORMATS["json"](SHIPPED).encode()
    assert "Téléphones".encode() in done.stdout


@pytest.mark.parametrize("style", FORMATS)
def test_each_format_is_printed_or_written_as_it_is_made(style: str, tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    assert run("export", "--format", style).stdout == FORMATS[style](SHIPPED)
    done = run("export", "--format", style, "--output", str(tmp_path / "new"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "new").read_text(encoding="utf-8") == FORMATS[style](SHIPPED)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_the_registry_is_the_option_or_else_the_setting(tmp_path: Path) -> None:
    (tmp_path / "option.yaml").write_text("modules: []\nlegacy_features: [by_option]\n")
    (tmp_path / "setting.yaml").write_text("modules: []\nlegacy_features: [by_setting]\n")
    setting = str(tmp_path / "setting.yaml")
    assert "by_setting" in run("export", "--format", "json", REGISTRY_FILE=setting).stdout
    chosen = run("export", "--format", "json", "--registry", str(tmp_path / "option.yaml"), REGISTRY_FILE=setting)
    assert "by_option" in chosen.stdout


def test_a_file_is_replaced_as_a_whole_and_keeps_its_link_and_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "src" / "registry.ts", tmp_path / "registry.ts"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    with target.open() as reader:
        done = run("export", "--format", "typescript", "--output", str(link))
        assert reader.read() == "old"  # who had it open sees the old file, not a half-written one
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == FORMATS["typescript"](SHIPPED)
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(target.parent.iterdir()) == [target]


def test_standard_output_can_be_named() -> None:
    assert run("export", "--format", "json", "--output", "-").stdout == FORMATS["json"](SHIPPED)
    assert run_process("export", "--format", "json", "--output", "/dev/stdout").stdout == FORMATS["json"](SHIPPED)


def test_an_invalid_registry_writes_nothing_and_exits_1(tmp_path: Path) -> None:
    broken, output = tmp_path / "broken.yaml", tmp_path / "registry.ts"
    broken.write_text("modules:\n  - slug: a\n")
    output.write_text("old")
    done = run("export", "--format", "typescript", "--registry", str(broken), "--output", str(output))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{broken}:2:" in done.stderr and "category" in done.stderr
    assert output.read_text() == "old"


def test_an_unreadable_registry_exits_2(tmp_path: Path) -> None:
    done = run("export", "--format", "json", "--registry", str(tmp_path / "missing.yaml"))
    assert done.returncode == 2
    assert "missing.yaml" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("output", ["missing/registry.ts", "."])
def test_an_output_that_cannot_be_written_exits_1_and_leaves_nothing(tmp_path: Path, output: str) -> None:
    done = run("export", "--format", "json", "--output", str(tmp_path / output))
    assert done.returncode == 1
    assert "Could not open file" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
