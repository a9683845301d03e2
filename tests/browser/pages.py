"""Every page as data: what the browser tests and the pictures walk."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

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
