"""What stands elsewhere than the rest of it: entries below another key of the file, or a second line with its name."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from service.problems import Edit
from service.registry.text.lines import style
from service.registry.text.nodes import Finding, Findings, Node, SourceMap, Words
from service.registry.text.patch import Patch
from service.registry.text.rewriting import Edits, column, field_removed, is_only, line_break, line_start, lines
from service.wording import pluralized, quoted

#: Put above entries that stand elsewhere, so that they are read: the composer joins what stands below it to the rest.
OWN_LIST = "modules:\n"

#: Parts of one list that are put together.
_MOST_PARTS = 50

#: Entries are moved up to so many lines.
_MOST_LINES = 2_000

_MODULES = re.compile(r"^modules *:[ \t]*(?:#[^\r\n]*)?\r?$", re.MULTILINE)
_CONTENT = re.compile(r"^(?=[ \t]*[^\s#])[^\r\n]*", re.MULTILINE)
_ABOVE = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*+")
_MOST_BLANKS = 200


class Repeated(NamedTuple):
    """A key that is given again: its place, that of the first, the end of a value that is the same, and both values."""

    name: str
    offset: int
    first: int
    same_until: int | None
    child: Node
    kept: Node | None

    def has_the_rest(self) -> bool:
        """Whether it is a mapping with other keys than the first, so that each of the two is a part of one."""
        values = [node.value for node in (self.kept, self.child) if node is not None and isinstance(node.value, dict)]
        return len(values) == 2 and all(values) and values[0].keys().isdisjoint(values[1])


def joined_mappings(text: str, one: Repeated) -> Edits:
    """The edits that make one mapping of two, each with a part of it: in braces, or one right below the other."""
    first, second = one.kept, one.child
    if first is None or first.used_at is not None or second.used_at is not None:
        return []
    if text[first.offset] == text[second.offset] == "{":
        inner = text[second.offset + 1 : second.end - 1].strip()
        at = first.offset + len(text[first.offset : first.end - 1].rstrip())
        gone = field_removed(text, one.offset, second.end)
        has_comment = any("#" in text[edit.start : edit.end] for edit in gone)
        return [Edit(at, at, f", {inner}"), *gone] if gone and not has_comment and text[at - 1] != "," else []
    start, end = line_start(text, one.offset), line_start(text, second.offset)
    is_block = text[first.offset].isalpha() and text[second.offset].isalpha() and end > one.offset
    if not is_block or column(text, first.offset) != column(text, second.offset) or text[first.end : start].strip():
        return []
    return [Edit(start, end, "")] if is_only(text, one.offset, one.offset + len(one.name) + 1) else []


def joined_lists(
    children: dict[str, Node],
    repeated: list[Repeated],
    patch: Patch,
    source_map: SourceMap,
    findings: Findings,
    most: int,
) -> None:
    """Lists of the file that stand in several places become one each, of at most so many items, once that is told."""
    text = patch.original
    parts = {name: [node] for name, node in children.items() if isinstance(node.value, list)}
    slugs = {name: set(_slugs(of_name[0])) for name, of_name in parts.items()}
    left = []
    for one in repeated:
        of_name = parts.get(one.name, [])
        number = sum(len(part.children) for part in of_name)
        is_part = _is_block(text, one.child) and 0 < number <= most and len(of_name) < _MOST_PARTS
        if not is_part or not of_name[-1].children or _is_copy(one.child, slugs[one.name]):
            left.append(one)
            continue
        if Edit(one.offset, one.offset, OWN_LIST) not in patch.edits:
            findings.add(_divided(text, source_map, one, of_name))
        of_name.append(one.child)
        slugs[one.name].update(_slugs(one.child))
    repeated[:] = left
    legacy = [node for part in parts.get("legacy_features", ()) for node in part.children]
    strangers = [node for node in legacy if _is_module(node)]
    if "modules" in parts and strangers:
        words = partial(stand_below, "legacy_features", str(strangers[0].value["slug"]), len(strangers))
        fix = partial(moved, text, strangers[0].offset, strangers[-1].end)
        path = ("legacy_features", legacy.index(strangers[0]))
        findings.add(Finding(strangers[0].offset, "type", words, path, fix))
        parts["modules"].append(_of(strangers))
        parts["legacy_features"] = [_of([node for node in legacy if not _is_module(node)])]
    for name, of_name in parts.items():
        items = [item for part in of_name for item in part.children]
        if len(of_name) > 1 or len(items) < len(children[name].children):
            children[name] = replace(children[name], children=items, value=[item.value for item in items])


def _is_copy(node: Node, there: Set[str]) -> bool:
    """Whether most of a list is there already, by its slugs, so that it is no part of the same."""
    slugs = _slugs(node)
    return 2 * sum(slug in there for slug in slugs) > len(slugs)


def _slugs(node: Node) -> list[str]:
    return [str(item.value.get("slug")) for item in node.children if isinstance(item.value, dict)]


def _of(items: list[Node]) -> Node:
    return Node(0, children=items)


def _is_module(node: Node) -> bool:
    return isinstance(node.value, dict) and "slug" in node.value and len(node.value) > 1 and node.used_at is None


def _is_block(text: str, node: Node) -> bool:
    return isinstance(node.value, list) and bool(node.value) and node.used_at is None and text[node.offset] == "-"


def _divided(text: str, source_map: SourceMap, one: Repeated, parts: Sequence[Node]) -> Finding:
    """A second line with the name of a list."""
    above, below = parts[-1].children[-1], one.child.children[0]
    fix = divides(text, above.end, one.offset, (above.offset, below.offset))
    if not fix and one.name == "modules":
        fix = moved(text, below.offset, one.child.end, one.offset)
    words = partial(_again, one, source_map.position(one.first)[0], bool(fix) and len(fix) == 1)
    return Finding(one.offset, "duplicate-key", words, (one.name,), lambda: fix)


def _again(one: Repeated, line: int, divides: bool) -> Words:
    message = f"the key {one.name} is already given on line {line}"
    if divides:
        return f"{message}, and divides the list", "delete this line, so that what follows it belongs to the list above"
    return message, f"put all entries under the first {one.name}:, and delete this line"


def stand_below(key: str, first: str, number: int) -> tuple[str, str]:
    """What is wrong where so many modules stand below another key, and what to do."""
    name = quoted(first)[1:-1]
    those = f"{pluralized(number, 'module')}, from {name} on, stand" if number > 1 else f"the module {name} stands"
    them = "them" if number > 1 else "it"
    return f"{those} below {key}, where the list of modules has ended", f"move {them} up, to the others below modules:"


def key_among_entries(name: str) -> Words:
    """What is wrong where a key of the file has the dash of an entry, and what to do."""
    return f"{name} stands in the list of modules, with a dash", "write it at the left margin, without the dash"


def left_of_its_name(name: str, column: int, dash: int, items: int) -> Words:
    """What is wrong where the dashes of a list stand left of its name, by their columns, and what to do."""
    message = f"{name} begins in column {column + 1}, and its list left of it, in column {dash + 1}"
    return message, f"indent {'the dash' if items == 1 else 'the dashes'} by {column + 2} spaces"


def end_of_entries(text: str, begin: int) -> int:
    """Where what stands below a key ends, from a place in it on: behind its last line with content."""
    end = begin
    for line in _CONTENT.finditer(text, line_start(text, begin)):
        if line.start() > begin and re.match(r"[^\s-]", line[0]):
            break
        end = line.end()
    return end


def moved(text: str, begin: int, end: int, title: int | None = None) -> Edits:
    """The edits that move the entries on the lines from one place to another to the end of the list of modules.

    The line that begins at `title`, which names them, goes. None where this list is no block above them.
    """
    name = _MODULES.search(text)
    first = line_start(text, begin)
    dash = text.find("-", first, first + _MOST_BLANKS) - first
    if not name or name.end() >= begin or dash < 0 or text[first : first + dash].strip(" "):
        return []
    place, start = end_of_entries(text, name.end()), _comments_above(text, first)
    by = style(text).dash - dash
    new: list[str] = []
    for at in [start, *lines(text, start + 1, end)]:
        line = text[at : next(lines(text, at + 1, end), end)].rstrip("\r\n")
        if len(new) >= _MOST_LINES or (by < 0 and line.strip() and line[:-by].strip(" ")):
            return []
        new.append((" " * by + line if by > 0 else line[-by:]) if line.strip() else "")
    if place >= start or place == name.end():
        return []
    gone = _blanks_above(text, start if title is None else title)
    one = line_break(text)
    return [Edit(place, place, one + one + one.join(new)), Edit(gone, end, "")]


def _comments_above(text: str, start: int) -> int:
    """Where the comments begin that stand right above a line, which are about it."""
    while start > 0:
        above = line_start(text, start - 1)
        if not text[above:start].lstrip(" \t").startswith("#"):
            break
        start = above
    return start


def _blanks_above(text: str, start: int) -> int:
    """Where the line break begins that ends the last line with content above one."""
    before = text[max(0, start - _MOST_BLANKS) : start]
    return start - len(before) + len(before.rstrip())


def divides(text: str, end: int, key: int, parts: Sequence[int]) -> Edits:
    """The edit that deletes the line of a key between two parts of a list, the first of which ends at a place.

    `parts` are the places of their first items. None where they are not indented alike, or something is between them.
    """
    dashes = [text[line_start(text, part) : part].find("-") for part in parts]
    after = next(lines(text, key + 1, len(text)), len(text))
    rest = text[key:after].partition(":")[2].partition("#")[0]
    between = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n)").match(text, end)
    if dashes[0] != dashes[1] or dashes[0] < 0 or rest.strip() or line_start(text, key) != key or not between:
        return []
    return [Edit(key, after, "")] if _ABOVE.match(text, between.end()).end() == key else []  # type: ignore[union-attr]
