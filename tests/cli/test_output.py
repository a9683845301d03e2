"""Only `service.cli.output` writes to a terminal, so that nothing gets past what it escapes."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import REPOSITORY, clean_environ, command, run

OUTPUT = REPOSITORY / "service" / "cli" / "output.py"
#: Lines that are made safe where they are written, as no command is there to print them, or a lock is in the way.
OTHERS = {"service/wsgi.py: print", "service/wsgi.py: sys.stderr", "service/cli/supervisor.py: os.write"}

#: What writes, or leads to what does, in Click and in Python.
WRITES = {"print", "pprint.pprint", "traceback.print_exc", "os.write", "os.writev"}
WRITES |= {f"sys.{name}" for name in ("stdout", "stderr", "__stdout__", "__stderr__", "displayhook", "excepthook")}
WRITES |= {f"click.{name}" for name in ("echo", "secho", "echo_via_pager", "confirm", "prompt", "progressbar", "style")}
WRITES |= {f"click.{name}" for name in ("get_text_stream", "get_binary_stream", "edit", "pause", "clear")}


def _writers(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from {f"{node.module}.{alias.name}" for alias in node.names} & WRITES
        elif isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in WRITES:
            yield ast.unparse(node)


def test_nothing_else_writes_to_the_terminal() -> None:
    found = set()
    for file in (REPOSITORY / "wsgi.py", *(REPOSITORY / "service").rglob("*.py")):
        if file != OUTPUT:
            found |= {f"{file.relative_to(REPOSITORY)}: {name}" for name in _writers(file.read_text("utf-8"))}
    assert found - OTHERS == set()


def test_what_writes_is_seen() -> None:
    source = "import os, sys, click\nclick.echo(1)\nprint(2)\nsys.stderr.write('3')\nos.write(1, b'4')\n"
    assert set(_writers(source)) == {"click.echo", "print", "sys.stderr", "os.write"}
    assert set(_writers("from click import secho as say\nfrom sys import stdout")) == {"click.secho", "sys.stdout"}
    assert set(_writers(OUTPUT.read_text("utf-8"))) >= {"click.echo", "click.confirm"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "--nonsense"], 2, "Error: No such option '--nonsense'."),
        (["nonsense"], 2, "Error: No such command 'nonsense'."),
        (["vote"], 2, "Error: No such command 'vote'. Did you mean 'votes'?"),
        (["votes", "tely"], 2, "Error: No such command 'tely'. Did you mean 'tally'?"),
        (
            ["export"],
            2,
            "Error: Missing option '--format'. Choose from:\n  typescript,\n  json,\n  python,\n  client\n",
        ),
        (
            ["accounts", "add"],
            2,
            "Try 'module-registry accounts add --help' for help.\n\nError: Missing argument 'ID'.\n",
        ),
        (["votes"], 2, "\nCommands:\n  export "),
        ([], 2, "\nCommands:\n  accounts "),
    ],
)
def test_a_command_line_that_makes_no_sense(arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("Usage: module-registry")
    assert words in done.stderr


def test_help_and_version_are_as_click_prints_them() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("module-registry, version ")
    assert run("check", "--help").stdout.startswith("Usage: module-registry check [OPTIONS] [FILE...]\n")
    for words in ([], ["votes", "who"]):
        assert run(*words, "-h").stdout == run(*words, "--help").stdout != ""


@pytest.mark.parametrize("group", ["accounts", "store", "votes"])
def test_an_overview_of_commands_is_not_cut_off(group: str) -> None:
    assert "..." not in run(group, "--help").stdout.partition("Commands:")[2]


def test_a_shell_can_complete_commands() -> None:
    done = run(_MODULE_REGISTRY_COMPLETE="bash_source")
    assert (done.returncode, "_module_registry_completion" in done.stdout) == (0, True)
    completing = {"_MODULE_REGISTRY_COMPLETE": "bash_complete", "COMP_WORDS": "module-registry ch", "COMP_CWORD": "1"}
    assert run(**completing).stdout == "plain,changes\nplain,check\n"
    completing |= {"COMP_WORDS": "module-registry check --explain multi-p", "COMP_CWORD": "3"}
    assert run(**completing).stdout == "plain,multi-proxy-state\n"


def test_a_reader_that_has_gone_is_no_reason_for_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command("check", "--list-rules"), env=clean_environ(), stdout=writer, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_caller_that_wants_no_exit_gets_none() -> None:
    program = "from service.cli import main; print(main(['check', '--list-rules'], standalone_mode=False), 'goes on')"
    done = subprocess.run([*command()[:2], program], env=clean_environ(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "0 goes on")


def test_what_is_logged_outside_of_serve_is_escaped(short_dir: Path) -> None:
    folder = short_dir / "g\x1b[31m\n::error::forged"
    folder.mkdir(mode=0o770)
    folder.chmod(0o770)  # which is warned of
    done = run("accounts", "add", "alice", "--create", DATA_DIR=str(folder))
    assert done.returncode == 0
    assert "may be written to by its group" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr
