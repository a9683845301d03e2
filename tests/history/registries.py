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


def served(registry: Registry, *, at: float | None = None) -> Served:
    """What a worker serves, with a revision of its own: it was written now, unless another time is given."""
    at = time.time() if at is None else at
    return Served(revision_of(repr(registry).encode()), registry, at)
