"""What is said of the thing under the cursor, in Markdown: a mistake, a module, an artifact, a field, a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.lsp.completion import schema_of
from service.lsp.context import context
from service.lsp.document import Document, Structure, names, value
from service.lsp.navigation import mention_at
from service.registry.check.catalogue import rules
from service.registry.model import ModuleState
from service.registry.references import Mention, fields
from service.registry.text.nodes import Node
from service.wording import joined, printable, shortened

#: Of a text from the file, what is shown at most, in characters.
_MOST_SHOWN = 200


def hover(document: Document, offset: int) -> tuple[str, int, int] | None:
    """What to show at an offset, and from where to where it holds; None where there is nothing to say."""
    parts = [_mistake(rule) for rule in _rules_at(document, offset)]
    start = end = offset
    if mention := mention_at(document, offset):
        start, end = mention.start, mention.end
        parts += _of_name(mention, document.structure)
    elif place := context(document.text, _end_of_word(document.text, offset)):
        start, end = place.start, place.end
        word = document.text[start:end]
        parts += _of_field((*place.path, word)) if place.is_key else _of_value(place.path, word)
    return ("\n\n---\n\n".join(parts), start, end) if parts else None


def _end_of_word(text: str, offset: int) -> int:
    while offset < len(text) and (text[offset].isalnum() or text[offset] == "_"):
        offset += 1
    return offset


def _rules_at(document: Document, offset: int) -> list[str]:
    return list(dict.fromkeys(problem.rule for problem in document.problems_between(offset, offset)))


def _mistake(rule: str) -> str:
    """What a rule is for: the catalogue's words."""
    found = rules()[rule]
    return f"**{rule}**: {found.title}\n\n{found.why.strip()}"


def _of_field(path: tuple[str | int, ...]) -> Iterator[str]:
    part, name = schema_of(path), next((segment for segment in reversed(path) if isinstance(segment, str)), None)
    if part is not None and name and (text := part.get("description")):
        more = "" if part.get("default") in (None, []) else f" Default: `{str(part['default']).lower()}`."
        form = f"\n\n{part['x-form'][0].upper()}{part['x-form'][1:]}." if "x-form" in part else ""
        yield f"**{name}**: {text}{more}{form}"


def _of_value(path: tuple[str | int, ...], word: str) -> Iterator[str]:
    part = schema_of(path) or {}
    said = dict(zip(part.get("enum", []), part.get("enumDescriptions", []), strict=False))
    if word in said:
        yield f"**{word}**: {said[word]}"
    else:
        yield from _of_field(path)


def _of_name(mention: Mention, structure: Structure | None) -> Iterator[str]:
    if structure is None:
        return
    if mention.is_artifact:
        yield _artifact(mention.name, structure)
    elif mention.role == "removed":
        yield _removed(fields(mention.entry), mention.name)
    elif entry := structure.module(mention.name):
        yield _module(entry, structure)


def _artifact(name: str, structure: Structure) -> str:
    sides = {
        side: [_code(value(entry, "slug")) for entry in structure.modules if name in names(entry, field)]
        for side, field in (("Produced by", "produces"), ("Needed by", "needs"))
    }
    return "  \n".join(
        [f"**{name}**, an artifact", *(f"{side} {joined(who) or 'nobody'}" for side, who in sides.items())]
    )


def _module(entry: Mapping[str, Node], structure: Structure) -> str:
    state = next((one for one in ModuleState if one.flag and value(entry, one.flag) is True), ModuleState.ACTIVE)
    lines = [
        f"**{value(entry, 'slug')}**, a module: {state.bucket.replace('_', ' ')}, in {_code(value(entry, 'category'))}"
    ]
    for field in ("label", "description"):
        text = fields(entry[field]).get("en") if field in entry else None
        if text is not None:
            lines.append(_code(text.value))
    for field in ("needs", "produces"):
        if found := names(entry, field):
            lines.append(f"{field.capitalize()} {joined(list(map(_code, found)))}")
    if value(entry, "api_endpoint"):
        lines.append(f"Answers at {_code(value(entry, 'api_endpoint'))}")
    users = [
        _code(value(other, "slug"))
        for other in structure.modules
        if set(names(entry, "produces")) & set(names(other, "needs"))
    ]
    if users:
        lines.append(f"What it produces is needed by {joined(users)}")
    if value(entry, "deprecated"):
        end = fields(entry["deprecated"])
        lines.append(
            f"Deprecated: may be removed after {_code(value(end, 'removed_after'))}, use {_code(value(end, 'use'))}"
        )
    return "  \n".join(lines)


def _removed(entry: Mapping[str, Node], slug: str) -> str:
    since, use = _code(value(entry, "date")), _code(value(entry, "use"))
    return f"**{slug}**, a module that is gone since {since}  \nUse instead: {use}"


def _code(text: object) -> str:
    """A value from the file as a code span, where Markdown means nothing."""
    shown = shortened(printable(str(text)), _MOST_SHOWN).replace("`", "'")
    return f"`{shown}`" if text not in (None, "") else "nothing"
