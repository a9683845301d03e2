"""What a value of another kind than the one expected is meant for, such as text where a list belongs."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any

from service.registry.check import guesses
from service.registry.check.refused import NAMES, Hint, Refused, replaced_field
from service.registry.check.validation import is_valid
from service.registry.schema import is_name
from service.registry.text.characters import unmasked
from service.registry.text.nodes import ImplicitScalar
from service.registry.text.rewriting import in_double_quotes, listed, respelled, rewritten, spelled

#: How to say that there is no item.
_NO_ITEMS = "write [], or leave the field out, where there is none"


def of_other_kind(refused: Refused, expected: str) -> Hint | None:
    """A value of another kind than the one expected, such as text where a list belongs."""
    value = refused.node.value
    if expected == "array":
        return _listed(refused, value)
    single = isinstance(value, (list, dict)) and len(value) == 1
    if single and isinstance(value, dict) and expected == "string" and next(iter(value)) not in guesses.WRAPPERS:
        if refused.field in NAMES:
            wanted = [one for one in (*value, *value.values()) if isinstance(one, str) and _is_wanted(refused, one)]
            return (f"write {wanted[0]}", []) if len(wanted) == 1 else None  # else nobody knows which half is meant
        if text := _colon_in_text(refused, value):
            return text
    if single and (isinstance(value, list) or (expected == "string" and refused.field != "produces")):
        (item,) = refused.node.children.values() if isinstance(value, dict) else refused.node.children
        plain = item.value if isinstance(item.value, (str, bool)) else None
        if plain is not None and is_valid(refused.schema, plain) and (isinstance(plain, bool) or refused.fits(plain)):
            if isinstance(plain, bool):
                return f"write {str(plain).lower()}", refused.boolean(plain)
            return f"write {plain}", rewritten(refused.text, refused.node, spelled(plain))
    if isinstance(value, list) and isinstance(refused.path[-1], int) and refused.field in NAMES and value:
        inner = [item for item in value if is_name(item)]
        if len(inner) == len(value) and all(map(refused.fits, inner)):
            return f"write {', '.join(inner)}", refused.as_items(inner)
    return None


def _colon_in_text(refused: Refused, value: dict[str, Any]) -> Hint | None:
    """Text with a colon in it, which YAML reads as a mapping: both of its halves are meant."""
    ((before, after),) = value.items()
    whole = f"{before}: {after}"
    if not isinstance(after, str) or not is_valid(refused.schema, whole):
        return None
    written = in_double_quotes(whole)
    return f"put it in quotes: {written}", rewritten(refused.text, refused.node, written)


def _listed(refused: Refused, value: Any) -> Hint | None:
    nothing = value in (False, None) or (isinstance(value, str) and (not value.strip() or guesses.is_nothing(value)))
    if nothing and refused.field == "produces" and not refused.known.asked_for <= refused.known.available:
        return None  # somebody needs what it produces
    if nothing:
        return _NO_ITEMS, rewritten(refused.text, refused.node, "[]")
    if isinstance(value, dict):
        found = [name for name, child in value.items() if child is None]
        if len(found) == len(value) and found:
            return _list_of(refused, found)
        items = [*chain(*(one if isinstance(one, list) else [one] for one in value.values()))]
        is_text = refused.field == "keywords" and all(isinstance(one, str) for one in items)
        if is_text and (hint := _list_of(refused, list(dict.fromkeys(items)))):
            return f"{hint[0]}: they are one list for both languages", []
    if isinstance(value, ImplicitScalar) and is_valid(refused.schema, [value.text]):
        return f"write [{json.dumps(value.text)}]", rewritten(refused.text, refused.node, f"[{json.dumps(value.text)}]")
    if not isinstance(value, str) or len(value) > 5 * guesses.LONGEST:
        return None
    if is_name(value) and (refused.field != "needs" or value in refused.known.available):
        return _list_of(refused, [value])
    if refused.field not in NAMES:
        return _list_of_texts(refused, value)
    whole = [one for one in guesses.names(value) if not re.search(r"[\s,;|]", value.strip())]
    whole += [one for one in guesses.names(value) if _is_wanted(refused, one)]
    several = [one for one in guesses.name_items(value) if not guesses.is_nothing(one)]
    if several and len(several) < len(guesses.name_items(value)):
        return f"write {listed(several)}, or [] where there is none", []
    if whole and (refused.field != "needs" or refused.fits(whole[0])):
        return _list_of(refused, whole[:1])
    if len(several) > 1 and ("," in value or all(_is_wanted(refused, one) for one in several)):
        return _list_of(refused, several)
    if several and (len(several) > 1 or _is_wanted(refused, several[0])) and (hint := _list_of(refused, several)):
        return hint[0], []  # or one name of several words
    return None


def _list_of_texts(refused: Refused, value: str) -> Hint | None:
    hint, found = _list_of(refused, guesses.items(value)), guesses.items(value)
    parts = re.split(r"\s*/\s*|\s+", found[0]) if len(found) == 1 else []
    several = [part for part in dict.fromkeys(parts) if part not in ("", "&", "+", "et", "and", "ou", "or")]
    if hint is None or len(several) < 2:
        return hint
    return f"{hint[0]}, or {listed(several)} if these are several", []


def parted(refused: Refused) -> Hint | None:
    """Several texts of a list as one, with something else between them than commas."""
    found = guesses.items(refused.node.value)
    if len(found) < 2 or len(set(found)) < len(found) or not all(is_valid(refused.schema, one) for one in found):
        return None
    return "put commas between, and no quotes around all", refused.as_items([*map(spelled, found)])


def _is_wanted(refused: Refused, name: str) -> bool:
    if refused.field == "produces":
        return name in refused.known.asked_for
    return refused.field == "needs" and name in refused.known.available


def _list_of(refused: Refused, found: list[str]) -> Hint | None:
    if not found or not is_valid(refused.schema, found):
        return None
    item = (*refused.path, 0)
    known = all(is_name(refused.node.value) or refused.known.fits(refused.owner, item, one) for one in found)
    written = listed(found)
    return f"write {written}", rewritten(refused.text, refused.node, written) if known else []


def as_field(refused: Refused, key: int) -> Hint | None:
    """How to write a field that goes by another name and has a value of another form; `refused` is that value."""
    types = refused.schema.get("type", ())
    expected = types if isinstance(types, str) else types[0] if types else ""
    if expected == "string" and isinstance(refused.node.value, str) and "x-form" in refused.schema:
        _, edits = refused.well_formed()
    elif "enum" in refused.schema and isinstance(refused.node.value, str):
        meant = guesses.word(unmasked(refused.node.value), [one for one in refused.schema["enum"] if one])
        edits = respelled(refused.text, refused.node, meant) if meant else []
    else:
        _, edits = of_other_kind(refused, expected) or ("", [])
    if not edits:
        return None
    written = f"{refused.field}: {edits[0].new}"
    return f"write {written}", replaced_field(key, refused.node, written)
