"""Repairs of values that the schema refuses, and the repairs of each rule."""

import re
from collections.abc import Callable

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import unmask
from service.registry.lint.document import name_entry
from service.registry.lint.edits import column, indent_lines, remove_item
from service.registry.lint.names import Names
from service.registry.lint.nodes import UNREAD, Node, fields, line_start
from service.registry.lint.refusals import BOOLEANS, expected_type, find_placeholder
from service.registry.lint.repairs import unknown_fields
from service.registry.lint.repairs.lines import Repair, Repairs
from service.registry.lint.repairs.value import (
    FORMATS,
    FORMS,
    NAMES,
    RefusedValue,
    guess_days,
    guess_texts,
    is_slip,
    write_item,
)
from service.registry.lint.vocabulary import LONGEST_NAME, look_up
from service.registry.schema import is_valid
from service.wording import closest, json_text

#: Keys of a mapping with a name that should be there without the mapping.
_NAME_KEYS = {"name", "slug", "id", "key", "value", "artifact"}
#: Patterns of values, by their field, whose well-formed value is only a guess.
_DOUBTFUL = dict.fromkeys(NAMES, r"\S\s+\S|[a-z][A-Z]") | {"api_endpoint": r"^(?!.*\bapi[/\\])|//[^/]*/(?!api/)"}
_DOUBTFUL |= {"owner": "_", "uri-reference": r"^(?!https?:|www\.)[^/]*\."}


def cut_off_file(value: RefusedValue) -> Repairs:
    """Remove the last entry of a file that ends in the middle of it, without the end of a line."""
    if len(value.path) == 3 and value.entry.end == len(value.text) and value.text[-1] not in "\n\r]}":
        edit = Edit(value.entry.offset, value.entry.end, f"{UNREAD} x")
        yield Repair(
            0.5,
            (edit,),
            f"the file ends in the middle of {name_entry(value.entry, value.path)}",
            "was the rest of the file lost? Bring it back, or write the rest of the entry",
            is_guess=True,
        )


def lost_beginning(value: RefusedValue) -> Repairs:
    """Begin an entry at a duplicate key, whose first line is lost."""
    by = column(value.text, value.key)
    if len(value.path) == 3 and by >= 2 and value.text[value.key - by : value.key].isspace():
        yield Repair(
            1.0,
            (Edit(value.key - 2, value.key, "- "),),
            "",
            "begin each module with a line of its own: - slug: ...",
            until=value.parent.end,
        )


def word_for_nothing(value: RefusedValue) -> Repairs:
    """Write null for a word that means nothing, or for an empty value."""
    node = value.node
    if "null" in value.schema.get("type", ()) and (node.value in ("", {}) or look_up("nothing", node.text)):
        yield value.replace("null", "write null, or leave the field out, where there is none", 0.9)


def misspelled_word(value: RefusedValue) -> Repairs:
    """Write the closest word of a list of words."""
    if isinstance(value.node.value, str):
        text = unmask(value.node.value).strip(" ,;")
        known = [*filter(None, value.schema["enum"])]
        usual = look_up("words", text)
        word = usual or (closest(text, known, 0.66) if re.fullmatch(r"\w+", text) else "")
        if word in known:
            is_guess = usual != word and not is_slip(text, word)
            yield value.replace(write_item(word), f"did you mean {word}?", is_guess=is_guess)


def misread_text(value: RefusedValue) -> Repairs:
    """Put a text in quotes that YAML reads as something else, or write a dash before each item of a list."""
    node = value.node
    text = value.node.text
    dash = value.text[line_start(value.text, node.offset) : node.offset]
    if not value.schema and dash.strip() == "-":
        items = re.sub(r"(\r\n?|\n)[\s-]*", rf"\1{dash}", value.text[node.offset : node.end].rstrip())
        yield value.replace(items, "begin each item with a dash and a space", is_guess=True)
    elif node.value is True and "null" in value.schema.get("type", ()):
        return  # the value means that there is something, but not what
    elif node.value is not None and value.schema and is_valid(value.schema, text) and value.is_free(text):
        yield value.replace(json_text(text), f"write {json_text(text)} in quotes")


def word_for_boolean(value: RefusedValue) -> Repairs:
    """Write true or false for a word that means one of them."""
    text = unmask(value.node.text).strip(" ,;\"'")
    word = closest(text, BOOLEANS)
    if word and expected_type(value.schema) == "boolean":
        boolean = str(BOOLEANS[word]).lower()
        is_guess = not is_slip(text, word, is_boolean=True)
        yield value.replace(boolean, f"write {boolean}, without quotes", is_guess=is_guess)


def missing_list(value: RefusedValue) -> Repairs:
    """Make a list of one item, of a text with several items, of nothing, or of the only entry."""
    node = value.node
    text = value.node.value
    if expected_type(value.schema) != "array":
        return
    if value.field != "produces" and (text is None or look_up("nothing", node.text)):
        is_guess = not node.text or text is False
        yield value.replace("[]", f"{value.describe_form()}, or leave the field out", is_guess=is_guess)
    elif isinstance(text, str):
        parts = re.split(r"[,;|/+&\n]|\s(?:and|et|or|ou)\s", unmask(text).strip(" []"))
        items = filter(None, (item.strip(" \t\"'`-*•·–") for item in parts))
        # Two words may be one item with a blank in it.
        is_guess = " " in text and "," not in text
        yield value.replace(f"[{', '.join(map(write_item, items))}]", is_guess=is_guess)
    elif value.path == ("modules",) and "slug" in fields(node) and not node.style:
        _, *below = indent_lines(value.text, node.offset, node.end, 2)
        edits = (Edit(node.offset, node.offset, "- "), *below)
        yield Repair(0.6, edits, "", "begin each entry with - slug: ...", until=node.end)


def text_in_collection(value: RefusedValue) -> Repairs:
    """Take a text out of a list or a mapping."""
    texts = value.node.value
    if isinstance(texts, dict) and _NAME_KEYS.issuperset(texts):
        texts = [*texts.values()]
    is_list = isinstance(texts, list) and (len(texts) == 1 or isinstance(value.path[-1], int))
    if is_list and expected_type(value.schema) == "string" and all(isinstance(text, str) for text in texts):
        yield value.replace(", ".join(map(write_item, texts)))


def repeated_item(value: RefusedValue) -> Repairs:
    """Remove an item that is in the list already."""
    edits = remove_item(value.text, value.parent, int(value.path[-1]))
    yield Repair(1.0, edits, "", "keep one of the two")


def malformed_text(value: RefusedValue) -> Repairs:
    """Write a text in the form of its field."""
    text = value.node.value
    format = value.schema.get("format", "")
    guess_forms = FORMS.get(value.field) or FORMATS.get(format, guess_texts)
    if len(text) > LONGEST_NAME or find_placeholder(text) or look_up("todo", text.strip("_.?!<>")):
        return
    is_prose = guess_forms is guess_texts and is_valid(value.schema, *guess_texts(text))
    plain = text if is_prose else unmask(text)
    is_doubtful = (
        plain != text or re.search(_DOUBTFUL.get(value.field) or _DOUBTFUL.get(format, "^$"), text) is not None
    )
    is_bare = guess_forms is guess_days and value.node.is_plain
    for form in guess_forms(plain.strip(" ,;\n").strip("\"'`")):
        if form != text and is_valid(value.schema, form) and value.is_free(form):
            is_guess = is_doubtful and not value.names.has(value.field, form)
            yield value.replace(form if is_bare else write_item(form), is_guess=is_guess)


def unknown_tag(value: RefusedValue) -> Repairs:
    """Remove a tag, so that the rest can be checked. The meaning of the tag is unknown."""
    tag = re.compile(r"!(?:<[^>\s]*>|[^\s,\[\]{}]*)[ \t]*").match(value.text, value.key)
    if tag:
        yield Repair(1.0, (Edit(tag.start(), tag.end(), ""),), "", "", is_guess=True, until=value.node.end)


#: The repairs of each rule, the likeliest first.
_OF_RULE: dict[str, tuple[Callable[[RefusedValue], Repairs], ...]] = {
    "unknown-field": (
        unknown_fields.wrapped_registry,
        unknown_fields.slug_as_key,
        unknown_fields.split_text,
        unknown_fields.misspelled_field,
        unknown_fields.state_as_value,
        unknown_fields.field_of_other_mapping,
        unknown_fields.dedented_fields,
    ),
    "missing-field": (cut_off_file,),
    "duplicate-key": (lost_beginning,),
    "enum": (misspelled_word,),
    "yaml-misread": (word_for_nothing, word_for_boolean, misread_text),
    "type": (word_for_nothing, word_for_boolean, missing_list, text_in_collection),
    "blank": (word_for_nothing,),
    "pattern": (word_for_nothing, malformed_text),
    "repeated-item": (repeated_item,),
    "unknown-tag": (unknown_tag,),
}


def repair_value(diagnostic: Diagnostic, root: Node, text: str, names: Names) -> Repairs:
    """Yield every repair of the value of a diagnostic, the likeliest first.

    `root` is the document of `text`, and `names` are the names of the whole file.
    """
    value = RefusedValue(diagnostic, root, text, names)
    try:
        node = value.node
    except LookupError:  # the path may lead through a duplicate key
        return
    if diagnostic.rule == "unknown-field" and (value.field in value.parent.merged or node.used_at is not None):
        return  # the field is written elsewhere
    for repair_rule in _OF_RULE.get(diagnostic.rule, ()):
        for repair in repair_rule(value):
            until = repair.until if repair.until >= 0 else repair.edits[-1].end
            yield repair._replace(rule=diagnostic.rule, place=diagnostic.place, until=until)
