"""Entries of one list that stand in another: modules under `removed`, and removed modules under `modules`."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, partial

from service.registry.check.entries import CheckedDocument, name_of
from service.registry.schema import module_fields, removal_fields
from service.registry.text.nodes import Finding, Node, Words
from service.wording import joined


@cache
def _of_modules_alone() -> frozenset[str]:
    return frozenset(module_fields().keys() - removal_fields().keys())


def placed(node: Node, path: tuple[str, int], result: CheckedDocument) -> Node | None:
    """The entry, without what only the other list has; None where it belongs into that. Either is one finding."""
    if not isinstance(node.value, dict) or node.incomplete:
        return node
    of_removal = [name for name in node.value if name in ("date", "because")]
    if path[0] == "modules" and not of_removal:
        return node
    of_module = [name for name in node.value if name in _of_modules_alone()]
    if path[0] == "modules":
        if {"category", "label"} & node.value.keys() or (of_module and len(of_removal) < 2):
            return node
        result.findings.add(Finding(node.place, "unknown-field", partial(_is_removed, node, path, of_removal), path))
        return None
    if not of_removal and ("category" in of_module or len(of_module) > 1 or of_module == ["deprecated"]):
        words = partial(_is_module if of_module != ["deprecated"] else _ends, node, path)
        result.findings.add(Finding(node.place, "unknown-field", words, path))
        result.unreadable = True  # nobody knows what else would be there with it
        return None
    if len(of_module) < 2:
        return node
    where = (*path, of_module[0])
    result.findings.add(
        Finding(node.keys[of_module[0]], "unknown-field", partial(_has_more, node, path, of_module), where)
    )
    return _without(node, of_module)


def _without(node: Node, names: Collection[str]) -> Node:
    children = {name: child for name, child in node.children.items() if name not in names}
    value = {name: child.value for name, child in children.items()}
    return Node(
        node.offset, value, node.end, children=children, keys=node.keys, repeated=node.repeated, used_at=node.used_at
    )


def _is_removed(node: Node, path: tuple[str, int], names: list[str]) -> Words:
    message = f"{name_of(node, path)} stands under modules, and has {joined(names)}, as removed modules do"
    return message, "move it under removed:, at the end of the file"


def _is_module(node: Node, path: tuple[str, int]) -> Words:
    name = name_of(node, path).removeprefix("removed ")
    return f"{name} stands under removed, and has the fields of a module", "move it up into modules"


def _ends(node: Node, path: tuple[str, int]) -> Words:
    hint = "write its day as date: and its because: beside slug, instead of deprecated"
    return f"{name_of(node, path)} has deprecated, as a module does that is still there", hint


def _has_more(node: Node, path: tuple[str, int], names: list[str]) -> Words:
    message = f"{name_of(node, path)} has {joined(names)}, which only modules have"
    return message, "leave nothing of it but slug, date, use and because"
