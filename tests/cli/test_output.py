"""What commands take, what their help says, and what is said beside what they print."""

import os
import subprocess
from pathlib import Path

import click
from support import clean_environ, command, leaves, run, table

from service.cli import main

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


def options(command: click.Command, path: str) -> list[str]:
    """The arguments and options of a command, as its help has them."""
    ctx = click.Context(command, info_name=path, **main.context_settings)
    taken = []
    for parameter in command.params:
        if record := parameter.get_help_record(ctx):
            sentence, shown, default = record[1].rpartition("[")
            is_explained = (sentence if shown else default).strip()
            taken.append(f"{record[0]}{f' [{default}' if shown else ''}{' *' if is_explained else ''}")
        else:
            taken.append(parameter.make_metavar(ctx))
    return taken


def test_commands_take_what_the_table_says() -> None:
    known = {"module-registry": main, **{" ".join(path): command for path, command in leaves()}}
    taken = {path: options(command, path) for path, command in known.items()}
    assert {path: names for path, names in taken.items() if names} == OPTIONS
