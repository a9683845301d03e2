"""`module-registry check`: validate a file, without Redis or Flask."""

from __future__ import annotations

import os
from pathlib import Path

import click

from service.problems import InvalidRegistry
from service.registry.loading import load
from service.settings import Settings


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(file: Path | None) -> None:
    """Say everything that is wrong with FILE (by default REGISTRY_FILE, or registry.yaml), a line a problem.

    Exit code 0: the file is valid. 1: it has problems. 2: it cannot be read.
    """
    file = file or Settings.from_env(os.environ).registry_file
    try:
        registry = load(file)
    except InvalidRegistry as invalid:
        click.echo(str(invalid))
        raise SystemExit(1) from None
    count = len(registry.modules)
    click.echo(f"{file}: valid, {count} {'module' if count == 1 else 'modules'}")
