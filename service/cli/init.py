"""`module-registry init`: a registry to begin with."""

from __future__ import annotations

import os

import click

from service.cli.output import say
from service.cli.whole_file import alone
from service.settings import registry_file

_REGISTRY = """\
# yaml-language-server: $schema=registry.schema.json
# For the completion of an editor, write that file beside this one: module-registry schema > registry.schema.json
# What is wrong with an edit: module-registry check

modules:
  # What runs: it has an endpoint, and may need and produce artifacts for other modules.
  - slug: scrap
    category: sources
    label: { fr: "Scraper Google Maps", en: "Google Maps scraper" }
    description:
      fr: "Récupère les entreprises affichées sur Google Maps, avec leurs coordonnées."
      en: "Collects the businesses that Google Maps lists, with their contact details."
    keywords: [entreprises locales, local businesses]
    produces: [leads]
    pipelinable: true
    api_endpoint: /api/scrap
    documentation: /docs/modules/scrap
    owner: team-sources

  # What may come: people vote for it.
  - slug: linkedin
    category: sources
    label: { fr: "Recherche LinkedIn", en: "LinkedIn search" }
    coming_soon: true
    stage: planned

# Other ids that may be voted for, such as those of modules that were removed.
legacy_features: []
"""


@click.command()
def init() -> None:
    """Write a small commented registry where there is none: REGISTRY_FILE, or registry.yaml."""
    path = registry_file(os.environ)
    try:
        with alone(path), path.open("x", encoding="utf-8") as file:
            try:
                file.write(_REGISTRY)
                file.flush()
            except BaseException:  # as on a full disk, or by Ctrl-C
                path.unlink()
                raise
    except FileExistsError:
        raise click.ClickException(f"{path} is there already, and is left as it is") from None
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
    say(f"wrote {path}: `module-registry check` checks it, and `module-registry serve` serves it")
