"""What commands take, what their help says, and what is said beside what they print."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
from support import clean_environ, command, run, table

from service.cli import COMMANDS, main
from service.cli.shared import ON_STORE

#: What each command takes.
OPTIONS = table(__file__, "options.yaml")


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
