"""Entries without their dash, which YAML reads as further fields of the one before, or as fields of the list."""

from __future__ import annotations

from collections.abc import Sequence

from service.problems import Edit
from service.registry.text.misplaced import Repeated
from service.registry.text.nodes import Finding, Node, said
from service.registry.text.rewriting import Edits, column, line_start, lines
from service.wording import quoted


def with_dashes(text: str, entry: Node, again: Sequence[Repeated]) -> Edits:
    """The edits that write the dash of each entry whose fields an entry has taken, the first of which is its slug.

    None where one of them begins otherwise, has not the fields that every entry has, or another field of it is repeated
    before.
    """
    entries: list[set[str]] = []
    for one in again:
        if one.name == "slug":
            entries.append(set())
        elif not entries:
            return []
        entries[-1].add(one.name)
    if not all(entry_fields >= {"category", "label"} for entry_fields in entries):
        return []
    first = line_start(text, entry.offset)
    dash = text[first : entry.offset]
    edits = []
    for one in again:
        if one.name == "slug":
            start = line_start(text, one.offset)
            if text[start : one.offset].strip(" ") or one.offset - start != len(dash) or dash.strip() != "-":
                return []
            edits.append(Edit(start, one.offset, dash))
    return edits


def list_without_dashes(text: str, name: str, fields: Node) -> Finding | None:
    """What is wrong with a list of entries that is a mapping, since none of them has its dash."""
    slug, at = fields.children.get("slug"), fields.offset
    if slug is None or text[at : at + 1] in "{&*!" or text[line_start(text, at) : at].strip(" "):
        return None
    indent = column(text, at)
    starts = [line_start(text, at), *lines(text, at, fields.end)]
    begun = [start for start in starts if text.startswith(f"{' ' * indent}slug:", start)]
    edits = [Edit(start + indent - 2, start + indent, "- ") for start in begun]
    is_certain = fields.keys["slug"] == at and indent >= 2
    those = f"the {len(begun)} entries stand" if len(begun) > 1 else "the entry stands"
    message = f"{those} below {name} without {'their dashes' if len(begun) > 1 else 'its dash'}"
    shown = quoted(slug.text)[1:-1]
    hint = f"begin each with one, such as - slug: {shown}" if len(begun) > 1 else f"begin it with - slug: {shown}"
    return Finding(at, "type", said(message, hint), (name,), (lambda: edits) if is_certain else tuple)
