"""What the groups of commands share: an overview whose lines are not cut off."""

from __future__ import annotations

import click


class Group(click.Group):
    """A group whose overview has the whole first sentence of each command's help."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            names = self.list_commands(ctx)
            formatter.write_dl([(name, self.commands[name].get_short_help_str(limit=1000)) for name in names])
