"""The command line. Each command is imported when it is called, so `check` loads neither Flask nor redis.

A command is in the file of its name; `init`, `new`, `rename`, `release` and `remove` in `edit`, `restore` in `backup`,
`schema` in `export`, `wait-live` in `status`. `check` has its formats in `check_report` and `check_hosts`, `changes` in
`changes_words` and `changes_report`. All print by `output`, and by `tables`, `markdown` and `diffs`; `shared` has exit
codes, overviews and options that several take. `files` finds registry files, also in git, `whole_file` writes them, and
`store` opens a store and says who runs a command. `serve` goes from the first check to the stop: `address`,
`metrics_port`, and `supervisor`, with granian's server and what its workers do beside requests.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
from importlib import import_module
from typing import Any

import click
from click.exceptions import NoSuchCommand

from service.cli.output import say_error, say_misuse
from service.cli.shared import code_of
from service.logs import OneLineFormatter
from service.problems import ModuleRegistryError
from service.settings import warn_of_misspelt
from service.wording import printable

#: Command -> where it lives and the line that the overview shows.
COMMANDS = {
    "accounts": ("service.cli.accounts:accounts", "Add, change, list and remove accounts, and sign them in."),
    "audit": ("service.cli.audit:audit", "List what admins have done."),
    "backup": ("service.cli.backup:backup", "Write all that the store holds into a file."),
    "changes": ("service.cli.changes:changes", "Say what an edit of a registry changes."),
    "check": ("service.cli.check:check", "Say everything that is wrong with a registry file."),
    "deploy-files": (
        "service.cli.deploy_files:deploy_files",
        "Write what it takes to deploy the service.",
    ),
    "doctor": ("service.cli.doctor:doctor", "Say what would lose votes or let somebody in."),
    "export": ("service.cli.export:export", "Write the registry as TypeScript, JSON or Python."),
    "feedback": ("service.cli.feedback:feedback", "List, show, answer and close activation requests."),
    "init": ("service.cli.edit:init", "Write a small registry.yaml to begin with."),
    "insights": ("service.cli.insights:insights", "Say what people want: a ranking, what rises, what was released."),
    "lsp": ("service.cli.lsp:lsp", "Check, complete and explain a registry file in an editor."),
    "new": ("service.cli.edit:new", "Add a module to a registry file."),
    "plan": ("service.cli.plan:plan", "Say whether modules can run together, and how."),
    "release": ("service.cli.edit:release", "Make a module of a registry file active."),
    "remove": ("service.cli.edit:remove", "Take a module out of a registry file, and say that it is gone."),
    "rename": ("service.cli.edit:rename", "Give a module of a registry file another slug."),
    "restore": ("service.cli.backup:restore", "Restore what a backup holds."),
    "schema": ("service.cli.export:schema", "Print the JSON Schema of registry.yaml."),
    "serve": ("service.cli.serve:serve", "Check the registry and serve it over HTTP."),
    "settings": ("service.cli.settings:settings", "Print the settings in force, and where each comes from."),
    "status": ("service.cli.status:status", "Say what the workers serve, and how the store and the votes are."),
    "store": ("service.cli.store:store", "Look after the files of the embedded store."),
    "votes": ("service.cli.votes:votes", "Count, merge, move and look after votes."),
    "webhooks": ("service.cli.webhooks:webhooks", "Say how webhooks are delivered, try them again, send a test."),
    "wait-live": ("service.cli.status:wait_live", "Wait until every worker serves a registry file."),
}


class _LazyGroup(click.Group):
    """Click's documented pattern for commands that are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:  # Click looks for a similar one only among those that are imported
            raise NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        name = None if info_name is None else printable(info_name)
        try:
            return super().make_context(name, args, parent, **extra)
        except click.ClickException as error:
            say_misuse(error)
            raise click.exceptions.Exit(error.exit_code) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and say what was refused where Click would, but safely."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            say_misuse(error)
            ctx.exit(error.exit_code)
        except ModuleRegistryError as error:
            say_error(error)
            ctx.exit(code_of(error))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(package_name="module-registry")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The module registry: one YAML file, served over HTTP, with votes for what comes next."""
    atexit.register(gc.freeze)  # or Python looks for garbage in all that was imported once more, at its end
    if logging.lastResort:  # which prints what is logged before `serve` has set up its log, and by other commands
        logging.lastResort.setFormatter(OneLineFormatter())
    if ctx.invoked_subcommand != "serve":  # which says it in its log
        warn_of_misspelt(os.environ)
