"""`module-registry check`: validate files, without Redis or Flask."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from textwrap import indent

import click

from service.cli.exits import FAILED, UNREADABLE
from service.cli.reports import FORMATS, Checked
from service.problems import InvalidRegistry, Problem, UnreadableRegistry
from service.registry.catalogue import rules
from service.registry.loading import parse, read_file
from service.registry.source import MAX_BYTES
from service.registry.words import did_you_mean
from service.settings import registry_file


def _list_rules(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        width = max(map(len, rules()))
        for name, rule in rules().items():
            click.echo(f"{name:{width}}  {rule.title}")
        ctx.exit()


def _explain(ctx: click.Context, _: click.Parameter, rule: str | None) -> None:
    if rule is not None:
        found = rules().get(rule)
        if found is None:
            raise click.BadParameter(
                f"{rule!r} is not a rule; {did_you_mean(rule, rules()) or '--list-rules lists them'}"
            )
        click.echo(f"{rule}: {found.title}\n\n{found.why}\nWrong:\n\n{indent(found.wrong, '    ')}")
        click.echo(f"Right:\n\n{indent(found.right, '    ')}", nl=False)
        ctx.exit()


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--format", "style", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--list-rules", is_flag=True, is_eager=True, expose_value=False, callback=_list_rules, help="List the rules."
)
@click.option(
    "--explain",
    metavar="RULE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Say what a rule is for, with a wrong and a right example.",
)
def check(files: tuple[str, ...], style: str) -> None:
    """Say everything that is wrong with each FILE (by default REGISTRY_FILE, or registry.yaml; - reads standard input).

    Exit code 0: all files are valid. 1: there are problems. 2: a file cannot be read.

    Text is coloured on a terminal, unless NO_COLOR is set.
    """
    results = []
    unreadable = False
    for file in files or (str(registry_file(os.environ)),):
        try:
            results.append(_checked(file))
        except UnreadableRegistry as error:
            click.echo(str(error), err=True)
            unreadable = True
            if style != "text":  # a document must not read as if the file were fine
                results.append(Checked(file, (), (Problem(file, 1, 1, "unreadable", str(error)),)))
    colour = False if os.environ.get("NO_COLOR") else None
    for line in FORMATS[style](results):
        click.echo(line, color=colour)
    if unreadable:
        sys.exit(UNREADABLE)
    if any(result.problems for result in results):
        sys.exit(FAILED)


def _checked(file: str) -> Checked:
    if file == "-":
        data, name = sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>"
    else:
        data, name = read_file(Path(file)), file
    try:
        registry = parse(data, name)
    except InvalidRegistry as invalid:
        lines = data.decode("utf-8", errors="replace").removeprefix("\N{BYTE ORDER MARK}").split("\n")
        return Checked(name, lines, invalid.problems)
    return Checked(name, (), (), len(registry.modules))
