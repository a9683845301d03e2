"""`module-registry lsp`: the linter, and what it knows of names and fields, in an editor."""

from __future__ import annotations

import click


@click.command()
def lsp() -> None:
    """Answer an editor over standard input and output, by the Language Server Protocol.

    Files of the name registry.yaml or registry.yml are looked at; the initialization option `files` names others.
    The editor starts this command and ends it.
    """
    from service.lsp.server import make_server  # half a second, which `module-registry lsp --help` does not need

    make_server().start_io()
