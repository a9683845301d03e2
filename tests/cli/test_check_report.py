"""`module-registry check --format`: the same problems for people, programs, GitHub and code scanning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import REPOSITORY, run

from service.cli import main

TEN = "tests/registry/negative/ten_mistakes.yaml"
KNOT = "tests/registry/negative/knot.yaml"

#: What the example file says of itself.
EXPECTED = re.findall(r"^ *#! (\d+):(\d+) ([a-z-]+): (.*)$", (REPOSITORY / TEN).read_text("utf-8"), re.MULTILINE)


def test_text_shows_the_line_with_a_caret_under_the_column() -> None:
    lines = run("check", TEN).stdout.splitlines()
    source = (REPOSITORY / TEN).read_text("utf-8").splitlines()
    assert len(lines) == 31, "ten mistakes"
    for number, (line, column, rule, text) in enumerate(EXPECTED):
        problem, excerpt, caret = lines[3 * number : 3 * number + 3]
        assert problem == f"{TEN}:{line}:{column}: {text} [{rule}]"
        assert excerpt == f"  {line} | {source[int(line) - 1]}"
        assert caret.index("^") == len(f"  {line} | ") + int(column) - 1
    assert lines[-1] == "10 problems"


#: How many problems a format lists, and what each of them has there.
MOST = [
    ("text", 100, r"^\S+/registry\.yaml:"),
    ("github", 50, "^::error .*line="),
    pytest.param("gitlab", 5_000, '"check_name": "', marks=pytest.mark.long),  # as many as in SARIF
    ("sarif", 5_000, '"ruleId": "'),
    ("json", 10_000, '"pointer": "'),
]


@pytest.mark.parametrize(("style", "most", "listed"), MOST)
def test_of_many_problems_the_first_are_listed_and_the_others_counted(
    tmp_path: Path, style: str, most: int, listed: str
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("modules: []\nlegacy_features:\n" + "".join(f"  - {number}\n" for number in range(most + 17)))
    done = run("check", str(file), "--format", style)
    assert done.returncode == 1
    assert len(re.findall(listed, done.stdout, re.MULTILINE)) == most
    if style != "gitlab":  # whose report is a list of issues, and nothing else
        assert re.search(r"(and |: )17\b", done.stdout)


@pytest.mark.long
@pytest.mark.skipif(
    not (os.environ.get("TSC") and os.environ.get("SARIF_TYPES")),
    reason="TSC and SARIF_TYPES are not set: .ci/run installs TypeScript and the types made of the SARIF schema",
)
def test_sarif_is_valid_against_the_types_made_of_its_schema(tmp_path: Path) -> None:
    files = (TEN, "registry.yaml", "tests/registry/warned/text.yaml")
    log = run("check", *files, "--format", "sarif", PUBLIC_URL="https://registry.example.com").stdout
    shutil.copy(os.environ["SARIF_TYPES"], tmp_path / "sarif.d.ts")
    check = tmp_path / "check.ts"
    name = "StaticAnalysisResultsFormatSARIFVersion210JSONSchema"
    check.write_text(f"import type {{ {name} as Log }} from './sarif';\nexport const log: Log = {log};\n", "utf-8")
    compiler = [os.environ["TSC"], "--strict", "--noEmit", str(check)]
    done = subprocess.run(compiler, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    check.write_text(check.read_text("utf-8").replace('"version": "2.1.0"', '"version": "2"'), "utf-8")
    assert subprocess.run(compiler, capture_output=True).returncode != 0


@pytest.mark.parametrize(("settings", "coloured"), [({"NO_COLOR": None}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_without_no_color(settings: dict[str, str | None], coloured: bool) -> None:
    on_a_terminal = CliRunner().invoke(main, ["check", str(REPOSITORY / KNOT)], env=settings, color=True)
    assert (on_a_terminal.exit_code, "\x1b[" in on_a_terminal.stdout) == (1, coloured)
    assert "\x1b[" not in run("check", KNOT).stdout


def test_list_rules_and_explain() -> None:
    errors, _, warnings = run("check", "--list-rules").stdout.partition("\nWarnings, which --strict makes errors:\n\n")
    assert "\nwaiting-knot " in errors and "\nsame-label " not in errors
    assert "\nsame-label " in warnings and "\nwaiting-knot " not in warnings
    assert run("check", "--explain", "same-label").stdout.startswith("same-label (a warning): ")
    done = run("check", "--explain", "one-state")
    assert done.returncode == 0
    assert "Wrong:\n\n    modules:" in done.stdout and "Right:\n\n    modules:" in done.stdout


def test_a_very_long_line_is_shown_around_the_place(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text("legacy_features: [" + ", ".join(f"a{n}" for n in range(2000)) + ", Bad]\nmodules: []\n")
    _, excerpt, caret, _ = run("check", str(file)).stdout.splitlines()
    assert len(excerpt) < 200
    assert excerpt[caret.index("^") :].startswith("Bad]")
