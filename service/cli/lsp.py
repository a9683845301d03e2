"""`module-registry lsp`: the linter, and what it knows of names and fields, in an editor."""

from __future__ import annotations

import os

import click

from service.settings import rules_page


@click.command()
def lsp() -> None:
    """Answer an editor over standard input and output, by the Language Server Protocol.

    Files of the name registry.yaml or registry.yml are looked at, or instead those that the initialization option
    `files` names. The editor starts this command and ends it. Where PUBLIC_URL is set, mistakes lead to the page of
    their rule there.
    """
    page = rules_page(os.environ)
    from service.lsp.server import RegistryServer  # half a second, which `module-registry lsp --help` does not need

    RegistryServer(page).start_io()
