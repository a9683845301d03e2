"""Only `service.cli.output` writes to a terminal, so that nothing gets past what it escapes."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
from support import REPOSITORY, clean_environ, command, run, table

from service.cli import COMMANDS, main
from service.cli.shared import ON_STORE

OUTPUT = REPOSITORY / "service" / "cli" / "output.py"
#: Lines that are made safe where they are written, as no command is there to print them, and what writes to a file.
OTHERS = {
    *("service/wsgi.py: print", "service/wsgi.py: sys.stderr"),
    *("service/cli/supervisor.py: os.write", "service/storage/lock.py: os.write"),
}

#: What each command takes.
OPTIONS = table(__file__, "options.yaml")

#: What writes, or leads to what does, in Click and in Python.
WRITES = {"print", "pprint.pprint", "traceback.print_exc", "os.write", "os.writev"}
WRITES |= {f"sys.{name}" for name in ("stdout", "stderr", "__stdout__", "__stderr__", "displayhook", "excepthook")}
WRITES |= {f"click.{name}" for name in ("echo", "secho", "echo_via_pager", "confirm", "prompt", "progressbar", "style")}
WRITES |= {f"click.{name}" for name in ("get_text_stream", "get_binary_stream", "edit", "pause", "clear")}
#: Their last names, and what stands in each file that has one of them.
LAST = {name.rpartition(".")[2] for name in WRITES}
MAY_WRITE = re.compile(r"\b(print|pprint|traceback|sys|click)\b|\bos\.write|from os import")


def _writers(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from {f"{node.module}.{alias.name}" for alias in node.names} & WRITES
        elif isinstance(node, ast.Name | ast.Attribute):
            last = node.id if isinstance(node, ast.Name) else node.attr
            if last in LAST and ast.unparse(node) in WRITES:
                yield ast.unparse(node)


def test_nothing_else_writes_to_the_terminal() -> None:
    writers = set()
    for file in (REPOSITORY / "wsgi.py", *(REPOSITORY / "service").rglob("*.py")):
        text = file.read_text("utf-8")
        if file != OUTPUT and MAY_WRITE.search(text):
            writers |= {f"{file.relative_to(REPOSITORY)}: {name}" for name in _writers(text)}
    assert writers == OTHERS
    assert {*_writers(OUTPUT.read_text("utf-8"))} >= {"click.echo", "click.confirm"}


def test_help_has_two_names_and_a_shell_can_complete() -> None:
    for words in ([], ["votes", "who"]):
        assert run(*words, "-h").stdout == run(*words, "--help").stdout != ""
    done = run(_MODULE_REGISTRY_COMPLETE="bash_source")
    assert (done.returncode, "_module_registry_completion" in done.stdout) == (0, True)
    assert main(["check", "--list-rules"], standalone_mode=False) == 0, "a caller that wants no exit gets none"
    for group in ("accounts", "store", "votes"):
        assert "..." not in run(group, "--help").stdout.partition("Commands:")[2], "an overview is not cut off"


def test_a_reader_that_has_gone_is_no_reason_for_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    start = command("check", "--list-rules")
    done = subprocess.run(start, env=clean_environ(), stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_is_logged_outside_of_serve_is_escaped(short_dir: Path) -> None:
    folder = short_dir / "g\x1b[31m\n::error::forged"
    folder.mkdir(mode=0o770)
    folder.chmod(0o770)  # which is warned of
    done = run("accounts", "add", "alice", "--create", DATA_DIR=str(folder))
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "may be written to by its group" in line and "\x1b" not in line


def options(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """The path of each command, with its arguments and options as its help has them."""
    ctx = click.Context(command, info_name=" ".join(path), **main.context_settings)
    taken = []
    for parameter in command.params:
        if record := parameter.get_help_record(ctx):
            sentence, shown, default = record[1].rpartition("[")
            is_explained = (sentence if shown else default).strip()
            taken.append(f"{record[0]}{f' [{default}' if shown else ''}{' *' if is_explained else ''}")
        else:
            taken.append(parameter.make_metavar(ctx))
    if taken:
        yield " ".join(path) or "module-registry", taken
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            each = command.get_command(ctx, name)
            assert each and each.get_short_help_str()
            yield from options(each, (*path, name))


def test_commands_take_what_the_table_says() -> None:
    assert dict(options(main)) == OPTIONS


def test_who_works_on_the_store_says_which_at_the_end_of_the_help() -> None:
    names = {name for name in COMMANDS if main.get_command(click.Context(main), name).epilog == ON_STORE}
    groups = {"accounts", "feedback", "votes", "webhooks"}
    assert names == {"audit", "backup", "insights", "restore", "status", *groups}
