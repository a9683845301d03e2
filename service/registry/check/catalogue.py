"""Every rule by its stable id: what it asks, what it is for, and an example of either side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `wrong` and `right` are whole files."""

    title: str
    why: str
    wrong: str
    right: str


@cache
def rules() -> dict[str, Rule]:
    """The catalogue, in its order: the file, one entry, across entries. Read when somebody asks, not at every check."""
    text = (files("service.registry.check") / "catalogue.yaml").read_text("utf-8")
    return {name: Rule(**fields) for name, fields in yaml.load(text, Loader=yaml.CSafeLoader).items()}
