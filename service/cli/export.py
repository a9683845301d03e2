"""`module-registry export` and `schema`: the registry as source text, its client, and its JSON Schema."""

from __future__ import annotations

import os
from pathlib import Path

import click

from service import schema_path
from service.cli.output import say_document
from service.cli.shared import registry_option
from service.cli.whole_file import write_whole
from service.registry.export import FORMATS
from service.registry.loading import load
from service.settings import Settings

#: The frontend's client, an ES module: the file that the pages use.
_CLIENT = Path(__file__).parents[1] / "web" / "pages" / "assets" / "client.js"


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
    if style == "client":
        data = _CLIENT.read_bytes()
    else:
        data = FORMATS[style](load(file or Settings.from_env(os.environ).registry_file)).encode()
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
