"""`check` in a pull request: warnings beside errors, end columns, addresses of rules, a step summary, GitLab."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import run
from test_comment import EXTENSIONS

RULES = "https://registry.example.com/en/docs/rules"
#: A file with one error and one warning.
BOTH = """modules:
  - slug: crm
    category: tool
    label: { fr: TODO, en: CRM }
    coming_soon: true
"""


def test_github_is_told_how_many_more_there_are(tmp_path: Path) -> None:
    entry = "  - {{ slug: m{}, category: tools, label: {{ fr: TODO {}, en: B{} }}, coming_soon: true }}\n"
    entries = "".join(entry.format(*[number] * 3) for number in range(60))
    (tmp_path / "registry.yaml").write_text(f"modules:\n{entries}")
    lines = run("check", "--format", "github", folder=tmp_path).stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::warning"] * 51
    assert lines[-1] == "::warning file=registry.yaml::and 10 other warnings"


def test_sarif_has_levels_and_where_a_problem_ends_and_leads_to_the_page_of_the_rules(tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(BOTH)
    settings = {"PUBLIC_URL": "https://registry.example.com/"}
    (analysis,) = json.loads(run("check", "--format", "sarif", folder=tmp_path, **settings).stdout)["runs"]
    results = analysis["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [("enum", "error"), ("left-to-do", "warning")]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 15, "endLine": 3, "endColumn": 19}
    assert place["artifactLocation"]["uri"] == "registry.yaml"
    assert results[0]["message"]["text"] == 'crm: category "tool" is not a known one; did you mean tools?'
    rules = analysis["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in results] == ["enum", "left-to-do"]
    assert [rule["helpUri"] for rule in rules] == [f"{RULES}#s-enum", f"{RULES}#s-left-to-do"]
    assert "helpUri" not in run("check", "--format", "sarif", folder=tmp_path).stdout


def _summary(place: Path, *arguments: str, before: str = "", **settings: Any) -> str:
    """What `check` adds to the step summary, behind what is there before."""
    file = place / "summary.md"
    file.write_text(before)
    run("check", *arguments, "--format", "github", GITHUB_STEP_SUMMARY=str(file), **settings)
    return file.read_text("utf-8")


def test_a_step_summary_lists_what_annotations_leave_out(tmp_path: Path) -> None:
    registry = tmp_path / "registry.yaml"
    registry.write_text("modules: []\nlegacy_features:\n" + "".join(f"  - {number}\n" for number in range(300)))
    said = _summary(tmp_path, str(registry), before="# Before\n").splitlines()
    assert said[:2] == ["# Before", "## Registry check"]
    assert "**300 problems.**" in said
    rows = [line for line in said if line.startswith("| error | ")]
    assert len(rows) == 300
    assert rows[0].startswith(f"| error | `{registry}:3:5` | `legacy_features: YAML reads 0 as a number")


@pytest.mark.parametrize("before", [pytest.param(1, marks=pytest.mark.long), 1_000_000, 1024 * 1024])
def test_a_step_summary_keeps_within_what_github_takes(tmp_path: Path, before: int) -> None:
    problems = 5_500 if before == 1 else 200
    registry = tmp_path / "registry.yaml"
    registry.write_text("modules: []\nlegacy_features:\n" + "".join(f"  - É{n}{'é' * 300}\n" for n in range(problems)))
    said = _summary(tmp_path, str(registry), before="x" * (before - 1) + "\n")
    assert len(said.encode()) <= 1024 * 1024
    rows, more = said.count("\n| error |"), re.search(r"… and (\d+) more:", said)
    if before < 1024 * 1024:
        assert more and rows and rows + int(more[1]) == problems
    else:
        assert rows == 0


@pytest.mark.skipif(not shutil.which("cmark-gfm"), reason="cmark-gfm is not installed: apt-get install cmark-gfm")
@pytest.mark.parametrize("value", ["<img src=x> @team #1", "a`b``c|d\\|e", "``` [a](b) www.a.example"])
def test_no_value_makes_markup_in_a_summary(tmp_path: Path, value: str) -> None:
    name = json.dumps(value)
    (tmp_path / "registry.yaml").write_text(f"modules:\n  - {{ slug: {name}, category: {name}, {name}: 1 }}\n")
    said = _summary(tmp_path, folder=tmp_path)
    html = subprocess.run(["cmark-gfm", *EXTENSIONS], input=said, capture_output=True, text=True, check=True).stdout
    outside = re.sub(r"<code>[^<]*</code>", "", html)
    assert set(re.findall(r"</?(\w+)", outside)) <= {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    rows = said.count("\n| error |")
    assert html.count("<tr>") == 1 + rows > 3
    assert html.count("<code>") == 3 * rows  # a bar in a value would end its cell
