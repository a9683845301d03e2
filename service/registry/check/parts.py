"""Parts of a field, such as the languages of `label`, that stand beside it: put where they belong, as one mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from service.problems import Edit
from service.registry.check.entries import CheckedDocument, name_of
from service.registry.text.nodes import UNKNOWN, Finding, Node, Words, said
from service.registry.text.rewriting import (
    Edits,
    column,
    field_removed,
    in_double_quotes,
    is_only,
    is_simple,
    line_break,
    line_start,
    shifted,
)
from service.wording import joined, quoted


def gather(
    node: Node, path: tuple[str | int, ...], fields: Mapping[str, Any], result: CheckedDocument, text: str
) -> None:
    """Put what belongs into a field, such as the languages of `label`, and stands beside it, where it belongs."""
    if not isinstance(node.value, dict):
        return
    for field, inside in node.children.items():
        part = fields.get(field, {}).get("properties", {})
        if part and isinstance(inside.value, dict) and not inside.children.keys() <= part.keys():
            _take_out(node, path, field, [one for one in fields if one not in part], result, text)
    if node.children.keys() <= fields.keys():
        return
    parts = {field: part["properties"] for field, part in fields.items() if "properties" in part}
    for field, part in parts.items():
        named = {f"{field}{mark}{one}": one for one in part for mark in ("_", ".", "-", " ")}
        outside = {
            one: named.get(one, one) for one in node.children if one in named or (one in part and one not in fields)
        }
        inside = node.children.get(field)
        if not outside or len(set(outside.values())) < len(outside) or not _lacks(inside, outside, field):
            continue
        at = min(node.keys[one] for one in outside)
        words = partial(_outside, name_of(node, path), field, inside, list(outside), part)
        fix = (
            partial(_moved_inside, text, replace(node), field, list(outside))
            if outside.keys() <= part.keys()
            else tuple
        )
        result.findings.add(Finding(at, "unknown-field", words, (*path, next(iter(outside))), fix))
        found = {right: node.children[one] for one, right in outside.items()}
        if inside is not None and isinstance(inside.value, dict):
            found = {**inside.children, **found}
        elif inside is not None and inside.value is not None:
            found = {**{one: Node(inside.offset, UNKNOWN) for one in part}, **found}
        keys = {**(inside.keys if inside else {}), **{right: node.keys[one] for one, right in outside.items()}}
        children = {key: child for key, child in node.children.items() if key not in outside}
        value = {one: child.value for one, child in found.items()}
        place = inside.offset if inside is not None and isinstance(inside.value, dict) else at
        children[field] = Node(place, value, inside.end if inside else 0, children=found, keys=keys)
        node.keys = {**node.keys, field: node.keys.get(field, at)}
        node.children = children
        node.value = {key: child.value for key, child in children.items()}


def _take_out(
    node: Node, path: tuple[str | int, ...], field: str, fields: list[str], result: CheckedDocument, text: str
) -> None:
    """Put fields that the entry lacks and that stand in one of its parts, such as `category` in `label`, beside it."""
    inside = node.children[field]
    if inside.used_at is not None or inside.incomplete:
        return
    astray = {one: inside.children[one] for one in fields if one in inside.children and one not in node.children}
    if not astray:
        return
    at = min(inside.keys[one] for one in astray)
    verb = "stands" if len(astray) == 1 else "stand"
    message = f"{name_of(node, path)}: {joined(list(astray))} {verb} inside {field}"
    words = said(message, f"write {'it' if len(astray) == 1 else 'them'} beside {field}, as a field of its own")
    fix = partial(_moved_out, text, node.keys[field], inside, astray)
    result.findings.add(Finding(at, "unknown-field", words, (*path, field, next(iter(astray))), fix))
    left = {one: child for one, child in inside.children.items() if one not in astray}
    children = {**node.children, **astray}
    children[field] = replace(inside, children=left, value={one: child.value for one, child in left.items()})
    node.keys = {**node.keys, **{one: inside.keys[one] for one in astray}}
    node.children, node.value = children, {one: child.value for one, child in children.items()}


def _moved_out(text: str, key: int, inside: Node, astray: Mapping[str, Node]) -> Edits:
    """What stands inside a field gets lines of its own above it, or the column of the field if it ends it."""
    if not all(is_simple(text, child) for child in astray.values()) or len(astray) == len(inside.children):
        return []
    first, end = min(inside.keys[one] for one in astray), max(child.end for child in astray.values())
    if text[inside.offset] != "{":
        is_last = end == inside.end and sum(at >= first for at in inside.keys.values()) == len(astray)
        return shifted(text, first, end, column(text, key) - column(text, first)) if is_last else []
    start = line_start(text, key)
    if text[start:key].strip(" "):
        return []
    written = "".join(
        f"{one}: {text[child.offset : child.end]}{line_break(text)}{text[start:key]}" for one, child in astray.items()
    )
    gone = [edit for one, child in astray.items() for edit in field_removed(text, inside.keys[one], child.end)]
    apart = all(before.end <= after.start for before, after in pairwise(gone))
    return [Edit(key, key, written), *gone] if len(gone) == len(astray) and apart else []


def _lacks(inside: Node | None, outside: Mapping[str, str], field: str) -> bool:
    """Whether what stands outside a field can be what it lacks."""
    if inside is None:
        by_name = any(one != right for one, right in outside.items())
        return field in ("label", "because") or by_name or len(outside) > 2
    if isinstance(inside.value, dict):
        return not inside.value.keys() & set(outside.values()) and not inside.incomplete
    return inside.value is None or (isinstance(inside.value, str) and field == "label")


def _outside(name: str, field: str, inside: Node | None, outside: list[str], part: Mapping[str, Any]) -> Words:
    verb = "stands" if len(outside) == 1 else "stand"
    text = f"{field} is {quoted(inside.value)}, not a mapping, and " if inside and isinstance(inside.value, str) else ""
    required = [one for one in part if one != "use"]
    return (
        f"{name}: {text}{joined(outside)} {verb} outside {field}",
        f"write {field}: {{{', '.join(f'{one}: ...' for one in required)}}}",
    )


def _moved_inside(text: str, node: Node, field: str, outside: list[str]) -> Edits:
    """The lines of what stands outside a field become part of it, as it is written."""
    inside, found = node.children.get(field), {one: node.children[one] for one in outside}
    if (
        node.used_at is not None
        or node.merged
        or not all(is_simple(text, child) and is_only(text, node.keys[one], child.end) for one, child in found.items())
    ):
        return []
    first, end = min(node.keys[one] for one in outside), max(child.end for child in found.values())
    together = sum(first <= at < end for at in node.keys.values()) == len(outside)
    if inside is not None and isinstance(inside.value, dict) and is_simple(text, inside):
        if text[inside.offset] == "{":
            return _moved_into_braces(text, node, inside, found)
        right_below = together and not text[inside.end : first].strip()
        by = column(text, inside.offset) - column(text, first)
        return shifted(text, first, end, by) if right_below and by > 0 else []
    if inside is None and together:
        head = f"{' ' * column(text, first)}{field}:{line_break(text)}"
        begin, *others = shifted(text, first, end, 2)
        return [Edit(begin.start, begin.end, head + begin.new), *others]
    if inside is not None and inside.value is None and together:
        return shifted(text, first, end, 2) if text[node.keys[field] : first].strip() == f"{field}:" else []
    return []


def _moved_into_braces(text: str, node: Node, inside: Node, found: Mapping[str, Node]) -> Edits:
    edits = []
    last = max((child.end for child in inside.children.values()), default=inside.offset + 1)
    added = ""
    for name, child in found.items():
        written = text[child.offset : child.end]
        if child.plain and set(written) & set(",[]{}"):
            written = in_double_quotes(written)
        added += f"{', ' if added or inside.children else ' '}{name}: {written}"
        edits += field_removed(text, node.keys[name], child.end)
    return sorted([Edit(last, last, added), *edits]) if len(edits) == len(found) else []
