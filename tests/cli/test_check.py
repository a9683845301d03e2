"""`module-registry check`: exit codes, and one line a problem."""

from __future__ import annotations

from pathlib import Path

from support import DOCUMENTED, run

VALID = DOCUMENTED.read_text(encoding="utf-8")


def test_problems_are_a_line_each_under_the_name_that_was_given(tmp_path: Path) -> None:
    broken = VALID.replace("category: sources", "category: source", 1).replace("is_meta: true", "is_meta: 1", 1)
    (tmp_path / "registry.yaml").write_text(broken, encoding="utf-8")
    result = run("check", "registry.yaml", folder=tmp_path)
    assert (result.returncode, result.stderr) == (1, "")
    first, second = (line for line in result.stdout.splitlines() if line.startswith("registry.yaml:"))
    assert first.startswith('registry.yaml:9:15: scrap: category "source" is not a known one; did you mean sources?')
    meta = broken[: broken.index("is_meta: 1")].count("\n") + 1
    said = f"registry.yaml:{meta}:14: pipeline: is_meta is a number, not a boolean; write true or false"
    assert second.startswith(said)


def test_bytes_that_are_not_utf_8_are_a_problem_with_a_place(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_bytes(b"modules: []  # caf\xe9\n")
    result = run("check", str(file))
    assert result.returncode == 1
    assert result.stdout.startswith(f"{file}:1:19: byte 0xE9 is not UTF-8 text; save the file as UTF-8")
    assert "modules: []  # café\n" in result.stdout


def test_a_file_that_lost_too_much_is_refused_when_it_is_compared(tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(VALID.partition("  - slug: legal_data")[0], encoding="utf-8")
    assert run("check", folder=tmp_path).returncode == 0, "by itself it is valid"
    lost = "names are gone and not listed in removed ("
    done = run("check", "--against", str(DOCUMENTED), folder=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("registry.yaml:1:1: ") and lost in done.stdout
    assert "list them in removed, or restart the service [names-lost]" in done.stdout
    assert run("check", str(DOCUMENTED), "--against", "registry.yaml", folder=tmp_path).returncode == 0
    said = run("changes", str(DOCUMENTED), "--no-votes", folder=tmp_path).stdout.splitlines()
    assert said[1].startswith("A running service does not put this into force: ") and lost in said[1]
    comment = run("changes", str(DOCUMENTED), "--no-votes", "--format", "markdown", folder=tmp_path).stdout
    assert "**A running service does not put this into force: " in comment
