"""The parser's events -> values with their places, and the rules of YAML that libyaml does not check.

This is faster than PyYAML's composer, stores the place of every value, and reports duplicate keys, alias bombs and
unknown tags together instead of one at a time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from service.problems import Diagnostic
from service.registry.lint.nodes import (
    MAX_ALIASED,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_VALUES,
    UNKNOWN,
    UNREAD,
    Abandoned,
    Diagnostics,
    ImplicitScalar,
    Node,
    Path,
    items,
    size,
)
from service.wording import did_you_mean, joined, quoted, shortened

_TAG = "tag:yaml.org,2002:"
_KINDS = {"int": "a number", "float": "a number", "timestamp": "a date", "value": "a special value"}
#: Returns the tag of a scalar in YAML 1.1, by its text and whether it is plain.
_resolve_tag: Callable[..., str] = Resolver().resolve
#: Fields whose value is a day. A day without quotes is a date in YAML 1.1, which is right in these fields.
_DAYS = (("since",), ("removed_after",), ("date",))
#: Aliases without an anchor whose anchor is searched after them.
_MOST_SOUGHT = 100
#: Each piece of text of this length counts as one more value if an alias repeats it, in characters.
_LONG_TEXT = 64


@dataclass(slots=True)
class _Open:
    """A collection before its end. `key` is the key of a mapping whose value comes next.

    `sources` are the merged mappings, `merge_at` the offset of the merge, and `duplicates` keys with their offsets.
    """

    node: Node
    key: Node | None = None
    sources: list[Node] = field(default_factory=list)
    merge_at: int | None = None
    duplicates: list[tuple[str, int]] = field(default_factory=list)


class Reader:
    """One pass over the parser's events, which collects `diagnostics`.

    `line` returns the line in the file of an offset, for messages. `anchors` are the anchors before the text.
    """

    def __init__(self, text: str, line: Callable[[int], int], anchors: Mapping[str, Node] | None = None) -> None:
        self.text, self._line = text, line
        self.anchors = dict(anchors or {})
        self.diagnostics = Diagnostics()
        self.values = self._aliased = 0
        self._stack: list[_Open] = []

    def read(self) -> Node | None:
        """Return the root of the only document; None if the text is empty.

        Raises yaml.MarkedYAMLError if the text is no YAML, and Abandoned if it exceeds a limit.
        """
        root: Node | None = None
        for event in iter(yaml.CSafeLoader(self.text).get_event, None):
            at = event.start_mark.index  # type: ignore[union-attr]  # every event of libyaml has a mark
            if root is not None and isinstance(event, yaml.DocumentStartEvent):
                self.second_document(at)
                return root
            node = self._read_value(event, at)
            if node is not None and not self._stack:
                root = node
            elif node is not None:
                self._put(self._stack[-1], node)
        return root

    def second_document(self, place: int) -> None:
        """Report a second document in the file."""
        self._report(
            "second-document",
            place,
            "a second YAML document starts here",
            "a registry is one document: remove the --- line",
        )

    def _read_value(self, event: Any, at: int) -> Node | None:
        """Return the value that an event ends; None if it ends no value."""
        if isinstance(event, yaml.CollectionEndEvent):
            return self._close(self._stack.pop(), event)
        if not isinstance(event, (yaml.AliasEvent, yaml.ScalarEvent, yaml.CollectionStartEvent)):
            return None
        self.values += 1
        if self.values > MAX_VALUES:
            self._abandon(size(f"the file has more than {MAX_VALUES:,} values", place=at))
        self.nesting(at, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._resolve_alias(event)
        is_scalar = isinstance(event, yaml.ScalarEvent)
        node = self._make_scalar(event) if is_scalar else self._open_collection(event)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node if is_scalar else None

    def _find_path(self) -> Path:
        """Return the path to the value that is read now."""
        return tuple(
            str(level.key.value) if level.key else len(level.node.children)
            for level in self._stack
            if level.key or isinstance(level.node.children, list)
        )

    def _report(self, rule: str, place: int, message: str, hint: str, *field: str) -> None:
        """Report a mistake in the value that is read now, or in a field of it."""
        self.diagnostics.add(Diagnostic(rule, place, message, hint, path=(*self._find_path(), *field)))

    def _abandon(self, diagnostic: Diagnostic) -> NoReturn:
        """Report a diagnostic and end reading. If the file is too large, no other diagnostic is reported."""
        if diagnostic.rule == "size":
            self.diagnostics.clear()
        diagnostic.path = self._find_path()
        self.diagnostics.add(diagnostic)
        raise Abandoned

    def nesting(self, place: int, depth: int) -> None:
        """Report that a value with so many levels exceeds the depth of a file."""
        if len(self._stack) + depth > MAX_DEPTH:
            self._abandon(
                Diagnostic(
                    "nesting", place, f"values are nested deeper than {MAX_DEPTH} levels", "a registry needs four"
                )
            )

    def alias_limit(self, place: int, added: int) -> None:
        """Count the values that aliases and merges add, and report too many: a small file may expand to a huge one."""
        self._aliased += added
        if self._aliased > MAX_ALIASED:
            self._abandon(
                Diagnostic(
                    "alias-limit",
                    place,
                    f"aliases and merge keys expand to more than {MAX_ALIASED:,} values",
                    "write the values out",
                )
            )

    def _make_scalar(self, event: Any) -> Node:
        text = event.value
        is_text = event.tag in ("!", f"{_TAG}str") or (event.tag is None and not event.implicit[0])
        kind = "str" if is_text else _resolve_tag(yaml.ScalarNode, text, (True, False)).removeprefix(_TAG)
        size = 1 + len(text) // _LONG_TEXT
        node = Node(event.start_mark.index, text, event.end_mark.index, text, event.style or "", size=size)
        if not self.unknown_tag(event, kind):
            node.value = UNKNOWN
        elif kind == "bool":
            node.value = text.lower() in ("yes", "true", "on")
        elif kind == "null":
            node.value = None
        elif kind in _KINDS and not (kind == "timestamp" and self._find_path()[-1:] in _DAYS):
            node.value = ImplicitScalar(text, _KINDS[kind])
        return node

    def _open_collection(self, event: Any) -> Node:
        style = event.flow_style
        node = Node(event.start_mark.index, [], children=[], style="[" if style else "")
        kind = "seq"
        if isinstance(event, yaml.MappingStartEvent):
            node = Node(node.offset, {}, children={}, keys={}, style="{" if style else "")
            kind = "map"
        self.unknown_tag(event, kind)
        self._stack.append(_Open(node))
        return node

    def unknown_tag(self, event: Any, kind: str) -> bool:
        """Report a tag that changes the kind of a value. Returns False for such a tag."""
        if event.tag in (None, "!", _TAG + kind):
            return True
        if event.tag != UNREAD[2:-1]:
            tag = event.tag.replace(_TAG, "!!")
            is_word = isinstance(event, yaml.ScalarEvent) and not event.value
            hint = f"put {quoted(tag)} in quotes if it is text" if is_word else "remove it, and write the value itself"
            self._report("unknown-tag", event.start_mark.index, f"the tag {shortened(tag)} is not allowed here", hint)
        return False

    def _resolve_alias(self, event: Any) -> Node:
        at = event.start_mark.index
        end = event.end_mark.index
        node = self.anchors.get(event.anchor)
        if node is None or any(level.node is node for level in self._stack):
            self.alias(event.anchor, at, end)
            return Node(at, UNKNOWN, end, f"*{event.anchor}")
        self.alias_limit(at, node.size)
        self.nesting(at, node.depth)
        return replace(node, used_at=at, end=end)

    def alias(self, name: str, at: int, end: int) -> None:
        """Report an alias inside its own anchor, before its anchor, or without an anchor."""
        message = f"the alias *{shortened(name)} has no anchor"
        hint = ""
        if name in self.anchors:
            message = f"the alias *{shortened(name)} stands inside its own anchor"
            self._abandon(Diagnostic("alias", at, message, "write the value out"))
        if len(self.diagnostics) < _MOST_SOUGHT:
            hint = did_you_mean(name, self.anchors).replace("mean ", "mean *")
            anchor = self.text.find(f"&{name}", end)
            if anchor >= 0 and not self.text[anchor + 1 + len(name) :][:1].isalnum():
                message = f"the alias *{shortened(name)} stands before its anchor &{name}"
                hint = "write the value here"
        self._report("alias", at, message, hint or f"remove the *, if {shortened(name)} itself is meant")

    def _put(self, parent: _Open, node: Node) -> None:
        """Add a value, or a key, to a collection."""
        collection = parent.node
        collection.size += node.size
        collection.depth = max(collection.depth, node.depth + 1)
        if isinstance(collection.children, list):
            if len(collection.children) >= MAX_ITEMS:
                self._abandon(size(f"this list has more than {MAX_ITEMS:,} entries", place=node.place))
            collection.children.append(node)
            collection.value.append(node.value)
        elif parent.key is None:
            parent.key = node
        else:
            self._put_field(parent, parent.key, node)
            parent.key = None
            collection.end = max(collection.end, node.end)

    def _put_field(self, parent: _Open, key: Node, node: Node) -> None:
        mapping = parent.node
        name = key.value
        if name == "<<" and key.is_plain and parent.merge_at is None:
            parent.merge_at = key.offset
            parent.sources = self.merge(parent, node)
        elif not isinstance(name, str):
            mapping.is_open = True
            self.key_not_text(mapping, key)
        elif name in mapping.children or name == "<<":
            parent.duplicates.append((name, key.offset))
            if len(self._stack) == 1 and name in mapping.children:
                self._join_lists(mapping.children[name], node)
        else:
            mapping.children[name] = node
            if mapping.value is not UNKNOWN:
                mapping.value[name] = node.value
            mapping.keys[name] = key.offset  # type: ignore[index]  # a mapping has a dict of its own while it is read

    def _join_lists(self, first: Node, second: Node) -> None:
        """Add a second list of the same name at the left margin to the first, unless it repeats the first."""
        both = items(first) and items(second)
        number = len(first.children)
        if both and second.value[:1] != first.value[:1] and number + len(second.children) <= MAX_ITEMS:
            for diagnostic in self.diagnostics:
                path = diagnostic.path
                if diagnostic.place >= second.offset and len(path) > 1:
                    diagnostic.path = (path[0], int(path[1]) + number, *path[2:])
            first.children += second.children
            first.value += second.value

    def key_not_text(self, mapping: Node, key: Node) -> None:
        """Report a key that is no text. If it is a placeholder of a template, no rule checks the mapping."""
        if key.value is UNKNOWN:
            return
        place = key.offset
        hint = "write the name of a field before the colon"
        if self.text.startswith("{{", place - 1):
            place = place - 1
            message = "{{ ... }} is the place of a template that was not filled in"
            hint, mapping.value = "write the value that it stands for", UNKNOWN
        else:
            kind = key.kind.removeprefix("the boolean ")
            message = f"YAML reads {f'the key {quoted(key.text)}' if key.text else 'this key'} as {kind}, not text"
        self._report("key-not-text", place, message, hint)

    def merge(self, parent: _Open, node: Node) -> list[Node]:
        """Return the mappings to merge. Report other values: then the fields of the mapping are not all known."""
        sources = node.children if isinstance(node.value, list) else [node]
        mappings = [source for source in sources if isinstance(source.value, dict)]
        if len(mappings) < len(sources):
            parent.node.is_open = True
            if all(source.value is not UNKNOWN for source in sources):
                self._report(
                    "merge",
                    node.place,
                    "the merge key << takes a mapping or a list of mappings",
                    "write <<: *name, where &name marks a mapping",
                )
        return mappings

    def _close(self, parent: _Open, event: Any) -> Node:
        """Return a collection, which ends at its bracket, or after its last value."""
        node = parent.node
        if event.start_mark.index < event.end_mark.index:
            node.end = event.end_mark.index
        elif isinstance(node.children, list):
            node.end = node.children[-1].end if node.children else event.end_mark.index
        if parent.sources:
            self._merge_fields(parent)
        if parent.duplicates:
            self.duplicate_key(parent)
        return node

    def _merge_fields(self, parent: _Open) -> None:
        """Add the fields of merged mappings that the mapping does not have."""
        node = parent.node
        merged = {}
        for source in parent.sources:
            self.alias_limit(node.offset, source.size)
            node.is_open |= source.is_open
            node.size += source.size
            for name, child in source.children.items():
                if name not in node.children:
                    node.children[name], node.value[name] = child, child.value
                    node.keys[name] = source.keys[name]  # type: ignore[index]
                    merged[name] = parent.merge_at or 0
        node.merged = merged

    def duplicate_key(self, parent: _Open) -> None:
        """Report all duplicate keys of a mapping as one mistake. Several may be the lost beginning of an entry."""
        node = parent.node
        names = [*dict.fromkeys(name for name, _ in parent.duplicates)]
        lines = [str(self._line(node.keys.get(name, parent.merge_at or 0))) for name in names]
        message = f"the key {shortened(names[0])} is already given on line {lines[0]}"
        hint = "keep one of the two"
        if len(names) > 1:
            message = f"the keys {joined([*map(shortened, names)])} are already given, on lines {joined(lines)}"
            hint = "begin each module with a line of its own: - slug: ..."
        elif names == ["modules"]:
            hint = "put all entries under the first modules:, and delete this line"
        self._report("duplicate-key", parent.duplicates[0][1], message, hint, names[0])
