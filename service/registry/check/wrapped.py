"""A registry that stands below a key, in a list or in a text of another file: one mistake, and the rest is read."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

from service.problems import Edit
from service.registry.check.entries import CheckedDocument
from service.registry.schema import is_name, module_fields
from service.registry.text.lines import top_keys
from service.registry.text.nodes import UNKNOWN, Finding, Node, Words
from service.registry.text.rewriting import Edits, column, is_only, line_start, lines
from service.wording import joined, quoted

#: How deep a registry is looked for.
_DEEPEST = 3

#: Lines that are moved to the left.
_MOST_LINES = 20_000

_IN_TEXT = re.compile(r"^[\"']?modules[\"']?[ \t]*:", re.MULTILINE)


def unwrapped(root: Node, result: CheckedDocument) -> Node:
    """The mapping that has the keys of a registry: the root, or what it is wrapped in, which is told."""
    if isinstance(root.value, dict) and "modules" in root.value:
        return _without_second_name(root, result)
    around: list[Node] = []
    path: list[str | int] = []
    node = root
    for _ in range(_DEEPEST):
        inner = _inside(node)
        if inner is None:
            break
        path.append(inner)
        around.append(node)
        node = _child(node, inner)
        if isinstance(node.value, str):
            words = partial(_in_text, inner)
            result.findings.add(Finding(_at(around[-1], inner), "missing-field", words, tuple(path)))
            return replace(node, value=UNKNOWN)
        if "modules" in node.value:
            beside = [name for one in around if isinstance(one.value, dict) for name in one.value if name not in path]
            unknown = [name for name in beside if name not in top_keys()]
            words = partial(_below, path, unknown)
            fix = partial(_moved, result.text, around, path, node) if not unknown else tuple
            result.findings.add(Finding(_at(around[0], path[0]), "missing-field", words, tuple(path), fix))
            return _joined(node, around)
    return root


def _inside(node: Node) -> str | int | None:
    """Which value of a mapping, or of a list of one, may have a registry in it."""
    if isinstance(node.value, list):
        return 0 if len(node.value) == 1 and isinstance(node.value[0], dict) else None
    if not isinstance(node.value, dict):
        return None
    inner = [name for name, value in node.value.items() if isinstance(value, dict) and name not in top_keys()]
    direct = [name for name in inner if "modules" in node.value[name]]
    texts = _texts(node.value)
    around = [name for name in inner if _texts(node.value[name])]
    return next(iter(direct or texts or around or inner), None)


def _texts(mapping: dict[str, Any]) -> list[str]:
    """The names of the values that are the text of a registry."""
    return [name for name, value in mapping.items() if isinstance(value, str) and _IN_TEXT.search(value)]


def _child(node: Node, part: str | int) -> Node:
    child: Node = node.children[part]
    return child


def _at(node: Node, part: str | int) -> int:
    return node.keys[part] if isinstance(part, str) else _child(node, part).offset


def _joined(node: Node, around: list[Node]) -> Node:
    """A mapping with the keys of a registry that stand around it as well."""
    children, keys = dict(node.children), dict(node.keys)
    for one in around:
        if isinstance(one.value, dict):
            for name in top_keys() & one.value.keys() - children.keys():
                children[name], keys[name] = one.children[name], one.keys[name]
    value = {name: child.value for name, child in children.items()}
    return replace(node, children=children, keys=keys, value=value, used_at=None)


def _shown(path: list[str | int]) -> str:
    return " and ".join(quoted(part) if isinstance(part, str) else "a list" for part in path)


def _below(path: list[str | int], unknown: list[str]) -> Words:
    hint = "move it to the top level, where modules: begins at the left margin"
    if unknown:
        hint += f", and remove {joined([quoted(name) for name in unknown[:5]])}"
    if path == [0]:
        return "the registry stands in a list", f"remove the - above it, and {hint}"
    return f"the registry stands below {_shown(path)}", hint


def _in_text(name: str | int) -> Words:
    message = f"the registry stands in the text of {quoted(str(name))}, as in the manifest of another program"
    return message, "save that text alone as the file, with modules: at the left margin"


def _moved(text: str, around: list[Node], path: list[str | int], node: Node) -> Edits:
    """The lines above it go, and its own move to the left margin."""
    first = around[0].offset
    by = column(text, node.offset)
    begin = line_start(text, node.offset)
    is_list = path[-1] == 0
    if node.used_at is not None or text[node.offset] in "{[&!*" or not (by or is_list):
        return []
    above = text[line_start(text, first) : begin]
    if any(not re.fullmatch(r"\s*(?:#.*|[\w\"'.-]+[ \t]*:[ \t]*(?:#.*)?)?", line) for line in above.split("\n")):
        return []
    if is_list and text[begin : node.offset].strip(" ") != "-":
        return []
    edits = [
        Edit(at, at + len(line), "")
        for at, line in _lines(text, line_start(text, first), begin)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    for number, at in enumerate([begin, *lines(text, begin + 1, node.end)]):
        blanks = len(text[at : at + by]) - len(text[at : at + by].lstrip(" "))
        rest = text[at + blanks : at + blanks + 1]
        if number == 0 and is_list:
            blanks = by
        elif blanks < by and rest not in ("", "\n", "\r", "#"):
            return []
        edits += [Edit(at, at + blanks, "")] if blanks else []
    return edits if len(edits) <= _MOST_LINES else []


def _lines(text: str, start: int, end: int) -> list[tuple[int, str]]:
    starts = [start, *lines(text, start + 1, end)]
    return [(at, text[at:to]) for at, to in zip(starts, [*starts[1:], end], strict=True)]


def _without_second_name(root: Node, result: CheckedDocument) -> Node:
    """The root, whose list of modules does not stand below a second name of its own, such as `items`."""
    node = root.children["modules"]
    if isinstance(node.value, dict) and node.value and _has_slugs_for_keys(node):
        words, fix = partial(_keyed, next(iter(node.children))), partial(_to_list, result.text, node)
        result.findings.add(Finding(node.offset, "type", words, ("modules",), fix))
        return _with(root, node, [_with_slug(node, name) for name in node.children])
    if not isinstance(node.value, dict) or len(node.value) != 1 or node.used_at is not None:
        return root
    (name,) = node.value
    inner = node.children[name]
    if not isinstance(inner.value, list) or not inner.value or not all(isinstance(one, dict) for one in inner.value):
        return root
    key = node.keys[name]
    fix = partial(_line_removed, result.text, key, key + len(name) + 1, inner)
    result.findings.add(Finding(key, "type", partial(_second_name, name), ("modules", name), fix))
    return _with(root, inner, inner.children)


def _with(root: Node, node: Node, modules: list[Node]) -> Node:
    """The root with these modules."""
    node = replace(node, children=modules, value=[one.value for one in modules])
    children: dict[str, Any] = {**root.children, "modules": node}
    return replace(root, children=children, value={**root.value, "modules": node.value})


def _has_slugs_for_keys(node: Node) -> bool:
    """Whether a mapping has modules under their slugs."""
    fields = module_fields().keys()
    return not node.repeated and all(
        is_name(name) and isinstance(one, dict) and len(one.keys() & fields) > 1 and "slug" not in one
        for name, one in node.value.items()
    )


def _with_slug(node: Node, name: str) -> Node:
    """A module with its slug, which is its key."""
    module, key = _child(node, name), node.keys[name]
    slug = Node(key, name, key + len(name), name, plain=True)
    children, keys = {"slug": slug, **module.children}, {"slug": key, **module.keys}
    return replace(module, children=children, keys=keys, value={"slug": name, **module.value})


def _keyed(first: str) -> Words:
    message = "modules is a mapping, not a list: the slugs stand where the entries begin"
    return message, f"write - slug: {first} for {first}:, and the same for the others"


def _to_list(text: str, node: Node) -> Edits:
    edits = []
    for name, key in node.keys.items():
        module = node.children[name]
        is_block = text[module.offset] not in "{&!" and module.used_at is None and not module.merged
        if not text.startswith(f"{name}:", key) or not is_only(text, key, key + len(name) + 1) or not is_block:
            return []
        if column(text, module.offset) != column(text, key) + 2:
            return []
        edits.append(Edit(key, key + len(name) + 1, f"- slug: {name}"))
    return edits


def _line_removed(text: str, key: int, end: int, inner: Node) -> Edits:
    if inner.used_at is not None or text[inner.offset] != "-" or not is_only(text, key, end):
        return []
    return [Edit(line_start(text, key), next(lines(text, end, inner.offset + 1), key), "")]


def _second_name(name: str) -> Words:
    return f"the list of modules stands below {quoted(name)} in modules", f"remove the line {quoted(f'{name}:')}"
