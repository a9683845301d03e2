"""Entries of one list that stand in another: modules under `removed`, and removed modules under `modules`."""

from __future__ import annotations

from functools import partial

from service.registry.check.entries import CheckedDocument, name_of
from service.registry.check.nodes import Finding, Node, Words
from service.registry.schema import module_fields, removal_fields


def is_misplaced(node: Node, path: tuple[str, int], result: CheckedDocument) -> bool:
    """Whether an entry has the fields of the other list, which is told; what it says is not looked at there."""
    if not isinstance(node.value, dict) or node.incomplete:
        return False
    given = node.value.keys()
    removal = given & (removal_fields().keys() - module_fields().keys() - {"use"})
    module = given & (module_fields().keys() - removal_fields().keys())
    if path[0] == "modules" and removal and not module:
        result.findings.add(
            Finding(node.place, "unknown-field", partial(_is_removed, node, path, sorted(removal)), path)
        )
        return True
    if path[0] == "removed" and not removal and ("category" in module or len(module) > 1):
        result.findings.add(Finding(node.place, "unknown-field", partial(_is_module, node, path), path))
        result.unreadable = True  # nobody knows what else would be there with it
        return True
    return False


def _is_removed(node: Node, path: tuple[str, int], fields: list[str]) -> Words:
    message = f"{name_of(node, path)} stands under modules, and has {' and '.join(fields)}, as removed modules do"
    return message, "move it under removed:, at the end of the file"


def _is_module(node: Node, path: tuple[str, int]) -> Words:
    name = name_of(node, path).removeprefix("removed ")
    return f"{name} stands under removed, and has the fields of a module", "move it up into modules"
