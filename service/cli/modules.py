"""`module-registry list`, `show`, `plan`, `export` and `schema`: what a registry says, for people and programs."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import click

from service import schema_path
from service.cli import tables
from service.cli.files import complete_slug, loaded
from service.cli.output import Styled, say, say_document, say_json
from service.cli.shared import FOUND, format_option, registry_option
from service.cli.whole_file import write_whole
from service.problems import UnknownModules
from service.registry import plan as planning
from service.registry.export import FORMATS
from service.registry.model import Module, ModuleState, Registry
from service.wording import closest, either, having, joined, json_text

#: What a list has of each module.
_COLUMNS = ("slug", "state", "category", "label")
#: Why a module is left out of a plan, in words.
_REASONS = {planning.NOT_PIPELINABLE: "not pipelinable"}
_REASONS |= {state.bucket: state.label.en.lower() for state in ModuleState}
#: The frontend's client, an ES module: the file that the pages use.
_CLIENT = Path(__file__).parents[1] / "web" / "pages" / "assets" / "client.js"


def listed(registry: Registry, search: str = "") -> dict[str, Any]:
    """The modules that have each word of a search, in the order of the file, as `list` has them in JSON."""
    has_words = having(search)
    return {
        "modules": [
            {"slug": each.slug, "state": each.state.bucket, "category": each.category, "label": asdict(each.label)}
            for each in registry.modules
            if has_words(_texts(each))
        ]
    }


def shown(registry: Registry, slug: str) -> dict[str, Any]:
    """All that is known of a slug, or a former one, as `show` has it in JSON. Raises UnknownModules."""
    if module := registry.find(slug):
        return {"state": module.state.bucket, **asdict(module)}
    if gone := registry.tombstones.get(slug):
        return {"state": "removed", **asdict(gone)}
    raise UnknownModules({slug: closest(slug, registry.by_slug) or None})


def _texts(module: Module) -> str:
    """What a module is found by, as on the page of modules."""
    labels = [text for label in (module.label, module.description) if label for text in (label.fr, label.en)]
    return "\n".join([module.slug, *module.formerly, *module.keywords, *labels])


@click.command()
@click.option("--search", default="", show_default=False, metavar="WORDS", help="Only those with each of these words.")
@registry_option("The file that has the modules.")
@format_option("text", "json")
def list(search: str, file: Path | None, style: str) -> None:
    """List the modules of the registry, in its order.

    A search looks into slugs, former ones, names, descriptions and keywords, whatever their accents and capitals.
    """
    document = listed(loaded(file), search)
    rows = [(*(each[name] for name in _COLUMNS[:-1]), each["label"]["en"]) for each in document["modules"]]
    tables.listing("table" if style == "text" else style, _COLUMNS, rows, document, "no module has these words")


@click.command()
@click.argument("slug", shell_complete=complete_slug)
@registry_option("The file that has the module.")
@format_option("text", "json")
def show(slug: str, file: Path | None, style: str) -> None:
    """Say what the registry knows of SLUG: of a module, by its slug or a former one, or of one that was removed.

    In JSON it is what GET /api/modules has of it, with its `state`. Exit code 1: no module has the slug, or the
    registry has problems. 2: the registry cannot be read.
    """
    document = shown(loaded(file), slug)
    if style == "json":
        say_json(document)
        return
    for name, value in document.items():
        if value not in (None, False, ()):
            say(Styled(f"{name}: ", bold=True), value if isinstance(value, str) else json_text(value))


@click.command()
@click.argument("modules", nargs=-1, required=True, metavar="MODULE...", shell_complete=complete_slug)
@registry_option("The file that has the modules.")
@format_option("text", "json")
def plan(modules: tuple[str, ...], file: Path | None, style: str) -> None:
    """Say whether each MODULE can run with the others, by slug or former slug: 1 to 50 of them.

    It draws the steps, one below the other: everything in a step can be started at once, when the step before is done.
    What will queue shares the VPN pool, of which one runs at a time platform-wide. What is missing counts as given.

    The format "json" is what GET /api/pipelines/plan answers.

    Exit code 0: they can run together. 1: a name is no module's, there are too many, or the registry has problems. 2:
    the registry cannot be read. 3: something is missing, or a module cannot be part of a pipeline.
    """
    registry = loaded(file)
    planned = planning.plan(registry, modules)
    if style == "json":
        say_json(asdict(planned))
    else:
        for line in (*_drawn(registry, planned), *_notes(planned)):
            say(*line)
    if planned.missing or planned.excluded:
        sys.exit(FOUND)


def _drawn(registry: Registry, planned: planning.Plan) -> Iterator[tuple[str, ...]]:
    """A line for each module, with what it takes and gives, and one between steps."""
    flows = {slug: _flow(registry.by_slug[slug]) for slug in planned.order}
    name, flow = (max(map(len, texts), default=0) for texts in (flows, flows.values()))
    for number, step in enumerate(planned.parallel, 1):
        if number > 1:
            yield ("    |",)
        for slug in step:
            mark = f"{number:2} -+- " if slug == step[0] else "    +- "
            queues = "  will queue" if slug in planned.queued else ""
            yield mark, Styled(slug, bold=True), f"{'':{name - len(slug)}}  {flows[slug]:{flow}}{queues}".rstrip()


def _flow(module: Module) -> str:
    return f"{', '.join(module.needs)} -> {', '.join(module.produces)}".strip()


def _notes(planned: planning.Plan) -> Iterator[tuple[str, ...]]:
    """What a drawing does not show."""
    if planned.order and (planned.queued or planned.missing or planned.excluded):
        yield ("",)
    if planned.queued:
        yield (f"will queue: {joined(planned.queued)}; the VPN pool takes one run at a time, platform-wide",)
    for artifact, needed_by, supplied_by in map(astuple, planned.missing):
        verb = "needs" if len(needed_by) == 1 else "need"
        supply = f"{either(supplied_by)} would supply it" if supplied_by else "nothing that runs supplies it"
        yield Styled("missing", fg="yellow"), f": {artifact}, which {joined(needed_by)} {verb}; {supply}"
    for module in planned.excluded:
        yield Styled("left out", fg="yellow"), f": {module.slug} ({_REASONS[module.reason]})"


@click.command()
@click.option("--format", "style", type=click.Choice([*FORMATS, "client"]), required=True, help="What to write.")
@registry_option("The file to export.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write to this file, whole or not at all.  [default: standard output]",
)
def export(style: str, file: Path | None, output: Path | None) -> None:
    """Write a valid registry as TypeScript, JSON or Python: its slugs as types, its entries as constants.

    A program that uses them does not compile with a slug that does not exist. The same registry gives the same bytes.
    The format "client" is no registry: it is the ES module that follows one over HTTP, and votes.

    Exit code 0: written. 1: the registry has problems, or OUTPUT cannot be written. 2: the registry cannot be read.
    """
    data = _CLIENT.read_bytes() if style == "client" else FORMATS[style](loaded(file)).encode()
    if output is None or str(output) == "-":
        say_document(data)
        return
    try:
        write_whole(output, data)
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from error


@click.command()
def schema() -> None:
    """Print the JSON Schema of registry.yaml, as it is served at /schemas/registry.schema.json."""
    say_document(schema_path("registry.schema.json").read_bytes())
