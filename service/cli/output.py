"""Everything that a command says: the only place that writes to the terminal, as ruff sees to by `pyproject.toml`.

Whatever came from outside (a file, a path, an argument, a name in Redis) is made safe here, on its way out: no escape
sequence reaches a terminal, and no line break begins a line that the command did not write.
"""

import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, redirect_stdout
from io import StringIO
from typing import Any, Self

import click

from service.problems import ModuleRegistryError, StorageUnavailable, UnreadableRegistry
from service.wording import json_text, printable


class Styled(str):
    """Text that a terminal shows in a colour or weight of its own, by the names of `click.style`; it is safe."""

    def __new__(cls, text: str, **style: Any) -> Self:
        return super().__new__(cls, click.style(printable(text), **style))


def say(*parts: str, err: bool = False) -> None:
    """Write one line, of parts that may be styled, to standard output or error.

    Coloured on a terminal, unless NO_COLOR is set.
    """
    line = "".join(part if isinstance(part, Styled) else printable(part) for part in parts)
    click.echo(line, err=err, color=False if os.environ.get("NO_COLOR") else None)


def is_acted_on() -> bool:
    """Whether a terminal or GitHub's runner reads standard output, and acts on what it finds there."""
    return sys.stdout.isatty() or bool(os.environ.get("GITHUB_ACTIONS"))


def on_standard_error() -> AbstractContextManager[Any]:
    """Have everything be said on standard error, where standard output is for a document."""
    return redirect_stdout(sys.stderr)


def say_row(cells: Iterable[str]) -> None:
    """Write one line of cells with tabs between them, for `cut` and `awk`."""
    click.echo("\t".join(map(printable, cells)).rstrip("\t"))


def say_lines(lines: Iterable[str], err: bool = False) -> None:
    """Write several lines."""
    for line in lines:
        say(line, err=err)


def say_document(document: str | bytes) -> None:
    """Write a document as it is; whoever made it has escaped what it holds in the language of the document."""
    click.echo(document, nl=False)


def say_json(value: object) -> None:
    """Write a value as indented JSON, without what would act on a terminal."""
    say_document(json_text(value, indent=2) + "\n")


def say_error(error: ModuleRegistryError) -> None:
    """Write what was refused, and why, to standard error."""
    say_lines(lines_of(error), err=True)


def lines_of(error: ModuleRegistryError) -> list[str]:
    """What was refused, and why, a line each."""
    first, *others = error.lines()
    return [f"{first}{cause_of(error)}{_way_out(error)}", *others]


def cause_of(error: ModuleRegistryError) -> str:
    """What the store said, in parentheses. Over HTTP that, which may name addresses, is only for the log."""
    return f" ({error.__cause__})" if isinstance(error, StorageUnavailable) and error.__cause__ else ""


def _way_out(error: ModuleRegistryError) -> str:
    """What to do where the registry that is looked for by default does not exist yet."""
    if isinstance(error, UnreadableRegistry) and isinstance(error.__cause__, FileNotFoundError):
        from service.settings.settings import registry_file  # and all that parses settings

        if error.file == str(registry_file(os.environ)):
            return "; `module-registry init` writes one"
    return ""


def say_misuse(error: click.ClickException) -> None:
    """Write what is wrong with a command line, as Click does, but for what arguments would do to a terminal."""
    shown, message = StringIO(), error.format_message()
    error.show(shown)
    text = shown.getvalue()
    # Click's own lines are the choices of an option, and the help of a group.
    if not isinstance(error, click.MissingParameter | click.exceptions.NoArgsIsHelpError):
        text = text.replace(message, printable(message))
    say_lines(text.expandtabs(2).splitlines(), err=True)


def ask(question: str) -> None:
    """Ask on the terminal, and abort the command unless the answer is yes."""
    click.confirm(printable(question), abort=True)


def progress(label: str, length: int) -> AbstractContextManager[Any]:
    """A progress bar on standard error, where that is a terminal."""
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty(), update_min_steps=1000
    )
