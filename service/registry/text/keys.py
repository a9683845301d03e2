"""What is wrong with the keys of a mapping, in words."""

from __future__ import annotations

from collections.abc import Sequence

from service.registry.text.misplaced import Repeated
from service.registry.text.nodes import ImplicitScalar, Node, SourceMap, Words, said
from service.registry.text.placeholders import UNFILLED_TEMPLATE
from service.wording import joined, quoted, shortened

TEMPLATE = said(UNFILLED_TEMPLATE, "write the value that it stands for")
NO_TEXT = said("a key must be text", "write a field name before the colon")


def merge(name: str, aliased: str) -> Words:
    """What << merges that is no mapping: a `name` that is that of an anchor, or a text by its alias."""
    message = "the merge key << takes a mapping or a list of mappings"
    if aliased:
        return message, f"the anchor marks {quoted(aliased)} alone: write it behind the dash, and the fields below it"
    return message, f"write <<: *{name}" if name else "write <<: *name, where &name marks a mapping"


def question_mark(name: str) -> Words:
    name = shortened(name)
    return f"the ? in front of {name} makes all that follows it a key", f"remove the ?, and write {name}: and its value"


def read_as(key: Node) -> Words:
    kind = key.value.kind if isinstance(key.value, ImplicitScalar) else "a boolean" if key.value is not None else "null"
    message = f"YAML reads the key {shortened(key.text)} as {kind}, not text"
    return message, "write the name of a field before the colon"


def given_again(source_map: SourceMap, group: Sequence[Repeated], lacking: str = "") -> Words:
    names = list(dict.fromkeys(shortened(one.name) for one in group))
    lines = list(dict.fromkeys(str(source_map.position(one.first)[0]) for one in group))
    if len(names) == 1:
        hint = "keep one of the two" if not lacking else f"write {lacking}: for the one in that language"
        if names == ["modules"]:
            hint = "put all entries under the first modules:, and delete this line"
        elif group[0].has_the_rest():
            hint = f"put both parts into one {names[0]}"
        elif isinstance(group[0].child.value, list):
            hint = "keep one of the two, or put the items of both into one list"
        return f"the key {names[0]} is already given on line {lines[0]}", hint
    message = f"the keys {joined(names)} are already given, on lines {joined(lines)}"
    return message, "begin each module with a line of its own: - slug: ..."
