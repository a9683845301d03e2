"""Documentation holds what it says: lists are complete; links, promises and examples lead to what there is."""

import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from documentation import DOCS, anchors, page
from support import REPOSITORY, Serve, clean_environ, leaves

from service.cli import COMMANDS, main
from service.storage.form import FORM_KEY, key
from service.webhooks.store import QUEUES

README = REPOSITORY / "README.md"
CONTRIBUTING, SECURITY = (REPOSITORY / ".github" / name for name in ("CONTRIBUTING.md", "SECURITY.md"))
PAGES = sorted(DOCS.glob("*.md"))
#: What is promised, and the tests that are named.
PROMISES = re.findall(r"^\| (?!promise \||---)(.+?) \| (.+) \|$", page("promises.md"), re.MULTILINE)
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))

LEAVES = dict(leaves())
#: How each shell is told to be interactive, read what is pasted, and leave the user's own files alone.
SHELLS = {"sh": ["sh", "-i", "-s"], "zsh": ["zsh", "-f", "-i", "-s"]}


def test_readme_leads_to_every_other_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert {f"service/docs/{file.name}" for file in PAGES} == set(re.findall(r"\((service/docs/[^)]+)\)", text))


def first_column(text: str) -> str:
    """The first cells of all tables, a line each."""
    return "\n".join(re.findall(r"^\| (`.*?) \| ", text, re.MULTILINE))


@pytest.mark.parametrize("file", [README, CONTRIBUTING, SECURITY, *PAGES, *DECISIONS], ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            name, mark, anchor = link.partition("#")
            target = file.parent / name if name else file
            assert target.is_file(), link
            assert not mark or anchor in anchors(target), link


@pytest.mark.long
@pytest.mark.parametrize("shell", SHELLS)
def test_the_first_steps_of_readme_print_what_it_says(shell: str, serve: Callable[..., Serve], tmp_path: Path) -> None:
    """Pasted into an interactive shell. One that is zsh takes a comment for arguments."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    registry = Path(shutil.copy(REPOSITORY / "registry.yaml", tmp_path))
    modules = len(yaml.safe_load(registry.read_text(encoding="utf-8"))["modules"])
    running = serve(REGISTRY_FILE=str(registry))
    (tmp_path / "var").symlink_to(running.data_dir)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "activate").write_text(f'PATH="{tmp_path}:$PATH"\n')
    start = shlex.join([sys.executable, "-c", "from service.cli import main; main()"])
    (tmp_path / "module-registry").write_text(f'#!/bin/sh\nexec {start} "$@"\n')
    (tmp_path / "module-registry").chmod(0o755)

    text = README.read_text(encoding="utf-8")
    [commands] = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    [expected] = re.findall(r"^```text\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        SHELLS[shell],
        input=commands.replace("http://127.0.0.1:8000", running.url),
        cwd=tmp_path,
        env=clean_environ(PS1="", PS2=""),
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,  # an interactive shell would take the terminal
    )
    said = [line for line in done.stdout.splitlines() if line]
    at = registry.read_text(encoding="utf-8").partition("  - slug: podcasts")[0].count("\n") + 1
    expected = expected.replace("53 modules", f"{modules + 1} modules").replace("line 605", f"line {at}")
    assert said == expected.splitlines(), done.stderr


def test_every_redis_key_is_documented() -> None:
    code = "".join(file.read_text("utf-8") for file in (REPOSITORY / "service").rglob("*.py"))
    made = re.findall(r'\b(?:key\(|partial\(key, )("[a-z-]+"(?:, "[a-z-]+")*)', code)
    keys = {FORM_KEY, *(key(*re.findall("[a-z-]+", names)) for names in made)}
    keys |= {key for queue in QUEUES for key in queue.keys}
    assert set(re.findall("^`(.*?:.*?)(?::<.*)?`$", first_column(page("platform.md")), re.MULTILINE)) == keys


def test_every_route_is_documented() -> None:
    described = yaml.load((REPOSITORY / "schemas" / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
        "paths"
    ]
    listed = re.findall(r"[ ,](/[\w./{}-]+)", first_column(page("frontend.md")))
    assert {re.sub(r"\{\w+\}", "{}", path) for path in described} == {re.sub(r"\{\w+\}", "{}", path) for path in listed}


def test_every_command_is_documented() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in PAGES)
    for wanted in map(" ".join, LEAVES):
        assert re.search(f"(module-registry |`){wanted}\\b", text), wanted


def test_every_check_of_doctor_is_documented() -> None:
    code = "".join(file.read_text("utf-8") for file in (REPOSITORY / "service" / "doctor").glob("*.py"))
    checks = set(re.findall(r'[cC]heck\(\s*"([\w-]+)"', code))
    section = page("operators.md").partition("## What would lose votes")[2].partition("\n## ")[0]
    rows = "\n".join(re.findall(r"^\| (`.*) \| ", section.partition("| check |")[2], re.MULTILINE))
    assert checks == set(re.findall(r"`([\w-]+)`", rows))


def test_every_file_that_the_map_names_exists() -> None:
    top = {path.name for path in REPOSITORY.iterdir()}
    names = re.findall(r"`([\w./-]+\.(?:py|lua|yaml|json|md|cfg|toml|lock))`", page("developers.md"))
    files = [Path(name) if name.split("/")[0] in top else Path("service") / name for name in names]
    assert [str(file) for file in files if not (REPOSITORY / file).is_file()] == []


def blocks(text: str) -> Iterator[str]:
    """The indented blocks of a page, without their margin, and the fenced ones."""
    yield from (dedent(hit[1]) for hit in re.finditer(r"(?<=\n\n)((?:(?: {4}.*)?\n)+)", f"{text}\n") if hit[1].strip())
    yield from re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def is_yaml(block: str) -> bool:
    """Whether it begins like a file of YAML, and not like what a terminal shows."""
    return re.match(r"(- )?[\w.-]+:( |\n)", block) is not None and "\n$ " not in block


#: Pages whose blocks only look like YAML, or are wrong on purpose: headers of HTTP; what breaks rules, which
#: tests/registry/test_catalogue.py looks at.
NOT_YAML = {"frontend.md", "rules.md"}
SHOWN = [README, *PAGES]
YAML = [
    (file.name, block)
    for file in SHOWN
    if file.name not in NOT_YAML
    for block in blocks(file.read_text("utf-8"))
    if is_yaml(block)
]


@pytest.mark.parametrize(("name", "block"), YAML, ids=[f"{name}-{number}" for number, (name, _) in enumerate(YAML)])
def test_yaml_in_the_documentation_can_be_read(name: str, block: str) -> None:
    assert yaml.load(block.replace("\n  ...\n", "\n"), yaml.CSafeLoader), name


def commands(text: str) -> Iterator[list[str]]:
    """The command lines of this program in blocks, up to what a shell would do with their output."""
    for block in blocks(text):
        for line in re.findall(r"^(?:\$ |(?:[- ]|run:)*)(module-registry .*)$", block, re.MULTILINE):
            yield shlex.split(re.split(r" (?:[|>&]|# |>>)", line)[0], comments=True)


COMMANDS_SHOWN = [(file.name, words) for file in SHOWN for words in commands(file.read_text("utf-8"))]


@pytest.mark.parametrize(("name", "words"), COMMANDS_SHOWN, ids=[" ".join(words) for _, words in COMMANDS_SHOWN])
def test_commands_in_the_documentation_have_options_that_there_are(name: str, words: list[str]) -> None:
    command = LEAVES.get(tuple(words[1:3])) or LEAVES.get(tuple(words[1:2]), main)
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
    assert used <= known | {"--help", "-h"}, name
    assert words[1].startswith("-") or words[1] in COMMANDS, name


def exists(name: str) -> bool:
    """Whether there is such a test; in brackets is a row of a table beside it, by its own name or its command line."""
    file, _, test = name.removesuffix("]").partition("::")
    test, _, row = test.partition("[")
    path = REPOSITORY / file
    if not path.is_file() or not re.search(rf"^def {test}\(", path.read_text("utf-8"), re.MULTILINE):
        return False
    return not row or rows_beside(path.parent)[row] == 1


@cache
def rows_beside(folder: Path) -> Counter[str]:
    """The rows of the tables of a folder, by name or command line."""
    rows = Counter[str]()
    for file in folder.glob("*.yaml"):
        table = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
        if isinstance(table, dict):
            rows.update(map(str, table))
        else:
            rows.update(row["line"] for row in table if isinstance(row, dict) and "line" in row)
    return rows


def test_each_promise_names_tests_that_exist() -> None:
    named = {promise: re.findall(r"`(tests/[^`]+\.py::test_[^`]+)`", tests) for promise, tests in PROMISES}
    assert len(named) > 50
    assert [promise for promise, tests in named.items() if not tests] == []
    assert [test for tests in named.values() for test in tests if not exists(test)] == []
