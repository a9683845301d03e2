"""What `check` looks at, how it says it to people, programs, GitHub, GitLab and code scanning, and what it mends."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import CMARK, REPOSITORY, gfm, run

from service.cli import main, whole_file
from service.registry.edit import mending
from service.registry.edit.mending import mended
from service.registry.lint.linter import Linted
from service.registry.loading import loader

TEN = "tests/registry/negative/ten_mistakes.yaml"
KNOT = "tests/registry/negative/knot.yaml"
RULES = "https://registry.example.com/en/docs/rules"
GOOD, BAD = "modules: []\n", "modules: 1\n"
#: A file with one error and one warning.
BOTH = """modules:
  - slug: crm
    category: tool
    label: { fr: TODO, en: CRM }
    coming_soon: true
"""


def write_problems(file: Path, number: int, problem: str = "{}") -> None:
    """A registry with so many problems."""
    file.write_text("modules: []\nlegacy_features:\n" + "".join(f"  - {problem.format(n)}\n" for n in range(number)))


#: How many problems a format lists, and what each of them has there.
MOST = [
    ("text", 100, r"^\S+/registry\.yaml:"),
    ("github", 50, "^::error .*line="),
    pytest.param("gitlab", 5_000, '"check_name": "', marks=pytest.mark.long),
    pytest.param("sarif", 5_000, '"ruleId": "', marks=pytest.mark.long),
    pytest.param("json", 10_000, '"pointer": "', marks=pytest.mark.long),
]


@pytest.mark.parametrize(("style", "most", "listed"), MOST)
def test_of_many_problems_the_first_are_listed_and_the_others_counted(
    file: Path, style: str, most: int, listed: str
) -> None:
    write_problems(file, most + 17)
    done = run("check", str(file), "--format", style)
    assert done.returncode == 1
    assert len(re.findall(listed, done.stdout, re.MULTILINE)) == most
    if style != "gitlab":  # whose report is a list of issues, and nothing else
        assert re.search(r"(and |: )17\b", done.stdout)


def test_the_edits_in_json_mend_the_text(file: Path) -> None:
    entry = "  - slug: Crm\r\n    catgory: tools\r\n    label: {fr: É, en: E}\r\n    coming_soon: true\r\n"
    text = f"\N{BYTE ORDER MARK}modules:\r\n{entry}"
    file.write_bytes(text.encode())
    lines = text.removeprefix("\N{BYTE ORDER MARK}").splitlines(keepends=True)
    problems = json.loads(run("check", str(file), "--format", "json").stdout)["problems"]
    edits = [edit for each in problems for edit in each["edits"]]
    for edit in reversed(edits):
        assert edit["line"] == edit["end_line"]
        line = lines[edit["line"] - 1]
        lines[edit["line"] - 1] = line[: edit["column"] - 1] + edit["new"] + line[edit["end_column"] - 1 :]
    run("check", str(file), "--fix")
    assert (len(edits), file.read_bytes().decode("utf-8-sig")) == (2, "".join(lines))


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
    for text, is_valid in ((log, True), (log.replace('"version": "2.1.0"', '"version": "2"'), False)):
        check.write_text(f"import type {{ {name} as Log }} from './sarif';\nexport const log: Log = {text};\n", "utf-8")
        compiler = [os.environ["TSC"], "--strict", "--noEmit", str(check)]
        assert (subprocess.run(compiler, stdout=subprocess.DEVNULL).returncode == 0) is is_valid


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
    said = run("check", "--explain", "one-state").stdout
    assert "Wrong:\n\n    modules:" in said and "Right:\n\n    modules:" in said


def test_a_very_long_line_is_shown_around_the_place(file: Path) -> None:
    file.write_text("legacy_features: [" + ", ".join(f"a{n}" for n in range(2000)) + ", Bad]\nmodules: []\n")
    _, excerpt, caret, _ = run("check", str(file)).stdout.splitlines()
    assert len(excerpt) < 200
    assert excerpt[caret.index("^") :].startswith("Bad]")


def test_github_is_told_how_many_more_there_are(file: Path) -> None:
    entry = "  - {{ slug: m{}, category: tools, label: {{ fr: TODO {}, en: B{} }}, coming_soon: true }}\n"
    entries = "".join(entry.format(*[number] * 3) for number in range(60))
    file.write_text(f"modules:\n{entries}")
    lines = run("check", "--format", "github", folder=file.parent).stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::warning"] * 51
    assert lines[-1] == "::warning file=registry.yaml::and 10 other warnings"


def test_sarif_has_levels_and_where_a_problem_ends_and_leads_to_the_page_of_the_rules(file: Path) -> None:
    file.write_text(BOTH)
    settings = {"PUBLIC_URL": "https://registry.example.com/"}
    (analysis,) = json.loads(run("check", "--format", "sarif", folder=file.parent, **settings).stdout)["runs"]
    results = analysis["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [("enum", "error"), ("left-to-do", "warning")]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 15, "endLine": 3, "endColumn": 19}
    assert place["artifactLocation"]["uri"] == "registry.yaml"
    assert results[0]["message"]["text"] == 'crm: category "tool" is not a known one; did you mean tools?'
    rules = analysis["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in results] == ["enum", "left-to-do"]
    assert [rule["helpUri"] for rule in rules] == [f"{RULES}#s-enum", f"{RULES}#s-left-to-do"]
    assert "helpUri" not in run("check", "--format", "sarif", folder=file.parent).stdout


def _summary(file: Path, before: str = "") -> str:
    """What `check` adds to the step summary, behind what is there before."""
    summary = file.with_name("summary.md")
    summary.write_text(before)
    run("check", "--format", "github", GITHUB_STEP_SUMMARY=str(summary), folder=file.parent)
    return summary.read_text("utf-8")


@pytest.mark.parametrize("before", [pytest.param(1, marks=pytest.mark.long), 1_000_000, 1024 * 1024])
def test_a_step_summary_lists_what_annotations_leave_out_within_what_github_takes(file: Path, before: int) -> None:
    problems = 5_500 if before == 1 else 200
    write_problems(file, problems, f"É{{}}{'é' * 300}")
    said = _summary(file, "x" * (before - 1) + "\n")
    assert len(said.encode()) <= 1024 * 1024
    rows, more = said.count("\n| error |"), re.search(r"… and (\d+) more:", said)
    if before < 1024 * 1024:
        assert more and rows > 50 and rows + int(more[1]) == problems
        assert len(said.encode()) > 1024 * 1024 - 2_000, "as many as there is room for"
    else:
        assert rows == 0


@pytest.mark.skipif(not CMARK, reason="cmark-gfm is not installed: apt-get install cmark-gfm")
@pytest.mark.parametrize("value", ["<img src=x> @team #1", "a`b``c|d\\|e", "``` [a](b) www.a.example"])
def test_no_value_makes_markup_in_a_summary(file: Path, value: str) -> None:
    name = json.dumps(value)
    file.write_text(f"modules:\n  - {{ slug: {name}, category: {name}, {name}: 1 }}\n")
    said = _summary(file)
    html = gfm(said)
    outside = re.sub(r"<code>[^<]*</code>", "", html)
    assert set(re.findall(r"</?(\w+)", outside)) <= {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    rows = said.count("\n| error |")
    assert html.count("<tr>") == 1 + rows > 3
    assert html.count("<code>") == 3 * rows  # a bar in a value would end its cell


FILES = {
    "registry.yaml": GOOD,
    "b/staging.yml": "# A comment\r\n'modules': []\r\n",
    "b/broken.yaml": "modules:\n  - slug: [\n",
    "b/registry.yml": "nothing: of the kind\n",
    "compose.yaml": "services:\n  modules: []\n",
    "notes.txt": GOOD,
    ".hidden/registry.yaml": BAD,
    "node_modules/registry.yaml": BAD,
    "large.yaml": GOOD + "#" * 4 * 1024 * 1024,
}


def test_a_folder_stands_for_the_registries_below_it(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "loop").symlink_to(tmp_path)
    done = run("check", ".", folder=tmp_path)
    assert done.returncode == 1
    looked_at = {line.partition(":")[0] for line in done.stdout.splitlines() if ".y" in line}
    assert looked_at == {"b/broken.yaml", "b/registry.yml", "b/staging.yml", "registry.yaml"}
    for name in ("b/broken.yaml", "b/registry.yml"):
        (tmp_path / name).unlink()
    done = run("check", "b", "registry.yaml", "registry.yaml", folder=tmp_path)
    valid = "b/staging.yml: valid, 0 modules\nregistry.yaml: valid, 0 modules\n"
    assert (done.returncode, done.stdout) == (0, valid)


SOUND = b"""# What there is
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
BROKEN = SOUND.replace(b"pipelinable: true", b"pipelineable: true").replace(b"category: enrich", b"category: x")
BROKEN = BROKEN.replace(b"\n", b"\r\n")
MENDED = BROKEN.replace(b"pipelineable", b"pipelinable")
REGISTRY = BROKEN.decode()


def test_a_sound_file_is_not_written(file: Path) -> None:
    file.write_bytes(SOUND)
    before = file.stat()
    for option in ("--fix", "--diff"):
        done = run("check", option, folder=file.parent)
        assert (done.returncode, done.stdout if option == "--diff" else "") == (0, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


DIGITS = b"".join(b"%d\n" % n for n in range(99))
MANY = b"".join(b"%d\n" % n for n in range(9_999))
APPLIED = [
    (BROKEN, MENDED),
    (BROKEN, mended(SOUND.replace(b"\n", b"\r\n"))[0]),
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
@pytest.mark.parametrize("data", [BROKEN, IN_VAIN, SOUND])
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
    (SOUND, 1),
    (SOUND.replace(b"category: enrich", b"category: x", 1), 1),
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

    linted = loader.lint
    file.write_bytes(data)
    monkeypatch.setattr(loader, "lint", look)
    run("check", option, str(file))
    assert len(seen) == looks
