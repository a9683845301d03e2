"""The command line. Each command is imported when it is called, so `check` loads neither Flask nor redis.

COMMANDS says in which file each is. `check` and `code-references` have their formats in `check_report`, `changes` its
sentences in `changes_words`. All print by `output`, and by `tables`; `shared` has exit codes, overviews and options
that several take. `files` finds registry files, also in git and at an address, and those of clients, `whole_file`
writes them, and `store` opens a store and says who runs a command. `serve` goes from the first check to the stop:
`listening`, and `supervisor`, with granian's server and what its workers do beside requests.
"""

import atexit
import errno
import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click

from service.cli.output import say_error, say_misuse
from service.cli.shared import FAILED, Group, code_of
from service.problems import ModuleRegistryError
from service.settings.settings import warn_of_misspelt
from service.web.logs import OneLineFormatter

#: Command -> the file where the function of its name is, and the line that the overview shows.
COMMANDS = {
    "accounts": ("accounts", "Add, change, list and remove accounts, and sign them in."),
    "audit": ("accounts", "List what admins have done."),
    "backup": ("backup", "Write all that the store holds into a file."),
    "changes": ("changes", "Say what an edit of a registry changes."),
    "check": ("check", "Say everything that is wrong with a registry file."),
    "code-references": ("code_references", "Find former, removed and misspelled slugs in source code."),
    "deploy-files": ("settings", "Write what it takes to deploy the service."),
    "doctor": ("status", "Say what would lose votes or let somebody in."),
    "export": ("modules", "Write the registry as TypeScript, JSON or Python."),
    "feedback": ("feedback", "List, show, answer and close activation requests."),
    "init": ("edit", "Write a small registry.yaml to begin with."),
    "insights": ("insights", "Say what people want: a ranking, what rises, what was released."),
    "list": ("modules", "List the modules of a registry, or those with some words."),
    "lsp": ("check", "Check, complete and explain a registry file in an editor."),
    "mcp": ("mcp", "Answer an assistant about the registry."),
    "new": ("edit", "Add a module to a registry file."),
    "plan": ("modules", "Say whether modules can run together, and how."),
    "publish": ("publish", "Write what is the same for everybody as files, for nginx."),
    "release": ("edit", "Make a module of a registry file active."),
    "remove": ("edit", "Take a module out of a registry file, and say that it is gone."),
    "rename": ("edit", "Give a module of a registry file another slug."),
    "restore": ("backup", "Restore what a backup holds."),
    "schema": ("modules", "Print the JSON Schema of registry.yaml."),
    "serve": ("serve", "Check the registry and serve it over HTTP."),
    "settings": ("settings", "Print the settings in force, and where each comes from."),
    "show": ("modules", "Say what a registry knows of a slug."),
    "status": ("status", "Say what the workers serve, and how the store and the votes are."),
    "store": ("backup", "Look after the files of the embedded store."),
    "votes": ("votes", "Count, merge, move and look after votes."),
    "webhooks": ("webhooks", "Say how webhooks are delivered, try them again, send a test."),
    "wait-live": ("status", "Wait until every worker serves a registry file."),
}


@contextmanager
def _said_safely() -> Iterator[None]:
    """Say what is refused where Click would, but safely, and end the command with its exit code."""
    try:
        yield
    except click.ClickException as error:
        say_misuse(error)
        raise click.exceptions.Exit(error.exit_code) from None
    except ModuleRegistryError as error:
        say_error(error)
        raise click.exceptions.Exit(code_of(error)) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO) or error.filename:
            raise
        say_error(ModuleRegistryError(f"what is printed cannot be written: {error.strerror}"))
        raise click.exceptions.Exit(FAILED) from None


class _LazyGroup(Group):
    """Click's documented pattern for commands that are imported when they are needed."""

    make_context = _said_safely()(click.Group.make_context)
    invoke = _said_safely()(click.Group.invoke)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"service.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(
    cls=_LazyGroup,
    # What the overview shows, and by whose names Click finds a similar one.
    commands={name: click.Command(name, short_help=line) for name, (_, line) in COMMANDS.items()},
    context_settings={"help_option_names": ["--help", "-h"], "show_default": True},
)
@click.version_option(package_name="module-registry")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The module registry: one YAML file, served over HTTP, with votes for what comes next."""
    atexit.register(gc.freeze)  # or Python looks for garbage in all that was imported once more, at its end
    if logging.lastResort:  # which prints what is logged before `serve` has set up its log, and by other commands
        logging.lastResort.setFormatter(OneLineFormatter())
    if ctx.invoked_subcommand != "serve":  # which says it in its log
        warn_of_misspelt(os.environ)
