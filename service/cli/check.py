"""`module-registry check`: validate files, without Redis or Flask."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

import click

from service.cli.check_hosts import MOST_RESULTS, github, gitlab, sarif
from service.cli.check_report import Checked, as_json, text
from service.cli.files import files_of, read_named
from service.cli.output import on_standard_error, say, say_document, say_error, say_text
from service.cli.shared import FAILED, UNREADABLE, format_option
from service.problems import Diagnostic, InvalidRegistry, UnreadableRegistry, UnwritableFile
from service.registry.lint.catalogue import rules
from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import LINE_BREAK
from service.registry.loading import Examined, examine, parse, read_file
from service.registry.loss import loss
from service.registry.model import Registry
from service.settings import registry_file
from service.wording import did_you_mean, pluralized

#: Each format, and the most problems and warnings that it lists.
FORMATS: dict[str, tuple[Callable[[Sequence[Checked]], None], int]] = {
    "text": (text, 100),
    "json": (as_json, 10_000),
    "github": (github, MOST_RESULTS),
    "gitlab": (gitlab, MOST_RESULTS),
    "sarif": (sarif, MOST_RESULTS),
}


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
        explained = rules().get(rule)
        if explained is None:
            raise click.BadParameter(
                f"{rule!r} is not a rule; {did_you_mean(rule, rules()) or '--list-rules lists them'}"
            )
        kind = " (a warning)" if explained.is_warning else ""
        say_text(f"{rule}{kind}: {explained.title}\n\n{explained.why}\nWrong:\n\n{indent(explained.wrong, '    ')}")
        say_text(f"\nRight:\n\n{indent(explained.right, '    ')}")
        ctx.exit()


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
@click.pass_context
def check(
    ctx: click.Context,
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
    files = _with_stdin(files) if stdin_filename is not None else files
    write, most = FORMATS[style]
    asked = _Asked(stdin_filename or "<stdin>", _base(against), strict, fix, diff)
    results, refused = _results(files, most, asked)
    for error in refused:
        say_error(error)
    if style != "text":  # a document must not read as if the file were fine
        results += map(_unreadable, refused)
    with on_standard_error() if diff or (fix and "-" in files) else nullcontext():
        write(results)
    code = 0 if all(result.is_valid for result in results) else FAILED
    ctx.exit(UNREADABLE if refused else code)


def _with_stdin(files: tuple[str, ...]) -> tuple[str, ...]:
    if files and "-" not in files:
        raise click.UsageError("--stdin-filename names standard input: give - as a FILE, or no FILE")
    return files or ("-",)


class _Asked(NamedTuple):
    """What each file is to be looked at by: what standard input is called, what a file is compared with."""

    stdin_name: str
    base: Registry | None
    is_strict: bool
    fixes: bool
    only_shows: bool


def _results(
    names: Sequence[str], most: int, asked: _Asked
) -> tuple[list[Checked], list[UnreadableRegistry | UnwritableFile]]:
    """What is wrong with the files, of which the first problems are listed, and why some could not be looked at."""
    results: list[Checked] = []
    refused: list[UnreadableRegistry | UnwritableFile] = []
    # Without a name it is one file, never a folder of some.
    for file in files_of(names) if names else [str(registry_file(os.environ))]:
        try:
            if isinstance(file, UnreadableRegistry):
                raise file
            room = most - sum(len(result.listed) for result in results)
            results.append(_checked(file, max(0, room), asked))
        except (UnreadableRegistry, UnwritableFile) as error:
            refused.append(error)
    return results, refused


def _unreadable(error: UnreadableRegistry | UnwritableFile) -> Checked:
    return Checked(error.file, problems=(Diagnostic("unreadable", 0, str(error), file=error.file),))


def _base(name: str | None) -> Registry | None:
    """What files are compared with. One with problems is in force nowhere, so there is nothing to lose."""
    if name is None:
        return None
    try:
        return parse(read_named(name), name)
    except InvalidRegistry as invalid:
        say(f"{name}: not compared, since it has problems: {invalid.problems[0].text}", err=True)
        return None


def _checked(file: str, most: int, asked: _Asked) -> Checked:
    """The result of one file, once it is mended, with its first `most` problems and warnings.

    Raises UnreadableRegistry and UnwritableFile.
    """
    name = asked.stdin_name if file == "-" else file
    read = partial(sys.stdin.buffer.read, MAX_BYTES + 1) if file == "-" else partial(read_file, Path(file))
    try:
        if asked.fixes or asked.only_shows:
            data, examined = _mended(file, name, read, asked.only_shows)
            examined = examined.first(most)
        else:
            examined = examine(data := read(), name, most, warnings=True)
    except InvalidRegistry as invalid:  # too large to be looked at
        return Checked(name, problems=invalid.problems)
    result = Checked(name, (), examined.problems, examined.others, examined.warnings, examined.other_warnings)
    if result.listed:
        whole = examined.linted.text or data.decode("utf-8", errors="replace")
        result = result._replace(lines=LINE_BREAK.split(whole))
    if (registry := examined.registry) is not None:
        lost = asked.base and loss(asked.base, registry)
        problems = (Diagnostic("names-lost", 0, lost.message, lost.hint, file=name),) if lost else ()
        result = result._replace(modules=len(registry.modules), problems=problems)
    return _strictly(result) if asked.is_strict else result


def _strictly(result: Checked) -> Checked:
    """The result with its warnings among its problems."""
    return result._replace(
        problems=tuple(problem for problem, _ in result.listed),
        others=result.others + result.other_warnings,
        warnings=(),
        other_warnings=0,
    )


def _mended(file: str, name: str, read: Callable[[], bytes], only_shows: bool) -> tuple[bytes, Examined]:
    """The bytes of a file, mended unless that is only shown, and what is wrong with them.

    `name` is what messages call it, and `read` has its bytes. What is read from standard input, `-`, is written to
    standard output. Raises what reading does, and UnwritableFile.
    """
    from service.cli.diffs import say_diff  # with what only mending needs
    from service.cli.whole_file import change_file
    from service.registry.edit.mending import mended

    if only_shows:
        done = mended(data := read(), name)
        say_diff(name, data, done.data)
    elif file == "-":
        done = mended(data := read(), name)
        say_document(done.data if len(data) <= MAX_BYTES else b"")  # rather than its beginning
    else:
        done = change_file(Path(file), lambda data: mended(data, name))
    if done.number:
        said = "can be mended by --fix" if only_shows else "mended"
        say(f"{name}: {pluralized(done.number, 'problem')} {said}", err=True)
    if done.untried:
        say(f"{name}: {done.untried}", err=True)
    return (data, done.before) if only_shows else (done.data, done.after)
