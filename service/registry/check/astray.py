"""Lines that a dash, or its column, has put into another list than they belong to: put back before the schema looks.

The items of a list among the entries, a key of the file as an entry, and the fields of an entry as items of its list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from service.problems import Edit
from service.registry.check.entries import CheckedDocument, name_of
from service.registry.schema import inlined, module_fields
from service.registry.text.lines import OPENED
from service.registry.text.misplaced import key_among_entries, left_of_its_name
from service.registry.text.nodes import Finding, Node, Words
from service.registry.text.rewriting import Edits, column, is_simple, line_start, shifted
from service.wording import joined

_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n|\r[ \t]*\r")
_DASH = re.compile(r" *- +")


def with_its_list(nodes: Sequence[Node], number: int, result: CheckedDocument, text: str) -> tuple[Node, int]:
    """An entry with the list whose items stand behind it, in the column of the entries; and how many they are."""
    node = nodes[number]
    name = _last_list(node)
    items: list[Node] = []
    while name and number + len(items) + 1 < len(nodes) and _is_item(nodes[number + len(items) + 1]):
        items.append(nodes[number + len(items) + 1])
    if not name or not items:
        return node, 0
    key, at = node.keys[name], items[0].offset
    start = line_start(text, at)
    dash = text[start:at].find("-")
    if not _DASH.fullmatch(text, start, at) or dash >= column(text, key):
        return node, 0
    words = left_of_its_name(name, column(text, key), dash, len(items))
    is_right_below = not _BLANK_LINE.search(text, key, start)  # else it may be an entry that somebody has begun
    fix = partial(shifted, text, at, items[-1].end, column(text, key) + 2 - dash) if is_right_below else tuple
    result.findings.add(Finding(start + dash, "type", lambda: words, ("modules", number, name), fix))
    value = [item.value for item in items]
    put_back = Node(at, value, items[-1].end, children=items)
    children = {**node.children, name: put_back}
    return replace(node, children=children, value={**node.value, name: value}), len(items)


def _last_list(node: Node) -> str | None:
    """The list at the end of an entry that has nothing behind its colon."""
    if not isinstance(node.value, dict) or not node.value or node.merged or node.used_at is not None:
        return None
    name, last = next(reversed(node.children.items()))
    return name if name in OPENED["["] and last.value is None and not last.text else None


def _is_item(node: Node) -> bool:
    return isinstance(node.value, str) and bool(node.value) and node.used_at is None


def key_of_the_file(node: Node) -> str | None:
    """The key of the file that an entry is, with its dash; None for other entries."""
    if not isinstance(node.value, dict) or len(node.value) != 1 or node.used_at is not None or node.merged:
        return None
    (name,) = node.value
    return name if name in inlined()["properties"] else None


def with_keys_of_entries(root: Node) -> Node:
    """The document with the keys that stand among its entries, unless it has them as well."""
    modules = root.children.get("modules") if isinstance(root.value, dict) else None
    found = {
        name: entry.children[name]
        for entry in (modules.children if modules and isinstance(modules.value, list) else ())
        if (name := key_of_the_file(entry)) is not None
    }
    if not found:
        return root
    children = found | root.children
    keys = {name: child.offset for name, child in found.items()} | dict(root.keys)
    return replace(root, children=children, keys=keys, value={name: one.value for name, one in children.items()})


def file_key_among_entries(nodes: Sequence[Node], number: int, name: str, text: str) -> Finding:
    """That a key of the file stands among the entries."""
    node, words = nodes[number], key_among_entries(name)
    start = line_start(text, node.offset)
    is_last = number + 1 == len(nodes) and _DASH.fullmatch(text, start, node.offset) is not None
    fix = [Edit(start, node.offset, "")] if is_last else []
    return Finding(node.place, "unknown-field", lambda: words, ("modules", number, name), lambda: fix)


def fields_in_lists(node: Node, path: tuple[str, int], result: CheckedDocument, text: str) -> None:
    """Put the fields of an entry that stand in one of its lists, with a dash, beside that."""
    if not isinstance(node.value, dict):
        return
    for name in OPENED["["]:
        of_list = node.children.get(name)
        if of_list is None or not isinstance(of_list.value, list) or of_list.used_at is not None:
            continue
        fields = [item for item in of_list.children if _is_field(item, node)]
        if not fields:
            continue
        those = set(map(id, fields))
        names = [one for item in fields for one in item.children]
        fix = partial(_without_dashes, text, node.keys[name], of_list, fields)
        words = partial(_in_another, name_of(node, path), name, names)
        result.findings.add(Finding(fields[0].offset, "type", words, (*path, name), fix))
        items = [item for item in of_list.children if id(item) not in those]
        children: dict[str, Any] = {one: child for item in fields for one, child in item.children.items()}
        keys: Mapping[str, int] = {one: at for item in fields for one, at in item.keys.items()}
        children |= {**node.children, name: replace(of_list, children=items, value=[item.value for item in items])}
        node.keys = {**keys, **node.keys}
        node.children = children
        node.value = {one: child.value for one, child in children.items()}


def _is_field(item: Node, entry: Node) -> bool:
    """Whether an item of a list of names is a field that an entry lacks."""
    if not isinstance(item.value, dict) or not item.value:
        return False
    return all(name in module_fields() and name not in entry.children for name in item.value)


def _in_another(entry: str, name: str, names: Sequence[str]) -> Words:
    one = len(names) == 1
    message = f"{entry}: {joined(names, 5)} {'stands' if one else 'stand'} in the list of {name}, with a dash"
    those = "it" if one else "them"
    return message, f"write {those} in the column of {name}, without {'the dash' if one else 'these dashes'}"


def _without_dashes(text: str, key: int, of_list: Node, fields: Sequence[Node]) -> Edits:
    """The edits that make the last items of a list fields beside it, as far as each is one line."""
    edits = []
    for item, field in zip(of_list.children[-len(fields) :], fields, strict=True):
        start = line_start(text, item.offset)
        is_line = len(item.children) == 1 and all(
            is_simple(text, one) and "\n" not in text[start : one.end] for one in item.children.values()
        )
        if item is not field or not is_line or not _DASH.fullmatch(text, start, item.offset):
            return []
        edits.append(Edit(start, item.offset, " " * column(text, key)))
    return edits
