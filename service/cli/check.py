"""`module-registry check`: validate files, without Redis or Flask; and `lsp`, which does so in an editor."""

import os
import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import indent

import click

from service.cli.check_report import FORMATS, Checked, looked_at, say_results
from service.cli.files import files_of, read_named
from service.cli.output import on_standard_error, say, say_document, say_lines
from service.cli.shared import format_option
from service.problems import InvalidRegistry
from service.registry.lint.catalogue import rules
from service.registry.lint.linter import MAX_BYTES
from service.registry.loading.loader import Examined, examine, parse, read_file
from service.registry.loss import loss
from service.registry.model import Registry
from service.settings.settings import registry_file, rules_page
from service.wording import did_you_mean, pluralized


def _list_rules() -> None:
    width = max(map(len, rules()))
    for heading, is_warning in (((), False), (("", "Warnings, which --strict makes errors:", ""), True)):
        titles = (f"{name:{width}}  {rule.title}" for name, rule in rules().items() if rule.is_warning is is_warning)
        say_lines((*heading, *titles))


def _explain(name: str) -> None:
    rule = rules().get(name)
    if rule is None:
        advice = did_you_mean(name, rules()) or "--list-rules lists them"
        raise click.BadParameter(f"{name!r} is not a rule; {advice}", param_hint="--explain")
    kind = " (a warning)" if rule.is_warning else ""
    wrong, right = indent(rule.wrong, "    "), indent(rule.right, "    ")
    say_lines(f"{name}{kind}: {rule.title}\n\n{rule.why}\nWrong:\n\n{wrong}\nRight:\n\n{right}".splitlines())


def _complete_rule(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [rule for rule in rules() if rule.startswith(incomplete)]


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@format_option(*FORMATS)
@click.option(
    "--against",
    metavar="BASE",
    help="Say so if a running service would not believe an edit of BASE: a file, or git:REVISION:PATH.",
)
@click.option("--strict", is_flag=True, help="Make warnings errors.")
@click.option("--stdin-filename", metavar="NAME", help="What to call standard input, which is read then.")
@click.option("--list-rules", is_flag=True, help="List the rules.")
@click.option(
    "--explain",
    metavar="RULE",
    shell_complete=_complete_rule,
    help="Say what a rule is for, with a wrong and a right example.",
)
@click.option("--fix", is_flag=True, help="Mend what is certain, in place; standard input goes to standard output.")
@click.option("--diff", is_flag=True, help="Print what --fix would do as a diff, and write nothing.")
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[str, ...],
    style: str,
    against: str | None,
    strict: bool,
    stdin_filename: str | None,
    list_rules: bool,
    explain: str | None,
    fix: bool,
    diff: bool,
) -> None:
    """Say everything that is wrong with each FILE (by default REGISTRY_FILE, or registry.yaml; - reads standard input).

    Of a folder, the registries in it and below are checked: registry.yaml, and YAML files with modules: at the left
    margin.

    A warning says what is most likely a mistake, and does not fail the check. A comment # registry: ignore[RULE] on its
    line takes it back.

    Of many problems and warnings the first are listed, and the others counted: 100 in text, 50 for GitHub (and all in
    the step summary), 5,000 for GitLab and in SARIF, and 10,000 in JSON.

    With --against, a file is refused that has lost more than a quarter of BASE's names, and at least three, without
    listing them in `removed`. With --fix, it says what is wrong with each file once that is mended. With --diff, or
    where standard input is mended, that goes to standard error.

    Exit code 0: all files are valid. 1: there are problems. 2: a file cannot be read, or written, or a folder has no
    registry. Text is coloured on a terminal, unless NO_COLOR is set.
    """
    if list_rules or explain is not None:
        _list_rules() if explain is None else _explain(explain)
        ctx.exit()
    look = partial(_checked, stdin_name=stdin_filename, base=_base(against), strict=strict, fix=fix, diff=diff)
    names = _named(files, stdin_filename)
    results, unreadable = looked_at(names, look)
    with on_standard_error() if diff or (fix and "-" in names) else nullcontext():
        ctx.exit(say_results(style, results, unreadable))


def _named(files: tuple[str, ...], stdin_name: str | None) -> list[str]:
    if stdin_name is not None and files and "-" not in files:
        raise click.UsageError("--stdin-filename names standard input: give - as a FILE, or no FILE")
    # Without a name it is one file, never a folder of some.
    return [*files_of(files)] or ["-" if stdin_name is not None else str(registry_file(os.environ))]


def _base(name: str | None) -> Registry | None:
    """What files are compared with. One with problems is in force nowhere, so there is nothing to lose."""
    if name is None:
        return None
    try:
        return parse(read_named(name), name)
    except InvalidRegistry as invalid:
        say(f"{name}: not compared, since it has problems: {invalid.problems[0].text}", err=True)
        return None


def _checked(file: str, stdin_name: str | None, base: Registry | None, strict: bool, fix: bool, diff: bool) -> Checked:
    """What is wrong with a file, once it is mended. Raises UnreadableRegistry and UnwritableFile."""
    name = (stdin_name or "<stdin>") if file == "-" else file
    try:
        examined = _mended(file, name, diff) if fix or diff else examine(_read(file), name, warnings=True)
    except InvalidRegistry as invalid:  # too large to be looked at
        return Checked(name, [replace(problem, file=name) for problem in invalid.problems])
    linted, registry = examined.linted, examined.registry
    lost = loss(base, registry) if base and registry else None
    problems = [replace(lost, file=name)] if lost else linted.diagnostics
    modules = len(registry.modules) if registry else 0
    result = Checked(name, problems, linted.warnings, linted.text, modules)
    return result.strict() if strict else result


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else read_file(Path(file))


def _mended(file: str, name: str, only_shows: bool) -> Examined:
    """What is wrong with a file once it is mended, or before, where that is only shown. `name` is for messages.

    What is read from standard input, `-`, is written to standard output.
    """
    from service.cli.whole_file import change_file, say_diff  # with what only mending needs
    from service.registry.edit.mending import mended

    if only_shows or file == "-":
        done = mended(data := _read(file), name)
        if only_shows:
            say_diff(name, data, done.data)
        else:
            say_document(done.data if len(data) <= MAX_BYTES else b"")  # rather than its beginning
    else:
        done = change_file(Path(file), lambda data: mended(data, name))
    if done.number:
        said = "can be mended by --fix" if only_shows else "mended"
        say(f"{name}: {pluralized(done.number, 'problem')} {said}", err=True)
    if done.untried:
        say(f"{name}: {done.untried}", err=True)
    return done.before if only_shows else done.after


@click.command()
def lsp() -> None:
    """Answer an editor over standard input and output, by the Language Server Protocol.

    Files of the name registry.yaml or registry.yml are looked at, or instead those that the initialization option
    `files` names. The editor starts this command and ends it. Where PUBLIC_URL is set, mistakes lead to the page of
    their rule there.
    """
    page = rules_page(os.environ)
    from service.lsp.server import RegistryServer  # half a second, which `module-registry lsp --help` does not need

    RegistryServer(page).start_io()
