"""A new module: a whole entry in the style of the file, in the group that it belongs to."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from service.problems import Edit
from service.registry.edit.edits import applied
from service.registry.edit.opening import Changed, Opened
from service.registry.edit.pieces import Piece, line_break, line_end
from service.registry.edit.style import Style
from service.registry.edit.surgery import items_added
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
    becomes_block = not opened.text[listed.start : listed.end].strip("[ ]") and not opened.root.flow
    in_brackets = listed.flow and not becomes_block
    style = Style.of(opened.text, in_brackets, [*near, *listed.items])
    (lines,) = style.items([fields], in_brackets)
    if becomes_block:
        edits = _first(opened.text, listed, lines)
    else:
        edits = [items_added(opened.text, listed, number, [lines], place.before)]
    wanted = replace(opened.registry, modules=(*modules[:number], Module.from_entry(fields), *modules[number:]))
    begin = edits[0].start + edits[0].new.rindex(lines[0])
    line, _ = SourceMap(applied(opened.text, edits[:1])).position(begin)
    return opened.changed(edits, wanted, f"{slug} cannot be added", f"{slug} is added, on line {line}")


def _first(text: str, listed: Piece, lines: Sequence[str]) -> list[Edit]:
    """The first item of a list that is written as []: it goes below, and a comment behind the [] stays on its line."""
    newline, end = line_break(text), line_end(text, listed.end)
    added = Edit(end, end, "".join(f"{newline}  {line}" for line in lines))
    return [added, Edit(len(text[: listed.start].rstrip(" ")), listed.end, "")]


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
