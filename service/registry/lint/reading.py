"""The parser's events -> values with their places, and what is unsafe or ambiguous among them.

They are composed here rather than by PyYAML: that is faster, keeps a place for every value, and lets duplicate keys,
alias bombs and unknown tags be reported side by side instead of one at a time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from service.problems import Diagnostic
from service.registry.lint.nodes import UNKNOWN, UNREAD, Abandoned, Diagnostics, ImplicitScalar, Node, Path, items
from service.wording import did_you_mean, joined, quoted, shortened

#: Limits on a file: entries of one list (such as modules), values, the keys among them, values that aliases and merge
#: keys may add, and how deep values may be nested, in levels.
MAX_ITEMS, MAX_VALUES, MAX_ALIASED, MAX_DEPTH = 20_000, 400_000, 200_000, 32

_TAG = "tag:yaml.org,2002:"
_KINDS = {"int": "a number", "float": "a number", "timestamp": "a date", "value": "a special value"}
#: The tag of what YAML 1.1 reads a scalar as: of its text, and whether it is plain.
_tag: Callable[..., str] = Resolver().resolve
#: Fields whose value is a day: one that is written without quotes is a date to YAML 1.1, and right there.
_DAYS = (("since",), ("removed_after",), ("date",))
#: Aliases without an anchor for which one is looked for further on.
_MOST_SOUGHT = 100
#: Text of this length counts as one more value where an alias repeats it, in characters.
_LONG_TEXT = 64
_SHORTEN = "remove what does not belong"


@dataclass(slots=True)
class _Open:
    """A collection whose end is not read yet; of a mapping, the key whose value comes next."""

    node: Node
    key: Node | None = None
    sources: list[Node] = field(default_factory=list)
    merge_at: int | None = None
    again: list[tuple[str, int]] = field(default_factory=list)
    """Keys that are given again, and where."""


class Reader:
    """One pass over the parser's events. `diagnostics` collects what is wrong on the way.

    `line` counts the lines of the file, for messages. `anchors` are those that stand before the text.
    """

    def __init__(self, text: str, line: Callable[[int], int], anchors: Mapping[str, Node] | None = None) -> None:
        self.text, self._line = text, line
        self.anchors = dict(anchors or {})
        self.diagnostics = Diagnostics()
        self.values = self._aliased = 0
        self._stack: list[_Open] = []

    def read(self) -> Node | None:
        """The root of the one document; None where there is none.

        Raises yaml.MarkedYAMLError where the text is no YAML, and Abandoned where it is too much of something.
        """
        root: Node | None = None
        for event in iter(yaml.CSafeLoader(self.text).get_event, None):
            at = event.start_mark.index  # type: ignore[union-attr]  # libyaml tells it for each
            if root is not None and isinstance(event, yaml.DocumentStartEvent):
                hint = "a registry is one document: remove the --- line"
                self._found("second-document", at, "a second YAML document starts here", hint)
                return root
            node = self._taken(event, at)
            if node is not None and not self._stack:
                root = node
            elif node is not None:
                self._put(self._stack[-1], node)
        return root

    def _taken(self, event: Any, at: int) -> Node | None:
        """The value that an event ends, if it ends one."""
        if isinstance(event, yaml.CollectionEndEvent):
            return self._ended(self._stack.pop(), event)
        if not isinstance(event, (yaml.AliasEvent, yaml.ScalarEvent, yaml.CollectionStartEvent)):
            return None
        self.values += 1
        if self.values > MAX_VALUES:
            self._abandon("size", at, f"the file has more than {MAX_VALUES:,} values", _SHORTEN)
        self._nested(at, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        is_scalar = isinstance(event, yaml.ScalarEvent)
        node = self._scalar(event) if is_scalar else self._begun(event)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node if is_scalar else None

    def _path(self) -> Path:
        """Leads to what is read now."""
        return tuple(
            str(level.key.value) if level.key else len(level.node.children)
            for level in self._stack
            if level.key or isinstance(level.node.children, list)
        )

    def _found(self, rule: str, place: int, message: str, hint: str, *last: str) -> None:
        """Something is wrong with what is read now, or with a field of it."""
        self.diagnostics.add(Diagnostic(rule, place, message, hint, path=(*self._path(), *last)))

    def _abandon(self, rule: str, place: int, message: str, hint: str) -> NoReturn:
        """Reading stops here; of a file that is too large, this is the one diagnostic."""
        if rule == "size":
            self.diagnostics.clear()
        self._found(rule, place, message, hint)
        raise Abandoned

    def _nested(self, place: int, depth: int) -> None:
        """A value of so many levels is put into what is open."""
        if len(self._stack) + depth > MAX_DEPTH:
            message = f"values are nested deeper than {MAX_DEPTH} levels"
            self._abandon("nesting", place, message, "a registry needs four")

    def _expanded(self, place: int, added: int) -> None:
        """Count the values that aliases and merges add, so that a small file cannot stand for a huge one."""
        self._aliased += added
        if self._aliased > MAX_ALIASED:
            message = f"aliases and merge keys expand to more than {MAX_ALIASED:,} values"
            self._abandon("alias-limit", place, message, "write the values out")

    def _scalar(self, event: Any) -> Node:
        text, is_text = event.value, event.tag in ("!", f"{_TAG}str") or (event.tag is None and not event.implicit[0])
        kind = "str" if is_text else _tag(yaml.ScalarNode, text, (True, False)).removeprefix(_TAG)
        size = 1 + len(text) // _LONG_TEXT
        node = Node(event.start_mark.index, text, event.end_mark.index, text, event.style or "", size=size)
        if not self._is_known(event, kind):
            node.value = UNKNOWN  # what it stands for nobody here knows
        elif kind == "bool":
            node.value = text.lower() in ("yes", "true", "on")
        elif kind == "null":
            node.value = None
        elif kind in _KINDS and not (kind == "timestamp" and self._path()[-1:] in _DAYS):
            node.value = ImplicitScalar(text, _KINDS[kind])
        return node

    def _begun(self, event: Any) -> Node:
        node, kind = Node(event.start_mark.index, [], children=[], style="[" if event.flow_style else ""), "seq"
        if isinstance(event, yaml.MappingStartEvent):
            node, kind = Node(node.offset, {}, children={}, keys={}, style="{" if event.flow_style else ""), "map"
        self._is_known(event, kind)
        self._stack.append(_Open(node))
        return node

    def _is_known(self, event: Any, kind: str) -> bool:
        """Whether the tag of a value is the one that it has without; that of another is told."""
        if event.tag in (None, "!", _TAG + kind):
            return True
        if event.tag != UNREAD[2:-1]:
            tag = event.tag.replace(_TAG, "!!")
            is_word = isinstance(event, yaml.ScalarEvent) and not event.value
            hint = f"put {quoted(tag)} in quotes if it is text" if is_word else "remove it, and write the value itself"
            self._found("unknown-tag", event.start_mark.index, f"the tag {shortened(tag)} is not allowed here", hint)
        return False

    def _alias(self, event: Any) -> Node:
        name, at, end = event.anchor, event.start_mark.index, event.end_mark.index
        node = self.anchors.get(name)
        if node is None:
            return self._no_anchor(name, at, end)
        if any(level.node is node for level in self._stack):
            message = f"the alias *{shortened(name)} stands inside its own anchor"
            self._abandon("alias", at, message, "write the value out")
        self._expanded(at, node.size)
        self._nested(at, node.depth)
        return replace(node, used_at=at, end=end)

    def _no_anchor(self, name: str, at: int, end: int) -> Node:
        what, hint = f"the alias *{shortened(name)} has no anchor", ""
        if len(self.diagnostics) < _MOST_SOUGHT:
            hint = did_you_mean(name, self.anchors).replace("mean ", "mean *")
            anchor = self.text.find(f"&{name}", end)
            if anchor >= 0 and not self.text[anchor + 1 + len(name) :][:1].isalnum():
                what, hint = f"the alias *{shortened(name)} stands before its anchor &{name}", "write the value here"
        self._found("alias", at, what, hint or f"remove the *, if {shortened(name)} itself is meant")
        return Node(at, UNKNOWN, end, f"*{name}")

    def _put(self, parent: _Open, node: Node) -> None:
        """A value, or a key, of a collection."""
        whole = parent.node
        whole.size += node.size
        whole.depth = max(whole.depth, node.depth + 1)
        if isinstance(whole.children, list):
            if len(whole.children) >= MAX_ITEMS:
                self._abandon("size", node.place, f"this list has more than {MAX_ITEMS:,} entries", _SHORTEN)
            whole.children.append(node)
            whole.value.append(node.value)
        elif parent.key is None:
            parent.key = node
        else:
            self._field(parent, parent.key, node)
            parent.key = None
            whole.end = max(whole.end, node.end)

    def _field(self, parent: _Open, key: Node, node: Node) -> None:
        whole, name = parent.node, key.value
        if name == "<<" and key.is_plain and parent.merge_at is None:
            parent.merge_at = key.offset
            parent.sources = self._sources(parent, node)
        elif not isinstance(name, str):
            whole.is_open = True
            self._no_name(whole, key)
        elif name in whole.children or name == "<<":
            parent.again.append((name, key.offset))
            if len(self._stack) == 1 and name in whole.children:
                self._joined(whole.children[name], node)
        else:
            whole.children[name] = node
            if whole.value is not UNKNOWN:
                whole.value[name] = node.value
            whole.keys[name] = key.offset  # type: ignore[index]  # one that is read has a dict of its own

    def _joined(self, first: Node, second: Node) -> None:
        """A second list at the left margin is looked at as if it went on with the first, unless that is repeated."""
        both = items(first) and items(second)
        number = len(first.children)
        if both and second.value[:1] != first.value[:1] and number + len(second.children) <= MAX_ITEMS:
            for each in self.diagnostics:
                if each.place >= second.offset and len(each.path) > 1:
                    each.path = (each.path[0], int(each.path[1]) + number, *each.path[2:])
            first.children += second.children
            first.value += second.value

    def _no_name(self, whole: Node, key: Node) -> None:
        """A key of a mapping that is no text; of a template, which is none, nothing more is said."""
        if key.value is UNKNOWN:
            return
        place, hint = key.offset, "write the name of a field before the colon"
        if self.text.startswith("{{", place - 1):
            place, message = place - 1, "{{ ... }} is the place of a template that was not filled in"
            hint, whole.value = "write the value that it stands for", UNKNOWN
        else:
            kind = key.kind.removeprefix("the boolean ")
            message = f"YAML reads {f'the key {quoted(key.text)}' if key.text else 'this key'} as {kind}, not text"
        self._found("key-not-text", place, message, hint)

    def _sources(self, parent: _Open, node: Node) -> list[Node]:
        """What is merged. Where that is nothing, the other fields cannot be known."""
        sources = node.children if isinstance(node.value, list) else [node]
        mappings = [source for source in sources if isinstance(source.value, dict)]
        if len(mappings) < len(sources):
            parent.node.is_open = True
            if all(source.value is not UNKNOWN for source in sources):
                hint = "write <<: *name, where &name marks a mapping"
                self._found("merge", node.place, "the merge key << takes a mapping or a list of mappings", hint)
        return mappings

    def _ended(self, done: _Open, event: Any) -> Node:
        """A collection at its end: at its bracket, or behind its last value."""
        node = done.node
        if event.start_mark.index < event.end_mark.index:
            node.end = event.end_mark.index
        elif isinstance(node.children, list):
            node.end = node.children[-1].end if node.children else event.end_mark.index
        if done.sources:
            self._merge(done)
        if done.again:
            self._tell_again(done)
        return node

    def _merge(self, done: _Open) -> None:
        """Take the fields of what is merged that are not here."""
        node, came = done.node, {}
        for other in done.sources:
            self._expanded(node.offset, other.size)
            node.is_open |= other.is_open
            node.size += other.size
            for name, child in other.children.items():
                if name not in node.children:
                    node.children[name], node.value[name] = child, child.value
                    node.keys[name] = other.keys[name]  # type: ignore[index]
                    came[name] = done.merge_at or 0
        node.merged = came

    def _tell_again(self, done: _Open) -> None:
        """Keys that are given again: several are most likely one mistake, the lost beginning of the next entry."""
        node, names = done.node, [*dict.fromkeys(name for name, _ in done.again)]
        lines = [str(self._line(node.keys.get(name, done.merge_at or 0))) for name in names]
        message, hint = f"the key {shortened(names[0])} is already given on line {lines[0]}", "keep one of the two"
        if len(names) > 1:
            message = f"the keys {joined([*map(shortened, names)])} are already given, on lines {joined(lines)}"
            hint = "begin each module with a line of its own: - slug: ..."
        elif names == ["modules"]:
            hint = "put all entries under the first modules:, and delete this line"
        self._found("duplicate-key", done.again[0][1], message, hint, names[0])
