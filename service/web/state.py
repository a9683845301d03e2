"""What the views work with: the registry in force with its documents, the settings, and the Redis client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import redis
from flask import current_app

from service.registry.model import Registry
from service.settings import Settings
from service.web.documents import Document


@dataclass(frozen=True, slots=True)
class State:
    """One app's own; `state()` finds that of the app at hand."""

    settings: Settings
    registry: Registry
    documents: dict[str, Document]
    client: redis.Redis


def state() -> State:
    """The state of the current app."""
    return cast(State, current_app.extensions["module_registry"])
