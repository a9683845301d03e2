"""Words that people write for fields, states, values and nothing: the tables of repairs.yaml."""

from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

import yaml

from service.registry.lint.characters import unmask
from service.registry.schema import module_fields
from service.wording import normalized

#: A longer text is no word of a table, and no name or path, in characters.
_LONGEST_WORD, LONGEST_NAME = 30, 200
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ß": "ss"})


@cache
def read_repairs() -> dict[str, Any]:
    """Return the tables of repairs.yaml."""
    return dict(yaml.load(Path(__file__).with_name("repairs.yaml").read_text("utf-8"), yaml.CSafeLoader))


@cache
def _read_table(name: str) -> dict[str, str]:
    """Return the meaning of each word of a table. If two fields have the same word, it means the first."""
    table = read_repairs()[name]
    if name == "fields":
        table = {field: part.get("x-words", ()) for field, part in module_fields().items()} | table
    return {str(written): meant for meant, words in reversed(table.items()) for written in words}


def look_up(table: str, text: str) -> str:
    """Return the word of the schema that a text is written for, by a table; empty if the table lacks the text."""
    return _read_table(table).get(normalized(strip_accents(unmask(text))), "") if len(text) <= _LONGEST_WORD else ""


def strip_accents(text: str) -> str:
    """Return text without accents and ligatures. Long text is returned as it is: sorting its marks takes too long."""
    if len(text) > LONGEST_NAME:
        return text
    return "".join(letter for letter in normalize("NFKD", text.translate(_LIGATURES)) if not combining(letter))
