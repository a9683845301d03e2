"""The needs/produces graph: all of it on its own page, drawn and as a list, and on a module's page what is around.

What is drawn of a layout, `graph_parts.html` makes SVG of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.registry.graph import rings
from service.registry.model import Module, ModuleState, Registry
from service.registry.schema import module_fields
from service.web.languages import translations
from service.web.pages import graph_layout
from service.web.pages.graph_layout import Layout, Line
from service.wording import printable

#: Categories in the order of the product documentation.
CATEGORIES: list[str] = module_fields()["category"]["enum"]

#: How many steps away neighbours of a module are shown at most.
MOST_STEPS = 9

#: The room for a line of a label in a box, which begins behind stripe and mark, in pixels.
_ROOM = graph_layout.BOX_WIDTH - 32


def grouped(modules: Sequence[Module], groups: Iterable[str], field: str) -> dict[str, list[Module]]:
    """Group modules by the value of a field: known `groups` first, in their order. Empty groups are left out."""
    by_group: dict[str, list[Module]] = {group: [] for group in groups}
    for module in modules:
        by_group.setdefault(getattr(module, field) or "", []).append(module)
    return {group: members for group, members in by_group.items() if members}


def facts(registry: Registry, lang: str) -> Mapping[str, Any]:
    """What the page of the graph says of a registry."""
    # Of those that feed nothing, the modules of a category are below each other.
    by_category = grouped(registry.modules, CATEGORIES, "category")
    ordered = [module for modules in by_category.values() for module in modules]
    laid_out = graph_layout.layout(
        [graph_layout.Node(module.slug, module.needs, module.produces) for module in ordered]
    )
    if laid_out is None:
        return {"drawing": None, "center": None}
    linked = [module for module in registry.modules if module.needs or module.produces]
    states = {module.state for module in linked}
    return {
        "drawing": drawing(laid_out, registry.by_slug, lang),
        "center": None,
        "states": [state.bucket for state in ModuleState if state in states],
        "categories": list(grouped(linked, CATEGORIES, "category")),
        "artifacts": _artifacts(registry),
        "alone": [module for module in registry.modules if not (module.needs or module.produces)],
    }


def near(registry: Registry, slug: str, steps: int, lang: str) -> Mapping[str, Any]:
    """The same of a module of the registry and its neighbours up to so many steps away: with the artifacts by which
    they hang together, and those of the module itself. `reached` has how many modules there are up to each step.
    """
    needs, produces = ({each.slug: getattr(each, name) for each in registry.modules} for name in ("needs", "produces"))
    reached, center = rings(needs, produces, slug, MOST_STEPS), registry.by_slug[slug]
    steps = min(steps, len(reached))
    made, needed = ({name for each in reached[steps - 1] for name in of[each]} for of in (produces, needs))
    names = (made & needed).union(center.needs, center.produces)
    shown = [
        replace(each, needs=graph_layout.among(each.needs, names), produces=graph_layout.among(each.produces, names))
        for each in registry.modules
        if each.slug in reached[steps - 1]
    ]
    more = {"center": center, "steps": steps, "reached": [*map(len, reached)]}
    return {**facts(Registry(tuple(shown)), lang), **more}


def _artifacts(registry: Registry) -> list[tuple[str, list[Module], list[Module]]]:
    """Each artifact by its name, with the modules that produce it and those that need it."""
    producers, consumers = registry.by_artifact["produces"], registry.by_artifact["needs"]
    return [(name, producers.get(name, []), consumers.get(name, [])) for name in sorted({*producers, *consumers})]


def around(registry: Registry, slug: str, lang: str) -> dict[str, Any] | None:
    """What feeds a module of the registry, and what it feeds. None where that is nothing, or too much."""
    laid_out = graph_layout.layout(graph_layout.neighbourhood(registry, slug))
    if laid_out is None or not laid_out.boxes:
        return None
    return drawing(laid_out, registry.by_slug, lang)


def drawing(laid_out: Layout, modules: Mapping[str, Module], lang: str) -> dict[str, Any]:
    """What is drawn of a layout of modules, by slug, with texts in a language: lines as the data of a <path>.

    Each box is of a module, or stands for several that have no box. `kinds` are the categories and states of boxes.
    """
    more, boxes, kinds = translations(lang).ngettext, [], dict[tuple[str, str], int]()
    for box in laid_out.boxes:
        if module := modules.get(box.node.slug):
            label = printable(getattr(module.label, lang))
            kinds.setdefault((module.category, module.state.bucket), len(kinds))
        else:
            label = more("%(num)s more", "%(num)s more", box.node.more) % {"num": box.node.more}
        drawn: dict[str, Any] = {"x": box.x, "y": box.y, "lines": _path(join.line for join in box.joins)}
        boxes.append(drawn | {"module": module, "label": label, "rows": _wrapped(label)})
    return {
        "width": laid_out.width,
        "height": laid_out.height,
        "box": (graph_layout.BOX_WIDTH, graph_layout.BOX_HEIGHT),
        "font": graph_layout.NAME_SIZE,
        "boxes": boxes,
        "kinds": kinds,
        "carried": _path(line for bus in laid_out.buses for line in bus.carried),
        "trunks": _path(line for bus in laid_out.buses for line in bus.trunks),
        "names": [(bus.artifact, f"{x:g}", f"{y - 4:g}") for bus in laid_out.buses for x, y in bus.names],
        "joints": _joints(laid_out),
        "arrows": _arrows(laid_out),
    }


def _wrapped(label: str) -> list[str]:
    """A label in one line or two; what does not fit ends in an ellipsis."""
    words = label.split()
    first = next((number for number in range(len(words), 0, -1) if _fits(" ".join(words[:number]))), 0)
    return [row for row in (" ".join(words[:first]), _cut(" ".join(words[first:]))) if row] or [""]


def _cut(text: str) -> str:
    """As much of a text as there is room for."""
    if _fits(text):
        return text
    return next(cut for end in range(len(text), -1, -1) if _fits(cut := f"{text[:end].rstrip()}…"))


def _fits(text: str) -> bool:
    return graph_layout.text_width(text) <= _ROOM


def _path(lines: Iterable[Line]) -> str:
    """Lines as the data of a <path>."""
    return "".join(f"M{line.x1:g} {line.y1:g}{_end(line)}" for line in lines)


def _end(line: Line) -> str:
    if line.y1 == line.y2:
        return f"H{line.x2:g}"
    return f"V{line.y2:g}" if line.x1 == line.x2 else f"L{line.x2:g} {line.y2:g}"


def _joints(laid_out: Layout) -> str:
    """Dots where a line ends on a bus, since lines cross buses, too: strokes of no length, with round ends."""
    ends = {(join.line.x2, join.line.y2) for box in laid_out.boxes for join in box.joins}
    for bus in laid_out.buses:
        upright = {line.x1 for line in bus.trunks}
        for line in bus.carried:
            ends |= {(x, y) for x, y in ((line.x1, line.y1), (line.x2, line.y2)) if x in upright}
    return "".join(f"M{x:g} {y:g}h0" for x, y in sorted(ends))


def _arrows(laid_out: Layout) -> str:
    """An arrow to each bus that a module gives back to and, where it needs the same, one to the module."""
    back = [join for box in laid_out.boxes for join in box.joins if join.gives_back]
    to_bus = "".join(f"M{join.line.x2 + 4:g} {join.line.y2:g}l7-4v8z" for join in back)
    return to_bus + "".join(f"M{join.line.x1:g} {join.line.y1:g}l-7-4v8z" for join in back if join.needs)
