"""What may be written where the cursor stands: fields, states, categories, artifacts, slugs, whole entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from service.lsp.context import Context, context
from service.lsp.document import Document, Structure, names, value
from service.registry.check.validation import is_valid
from service.registry.model import STATE_FLAGS
from service.registry.references import fields
from service.registry.schema import inlined, is_name, module_fields
from service.wording import joined

#: Suggestions in one answer: of more than that a client asks again when more is typed.
MOST = 500

#: The fields whose value is the slug of another module; and a day.
_SUCCESSORS = ("use",)
_DAYS = ("since", "date")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be written. `insert` is in the syntax of LSP's snippets: $1 is the first place to fill."""

    label: str
    kind: Literal["field", "value", "name", "entry"]
    insert: str
    detail: str = ""
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to offer in place of the text from `start` to `end`, offsets of the document."""

    start: int
    end: int
    items: list[Suggestion]
    has_more: bool = False


def complete(document: Document, offset: int) -> Suggestions | None:
    """What may be written at an offset; None where nothing can be said."""
    place = context(document.text, offset)
    if place is None:
        return None
    part = schema_of(place.path)
    if part is None:
        return None
    known = document.last_structure or document.structure_without_line(offset)
    said = [one for one in _suggestions(place, part, known) if place.typed.lower() in one.label.lower()]
    return Suggestions(place.start, place.end, said[:MOST], len(said) > MOST)


def schema_of(path: Iterable[str | int]) -> dict[str, Any] | None:
    """What the schema says of the value at a path; None of an unknown field."""
    part: dict[str, Any] | None = inlined()
    for segment in path:
        if part is not None:
            part = part.get("items") if isinstance(segment, int) else part.get("properties", {}).get(segment)
    return part


def _suggestions(place: Context, part: Mapping[str, Any], known: Structure | None) -> Iterator[Suggestion]:
    is_item = bool(place.path) and isinstance(place.path[-1], int)
    if "properties" in part:
        if is_item and not place.is_key:
            yield from _entries(part, place, "")
        if place.is_key or is_item or place.own_line or not place.path:
            yield from _fields(place, part, known)
        else:
            yield Suggestion(_shape(part), "value", _flow(part, [0]), "", part.get("description", ""))
    elif "properties" in part.get("items", {}):
        if place.own_line:
            yield from _entries(part["items"], place, "- ")
    elif part.get("type") == "array":
        before, after = ("- ", "") if place.own_line else ("[", "]")
        for name in _values((*place.path, 0), part["items"], place, known):
            yield Suggestion(name.label, name.kind, f"{before}{name.insert}{after}", name.detail, name.documentation)
    else:
        yield from _values(place.path, part, place, known)


def _entries(part: Mapping[str, Any], place: Context, dash: str) -> Iterator[Suggestion]:
    """Whole entries to begin with, one for each kind of module: the schema has them."""
    if place.in_flow or place.has_colon:
        return
    for snippet in part.get("defaultSnippets", []):
        lines = [f"{name}: {_rendered(said)}" for name, said in snippet["body"].items()]
        yield Suggestion(snippet["label"], "entry", dash + "\n  ".join(lines), snippet["description"], "\n".join(lines))


def _rendered(said: Any) -> str:
    """A value of a snippet in flow style."""
    if isinstance(said, dict):
        return f"{{ {', '.join(f'{name}: {_rendered(one)}' for name, one in said.items())} }}"
    if isinstance(said, list):
        return f"[{', '.join(map(_rendered, said))}]"
    return str(said).lower() if isinstance(said, bool) else str(said)


def _fields(place: Context, part: Mapping[str, Any], known: Structure | None) -> Iterator[Suggestion]:
    given = set(place.given) if place.is_key else set()
    if not place.path and known is not None:
        given |= set(known.root.children if isinstance(known.root.children, dict) else ())
    for name, field in part["properties"].items():
        if name in given and not (place.has_colon and name == place.typed):
            continue
        if place.path[:1] == ("modules",) and len(place.path) == 2 and not _allowed(place.given, name, part):
            continue
        insert = name if place.has_colon else f"{name}:{_begun(name, field, place)}"
        detail = "required" if name in part.get("required", ()) else ""
        yield Suggestion(name, "field", insert, detail, field.get("description", ""))


def _allowed(given: Mapping[str, str | None], name: str, part: Mapping[str, Any]) -> bool:
    """Whether a module's state leaves room for a field, as far as the schema says."""
    field = part["properties"][name]
    example = True if field.get("type") == "boolean" else next(iter(field.get("examples", [])), None)
    entry = {flag: True for flag in STATE_FLAGS if given.get(flag) == "true"} | {name: example}
    return is_valid({"dependentSchemas": part["dependentSchemas"]}, entry)


def _begun(name: str, field: Mapping[str, Any], place: Context) -> str:
    """What to write behind the name of a field and its colon."""
    if field.get("type") == "boolean":
        return " true"
    if "enum" in field:
        return f" ${{1|{','.join(one for one in field['enum'] if one)}|}}"
    if "properties" in field:
        return f" {_flow(field, [0])}"
    if "properties" in field.get("items", {}):
        return "\n  "
    if field.get("type") == "array":
        return " [$1]"
    path = _endpoint(place.given.get("slug")) if name == "api_endpoint" else None
    return f" ${{1:{path}}}" if path else " "


def _flow(part: Mapping[str, Any], count: list[int]) -> str:
    """A mapping with the fields that it needs, in flow style; `count` has the number of its places to fill so far."""
    said = []
    for name in part["required"]:
        field = part["properties"][name]
        if "properties" in field:
            said.append(f"{name}: {_flow(field, count)}")
        else:
            count[0] += 1
            said.append(f"{name}: ${count[0]}" if "format" in field else f'{name}: "${count[0]}"')
    return f"{{ {', '.join(said)} }}"


def _shape(part: Mapping[str, Any]) -> str:
    return f"{{ {', '.join(f'{name}: ...' for name in part['required'])} }}"


def _values(
    path: tuple[str | int, ...], part: Mapping[str, Any], place: Context, known: Structure | None
) -> Iterator[Suggestion]:
    field = next((segment for segment in reversed(path) if isinstance(segment, str)), "")
    if "enum" in part:
        said = dict(zip(part["enum"], part.get("enumDescriptions", []), strict=False))
        yield from (Suggestion(one, "value", one, "", said.get(one, "")) for one in part["enum"] if one)
    elif part.get("type") == "boolean":
        yield from (Suggestion(one, "value", one) for one in ("true", "false"))
    elif field in ("needs", "produces"):
        yield from _artifacts(field, place, known)
    elif field in _SUCCESSORS:
        own = place.entry.get("slug")
        yield from (one for one in _modules(known) if one.label != own)
    elif field in _DAYS:
        yield Suggestion(date.today().isoformat(), "value", date.today().isoformat(), "today")
    elif field in ("api_endpoint", "documentation"):
        path_of = _endpoint if field == "api_endpoint" else _documentation
        if path_said := path_of(place.entry.get("slug")):
            yield Suggestion(path_said, "value", path_said)
    elif field == "owner" and known:
        owners = dict.fromkeys(value(entry, "owner") for entry in known.modules)
        yield from (Suggestion(one, "value", one) for one in owners if one and is_valid(module_fields()["owner"], one))


def _artifacts(field: str, place: Context, known: Structure | None) -> Iterator[Suggestion]:
    if known is None:
        return
    roles = ("produces",) if field == "needs" else ("needs", "produces")
    makers: dict[str, list[str]] = {}
    for entry in known.modules:
        for artifact in names(entry, "produces"):
            makers.setdefault(artifact, []).append(str(value(entry, "slug")))
    for artifact in known.artifacts(*roles):
        if artifact not in place.listed:
            who = joined(makers[artifact]) if artifact in makers else ""
            yield Suggestion(artifact, "name", artifact, f"from {who}" if who else "nobody produces it yet")


def _modules(known: Structure | None) -> Iterator[Suggestion]:
    for entry in known.modules if known else ():
        slug = value(entry, "slug")
        label = value(fields(entry["label"]), "en") if "label" in entry else None
        if is_name(slug):
            yield Suggestion(slug, "name", slug, label if isinstance(label, str) else "")


def _endpoint(slug: str | None) -> str | None:
    return f"/api/{slug.replace('_', '-')}" if is_name(slug) and slug else None


def _documentation(slug: str | None) -> str | None:
    return f"/docs/modules/{slug.replace('_', '-')}" if is_name(slug) and slug else None
