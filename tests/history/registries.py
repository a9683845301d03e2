"""Registries of a few modules for the tests of what changed, and what one worker serves."""

from __future__ import annotations

import time
from typing import Any

from service.history.recorder import Served
from service.registry.model import Label, Module, Registry
from service.registry.reload import revision_of


def module(slug: str, **fields: Any) -> Module:
    return Module(slug=slug, **({"category": "tools", "label": Label(f"{slug} (fr)", f"{slug} (en)")} | fields))


def active(slug: str, **fields: Any) -> Module:
    return module(slug, **({"api_endpoint": f"/api/{slug}"} | fields))


def registry(*modules: Module) -> Registry:
    return Registry(modules)


def served(registry: Registry, *, modified: float | None = None) -> Served:
    """What a worker serves, with a revision of its own; its file was modified now, unless another time is given."""
    return Served(revision_of(repr(registry).encode()), registry, time.time() if modified is None else modified)
