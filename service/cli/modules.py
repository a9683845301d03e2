"""`module-registry list` and `show`: what modules there are, and what is known of a slug."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from service.cli import tables
from service.cli.files import complete_slug
from service.cli.output import Styled, say, say_json
from service.cli.shared import format_option, registry_option
from service.problems import UnknownModules
from service.registry.loading import load
from service.registry.model import Module, Registry
from service.settings import registry_file
from service.wording import closest, having, json_text

#: What a list has of each module.
_COLUMNS = ("slug", "state", "category", "label")


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
    document = listed(load(file or registry_file(os.environ)), search)
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
    document = shown(load(file or registry_file(os.environ)), slug)
    if style == "json":
        say_json(document)
        return
    for name, value in document.items():
        if value not in (None, False, ()):
            say(Styled(f"{name}: ", bold=True), value if isinstance(value, str) else json_text(value))
