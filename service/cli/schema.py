"""`module-registry schema`: the JSON Schema of registry.yaml, for editors and other tools."""

from __future__ import annotations

import click

from service.cli.output import say_document
from service.resources import read_schema


@click.command()
def schema() -> None:
    """Print the JSON Schema of registry.yaml, as it is served at /schemas/registry.schema.json."""
    say_document(read_schema("registry.schema.json"))
