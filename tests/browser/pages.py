"""Every page, and the registry that they show, as data: what the browser tests and the pictures walk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml
from support import REPOSITORY

LANGUAGES = ("fr", "en")
#: What a browser of somebody of each language asks for.
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
THEMES = ("light", "dark")
#: What a sheet of paper is wide, without margins of 10 mm, in CSS pixels.
A4 = 718


class Listed(NamedTuple):
    """One page in one situation, as pages.yaml has it."""

    name: str
    path: str
    who: str | None = None
    status: int = 200
    provider: bool = False


def _read(file: Path) -> Any:
    return yaml.load(file.read_bytes(), yaml.CSafeLoader)


PAGES = [Listed(name, **fields) for name, fields in _read(Path(__file__).with_suffix(".yaml")).items()]


def ending() -> dict[str, Any]:
    """The registry that is shipped, of which nothing ends yet, with what `ending.yaml` says of the end of modules."""
    document, ends = _read(REPOSITORY / "registry.yaml"), _read(Path(__file__).with_name("ending.yaml"))
    for entry in document["modules"]:
        if entry["slug"] in ends["deprecated"]:
            entry["deprecated"] = ends["each"] | ends["deprecated"][entry["slug"]]
    return document | {"removed": ends["removed"]}


def as_yaml(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
