"""`module-registry settings`: what is in force, and why."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import Field, fields
from enum import Enum

import click

from service.cli.tables import table
from service.settings import Settings
from service.storage.data_dir import SECRET_KEY

#: What is printed in place of a key or a password.
_HIDDEN = "(hidden)"


@click.command()
def settings() -> None:
    """Print the settings in force, and where each comes from. Secrets are hidden.

    All are environment variables; one that makes no sense is refused by name.
    """
    settings = Settings.from_env(os.environ)
    table(("setting", "value", "from"), [_row(field, settings, os.environ) for field in fields(Settings)])


def _row(field: Field[object], settings: Settings, environ: Mapping[str, str]) -> tuple[str, str, str]:
    name, value = field.name.upper(), getattr(settings, field.name)
    if name in environ:
        return name, _shown(field, value, environ[name]), "environment"
    kept = settings.data_dir / SECRET_KEY
    if name == "SECRET_KEY" and settings.redis_url is None and kept.exists():
        return name, _HIDDEN, str(kept)
    return name, _shown(field, value, ""), "default"


def _shown(field: Field[object], value: object, given: str) -> str:
    """The value as the environment would have it, without what is secret."""
    if value in (None, (), ""):
        return "(not set)"
    if field.name == "redis_url":
        return _without_password(given)
    if field.name == "webhook_url":
        return _origin_alone(str(value))
    if not field.repr:
        return _HIDDEN
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool | Enum) else str(value)


def _without_password(url: str) -> str:
    """A URL of Redis without name and password, and without its query, which may have them as well."""
    return re.sub(r"//[^/]*@", f"//{_HIDDEN}@", re.sub(r"[?#].*", "", url, flags=re.DOTALL))


def _origin_alone(url: str) -> str:
    """A URL without its path and query: whoever knows those may be let in by them."""
    *origin, rest = url.split("/", 3)
    return "/".join([*origin, _HIDDEN if rest else ""])
