"""Repairs of fields that the schema does not have."""

import re

from service.problems import Edit
from service.registry.lint.characters import unmask
from service.registry.lint.edits import column, indent_lines, remove_part
from service.registry.lint.nodes import fields, line_start
from service.registry.lint.refusals import expected_type
from service.registry.lint.repairs.lines import Repair, Repairs
from service.registry.lint.repairs.value import RefusedValue, is_slip
from service.registry.lint.vocabulary import look_up, strip_accents
from service.registry.model import STATE_FLAGS
from service.registry.schema import is_name, module_fields
from service.wording import closest, completed, either


def misspelled_field(value: RefusedValue) -> Repairs:
    """Rename a field that people write for a field of the schema, or that is like an absent field."""
    known = value.schema["properties"]
    absent = {*known} - value.parent.children.keys()
    word = strip_accents(unmask(value.field))
    near = [*filter(None, (closest(word, absent, 0.66), completed(word, absent)))]
    sure = [look_up("states", value.field), look_up("fields", value.field), closest(word, absent)]
    if sure[2] and expected_type(known[sure[2]]) == "boolean" and not is_slip(word, sure[2], is_boolean=True):
        del sure[2]
    start = value.key + value.text.startswith(('"', "'"), value.key)
    for field in dict.fromkeys([*sure, *near]):
        if field in absent:
            edit = Edit(start, start + len(value.field), field)
            is_guess = field not in sure
            yield Repair(
                1.0 + 0.4 * is_guess, (edit,), "", f"did you mean {field}?", is_guess=is_guess, until=value.node.end
            )


def state_as_value(value: RefusedValue) -> Repairs:
    """Replace a field with a state as its value, such as `status: on-demand`; remove a field about being active."""
    state = look_up("states", str(value.node.value))
    if state in value.schema["properties"] and state not in value.parent.children:
        edits = (Edit(value.key, value.node.end, f"{state}: true"),)
        yield Repair(0.9, edits, "", f"write {state}: true", is_guess=True)
    if "active" in (state, look_up("states", value.field)):
        yield Repair(
            1.5,
            (remove_part(value.text, value.key, value.node.end),),
            "",
            f"a module is active unless {either([*STATE_FLAGS])} is true",
            is_guess=True,
        )


def slug_as_key(value: RefusedValue) -> Repairs:
    """Write `slug:` before a slug that is written as the name of a field, as in `- scrap:`."""
    name = value.field
    node = value.node
    text = value.text
    is_empty = node.value is None or (isinstance(node.value, dict) and not node.style)
    if len(value.path) == 3 and "slug" not in value.parent.children and is_empty and is_name(name):
        by = column(text, value.key) - column(text, node.offset)
        edit = Edit(value.key, text.find(":", value.key) + 1, f"slug: {name}")
        moved = indent_lines(text, node.offset, node.end, by) if node.value else []
        yield Repair(
            0.6,
            (edit, *moved),
            f"{name}: the slug stands where the name of a field belongs",
            f"write - slug: {name}, and the other fields right below it",
        )


def split_text(value: RefusedValue) -> Repairs:
    """Join a text in both languages that is written as two fields, such as label_fr and label_en."""
    part = re.fullmatch(r"(label|description|because)[_.-]?(?:fr|en)", value.field)
    own = value.parent.children
    if part is None or value.parent.style or part[1] in own:
        return
    pieces = [name for name in value.parent.keys if re.fullmatch(rf"{part[1]}[_.-]?(?:fr|en)", name)]
    start = min(value.parent.keys[name] for name in pieces)
    end = max(own[name].end for name in pieces)
    if len(pieces) == 2 and value.text.count("\n", start, end) == 1:
        texts = ", ".join(f"{name[-2:]}: {value.text[own[name].place : own[name].end]}" for name in pieces)
        edit = Edit(start, end, f"{part[1]}: {{ {texts} }}")
        yield Repair(
            0.7,
            (edit,),
            f"{pieces[0]} and {pieces[1]} stand outside {part[1]}",
            f"write {part[1]}: {{fr: ..., en: ...}}",
        )


def field_of_other_mapping(value: RefusedValue) -> Repairs:
    """Remove a field that belongs into another mapping of the entry."""
    owners = [name for name, part in module_fields().items() if value.field in part.get("properties", ())]
    removed = (remove_part(value.text, value.key, value.node.end),)
    if len(value.path) == 3 and owners:
        yield Repair(1.3, removed, "", f"write it in {either(owners)}", is_guess=True)
    elif len(value.path) > 3 and value.field in module_fields():
        yield Repair(
            1.1,
            removed,
            "",
            f"it is a field of the entry: write it beside {value.path[2]}, not below it",
            is_guess=True,
        )


def dedented_fields(value: RefusedValue) -> Repairs:
    """Indent fields below the empty field that they belong to."""
    keys = value.parent.keys
    known = module_fields()
    parent = value.parent
    above = [name for name in keys.keys() & known.keys() if keys[name] < value.key and not parent.style]
    owner = max(above, key=keys.__getitem__, default="slug")
    inner = known[owner].get("properties", {})
    if value.field in inner and parent.children[owner].value is None:
        moved = sorted(keys[name] for name in keys.keys() & inner.keys())
        yield Repair(
            0.8,
            tuple(Edit(at, at, "  ") for at in moved),
            "",
            f"indent it deeper than {owner}, which it belongs to",
            until=parent.end,
        )


def wrapped_registry(value: RefusedValue) -> Repairs:
    """Move the registry to the left margin if it is the value of a key."""
    node = value.node
    text = value.text
    if "modules" in fields(node) and not node.style:
        above = Edit(line_start(text, value.key), line_start(text, node.offset), "")
        edits = (above, *indent_lines(text, node.offset, node.end, -column(text, node.offset)))
        yield Repair(
            0.5, edits, "", "the registry stands below it: move modules: to the left margin", until=node.offset
        )
