"""`module-registry check`: validate files, without Redis or Flask."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from textwrap import indent

import click

from service.cli.check_report import FORMATS, Checked
from service.cli.exits import FAILED, UNREADABLE
from service.cli.git_files import PREFIX, read_git
from service.cli.mending import Mender
from service.cli.output import on_standard_error, say, say_error, say_text
from service.problems import InvalidRegistry, Problem, UnreadableRegistry, UnwritableFile
from service.registry.check.catalogue import rules
from service.registry.check.nodes import LINE_BREAK
from service.registry.check.source import MAX_BYTES
from service.registry.loading import parse, read_file
from service.registry.loss import loss
from service.registry.model import Registry
from service.settings import registry_file
from service.wording import did_you_mean


def _list_rules(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        width = max(map(len, rules()))
        for name, rule in rules().items():
            say(f"{name:{width}}  {rule.title}")
        ctx.exit()


def _explain(ctx: click.Context, _: click.Parameter, rule: str | None) -> None:
    if rule is not None:
        found = rules().get(rule)
        if found is None:
            raise click.BadParameter(
                f"{rule!r} is not a rule; {did_you_mean(rule, rules()) or '--list-rules lists them'}"
            )
        say_text(f"{rule}: {found.title}\n\n{found.why}\nWrong:\n\n{indent(found.wrong, '    ')}")
        say_text(f"\nRight:\n\n{indent(found.right, '    ')}")
        ctx.exit()


def _complete_rule(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [rule for rule in rules() if rule.startswith(incomplete)]


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--format", "style", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--against",
    metavar="BASE",
    help="Say so if a running service would not believe an edit of BASE: a file, or git:REVISION:PATH.",
)
@click.option(
    "--list-rules", is_flag=True, is_eager=True, expose_value=False, callback=_list_rules, help="List the rules."
)
@click.option(
    "--explain",
    metavar="RULE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    shell_complete=_complete_rule,
    help="Say what a rule is for, with a wrong and a right example.",
)
@click.option("--fix", is_flag=True, help="Mend what is certain, in place; standard input goes to standard output.")
@click.option("--diff", is_flag=True, help="Print what --fix would do as a diff, and write nothing.")
def check(files: tuple[str, ...], style: str, against: str | None, fix: bool, diff: bool) -> None:
    """Say everything that is wrong with each FILE (by default REGISTRY_FILE, or registry.yaml; - reads standard input).

    Of many problems the first are listed, and the others counted: 100 in text, 50 for GitHub, 5,000 in SARIF, and
    10,000 in JSON.

    With --against, a file is refused that has lost more than a quarter of BASE's names, and at least three, without
    listing them in `removed`.

    With --fix, it says what is wrong with each file once that is mended. With --diff, or where standard input is
    mended, that goes to standard error.

    Exit code 0: all files are valid. 1: there are problems. 2: a file cannot be read, or written.

    Text is coloured on a terminal, unless NO_COLOR is set.
    """
    write, most = FORMATS[style]
    results: list[Checked] = []
    unreadable = False
    base = _base(against) if against else None
    mender = Mender(only_show=diff) if fix or diff else None
    for file in files or (str(registry_file(os.environ)),):
        try:
            results.append(_checked(file, most - sum(len(result.problems) for result in results), base, mender))
        except (UnreadableRegistry, UnwritableFile) as error:
            say_error(error)
            unreadable = True
            if style != "text":  # a document must not read as if the file were fine
                results.append(Checked(file, (), (Problem(file, 1, 1, "unreadable", str(error)),)))
    with on_standard_error() if mender and mender.writes else nullcontext():
        write(results)
    if unreadable:
        sys.exit(UNREADABLE)
    if not all(result.is_valid for result in results):
        sys.exit(FAILED)


def _base(name: str) -> Registry | None:
    """What files are compared with. One with problems is in force nowhere, so there is nothing to lose.

    Ends the command where it cannot be read.
    """
    try:
        return parse(read_git(name) if name.startswith(PREFIX) else read_file(Path(name)), name)
    except InvalidRegistry as invalid:
        say(f"{name}: not compared, since it has problems: {invalid.problems[0].text}", err=True)
        return None
    except UnreadableRegistry as error:
        say_error(error)
        sys.exit(UNREADABLE)


def _checked(file: str, most: int, base: Registry | None, mender: Mender | None) -> Checked:
    """The result of one file, once it is mended, with its first `most` problems.

    Raises UnreadableRegistry and UnwritableFile.
    """
    data, name = b"", "<stdin>" if file == "-" else file
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else read_file(Path(file))
        data = mender.mended(file, name, data) if mender else data
        registry = parse(data, name, max(0, most))
    except InvalidRegistry as invalid:
        text = data.decode("utf-8", errors="replace").removeprefix("\N{BYTE ORDER MARK}")
        return Checked(name, LINE_BREAK.split(text), invalid.problems, invalid.others)
    if base and (lost := loss(base, registry)):
        return Checked(name, (), (Problem(name, 1, 1, "names-lost", lost.message, lost.hint),))
    return Checked(name, modules=len(registry.modules))
