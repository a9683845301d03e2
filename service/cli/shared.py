"""What commands share: exit codes, the overview of a group, and options that several of them take."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from service.problems import ModuleRegistryError, UnreadableRegistry

#: The file has problems, or what was asked could not be done. This and the others are the same for every command.
FAILED = 1
#: The file cannot be read, or (Click's own) the command line makes no sense.
UNREADABLE = 2
#: What `--fail-on` names is there; of a plan, something is missing or left out.
FOUND = 3

#: What the help of commands ends with that use a store.
ON_STORE = (
    "Works on the store of a running `serve`, on the one that REDIS_URL names, or on the one in DATA_DIR, and with the "
    "registry that REGISTRY_FILE names."
)

Command = TypeVar("Command", bound=Callable[..., Any])

#: Started by nohup: to outlive its terminal is wanted then, and otherwise a mistake.
NOHUP = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

_others = sys.unraisablehook


def unwind_on_sigterm() -> None:
    """Have SIGTERM, and the end of a terminal, end this command as an exit does: what was begun is not left behind."""
    for number in (signal.SIGTERM, signal.SIGALRM, *([] if NOHUP else [signal.SIGHUP])):
        signal.signal(number, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.unraisablehook = _exit_again


def _exit_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Python goes on where a finalizer exits: have a signal come again soon, when it does something else."""
    if isinstance(ignored.exc_value, SystemExit):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        _others(ignored)


def code_of(error: ModuleRegistryError) -> int:
    """That of a command that was refused."""
    return UNREADABLE if isinstance(error, UnreadableRegistry) else FAILED


class Group(click.Group):
    """A group whose overview has the whole first sentence of each command's help."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            names = self.list_commands(ctx)
            formatter.write_dl([(name, self.commands[name].get_short_help_str(limit=1000)) for name in names])


def utf8(value: str) -> str:
    """Refuse bytes that are no text, which no store could be asked for."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise click.BadParameter(f"{value} is not UTF-8 text")
    return value


def format_option(*styles: str) -> Callable[[Command], Command]:
    """How to print something, the first of these styles if nobody says so."""
    return click.option("--format", "style", type=click.Choice(styles), default=styles[0])


yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def registry_option(help: str, name: str = "--registry") -> Callable[[Command], Command]:
    """Which registry file, as the parameter `file`."""
    default = "REGISTRY_FILE, or registry.yaml"
    return click.option(name, "file", type=click.Path(path_type=Path), help=f"{help}  [default: {default}]")
