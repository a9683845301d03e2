"""The frontend's client: `export` writes it, Node and the TypeScript compiler run it against the real service."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import documentation
import pytest
from support import DOCUMENTED, REPOSITORY, Serve, add_accounts, connect, run, session_cookie, socket_url

from service.registry.model import Module

ASSETS = REPOSITORY / "service" / "web" / "pages" / "assets"
CLIENT = ASSETS / "client.js"
HERE = Path(__file__).parent

#: .ci/run names both, so that nothing is skipped there.
NODE = os.environ.get("NODE") or shutil.which("node")
TSC = os.environ.get("TSC") or shutil.which("tsc")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node: put node on PATH, or its path in NODE")
needs_tsc = pytest.mark.skipif(TSC is None, reason="no TypeScript compiler: put tsc on PATH, or its path in TSC")

KEY = "a secret key of a test"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """The client as a file that every Node takes for an ES module."""
    path = tmp_path / "client.mjs"
    assert run("export", "--format", "client", "--output", str(path)).returncode == 0
    return path


def node(*arguments: str | Path, **environ: str | Path) -> str:
    """What a program says that ends well."""
    named = {name: str(value) for name, value in environ.items()}
    command = [str(NODE), *map(str, arguments)]
    done = subprocess.run(command, env={**os.environ, **named}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_export_writes_the_file_that_the_pages_use_whatever_the_registry_says(tmp_path: Path) -> None:
    done = run("export", "--format", "client", REGISTRY_FILE=str(tmp_path / "missing.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == CLIENT.read_text(encoding="utf-8")


def test_it_stays_small_needs_nothing_else_and_has_the_fields_of_a_module() -> None:
    text = CLIENT.read_text(encoding="utf-8")
    code = re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL)
    assert len(re.sub(r"^\s*//.*$", "", code, flags=re.MULTILINE)) < 10_000
    assert not re.search(r"^import |import\(|require\(", code, re.MULTILINE)
    [described] = re.findall(r"@typedef \{object\} Module\n(.*?)\*/", text, re.DOTALL)
    named = re.findall(r"@property \{.*\} (\w+)", described)
    assert named == [field.name for field in fields(Module)]


@pytest.mark.long
@needs_node
def test_in_node_against_the_service(module: Path, serve: Callable[..., Serve], tmp_path: Path) -> None:
    registry = Path(shutil.copy(DOCUMENTED, tmp_path))
    running = serve(REGISTRY_FILE=str(registry), SECRET_KEY=KEY)
    with closing(connect(socket_url(running.data_dir))) as client:
        add_accounts(client, "alice", "bob")
        add_accounts(client, "pending", status="pending")
    sessions = {name.upper(): session_cookie(KEY, name) for name in ("alice", "bob", "pending")}
    node("--test", HERE / "service.test.mjs", CLIENT=module, REGISTRY=registry, SERVICE=running.url, **sessions)


@pytest.mark.long
@needs_node
def test_when_it_asks_and_what_the_palette_finds(module: Path, tmp_path: Path) -> None:
    modules, search = tmp_path / "modules.json", tmp_path / "search.mjs"
    assert run("export", "--format", "json", "--output", str(modules)).returncode == 0
    shutil.copy(ASSETS / "search.js", search)
    tests = (HERE / "timing.test.mjs", HERE / "search.test.mjs")
    node("--test", *tests, CLIENT=module, MODULES=modules, SEARCH=search)


USE = (HERE / "use.ts").read_text(encoding="utf-8")

#: A part of it, a mistake, and what the compiler calls that.
MISTAKES = [
    (".label.fr", ".label.de", "TS2339"),
    ('vote("linkedin")', "vote(1)", "TS2345"),
    ("registry?.", "registry.", "TS18047"),
    ("const size: number", "const size: string", "TS2322"),
    ("{ base:", "{ bas:", "TS2561"),
]


@pytest.mark.long
@needs_tsc
def test_the_typescript_compiler_finds_no_mistake_in_our_scripts_and_those_of_who_uses_it(tmp_path: Path) -> None:
    def type_checked(folder: Path, *files: str) -> str:
        """What the TypeScript compiler says; nothing if it finds no mistake."""
        options = "--allowJs --checkJs --strict --noEmit --target es2022 --module es2022 --moduleResolution bundler"
        command = [str(TSC), *options.split(), "--pretty", "false", *files]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120).stdout

    shutil.copy(CLIENT, tmp_path)
    (tmp_path / "use.ts").write_text(USE)
    names = []
    for number, (right, wrong, _) in enumerate(MISTAKES):
        assert USE.count(right) == 1, right
        names.append(f"wrong{number}.ts")
        (tmp_path / names[-1]).write_text(USE.replace(right, wrong))
    assert type_checked(tmp_path, "client.js", "use.ts") == ""
    assert type_checked(ASSETS, *sorted(file.name for file in ASSETS.glob("*.js"))) == ""
    errors = re.findall(r"^wrong(\d)\.ts\(.*?\): error (TS\d+):", type_checked(tmp_path, *names), re.MULTILINE)
    assert errors == [(str(number), code) for number, (_, _, code) in enumerate(MISTAKES)]


@pytest.mark.long
@needs_node
def test_the_example_of_the_documentation_runs(module: Path, serve: Callable[..., Serve]) -> None:
    page = documentation.page("frontend.md")
    [example] = re.findall(r"^```js\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    running = serve()
    program = module.with_name("example.mjs")
    program.write_text(example.replace("./client.js", "./client.mjs").replace("http://127.0.0.1:8000", running.url))
    [expected] = re.findall(r"^```text\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    # Two answers, in any order: of the later one the subscriber is told, too.
    assert set(node(program).splitlines()) == set(expected.splitlines())
