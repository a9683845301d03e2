"""What the views work with: the registry in force with its documents, the Redis client, and what a vote needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from service.registry.model import Registry
from service.registry.reload import ReloadingRegistry
from service.storage.client import Client
from service.web.documents import Document, documents
from service.web.protection import Headers


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One registry and the documents made of it, so that votes and the public document change at the same moment."""

    registry: Registry
    documents: dict[str, Document]

    @classmethod
    def of(cls, registry: Registry, modified: float, cache_control: str, protection: Headers) -> Snapshot:
        """A snapshot of a registry whose file was modified at `modified`, in seconds since 1970."""
        return cls(registry, documents(registry, modified, cache_control, protection))


@dataclass(frozen=True, slots=True)
class State:
    """One app's own; `state()` finds that of the app at hand."""

    registry: ReloadingRegistry[Snapshot]
    client: Client

    @property
    def in_force(self) -> Snapshot:
        """The registry in force at this moment, with its documents. A view asks once."""
        return self.registry.current


def state() -> State:
    """The state of the current app."""
    return cast(State, current_app.extensions["module_registry"])
