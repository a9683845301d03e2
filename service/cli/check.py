"""`module-registry check`: validate files, without Redis or Flask."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import click

from service.cli.check_files import files_of
from service.cli.check_hosts import MOST_RESULTS
from service.cli.check_report import FORMATS
from service.cli.checked import Checked
from service.cli.exits import FAILED, UNREADABLE
from service.cli.output import on_standard_error, say, say_error, say_text
from service.problems import Diagnostic, InvalidRegistry, UnreadableRegistry, UnwritableFile
from service.registry.lint.catalogue import rules
from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import LINE_BREAK
from service.registry.loading import examine, parse, read_file
from service.registry.loss import loss
from service.registry.model import Registry
from service.settings import registry_file
from service.wording import did_you_mean

if TYPE_CHECKING:
    from service.cli.check_fix import Mender


def _list_rules(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        width = max(map(len, rules()))
        for is_warning in (False, True):
            if is_warning:
                say_text("\nWarnings, which --strict makes errors:\n\n")
            for name, rule in rules().items():
                if rule.is_warning is is_warning:
                    say(f"{name:{width}}  {rule.title}")
        ctx.exit()


def _explain(ctx: click.Context, _: click.Parameter, rule: str | None) -> None:
    if rule is not None:
        found = rules().get(rule)
        if found is None:
            raise click.BadParameter(
                f"{rule!r} is not a rule; {did_you_mean(rule, rules()) or '--list-rules lists them'}"
            )
        kind = " (a warning)" if found.is_warning else ""
        say_text(f"{rule}{kind}: {found.title}\n\n{found.why}\nWrong:\n\n{indent(found.wrong, '    ')}")
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
@click.option("--strict", is_flag=True, help="Make warnings errors.")
@click.option("--stdin-filename", metavar="NAME", help="What to call standard input, which is read then.")
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
def check(
    files: tuple[str, ...],
    style: str,
    against: str | None,
    strict: bool,
    stdin_filename: str | None,
    fix: bool,
    diff: bool,
) -> None:
    """Say everything that is wrong with each FILE (by default REGISTRY_FILE, or registry.yaml; - reads standard input).

    Of a folder, the registries in it and below are checked: registry.yaml, and YAML files with modules: at the left
    margin.

    A warning says what is most likely a mistake, and does not fail the check. A comment # registry: ignore[RULE] on its
    line takes it back.

    Of many problems and warnings the first are listed, and the others counted: 100 in text, 50 for GitHub, 5,000 for
    GitLab and in SARIF, and 10,000 in JSON. For GitHub, all are listed in the step summary.

    With --against, a file is refused that has lost more than a quarter of BASE's names, and at least three, without
    listing them in `removed`.

    With --fix, it says what is wrong with each file once that is mended. With --diff, or where standard input is
    mended, that goes to standard error.

    Exit code 0: all files are valid. 1: there are problems. 2: a file cannot be read, or written, or a folder has no
    registry.

    Text is coloured on a terminal, unless NO_COLOR is set.
    """
    if stdin_filename is not None:
        files = files or ("-",)
        if "-" not in files:
            raise click.UsageError("--stdin-filename names standard input: give - as a FILE, or no FILE")
    # Without a name it is one file, never a folder of some.
    named = files_of(files) if files else [str(registry_file(os.environ))]
    if code := _look(named, style, against, strict, stdin_filename, fix, diff):
        sys.exit(code)


def _look(
    named: Iterable[str | UnreadableRegistry],
    style: str,
    against: str | None,
    strict: bool,
    stdin_filename: str | None,
    fix: bool,
    diff: bool,
) -> int:
    """Check the files that are there now, print what was found, and return the exit code."""
    write, most = FORMATS[style]
    if style == "github" and os.environ.get("GITHUB_STEP_SUMMARY"):
        most = MOST_RESULTS
    results: list[Checked] = []
    unreadable = False
    base = _base(against) if against else None
    mender = None
    if fix or diff:
        from service.cli.check_fix import Mender  # with what only it needs

        mender = Mender(only_show=diff)
    for file in named:
        try:
            if isinstance(file, UnreadableRegistry):
                raise file
            room = most - sum(len(result.problems) + len(result.warnings) for result in results)
            results.append(_checked(file, stdin_filename, max(0, room), base, strict, mender))
        except (UnreadableRegistry, UnwritableFile) as error:
            say_error(error)
            unreadable = True
            if style != "text":  # a document must not read as if the file were fine
                problem = Diagnostic("unreadable", 0, str(error), file=error.file)
                results.append(Checked(error.file, (), (problem,)))
    with on_standard_error() if mender and mender.writes else nullcontext():
        write(results)
    if unreadable:
        return UNREADABLE
    return 0 if all(result.is_valid for result in results) else FAILED


def _base(name: str) -> Registry | None:
    """What files are compared with. One with problems is in force nowhere, so there is nothing to lose.

    Ends the command where it cannot be read.
    """
    from service.cli.git_files import PREFIX, read_git  # and all that it takes to run git

    try:
        return parse(read_git(name) if name.startswith(PREFIX) else read_file(Path(name)), name)
    except InvalidRegistry as invalid:
        say(f"{name}: not compared, since it has problems: {invalid.problems[0].text}", err=True)
        return None
    except UnreadableRegistry as error:
        say_error(error)
        sys.exit(UNREADABLE)


def _checked(
    file: str, stdin_filename: str | None, most: int, base: Registry | None, strict: bool, mender: Mender | None
) -> Checked:
    """The result of one file, once it is mended, with its first `most` problems and warnings.

    Raises UnreadableRegistry and UnwritableFile.
    """
    name = (stdin_filename or "<stdin>") if file == "-" else file
    read = partial(sys.stdin.buffer.read, MAX_BYTES + 1) if file == "-" else partial(read_file, Path(file))
    try:
        if mender:
            data, found = mender.mended(file, name, read)
            found = found.first(most)
        else:
            found = examine(data := read(), name, most, warnings=True)
    except InvalidRegistry as invalid:  # too large to be looked at
        return Checked(name, (), invalid.problems)
    lines: Sequence[str] = ()
    if found.problems or found.warnings:
        lines = LINE_BREAK.split(found.linted.text or data.decode("utf-8", errors="replace"))
    result = Checked(name, lines, found.problems, found.others, 0, found.warnings, found.other_warnings)
    if found.registry is not None:
        if base and (lost := loss(base, found.registry)):
            result = result._replace(problems=(Diagnostic("names-lost", 0, lost.message, lost.hint, file=name),))
        else:
            result = result._replace(modules=len(found.registry.modules))
    return _strictly(result) if strict else result


def _strictly(result: Checked) -> Checked:
    """The result with its warnings among its problems."""
    return result._replace(
        problems=tuple(problem for problem, _ in result.said),
        others=result.others + result.other_warnings,
        warnings=(),
        other_warnings=0,
    )
