"""Rules that the JSON Schema decides by one of its keywords, and rules of text that YAML reads in another way."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from service.registry.lint.catalogue import rule
from service.registry.lint.document import IN_LANGUAGES, locate_key
from service.registry.lint.nodes import ImplicitScalar, Node, Path
from service.registry.lint.refusals import BOOLEANS, Refused, expected_type
from service.registry.schema import is_blank
from service.wording import quoted

#: Quotes of word processors with the quotes that may close them, and signs that look like quotes.
_QUOTES = {"“": "”", "„": "“”", "”": "”“", "«": "»", "»": "«»", "‘": "’", "‚": "‘’", "’": "’‘", "‹": "›", "›": "‹›"}
_QUOTES |= {"″": "″", "′": "′", "＂": "＂", "＇": "＇", "〝": "〞"}


class Checked(NamedTuple):
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
        place, path = self.node.place if place is None else place, self.path if path is None else path
        return Refused(rule, place, path=path, keyword=self.keyword, schema=self.schema, lacks=lacks)

    @property
    def is_misread(self) -> bool:
        """Whether YAML reads a word for a boolean as text, or unquoted text as something else."""
        expected, value = expected_type(self.schema), self.node.value
        if expected == "boolean":
            return isinstance(value, str) and value.lower() in BOOLEANS
        is_read = isinstance(value, (bool, ImplicitScalar)) or (value is None and self.node.text != "")
        return expected == "string" and is_read


@rule("not-a-mapping")
def not_a_mapping(value: Checked) -> Iterator[Refused]:
    """Refuse a file that is not a mapping."""
    if not value.path:
        yield value.refuse("not-a-mapping")


@rule("unknown-field")
def unknown_field(mapping: Checked) -> Iterator[Refused]:
    """Refuse fields that the schema does not have."""
    for name in mapping.node.children:
        if name not in mapping.schema["properties"]:
            yield mapping.refuse("unknown-field", locate_key(mapping.node, name), (*mapping.path, name))


@rule("missing-field")
def missing_field(mapping: Checked) -> Iterator[Refused]:
    """Refuse a mapping without a required field, unless some of its fields could not be read.

    All missing fields of a mapping are one mistake. In a module that has more than a slug, each of them is a mistake.
    """
    path, present = mapping.path, mapping.node.value.keys()
    missing = [name for name in mapping.schema["required"] if name not in present]
    is_module = len(path) == 2 and path[0] == "modules" and present != {"slug"}
    if mapping.node.is_open:
        return
    if not path or is_module or len(missing) == 1:
        yield mapping.refuse("missing-field", path=(*path, mapping.lacks), lacks=mapping.lacks)
    elif mapping.lacks == missing[0]:
        yield mapping.refuse("missing-field", lacks=mapping.lacks)


@rule("type")
def type_(value: Checked) -> Iterator[Refused]:
    """Refuse values of another type than that of their field."""
    if value.path and not value.is_misread:
        yield value.refuse("type")


@rule("yaml-misread")
def yaml_misread(value: Checked) -> Iterator[Refused]:
    """Refuse values that mean something else to YAML than to their author.

    The schema refuses a word such as no, where it requires text. It accepts text that ends with a quote which was never
    opened, and an item of a list that goes on below, because the next item has no dash.
    """
    if value.keyword:
        if value.is_misread:
            yield value.refuse("yaml-misread")
        return
    node, path = value.node, value.path
    if _is_prose(path) and node.text.count('"') == 1 and re.search(r'[^\W\d][.!?…]?"$', node.text):
        message = f"{quoted(node.text)} ends with a quote that was never opened"
        yield Refused("yaml-misread", node.place, message, "write the other quote, or none", path=path)
    below = re.compile(r"\n\s*(?=\S)").search(value.source, node.offset, node.end)
    if below and isinstance(path[-1], int) and " " in node.text:
        message = f"an item of {path[2]} goes on over several lines, {quoted(node.text)}"
        hint = "begin each item with a dash and a space, or write it on one line"
        yield Refused("yaml-misread", below.end(), message, hint, path=path)


@rule("look-alike")
def look_alike(value: Checked) -> Iterator[Refused]:
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


@rule("enum")
def enum(value: Checked) -> Iterator[Refused]:
    """Refuse words that are not in a list of words, such as the categories."""
    yield value.refuse("enum")


@rule("blank")
def blank(value: Checked) -> Iterator[Refused]:
    """Refuse text of blanks only."""
    if is_blank(value.node.value):
        yield value.refuse("blank")


@rule("pattern")
def pattern(value: Checked) -> Iterator[Refused]:
    """Refuse text that is not well formed."""
    if value.keyword != "pattern" or not is_blank(value.node.value):
        yield value.refuse("pattern")


@rule("too-long")
def too_long(value: Checked) -> Iterator[Refused]:
    """Refuse text with too many characters, and lists with too many items."""
    yield value.refuse("too-long")


@rule("repeated-item")
def repeated_item(value: Checked) -> Iterator[Refused]:
    """Refuse items that a list has already."""
    first: dict[str, int] = {}
    for number, item in enumerate(value.node.children):
        if isinstance(item.value, str) and first.setdefault(item.value, number) != number:
            yield value.refuse("repeated-item", item.place, (*value.path, number))
