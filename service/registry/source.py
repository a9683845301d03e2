"""YAML text -> plain values, each with its place in the file; refuses what is unsafe or ambiguous.

The events of PyYAML's C parser are composed here rather than by PyYAML: that is faster, keeps a place for every value,
and lets duplicate keys, alias bombs and unknown tags be reported side by side instead of one at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NoReturn

import yaml
from yaml.reader import Reader
from yaml.resolver import Resolver

#: Limits on a file, in bytes, levels, and values that aliases and merge keys may add.
MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
MAX_ALIASED = 200_000

_TAG = "tag:yaml.org,2002:"
_TRUE = ("yes", "true", "on")
_KINDS = {"int": "a number", "float": "a number", "timestamp": "a date", "value": "a special value"}
_RESOLVER: Any = Resolver()


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem whose place is still an offset into the text, in characters."""

    offset: int
    rule: str
    message: str
    hint: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Misread:
    """A plain scalar that YAML 1.1 reads as a number or a date, which no field of a registry takes."""

    text: str
    kind: str


#: Stands for a value that has been reported and of which nothing more can be said.
UNKNOWN = Misread("", "unknown")


@dataclass(slots=True)
class Node:
    """A value and where it stands. `children` mirrors `value` for mappings and lists."""

    offset: int
    value: Any = None
    text: str = ""
    """A scalar as it is written, without quotes."""
    plain: bool = False
    """A scalar written without quotes."""
    children: Any = ()
    keys: dict[str, int] = field(default_factory=dict)
    """Offsets of a mapping's keys."""
    repeated: set[str] = field(default_factory=set)
    """Keys given more than once: the first value is kept, and none of them can be relied on."""
    size: int = 1
    depth: int = 1


@dataclass(slots=True)
class Source:
    """One file: its text, its root (None if it could not be composed), and what was wrong with it as YAML."""

    text: str
    root: Node | None
    findings: list[Finding]
    _line_starts: list[int] | None = None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, counted from 1."""
        if self._line_starts is None:
            self._line_starts = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


def pointer(*segments: str | int) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in segments)


def read(data: bytes) -> Source:
    """Compose the bytes of a registry file. Never raises for bad input: what is wrong is in `findings`."""
    if len(data) > MAX_BYTES:
        return _refused("", 0, "size", f"the file is larger than {MAX_BYTES // 1024**2} MiB", "split or shorten it")
    try:
        text = data.decode("utf-8").removeprefix("\N{BYTE ORDER MARK}")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        byte = f"byte 0x{data[error.start]:02X}"
        return _refused(before, len(before), "encoding", f"{byte} is not UTF-8 text", "save the file as UTF-8")
    if unprintable := Reader.NON_PRINTABLE.search(text):
        name = f"U+{ord(unprintable.group()):04X}"
        return _refused(
            text, unprintable.start(), "encoding", f"the control character {name} is not allowed", "remove it"
        )
    composer = _Composer(text)
    root = composer.document()
    return Source(text, root, composer.findings)


def _refused(text: str, offset: int, rule: str, message: str, hint: str) -> Source:
    return Source(text, None, [Finding(offset, rule, message, hint)])


class _Abandoned(Exception):
    """Composing cannot go on; the reason is among the findings."""


class _Composer:
    """One pass over the parser's events. `findings` collects what is wrong on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.findings: list[Finding] = []
        self.path: list[str | int] = []
        self.anchors: dict[str, Node] = {}
        self.unfinished: set[int] = set()
        self.aliased = 0
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)

    def document(self) -> Node | None:
        """The first document's root, or None where there is none or it could not be composed."""
        try:
            next(self.events)  # stream start
            if isinstance(next(self.events), yaml.StreamEndEvent):
                self.found(0, "empty", "the file is empty", "it needs a mapping with modules and legacy_features")
                return None
            root = self.node(next(self.events), 1)
            next(self.events)  # document end
            after = next(self.events)
            if not isinstance(after, yaml.StreamEndEvent):
                hint = "keep one document: remove the --- line and what does not belong"
                self.found(after.start_mark.index, "second-document", "a second YAML document starts here", hint)
                for _ in self.events:  # reports a syntax error further on
                    pass
        except yaml.MarkedYAMLError as error:
            self.syntax_error(error)
            return None
        except _Abandoned:
            return None
        return root

    def found(self, offset: int, rule: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(offset, rule, message, hint, pointer(*self.path)))

    def abandon(self, offset: int, rule: str, message: str, hint: str) -> NoReturn:
        self.found(offset, rule, message, hint)
        raise _Abandoned

    def node(self, event: Any, depth: int) -> Node:
        offset = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, offset, depth)
        if depth > MAX_DEPTH:
            self.too_deep(offset)
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = node
            return node
        node = Node(offset)
        self.unfinished.add(id(node))
        if event.anchor:
            self.anchors[event.anchor] = node
        if isinstance(event, yaml.MappingStartEvent):
            self.tagged(event, "map")
            self.mapping(node, depth)
        else:
            self.tagged(event, "seq")
            self.sequence(node, depth)
        self.unfinished.discard(id(node))
        return node

    def too_deep(self, offset: int) -> NoReturn:
        self.abandon(offset, "nesting", f"values are nested deeper than {MAX_DEPTH} levels", "a registry needs four")

    def alias(self, event: Any, offset: int, depth: int) -> Node:
        name = event.anchor
        node = self.anchors.get(name)
        if node is None:
            self.found(
                offset,
                "alias",
                f"the alias *{name} has no anchor",
                f"write &{name} at the value it stands for",
            )
            return Node(offset, UNKNOWN)
        if id(node) in self.unfinished:
            self.abandon(offset, "alias", f"the alias *{name} stands inside its own anchor", "write the value out")
        self.expanded(offset, node.size)
        if depth + node.depth - 1 > MAX_DEPTH:
            self.too_deep(offset)
        return node

    def expanded(self, offset: int, added: int) -> None:
        """Count the values that aliases and merges add, so that a small file cannot stand for a huge one."""
        self.aliased += added
        if self.aliased > MAX_ALIASED:
            message = f"aliases and merge keys expand to more than {MAX_ALIASED:,} values"
            self.abandon(offset, "alias-limit", message, "write the values out")

    def tagged(self, event: Any, expected: str) -> None:
        if event.tag not in (None, "!", _TAG + expected):
            self.unknown_tag(event)

    def unknown_tag(self, event: Any) -> None:
        tag = event.tag.replace(_TAG, "!!")
        self.found(event.start_mark.index, "unknown-tag", f"the tag {tag} is not allowed here", "remove the tag")

    def scalar(self, event: Any) -> Node:
        text, tag = event.value, event.tag
        resolved = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).removeprefix(_TAG)
        if tag is None and event.implicit[0]:
            kind = resolved
        elif tag in (None, "!", _TAG + "str"):
            kind = "str"
        else:
            kind = resolved
            if tag != _TAG + resolved:
                self.unknown_tag(event)
                return Node(event.start_mark.index, UNKNOWN)
        value: Any = text
        if kind == "bool":
            value = text.lower() in _TRUE
        elif kind == "null":
            value = None
        elif kind in _KINDS:
            value = Misread(text, _KINDS[kind])
        return Node(event.start_mark.index, value, text, plain=event.implicit[0])

    def sequence(self, node: Node, depth: int) -> None:
        children: list[Node] = []
        self.path.append(0)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            self.path[-1] = len(children)
            children.append(child := self.node(event, depth + 1))
            node.size += child.size
            node.depth = max(node.depth, child.depth + 1)
        self.path.pop()
        node.children = children
        node.value = [child.value for child in children]

    def mapping(self, node: Node, depth: int) -> None:
        children: dict[str, Node] = {}
        merged: list[Node] = []
        merge_line: int | None = None
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            name = key.value if isinstance(key.value, str) else None
            is_merge = name == "<<" and key.plain
            self.path.append(name or "")
            child = self.node(next(self.events), depth + 1)
            node.size += child.size + 1
            node.depth = max(node.depth, child.depth + 1)
            if name is None:
                self.key_not_text(key)
            elif name in children or (is_merge and merge_line is not None):
                first = merge_line if is_merge else node.keys[name]
                self.duplicate_key(node, name, key.offset, first)
            elif is_merge:
                merge_line = key.offset
                merged = self.merge_sources(child)
            else:
                children[name] = child
                node.keys[name] = key.offset
            self.path.pop()
        for other in merged:
            node.repeated |= other.repeated
            self.expanded(node.offset, other.size)
            node.size += other.size
            for name, child in other.children.items():
                if name not in children:
                    children[name] = child
                    node.keys[name] = other.keys[name]
        node.children = children
        node.value = {name: child.value for name, child in children.items()}

    def merge_sources(self, child: Node) -> list[Node]:
        sources = child.children if isinstance(child.value, list) else [child]
        for source in sources:
            if not isinstance(source.value, dict):
                message = "the merge key << takes a mapping or a list of mappings"
                self.found(child.offset, "merge", message, "write <<: *name, where &name marks a mapping")
                return []
        return list(sources)

    def key_not_text(self, key: Node) -> None:
        if isinstance(key.children, tuple) and key.text:
            kind = (
                key.value.kind if isinstance(key.value, Misread) else "a boolean" if key.value is not None else "null"
            )
            message, hint = (
                f"YAML reads the key {key.text} as {kind}, not text",
                f'in quotes it is text: "{key.text}"',
            )
        else:
            message, hint = "a key must be text", "write a field name before the colon"
        self.found(key.offset, "key-not-text", message, hint)

    def duplicate_key(self, node: Node, name: str, offset: int, first: int | None) -> None:
        line = self.text.count("\n", 0, first) + 1
        node.repeated.add(name)
        self.found(offset, "duplicate-key", f"the key {name} is already given on line {line}", "keep one of the two")

    def syntax_error(self, error: Any) -> None:
        mark = error.problem_mark
        problem = (error.problem or "").strip()
        at = self.text[mark.index : mark.index + 1]
        message, hint = f"not valid YAML: {problem}", ""
        if "end of stream" in problem and "quoted" in (error.context or ""):
            mark = error.context_mark
            message, hint = "a quote is opened here and never closed", "close it on the same line"
        elif at == "\t" or "tab character" in problem:
            message, hint = "a tab is used where YAML wants spaces", "indent with spaces"
        elif problem.startswith("mapping values are not allowed"):
            message = "not valid YAML: a colon is not allowed here"
            hint = "put text that contains a colon in quotes, and check the indentation"
        elif problem.startswith("found character that cannot start"):
            message = f"not valid YAML: unquoted text cannot begin with {at}"
            hint = "put it in quotes"
        elif error.context and error.context_mark:
            hint = f"it happened {error.context} that begins on line {error.context_mark.line + 1}"
        self.found(mark.index, "syntax", message, hint)
