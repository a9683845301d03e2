"""`module-registry settings`: what is in force, and why."""

from __future__ import annotations

import os
from dataclasses import Field, fields
from enum import Enum
from urllib.parse import urlsplit

import click

from service.cli.tables import table
from service.settings import Settings
from service.storage.data_dir import SECRET_KEY
from service.storage.redis_url import RedisUrl

#: What is printed in place of a key or a password.
_HIDDEN = "(hidden)"


@click.command()
def settings() -> None:
    """Print the settings in force, and where each comes from. Secrets are hidden.

    All are environment variables; one that makes no sense is refused by name.
    """
    settings = Settings.from_env(os.environ)
    kept = settings.data_dir / SECRET_KEY
    rows = []
    for field in fields(Settings):
        name, shown = field.name.upper(), _shown(field, getattr(settings, field.name))
        origin = "environment" if name in os.environ else "default"
        if name == "SECRET_KEY" and origin == "default" and settings.redis_url is None and kept.exists():
            shown, origin = _HIDDEN, str(kept)
        rows.append((name, shown, origin))
    table(("setting", "value", "from"), rows)


def _shown(field: Field[object], value: object) -> str:
    """The value as the environment would have it, without what is secret."""
    if value in (None, (), ""):
        return "(not set)"
    if isinstance(value, RedisUrl):
        return value.place.removeprefix("REDIS_URL ")
    if field.name == "webhook_url":
        parts = urlsplit(str(value))  # whoever knows its path and query may be let in by them
        return f"{parts.scheme}://{parts.netloc}/{_HIDDEN}"
    if not field.repr:
        return _HIDDEN
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool | Enum) else str(value)
