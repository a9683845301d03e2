"""What may be written where the cursor stands: fields, states, categories, artifacts, slugs, whole entries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count
from typing import Any, NamedTuple

from service.lsp.context import Context, context
from service.lsp.document import Document, modules_of, texts
from service.registry.lint.names import is_true, text_of
from service.registry.lint.nodes import Node, Path, fields, items
from service.registry.lint.validation import is_valid
from service.registry.model import STATE_FLAGS
from service.registry.schema import inlined, is_name
from service.wording import joined

#: What stands before a module's slug in the values of these fields.
_PATHS = {"api_endpoint": "/api/", "documentation": "/docs/modules/"}
_COLON = re.compile(r"[ \t]*:")
Schema = Mapping[str, Any]


class Suggestion(NamedTuple):
    """One thing that may be written. `insert` is in the syntax of LSP's snippets: $1 is the first place to fill.

    `kind` is the protocol's: a Property, an EnumMember, a Reference to a name of the file, a Snippet for an entry.
    """

    label: str
    kind: str
    insert: str
    detail: str = ""
    documentation: str = ""


def complete(document: Document, offset: int) -> tuple[Context, list[Suggestion]] | None:
    """Where an offset is, and what may be written there in place of the word; None where nothing can be said."""
    place = context(document.text, offset)
    if place is None or not (part := schema_of(place.path)):
        return None
    typed = document.text[place.start : offset].lower()
    said = [one for one in _suggestions(place, part, document.known) if typed in one.label.lower()]
    if _COLON.match(document.text, place.end):  # the word is a name already, and gets another
        said = [one._replace(insert=one.label) for one in said if one.kind == "Property"]
    return place, said


def schema_of(path: Path) -> Schema:
    """What the schema says of the value at a path; nothing of an unknown field."""
    part: Schema = inlined()
    for segment in path:
        part = part.get("items", {}) if isinstance(segment, int) else part.get("properties", {}).get(segment, {})
    return part


def field_of(path: Path) -> str:
    """The name of the field that a path leads to, or to an item of which."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def words_of(part: Schema) -> dict[str, str]:
    """The words that the schema knows for a value, each with what it says of it."""
    known = {"true": "", "false": ""} if part.get("type") == "boolean" else {}
    known |= zip(part.get("enum", ()), part.get("enumDescriptions", ()), strict=False)
    return {word: said for word, said in known.items() if word}


def _suggestions(place: Context, part: Schema, known: Node | None) -> Iterator[Suggestion]:
    inner = part.get("items", {})
    if "properties" in inner:
        yield from _entries(place, inner, "- ") if place.own_line else ()
    elif "properties" not in part:
        form = "{}" if not inner else "- {}" if place.own_line else "[{}]"
        for one in _values(place, inner or part, modules_of(known)):
            yield one._replace(insert=form.format(one.insert))
    elif place.is_key or place.own_line or not fields(place.around):
        yield from _entries(place, part, "") if items(place.around) else ()
        yield from _fields(place, part, known)
    else:
        shape = _flow(dict.fromkeys(part["required"], "..."))
        yield Suggestion(shape, "EnumMember", _begun(part).strip(), "", part.get("description", ""))


def _entries(place: Context, part: Schema, dash: str) -> Iterator[Suggestion]:
    """Whole entries to begin with, one for each kind of module: the schema has them."""
    for snippet in part.get("defaultSnippets", []) if not place.around.style else ():
        lines = [f"{name}: {_flow(said)}" for name, said in snippet["body"].items()]
        entry = dash + "\n  ".join(lines)
        yield Suggestion(snippet["label"], "Snippet", entry, snippet["description"], "\n".join(lines))


def _flow(value: Any) -> str:
    """A mapping in flow style; a text as it is, and the boolean true."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name}: {_flow(one)}' for name, one in value.items())} }}"
    return "true" if value is True else str(value)


def _fields(place: Context, part: Schema, known: Node | None) -> Iterator[Suggestion]:
    given = {*fields(place.around if place.is_key else None), *fields(None if place.path else known)}
    states = {flag: True for flag in STATE_FLAGS if is_true(place.around, flag)}
    conditions = {"dependentSchemas": part.get("dependentSchemas", {})}
    for name, field in part["properties"].items():
        if name not in given and is_valid(conditions, {**states, name: field.get("examples", [None])[0]}):
            path = _path(name, place)
            insert = f"{name}: ${{1:{path}}}" if path else f"{name}:{_begun(field)}"
            detail = "required" if name in part["required"] else ""
            yield Suggestion(name, "Property", insert, detail, field.get("description", ""))


def _begun(part: Schema) -> str:
    """What to write behind a name and its colon: a value or the beginning of one, with places to fill."""
    if part.get("type") == "boolean":
        return " true"
    if "enum" in part:
        return f" ${{1|{','.join(filter(None, part['enum']))}|}}"
    if "properties" in part:
        number = count(1)
        return re.sub(r"\$", lambda _: f"${next(number)}", f" {_flow(_needed(part))}")
    if "items" in part:
        return "\n  " if "properties" in part["items"] else " [$1]"
    return " "


def _needed(part: Schema) -> Any:
    """A mapping with the fields that it needs, each with a place to fill."""
    if "properties" not in part:
        return "$" if "format" in part else '"$"'
    return {name: _needed(part["properties"][name]) for name in part["required"]}


def _values(place: Context, part: Schema, modules: list[Node]) -> Iterator[Suggestion]:
    for word, said in (words := words_of(part)).items():
        yield Suggestion(word, "EnumMember", word, "", said)
    listed = {*words, *(item.text for item in items(place.around))}
    for name, detail in _known(field_of(place.path), place, modules).items():
        if name not in listed and is_valid(part, name):
            yield Suggestion(name, "Reference", name, detail)


def _known(field: str, place: Context, modules: list[Node]) -> dict[str, str]:
    """What a field may say that the schema does not know, with a detail of each."""
    if field in ("since", "date"):
        return {date.today().isoformat(): "today"}
    if field == "owner":
        return {text_of(entry, "owner"): "" for entry in modules}
    if field == "use":
        others = (entry for entry in modules if text_of(entry, "slug") != text_of(place.entry, "slug"))
        return {text_of(entry, "slug"): text_of(fields(entry).get("label", entry), "en") for entry in others}
    if field not in ("needs", "produces"):
        return {_path(field, place): ""}
    makers = defaultdict[str, list[str]](list)
    for entry in modules:
        for artifact in texts(entry, "produces"):
            makers[artifact].append(text_of(entry, "slug"))
    return {name: f"from {joined(slugs)}" for name, slugs in makers.items()}


def _path(field: str, place: Context) -> str:
    """The path that a module's field most likely has; nothing where it has none."""
    slug = text_of(place.entry, "slug")
    return _PATHS[field] + slug.replace("_", "-") if field in _PATHS and is_name(slug) else ""
