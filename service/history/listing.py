"""Lists of events, as they are asked for over HTTP."""

from __future__ import annotations

from service.history import model
from service.history.model import Page
from service.history.store import read_page
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.listing import checked_limit


def changes(
    client: Client,
    registry: Registry,
    *,
    module: str | None = None,
    cursor: str | None = None,
    limit: str | None = None,
) -> Page:
    """Events, newest first: those of a module, by its slug or a former one, or else all.

    Raises InvalidField, StorageUnavailable.
    """
    slug = model.checked_slug(module)
    begin, most = model.checked_cursor(cursor), checked_limit(limit)
    return read_page(client, begin, most, [] if slug is None else _names(slug, registry))


def _names(slug: str, registry: Registry) -> list[str]:
    """Every slug under which a module's events were recorded."""
    found = registry.find(slug)
    return [found.slug, *found.formerly] if found else [slug]
