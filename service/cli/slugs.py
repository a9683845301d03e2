"""What a shell completes a module by."""

from __future__ import annotations

import os
from contextlib import suppress

import click

from service.problems import ModuleRegistryError
from service.registry.loading import load
from service.settings import registry_file


def complete_slug(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The slugs that are not named yet; nothing where the registry is not good."""
    with suppress(ModuleRegistryError):
        registry = load(ctx.params.get("file") or registry_file(os.environ))
        named = set(ctx.params.get("modules") or ()) | {ctx.params.get("slug")}
        return [slug for slug in registry.by_slug if slug.startswith(incomplete) and slug not in named]
    return []
