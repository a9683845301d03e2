"""Rules that the JSON Schema decides, and rules of text that YAML reads in another way than its author.

`check_schema` calls the rules of the keyword that a value breaks, and one rule of a module's state.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from service.registry.lint.document import IN_LANGUAGES, locate_key
from service.registry.lint.nodes import MAX_MISTAKES, UNKNOWN, ImplicitScalar, Node, Path, fields, items
from service.registry.lint.refusals import BOOLEANS, Refusals, Refused, expected_type, list_states
from service.registry.model import STATE_FLAGS
from service.registry.schema import errors, inlined, is_blank, is_valid
from service.wording import quoted

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

#: Quotes of word processors with the quotes that may close them, and signs that look like quotes.
_QUOTES = {"“": "”", "„": "“”", "”": "”“", "«": "»", "»": "«»", "‘": "’", "‚": "‘’", "’": "’‘", "‹": "›", "›": "‹›"}
_QUOTES |= {"″": "″", "′": "′", "＂": "＂", "＇": "＇", "〝": "〞"}


class Value(NamedTuple):
    """A value that a keyword of the schema refuses. For `required`, `lacks` is a missing field.

    If the schema accepts the value, `keyword` is empty, and `source` is the text of the file.
    """

    node: Node
    path: Path
    keyword: str = ""
    schema: Mapping[str, Any] = {}
    lacks: str = ""
    source: str = ""

    def refuse(self, rule: str, place: int | None = None, path: Path | None = None, lacks: str = "") -> Refused:
        """Return the refusal of the value, or of a part of it at another place and path."""
        place = self.node.place if place is None else place
        path = self.path if path is None else path
        return Refused(rule, place, path=path, keyword=self.keyword, schema=self.schema, lacks=lacks)

    @property
    def is_misread(self) -> bool:
        """Whether YAML reads a word for a boolean as text, or unquoted text as something else."""
        expected = expected_type(self.schema)
        value = self.node.value
        if expected == "boolean":
            return isinstance(value, str) and value.lower() in BOOLEANS
        is_read = isinstance(value, (bool, ImplicitScalar)) or (value is None and self.node.text != "")
        return expected == "string" and is_read


def not_a_mapping(value: Value) -> Refusals:
    """Refuse a file that is not a mapping."""
    if not value.path:
        yield value.refuse("not-a-mapping")


def unknown_field(mapping: Value) -> Refusals:
    """Refuse fields that the schema does not have."""
    for name in mapping.node.children:
        if name not in mapping.schema["properties"]:
            yield mapping.refuse("unknown-field", locate_key(mapping.node, name), (*mapping.path, name))


def missing_field(mapping: Value) -> Refusals:
    """Refuse a mapping without a required field, unless some of its fields could not be read.

    All missing fields of a mapping are one mistake. In a module that has more than a slug, each of them is a mistake.
    """
    path = mapping.path
    present = mapping.node.value.keys()
    missing = [name for name in mapping.schema["required"] if name not in present]
    is_module = len(path) == 2 and path[0] == "modules" and present != {"slug"}
    if mapping.node.is_open:
        return
    if not path or is_module or len(missing) == 1:
        yield mapping.refuse("missing-field", path=(*path, mapping.lacks), lacks=mapping.lacks)
    elif mapping.lacks == missing[0]:
        yield mapping.refuse("missing-field", lacks=mapping.lacks)


def type_(value: Value) -> Refusals:
    """Refuse values of another type than that of their field."""
    if value.path and not value.is_misread:
        yield value.refuse("type")


def yaml_misread(value: Value) -> Refusals:
    """Refuse values that mean something else to YAML than to their author.

    The schema refuses a word such as no, where it requires text. It accepts text that ends with a quote which was never
    opened, and an item of a list that goes on below, because the next item has no dash.
    """
    if value.keyword:
        if value.is_misread:
            yield value.refuse("yaml-misread")
        return
    node = value.node
    path = value.path
    if _is_prose(path) and node.text.count('"') == 1 and re.search(r'[^\W\d][.!?…]?"$', node.text):
        message = f"{quoted(node.text)} ends with a quote that was never opened"
        yield Refused("yaml-misread", node.place, message, "write the other quote, or none", path=path)
    below = re.compile(r"\n\s*(?=\S)").search(value.source, node.offset, node.end)
    if below and isinstance(path[-1], int) and " " in node.text:
        message = f"an item of {path[2]} goes on over several lines, {quoted(node.text)}"
        yield Refused(
            "yaml-misread",
            below.end(),
            message,
            "begin each item with a dash and a space, or write it on one line",
            path=path,
        )


def look_alike(value: Value) -> Refusals:
    """Refuse text in quotes of a word processor, which YAML reads as part of the text."""
    text = value.node.text
    if _is_prose(value.path) and not text.isascii() and _is_in_quotes(text):
        yield Refused("look-alike", value.node.place, path=value.path)


def _is_prose(path: Path) -> bool:
    return path[2] in (*IN_LANGUAGES, "keywords")


def _is_in_quotes(text: str) -> bool:
    """Whether text begins and ends with two quotes of a pair. Two apostrophes may be inside the text."""
    closing = _QUOTES.get(text[:1], "")
    if len(text) < 2 or text[-1] not in closing:
        return False
    return text[0] in "‘’" or not set(text[1:-1]) & {*closing, text[0]}


def enum(value: Value) -> Refusals:
    """Refuse words that are not in a list of words, such as the categories."""
    yield value.refuse("enum")


def blank(value: Value) -> Refusals:
    """Refuse text of blanks only."""
    if is_blank(value.node.value):
        yield value.refuse("blank")


def pattern(value: Value) -> Refusals:
    """Refuse text that is not well formed."""
    if value.keyword != "pattern" or not is_blank(value.node.value):
        yield value.refuse("pattern")


def too_long(value: Value) -> Refusals:
    """Refuse text with too many characters, and lists with too many items."""
    yield value.refuse("too-long")


def repeated_item(value: Value) -> Refusals:
    """Refuse items that a list has already."""
    first: dict[str, int] = {}
    for number, item in enumerate(value.node.children):
        if isinstance(item.value, str) and first.setdefault(item.value, number) != number:
            yield value.refuse("repeated-item", item.place, (*value.path, number))


# -- The state of a module --------------------------------------------------------------


class State(NamedTuple):
    """A module that breaks conditions of the schema: the fields that they ask for, and the fields that they forbid."""

    entry: Node
    path: Path
    states: list[str]
    needed: set[str]
    forbidden: set[str]

    def refuse(self, rule: str, field: str = "") -> Refused:
        """Return the refusal of a field; of the last state if several rules are broken, or several states are true."""
        if len(self.states) > 1 or self.forbidden >= {"api_endpoint", "multi_proxy"}:
            field = self.states[-1]
        lacks = "" if field in fields(self.entry) else field
        return Refused(rule, locate_key(self.entry, field), path=(*self.path, field), lacks=lacks)


def one_state(state: State) -> Refusals:
    """Refuse a module with several states."""
    if len(state.states) > 1:
        yield state.refuse("one-state")


def stage_state(state: State) -> Refusals:
    """Refuse a stage of a module that is not coming soon."""
    if "coming_soon" in state.needed:
        yield state.refuse("stage-state", "stage")


def endpoint_needed(state: State) -> Refusals:
    """Refuse an active or frozen module without an endpoint."""
    if "api_endpoint" in state.needed:
        yield state.refuse("endpoint-needed", "api_endpoint")


def endpoint_forbidden(state: State) -> Refusals:
    """Refuse the endpoint of an on-demand or coming-soon module."""
    if "api_endpoint" in state.forbidden:
        yield state.refuse("endpoint-forbidden", "api_endpoint")


def multi_proxy_state(state: State) -> Refusals:
    """Refuse multi_proxy of a module that is not active or frozen."""
    if "multi_proxy" in state.forbidden:
        yield state.refuse("multi-proxy-state", "multi_proxy")


# -- The pass over a document -----------------------------------------------------------

#: The rules of each keyword of the schema, and of a state, in the order of precedence.
_OF_KEYWORD: dict[str, tuple[Callable[[Value], Refusals], ...]] = {
    "required": (missing_field,),
    "additionalProperties": (unknown_field,),
    "uniqueItems": (repeated_item,),
    "enum": (enum,),
    "maxLength": (too_long,),
    "maxItems": (too_long,),
    "type": (yaml_misread, type_, not_a_mapping),
    "pattern": (blank, pattern),
}
_OF_STATE = (one_state, stage_state, endpoint_needed, endpoint_forbidden, multi_proxy_state)


def check_schema(root: Node) -> Refusals:
    """Yield every break of the schema by a document, without words; of an entry's state, one break at most."""
    if is_valid(inlined(), root.value):
        return
    conditions: dict[Path, list[ValidationError]] = defaultdict(list)
    for error in islice(errors(inlined(), root.value), MAX_MISTAKES + 1):
        path: Path = tuple(error.path)
        if error.instance is UNKNOWN:
            continue
        if "if" in error.schema_path or "dependentSchemas" in error.schema_path:
            conditions[path[:2]].append(error)
        else:
            value = Value(root.at(path), path, str(error.validator), error.schema, error.message)
            for check in _OF_KEYWORD.get(value.keyword, (pattern,)):
                yield from check(value)
    for path, broken in conditions.items():
        yield from _check_state(root.at(path), path, broken)


def _check_state(entry: Node, path: Path, broken: list[ValidationError]) -> Refusals:
    """Yield the break of the first rule: a repair of it may end the other breaks."""
    own = fields(entry)
    if own.keys() <= {"slug"} or any(own[flag].value is UNKNOWN for flag in own.keys() & {*STATE_FLAGS}):
        return
    state = State(entry, path, list_states(entry), set(), set())
    for error in broken:
        if "dependentSchemas" not in error.schema_path:
            state.needed.add("api_endpoint")
        elif error.validator == "required" or error.schema.get("const") is True:
            state.needed.add("coming_soon")
        else:
            state.forbidden.add(str(error.path[-1]))
    may_be_unread = entry.is_open and state.needed and len(state.states) < 2
    yield from islice(chain.from_iterable(check(state) for check in _OF_STATE), 0 if may_be_unread else 1)


def check_texts(root: Node, source: str) -> Refusals:
    """Yield text that the schema accepts, and YAML reads in another way than its author."""
    for number, entry in enumerate(items(fields(root).get("modules"))):
        for name, value in fields(entry).items():
            parts: Iterator[tuple[str | int, Node]] = chain(fields(value).items(), enumerate(items(value)))
            for key, node in parts:
                if node.is_plain and isinstance(node.value, str) and node.used_at is None:
                    text = Value(node, ("modules", number, name, key), source=source)
                    yield from look_alike(text)
                    yield from yaml_misread(text)
