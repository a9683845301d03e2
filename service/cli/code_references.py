"""`module-registry code-references`: slugs in the source of clients, by patterns, and what has become of each."""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from service.cli.check_report import Checked, looked_at, say_results
from service.cli.files import read_source, registry_named, source_files
from service.cli.output import say
from service.cli.shared import format_option
from service.cli.whole_file import change_file
from service.problems import InvalidField, UnreadableRegistry
from service.registry.edit.references import RULES, References
from service.settings.settings import registry_file
from service.wording import pluralized

#: Where a repository says what would otherwise be options.
_CONFIGURATION = Path(".module-registry.toml")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--registry",
    "name",
    metavar="FILE|URL",
    help="The registry: a file, git:REVISION:PATH, or the address of a file or of a service.  "
    "[default: that of .module-registry.toml, or REGISTRY_FILE, or registry.yaml]",
)
@click.option(
    "--pattern",
    "patterns",
    multiple=True,
    metavar="TEXT",
    help="Where a slug stands, such as /modules/{slug}; may be repeated.  [default: those of .module-registry.toml]",
)
@format_option("text", "json", "github", "sarif")
@click.option("--strict", is_flag=True, help="Make warnings errors.")
@click.option("--fix", is_flag=True, help="Write the current slug for each former one, in place.")
def code_references(
    paths: tuple[str, ...], name: str | None, patterns: tuple[str, ...], style: str, strict: bool, fix: bool
) -> None:
    """Say which slugs in the source below each PATH are former, removed or misspelled ones, or of deprecated modules.

    A slug is looked for where a pattern says that one stands, which has {slug} for it: 'job_type: "{slug}"'. A blank in
    it stands for any number of them. Of a folder in a git repository, the files are those that git lists; of another
    one, all but those in hidden folders and in node_modules. Binary files are left out.

    What is deprecated is a warning. A comment registry: ignore[RULE] behind a slug on its line takes back what is said.
    [code-references] in .module-registry.toml, in the working folder, may have `registry` and `patterns`.

    Exit code 0: no problem. 1: there are problems, also of the registry. 2: the registry or a file cannot be read, or a
    pattern makes no sense.
    """
    references, matches = _references(name, patterns), Counter[str]()

    def look(file: str) -> Checked | None:
        if (data := read_source(file)) is None:
            return None
        told = references.find(data, file, matches)
        if fix and any(each.edits for each in told):
            done = change_file(Path(file), references.fixed)
            say(f"{file}: {pluralized(done.number, 'slug')} replaced", err=True)
            told = references.find(data := done.data, file)
        errors, warnings = ([each for each in told if RULES[each.rule].is_warning is kind] for kind in (False, True))
        checked = Checked(file, errors, warnings, data.decode("utf-8", "surrogateescape") if told else "", None)
        return checked.strict() if strict else checked

    results, unreadable = looked_at(source_files(paths), look)
    code = say_results(style, results, unreadable)
    say(f"{pluralized(len(results), 'file')}, {pluralized(matches.total(), 'slug')}", err=style != "text")
    for pattern in references.patterns:
        if not matches[pattern]:
            say(f"nothing matches the pattern {pattern}", err=True)
    sys.exit(code)


def _references(name: str | None, patterns: tuple[str, ...]) -> References:
    """What finds slugs, by options or what the configuration file says instead. Raises click.UsageError."""
    given = _configured()
    registry = registry_named(name or given.get("registry") or str(registry_file(os.environ)))
    if not (patterns := patterns or tuple(given.get("patterns", ()))):
        raise click.UsageError(f"No patterns: give --pattern, or `patterns` in {_CONFIGURATION}")
    try:
        return References(registry, patterns)
    except InvalidField as error:
        raise click.UsageError(error.message) from error


def _configured() -> dict[str, Any]:
    """What the configuration file of the working folder says. Raises UnreadableRegistry."""
    import tomllib  # which others do without

    try:
        given = tomllib.loads(_CONFIGURATION.read_text("utf-8")).get("code-references", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UnreadableRegistry(str(_CONFIGURATION), f"cannot be read: {error}") from error
    known = {"registry": "", "patterns": []} | (given if isinstance(given, dict) else {"": None})
    texts = [known["registry"], *known["patterns"]] if isinstance(known["patterns"], list) else [None]
    if len(known) > 2 or not all(isinstance(each, str) and "\0" not in each for each in texts):
        takes = 'takes registry = "..." and patterns = ["..."], and nothing else'
        raise UnreadableRegistry(str(_CONFIGURATION), f"[code-references] {takes}")
    return known
