"""Registries that stretch the pages: many modules, and words that are too long."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import yaml
from support import REPOSITORY


def shipped() -> dict[str, Any]:
    """The registry that is shipped, as plain values."""
    document: dict[str, Any] = yaml.load((REPOSITORY / "registry.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return document


def as_yaml(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def ending() -> dict[str, Any]:
    """The shipped registry, of which nothing ends yet, with what `ending.yaml` says of the end of modules."""
    document = shipped()
    ends = yaml.load(Path(__file__).with_name("ending.yaml").read_bytes(), yaml.CSafeLoader)
    for entry in document["modules"]:
        if entry["slug"] in ends["deprecated"]:
            entry["deprecated"] = ends["each"] | ends["deprecated"][entry["slug"]]
    return document | {"removed": ends["removed"]}


def many(number: int) -> dict[str, Any]:
    """The shipped modules over and over, under names of their own."""
    document = shipped()
    original = document["modules"]
    modules = list(original)
    for turn in count(2):
        if len(modules) >= number:
            break
        modules += [_copy(entry, turn) for entry in original]
    return document | {"modules": modules[:number]}


def _copy(entry: dict[str, Any], turn: int) -> dict[str, Any]:
    """One entry again, with everything that must be unique made so."""
    copy = {name: value for name, value in entry.items() if name not in ("formerly", "feature_page")}
    copy["slug"] += f"_{turn}"
    copy["label"] = {language: f"{text} {turn}" for language, text in entry["label"].items()}
    if "api_endpoint" in entry:
        copy["api_endpoint"] += f"-{turn}"
    return copy


def awkward() -> dict[str, Any]:
    """The shipped registry, some of whose labels are as long, and as hard to break, as French gets."""
    labels = [
        "Anticonstitutionnellement-géolocalisation des établissements recevant du public",
        "Vérification réglementaire des sous-traitants",
        "Désindustrialisation & réindustrialisation",
        "Rapprochement_bancaire_automatique_intercommunal",
        "Téléprospection multicanale interdépartementale à consentement préalable",
    ]
    document = shipped()
    states: dict[frozenset[str], int] = {}
    for entry in document["modules"]:
        state = frozenset(entry) & {"coming_soon", "is_on_demand", "alpha_unavailable", "is_meta"}
        if states.setdefault(state, 0) < len(labels):
            entry["label"] = {"fr": labels[states[state]], "en": labels[states[state]]}
            states[state] += 1
    return document
