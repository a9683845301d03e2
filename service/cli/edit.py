"""`module-registry init`, and `new`, `rename`, `release` and `remove`: edits that keep all else to the byte."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from service.cli.files import complete_slug
from service.cli.output import say, say_lines
from service.cli.shared import Command, registry_option
from service.cli.whole_file import alone, change_file, say_diff, write_new
from service.registry.edit import modules
from service.registry.edit.modules import Changed, Opened
from service.registry.loading.loader import read_file
from service.registry.model import Label, ModuleState
from service.registry.schema import example, module_fields, type_of
from service.settings.settings import registry_file

#: The small registry that `init` writes.
_REGISTRY = Path(__file__).parents[1] / "registry" / "templates" / "registry.yaml"

#: The languages of texts, and their names.
_LANGUAGES = {"fr": "French", "en": "English"}


def _of_a_file(command: Command) -> Command:
    """The options that every edit has."""
    diff = click.option("--diff", is_flag=True, help="Print what would change as a diff, and write nothing.")
    return registry_option("The file to edit.", "--file")(diff(command))


def _edited(file: Path | None, diff: bool, edit: Callable[[Opened], Changed]) -> None:
    """Read a file, edit it, and write it or show what would change."""
    path = file or registry_file(os.environ)
    if diff:
        before = read_file(path)
        changed = edit(Opened(before, str(path)))
        say_diff(str(path), before, changed.data)
    else:
        changed = change_file(path, lambda data: edit(Opened(data, str(path))))
        say_lines(f"{path}: {line}" for line in changed.said)
    for warning in changed.warnings:
        say(f"{warning.file}:{warning.line}:{warning.column}: warning: {warning.text} [{warning.rule}]", err=True)


def _names(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Values that are given one by one, or several between commas."""
    return [name.strip() for value in values for name in value.split(",")]


def _field_options(command: Command) -> Command:
    """Add the options of the fields: the schema has an x-option for each field that `new` can set.

    A text in two languages has an option for each. A list takes several values. A boolean is a flag.
    """
    for name, field in reversed(module_fields().items()):
        if "x-option" not in field:
            continue
        option = dict(field["x-option"])
        help, flag = option.pop("help"), option.pop("name", f"--{name.replace('_', '-')}")
        type = type_of(field)
        if type.name == "Label":
            for language, language_name in reversed(_LANGUAGES.items()):
                in_language = f"{help}, in {language_name}."
                command = click.option(f"{flag}-{language}", help=in_language, **option)(command)
        elif type.is_list:
            command = click.option(flag, name, multiple=True, callback=_names, help=help, **option)(command)
        else:
            command = click.option(flag, name, is_flag=type.name == "boolean", help=help, **option)(command)
    return command


def _given_fields(options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that the options of `_field_options` set, as a registry file has them."""
    given: dict[str, Any] = {}
    for name, field in module_fields().items():
        value = options.get(name)
        if type_of(field).name == "Label":
            texts = {language: options.get(f"{name}_{language}") or "" for language in _LANGUAGES}
            value = texts if any(texts.values()) else None
        if value:
            given[name] = value
    return given


@click.command()
@click.argument("slug")
@click.option(
    "--state", type=click.Choice([state.bucket for state in ModuleState]), required=True, help="What the module is."
)
@click.option("--category", required=True, help="The group that it is shown in.")
@click.option("--fr", required=True, metavar="LABEL", help="Its name in French.")
@click.option("--en", required=True, metavar="LABEL", help="Its name in English.")
@_field_options
@_of_a_file
def new(slug: str, state: str, category: str, fr: str, en: str, file: Path | None, diff: bool, **options: Any) -> None:
    """Add a module to the registry: a whole entry, in the style of the file, in the group that it belongs to.

    Lists may be given with commas: --needs leads,emails.

    Exit code 0: written. 1: refused, with the reason. 2: the file cannot be read.
    """
    flag = next(known.flag for known in ModuleState if known.bucket == state)
    fields: dict[str, Any] = {"slug": slug, "category": category, "label": {"fr": fr, "en": en}}
    fields |= {flag: True} if flag else {}
    fields |= _given_fields(options)
    _edited(file, diff, lambda opened: modules.add(opened, fields))


@click.command()
@click.argument("slug", metavar="OLD", shell_complete=complete_slug)
@click.argument("new_slug", metavar="NEW")
@_of_a_file
def rename(slug: str, new_slug: str, file: Path | None, diff: bool) -> None:
    """Give the module OLD the slug NEW: `formerly` gets OLD, and all that names the module follows.

    Votes for OLD count for NEW from then on. Endpoint, artifacts and pages keep their names.

    Exit code 0: written. 1: refused, with the reason. 2: the file cannot be read.
    """
    _edited(file, diff, lambda opened: modules.rename(opened, slug, new_slug))


@click.command()
@click.argument("slug", shell_complete=complete_slug)
@click.option("--endpoint", metavar="PATH", help="Where a run is started, such as /api/scrap; a frozen module has one.")
@_of_a_file
def release(slug: str, endpoint: str | None, file: Path | None, diff: bool) -> None:
    """Make a module active that is coming soon, or frozen during the alpha.

    It leaves the list of what can be voted for; its votes stay, and who voted is told that it is there.

    Exit code 0: written. 1: refused, with the reason. 2: the file cannot be read.
    """
    _edited(file, diff, lambda opened: modules.release(opened, slug, endpoint))


@click.command()
@click.argument("slug", shell_complete=complete_slug)
@click.option("--use", metavar="OTHER", shell_complete=complete_slug, help="The module to use instead.")
@click.option("--because-fr", metavar="TEXT", help="Why it goes, in French.")
@click.option("--because-en", metavar="TEXT", help="Why it goes, in English.")
@click.option("--date", metavar="DAY", help="The day on which it goes, as YYYY-MM-DD.  [default: today, UTC]")
@click.option("--keep-votes", is_flag=True, help="It can still be voted for, as one of legacy_features.")
@_of_a_file
def remove(
    slug: str,
    use: str | None,
    because_fr: str | None,
    because_en: str | None,
    date: str | None,
    keep_votes: bool,
    file: Path | None,
    diff: bool,
) -> None:
    """Take a module out of the registry, and list it in `removed`, so that whoever asks for it is told.

    What its `deprecated` says holds here, too: what to use instead, and why it goes. Of any other module both reasons
    are to be given. Its former slugs are gone as well. With --use, what named it names OTHER.

    `changes` says whether it goes before clients could expect it, and what becomes of votes.

    Exit code 0: written. 1: refused, with the reason. 2: the file cannot be read.
    """
    because = Label(because_fr or "", because_en or "") if because_fr or because_en else None
    day = date or datetime.now(UTC).date().isoformat()
    _edited(file, diff, lambda opened: modules.remove(opened, slug, day, use, because, keep_votes))


@click.command()
def init() -> None:
    """Write a small commented registry where there is none: REGISTRY_FILE, or registry.yaml."""
    path = registry_file(os.environ)
    registry = modules.add(Opened(_REGISTRY.read_bytes(), str(path)), example())
    try:
        with alone(path):
            write_new(path, registry.data)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already, and is left as it is") from None
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
    say(f"wrote {path}: `module-registry check` checks it, and `module-registry serve` serves it")
