"""Entries that are torn, and lines that went into the next one: one mistake each, where the schema sees several.

What belongs together is put together before the schema looks at it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from service.problems import Edit
from service.registry.check.astray import file_key_among_entries, key_of_the_file, with_its_list
from service.registry.check.entries import CheckedDocument, Entry, module_name
from service.registry.check.known import known
from service.registry.check.validation import is_valid
from service.registry.model import STATE_FLAGS
from service.registry.schema import module_fields
from service.registry.text.nodes import UNKNOWN, Finding, Node, Words, said
from service.registry.text.rewriting import (
    Edits,
    column,
    is_only,
    is_simple,
    line_break,
    line_start,
    shifted,
)
from service.wording import pluralized, quoted

#: The fields that say how a module runs: every entry has one of them.
_RUNS = {*STATE_FLAGS, "api_endpoint"}
#: The fields that every entry has. One without any of them is a part of another, or not begun.
_EVERY = ("slug", "category", "label")


def put_together(nodes: Sequence[Node], result: CheckedDocument, text: str) -> list[Node | None]:
    """The entries of `modules`. None stands for what is no entry of its own, and has its finding."""
    whole: list[Node | None] = []
    last, place = None, 0  # the entry that a further part may belong to, and where it stands
    twice = {one.path: one for one in result.findings if one.rule == "duplicate-key" and len(one.path) == 3}
    items = 0  # of a list of the entry before
    parts: list[Node] = []  # further ones of the entry before
    for number in range(len(nodes)):
        if items:
            items -= 1
            whole.append(None)
            continue
        given, items = with_its_list(nodes, number, result, text)
        node = keyed_by_slug(given, ("modules", number), module_fields(), result, text)
        if (name := key_of_the_file(node)) is not None:
            result.findings.add(file_key_among_entries(nodes, number, name, text))
            whole.append(None)
        elif last is not None and (_continues(last, node) or _is_cut_by_a_slug(last, node)):
            node = _without_stray_value(node)
            parts = [] if "slug" in node.value else parts
            is_first = not parts
            if "slug" not in node.value:
                parts.append(node)
            if is_first:
                found = _cut(last, place, node, number, text, parts)
                if (again := twice.get(("modules", number, next(iter(node.children))))) is not None:
                    _given_below(again, found, node, text)
                else:
                    result.findings.add(found)
            last = whole[place] = _joined(last, node)
            whole.append(None)
        elif (other := _refers_to(node)) is not None:
            words = partial(_a_reference, number, other)
            result.findings.add(Finding(node.place, "missing-field", words, ("modules", number)))
            result.unreadable = True
            whole.append(None)
        elif _is_stray(node):
            words = partial(_stray, number, last is not None and not _is_void(node))
            result.findings.add(Finding(node.place, "missing-field", words, ("modules", number)))
            result.unreadable |= "produces" in node.value
            whole.append(None)
        else:
            whole.append(node)
            last, place, parts = (node, number, []) if isinstance(node.value, dict) else (None, 0, [])
    return whole


def _cut(last: Node, place: int, node: Node, number: int, text: str, parts: Sequence[Node]) -> Finding:
    """`parts` are all that follow each other, once they are found."""
    if "slug" not in node.value:
        words = partial(_cut_in_two, last.value["slug"], place, parts)
        without = partial(_without_dashes, text, last, parts)
        return Finding(node.place, "missing-field", words, ("modules", number), without)
    slug = node.children["slug"]
    words = partial(_cut_by_a_slug, last.value["slug"], place, slug.value)
    same = last.value["slug"] == slug.value
    fix = partial(line_removed, text, node.offset, slug.end) if same else tuple
    return Finding(node.place, "missing-field", words, ("modules", number, "slug"), fix)


def _given_below(again: Finding, found: Finding, node: Node, text: str) -> None:
    """Tell of a stray line, as `found` does, instead of the field on it being given again further down."""
    name, first = next(iter(node.children.items()))
    is_same, message = bool(again.fix()), found.words()[0]
    again.offset, again.rule, again.path = found.offset, found.rule, found.path
    again.words = said(message, f"remove this line: {name} is given below as well")
    again.fix = partial(line_removed, text, node.offset, first.end) if is_same else tuple


def _without_stray_value(node: Node) -> Node:
    """A part of an entry, without the value of its first field where that makes no sense: it is told with the rest."""
    name, first = next(iter(node.children.items()))
    if name == "slug" or name not in module_fields() or is_valid(module_fields()[name], first.value):
        return node
    children = {**node.children, name: replace(first, value=UNKNOWN)}
    return replace(node, children=children, value={one: child.value for one, child in children.items()})


def line_removed(text: str, start: int, end: int) -> Edits:
    at = line_start(text, start)
    if text[at:start].strip() != "-" or not is_only(text, at, end):
        return []
    return [Edit(at, line_start(text, text.find(line_break(text), end) + len(line_break(text))), "")]


def _cut_in_two(slug: str, number: int, parts: Sequence[Node]) -> Words:
    field, name = next(iter(parts[0].value)), module_name(slug, number)
    if len(parts) > 1:
        message = f"{name}: a - begins another module at {field}, and at {pluralized(len(parts) - 1, 'field')} below it"
        return message, f"remove these {len(parts)} dashes: the fields belong together"
    message = f"{name}: a - begins another module at {field}"
    what = "the -" if parts[0].value[field] is not UNKNOWN else "this line"
    return message, f"remove {what} if the fields belong together, or give the other module its slug"


def _without_dashes(text: str, entry: Node, parts: Sequence[Node]) -> Edits:
    """The edits that take away the dashes of several fields of one entry; of one, nobody knows what it was to begin."""
    first = column(text, entry.offset)
    starts = [line_start(text, part.offset) for part in parts]
    each = [(start, part.offset) for start, part in zip(starts, parts, strict=True)]
    if len(parts) < 2 or any(text[start:at].strip(" ") != "-" or at - start != first for start, at in each):
        return []
    return [Edit(start, at, " " * first) for start, at in each]


def _cut_by_a_slug(slug: str, number: int, other: str) -> Words:
    name, line = module_name(slug, number), f"- slug: {quoted(other)[1:-1]}"
    message = f"{name}: {line} begins another module in the middle of its fields"
    return message, "remove that line if the fields belong together, or give both modules a category and a label"


def _continues(entry: Node, node: Node) -> bool:
    """Whether a mapping without a slug has just the fields that the entry before it lacks."""
    return (
        isinstance(node.value, dict)
        and bool(node.value)
        and isinstance(entry.value.get("slug"), str)
        and not entry.value.keys() & node.value.keys()
        and node.value.keys() <= module_fields().keys()
        and not _is_void(node)
    )


def _is_void(node: Node) -> bool:
    """Whether a mapping is one field whose value makes no sense either."""
    return len(node.value) == 1 and not any(
        is_valid(module_fields()[name], child.value) for name, child in node.children.items()
    )


def _is_cut_by_a_slug(entry: Node, node: Node) -> bool:
    """Whether two entries have a slug each, and are one but for that."""
    if not isinstance(node.value, dict) or node.incomplete or entry.incomplete:
        return False
    first, second = entry.value.keys(), node.value.keys()
    either = {"category", "label"}
    if first >= either and not second & either:  # what says which state it is in has gone to the second
        torn = len(second) > 1 and not first & _RUNS and bool(second & _RUNS)
    else:
        torn = len(first) > 1 and len(first & either) == len(second & either) == 1
    return (
        torn
        and first & second == {"slug"}
        and first | second <= module_fields().keys()
        and all(isinstance(one.value["slug"], str) for one in (entry, node))
    )


def _joined(entry: Node, node: Node) -> Node:
    children, keys = {**node.children, **entry.children}, {**node.keys, **entry.keys}
    value = {name: child.value for name, child in children.items()}
    return Node(entry.offset, value, node.end, children=children, keys=keys, repeated=entry.repeated)


def _refers_to(node: Node) -> str | None:
    """The file that an entry leads to instead of its own fields, as other programs take it."""
    if not isinstance(node.value, dict) or len(node.value) != 1 or node.incomplete:
        return None
    ((name, value),) = node.value.items()
    return value if name in ("$ref", "include", "import", "extends") and isinstance(value, str) else None


def _a_reference(number: int, other: str) -> Words:
    return f"module {number + 1} refers to {quoted(other)}, which is not read", "write the module here, with its fields"


def _is_stray(node: Node) -> bool:
    """Whether nothing of it says which module it is."""
    if not isinstance(node.value, dict) or node.incomplete or any(name in node.value for name in _EVERY):
        return False
    return node.value.keys() <= module_fields().keys()


def _stray(number: int, has_one_before: bool) -> Words:
    hint = "give it all three, or remove it"
    if has_one_before:
        hint = "remove the - if its fields belong to the module before, or give it all three"
    return f"module {number + 1} has no slug, no category and no label", hint


def keyed_by_slug(
    node: Node, path: tuple[str, int], fields: Mapping[str, Any], result: CheckedDocument, text: str
) -> Node:
    """An entry whose slug stands where the name of a field belongs: above its fields, or as the first of them."""
    if not isinstance(node.value, dict) or not node.value or node.merged or len(node.repeated) > 0:
        return node
    first = next(iter(node.children))
    under, key = node.children[first], node.keys[first]
    if first == "slug" and len(node.value) == 1 and isinstance(under.value, dict):
        return _below_slug(key, under, path, fields, result) or node
    if first in fields:
        return node
    if len(node.value) == 1 and isinstance(under.value, dict) and len(under.value.keys() & fields.keys()) > 1:
        children, keys = dict(under.children), dict(under.keys)
    elif under.value is None and "slug" not in node.value and len(node.value.keys() & fields.keys()) > 1:
        children = {name: child for name, child in node.children.items() if name != first}
        keys = {name: at for name, at in node.keys.items() if name != first}
    else:
        return node
    words = partial(_a_slug_is_no_key, first, path, "slug" in children)
    fix = partial(_key_to_slug, text, node, first, result) if "slug" not in children else tuple
    result.findings.add(Finding(key, "unknown-field", words, (*path, first), fix))
    if "slug" not in children:
        children = {"slug": Node(key, first, key + len(first), first, plain=True), **children}
        keys = {"slug": key, **keys}
    value = {name: child.value for name, child in children.items()}
    return Node(node.offset, value, node.end, children=children, keys=keys, used_at=node.used_at)


def _below_slug(
    key: int, under: Node, path: tuple[str, int], fields: Mapping[str, Any], result: CheckedDocument
) -> Node | None:
    """The fields of an entry that stand below `slug:`, most likely below the name that belongs behind it."""
    name, inner = next(iter(under.children.items()), ("", under))
    has_name = name not in fields and (inner.value is None or (isinstance(inner.value, dict) and len(under.value) == 1))
    inner = inner if has_name and inner.value is not None else under
    children = {one: child for one, child in inner.children.items() if one != name or not has_name}
    if len(children.keys() & fields.keys()) < 2 or "slug" in children or inner.merged or inner.incomplete:
        return None
    slug, words = Node(key, UNKNOWN, key), partial(_nothing_behind_slug, path)
    if has_name:
        at = under.keys[name]
        slug, words = Node(at, name, at + len(name), name, plain=True), partial(_a_slug_is_no_key, name, path, False)
    result.findings.add(Finding(key, "unknown-field", words, (*path, "slug")))
    children, keys = {"slug": slug, **children}, {"slug": key, **inner.keys}
    value = {one: child.value for one, child in children.items()}
    return Node(key, value, inner.end, children=children, keys=keys, repeated=inner.repeated)


def _nothing_behind_slug(path: tuple[str, int]) -> Words:
    message = f"{'removed ' if path[0] == 'removed' else ''}module {path[1] + 1}: its fields stand below slug"
    return message, "write the slug behind slug: on its line, and the other fields right below slug"


def _a_slug_is_no_key(name: str, path: tuple[str, int], has_slug: bool) -> Words:
    removed = "removed " if path[0] == "removed" else ""
    if has_slug:
        message = f"{removed}module {path[1] + 1}: its fields stand under a key {quoted(name)}"
        return message, "write them beside the -, without it"
    message = f"{removed}{module_name(name, path[1])}: the slug stands where the name of a field belongs"
    return message, f"write - slug: {quoted(name)[1:-1]}, and the other fields right below it"


def _key_to_slug(text: str, node: Node, name: str, result: CheckedDocument) -> Edits:
    key, under = node.keys[name], node.children[name]
    if not known(result).is_free(name) or not text.startswith(name + ":", key) or node.used_at is not None:
        return []
    begin = Edit(key, key + len(name) + 1, f"slug: {name}")
    if under.value is None:
        return [begin]
    if text[under.offset] == "{":
        return [Edit(key, under.offset + 1, f"{{ slug: {name},")] if is_simple(text, under) else []
    if under.used_at is not None or text[under.offset] in "&!":
        return []
    by = column(text, key) - column(text, under.offset)
    moved = shifted(text, under.offset, under.end, by)
    return [begin, *moved] if moved and line_start(text, under.offset) > key else []


class GivenTwice:
    """Fields that an entry has twice since the one beside it lost them: a line was moved, or git misplaced it."""

    def __init__(self, document: CheckedDocument) -> None:
        self._found: dict[tuple[Any, ...], dict[str, Finding]] = {}
        for one in document.findings:
            if one.rule == "duplicate-key" and len(one.path) == 3 and one.path[0] == "modules":
                self._found.setdefault(one.path[:2], {})[str(one.path[2])] = one

    def belongs_to(self, entry: Entry, fields: Sequence[str], rules: Collection[str] = ("endpoint-needed",)) -> bool:
        """Whether one of the fields, which an entry lacks, stands twice in one beside it; its finding then says so."""
        if not self._found or entry.path[0] != "modules" or not {"endpoint-needed", "stage-state"} & set(rules):
            return False
        for number in (int(entry.path[1]) - 1, int(entry.path[1]) + 1):
            twice = self._found.get(("modules", number), {})
            for field in twice.keys() & set(fields) - entry.fields.keys():
                one = twice[field]
                one.words, one.fix = partial(_moved, one.words(), field, entry), tuple
                return True
        return False


def _moved(words: Words, field: str, entry: Entry) -> Words:
    return words[0], f"if it belongs to {entry.name}, which has no {field}, move it there; otherwise {words[1]}"
