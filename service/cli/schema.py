"""`module-registry schema`: the JSON Schema of registry.yaml, for editors and other tools."""

from __future__ import annotations

import click

from service.cli.output import say_document
from service.registry.schema import schema_path


@click.command()
def schema() -> None:
    """Print the JSON Schema of registry.yaml, as it is served at /schemas/registry.schema.json."""
    say_document(schema_path("registry.schema.json").read_bytes())
