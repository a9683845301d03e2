"""A new module: a whole entry in the style of the file, in the group that it belongs to."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from service.problems import Edit
from service.registry.edit.edits import applied
from service.registry.edit.opening import Changed, Opened
from service.registry.edit.pieces import Piece, line_break
from service.registry.edit.style import Style
from service.registry.edit.surgery import item_added
from service.registry.model import Module, ModuleState
from service.registry.text.nodes import SourceMap

#: Modules of a group that tell whether it is in the order of its slugs: of fewer it may be chance.
_LEAST_IN_ORDER = 3


def add(opened: Opened, fields: Mapping[str, Any]) -> Changed:
    """A module more, with fields as the file has them: those that are given, and no others.

    It goes behind the modules of its state and category where these stand together, else behind those of its state, of
    its category, or behind all. Where they stand by their slugs, so does it. Raises EditRefused.
    """
    slug = fields["slug"]
    opened.refuse_taken(slug)
    modules = opened.registry.modules
    listed = opened.listed("modules")
    if listed is None or len(listed.items) != len(modules):
        raise opened.unsafe("modules")
    place = _place(modules, slug, fields)
    number = place.number
    near = listed.items[max(0, number - 1) : number + 1]
    style = Style.of(opened.text, listed.flow and bool(listed.items or opened.root.flow), [*near, *listed.items])
    edit = _edit(opened, listed, place, style, fields)
    wanted = replace(opened.registry, modules=(*modules[:number], Module.from_entry(fields), *modules[number:]))
    begin = edit.start + len(edit.new) - len(edit.new.lstrip())
    line, _ = SourceMap(applied(opened.text, [edit])).position(begin)
    return opened.changed([edit], wanted, f"{slug} cannot be added", f"{slug} is added, on line {line}")


def _edit(opened: Opened, listed: Piece, place: _Place, style: Style, fields: Mapping[str, Any]) -> Edit:
    if listed.items:
        return item_added(opened.text, listed, place.number, style.item(fields, listed.flow), place.before)
    if opened.root.flow:
        return item_added(opened.text, listed, 0, style.item(fields, True))
    newline = line_break(opened.text)
    start = len(opened.text[: listed.start].rstrip(" "))
    return Edit(start, listed.end, "".join(f"{newline}  {line}" for line in style.item(fields, False)))


class _Place(NamedTuple):
    """The number that a module gets in the list, and whether it goes right before the one that has it by now.

    Otherwise it goes right behind the one before. It makes a difference where comments are between the two.
    """

    number: int
    before: bool


def _place(modules: Sequence[Module], slug: str, fields: Mapping[str, Any]) -> _Place:
    state = next((state for state in ModuleState if state.flag and fields.get(state.flag)), ModuleState.ACTIVE)
    keys: list[Callable[[Module], bool]] = [
        lambda module: module.state is state and module.category == fields["category"],
        lambda module: module.state is state,
        lambda module: module.category == fields["category"],
        lambda module: True,
    ]
    for belongs in keys:
        numbers = [number for number, module in enumerate(modules) if belongs(module)]
        if numbers and numbers[-1] - numbers[0] == len(numbers) - 1:  # they stand together
            slugs = [modules[number].slug for number in numbers]
            if len(slugs) >= _LEAST_IN_ORDER and slugs == sorted(slugs):
                number = numbers[0] + bisect(slugs, slug)
                return _Place(number, number == numbers[0])
            return _Place(numbers[-1] + 1, False)
    return _Place(0, False)
