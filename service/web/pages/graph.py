"""The needs/produces graph: all of it on its own page, drawn and as a list, and on a module's page what is around.

A drawing is SVG made of a layout, without script, style attributes or anything to load. Shapes are made here; colours
are in `assets/site.css`, so that the page's themes hold for them. Nothing is told by colour alone: the mark of each
state has its own shape, and the stripe of each category its own number of pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from service.registry.graph import by_artifact
from service.registry.layout import (
    BOX_HEIGHT,
    BOX_WIDTH,
    NAME_SIZE,
    Box,
    Layout,
    Line,
    Node,
    layout,
    neighbourhood,
    text_width,
)
from service.registry.model import Module, ModuleState, Registry
from service.registry.schema import module_fields
from service.web.pages.texts import translations
from service.wording import printable

#: Categories in the order of the product documentation: the stripe of the second has two pieces.
CATEGORIES: list[str] = module_fields()["category"]["enum"]

#: Each state's mark, in a square of 10 pixels: dot, square, dash, ring, diamond.
_MARKS = {
    ModuleState.ACTIVE: '<circle class="mark-active" cx="5" cy="5" r="4"/>',
    ModuleState.ON_DEMAND: '<path class="mark-on_demand" d="M1.5 1.5h7v7h-7z"/>',
    ModuleState.META: '<path class="mark-meta" d="M0 4h10v2H0z"/>',
    ModuleState.COMING_SOON: '<circle class="mark-coming_soon" cx="5" cy="5" r="3.5"/>',
    ModuleState.ALPHA_UNAVAILABLE: '<path class="mark-alpha_unavailable" d="M5 0l5 5-5 5-5-5z"/>',
}

#: A box's outline, but for its place.
_OUTLINE = f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="7"'
#: The stripe at the left edge of a box, and the gap between its pieces.
_STRIPE, _GAP = 22, 3
#: A label: where it begins, the room for a line, its size, and the base line of the only line and of the first of two.
_LEFT, _ROOM, _SIZE, _ONLY, _FIRST, _LEADING = 27, BOX_WIDTH - 32, 12, 20, 14, 13


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of so many pixels: `graph_parts.html` puts it into an <svg>. A page has one at most, for its ids."""

    width: float
    height: float
    content: Markup


def facts(registry: Registry, lang: str) -> Mapping[str, Any]:
    """What the page of the graph says of a registry."""
    # Of those that feed nothing, the modules of a category are below each other.
    ordered = sorted(registry.modules, key=lambda module: CATEGORIES.index(module.category))
    laid_out = layout([Node(module.slug, module.needs, module.produces) for module in ordered])
    if laid_out is None:
        return {"drawing": None}
    linked = [module for module in registry.modules if module.needs or module.produces]
    states = {module.state for module in linked}
    categories = {module.category for module in linked}
    return {
        "drawing": drawing(laid_out, registry.by_slug, f"/{lang}", lang),
        "states": [(state.bucket, state_mark(state)) for state in ModuleState if state in states],
        "categories": [(each, category_mark(each)) for each in CATEGORIES if each in categories],
        "artifacts": _artifacts(registry),
        "alone": [module for module in registry.modules if not (module.needs or module.produces)],
    }


def _artifacts(registry: Registry) -> list[tuple[str, list[Module], list[Module]]]:
    """Each artifact by its name, with the modules that produce it and those that need it."""
    producers = by_artifact({module: module.produces for module in registry.modules})
    consumers = by_artifact({module: module.needs for module in registry.modules})
    return [(name, producers.get(name, []), consumers.get(name, [])) for name in sorted({*producers, *consumers})]


def around(registry: Registry, slug: str, lang: str) -> Drawing | None:
    """What feeds a module of the registry, and what it feeds. None where that is nothing, or too much."""
    laid_out = layout(neighbourhood(registry, slug))
    if laid_out is None or not laid_out.boxes:
        return None
    return drawing(laid_out, registry.by_slug, f"/{lang}", lang, here=slug)


def drawing(layout: Layout, modules: Mapping[str, Module], root: str, lang: str, here: str | None = None) -> Drawing:
    """Draw a layout of modules, by slug, with texts in a language; `here` is the one whose page it is for.

    Each box is a link to its module's page, below `root`, and one that stands for several modules is one to the graph.
    """
    shown = (modules[box.node.slug] for box in layout.boxes if not box.node.more)
    kinds = {kind: f"k{number}" for number, kind in enumerate(dict.fromkeys(map(_kind_of, shown)))}

    def linked(box: Box) -> str:
        place = f'x="{box.x:g}" y="{box.y:g}"'
        if box.node.more:
            number = box.node.more
            label = translations(lang).ngettext("%(num)s more", "%(num)s more", number) % {"num": number}
            return _link(box, f"{root}/graph", f'<rect class="box more" {place} {_OUTLINE}/>', label)
        module = modules[box.node.slug]
        outline = f'<use href="#{kinds[_kind_of(module)]}" {place}/>'
        current = '" aria-current="page' if module.slug == here else ""
        return _link(box, f"{root}/modules/{module.slug}{current}", outline, printable(getattr(module.label, lang)))

    content = (
        f"<defs>{''.join(_kind(*kind, name) for kind, name in kinds.items())}</defs>"
        f'<path class="line" d="{_path(line for bus in layout.buses for line in bus.carried)}"/>'
        f'<path class="bus" d="{_path(line for bus in layout.buses for line in bus.trunks)}"/>'
        f'<g font-size="{NAME_SIZE}" text-anchor="middle">{_names(layout)}</g>'
        f'<g font-size="{_SIZE}">{"".join(map(linked, layout.boxes))}</g>'
        f'<path class="joint" d="{_joints(layout)}"/><path class="arrow" d="{_arrows(layout)}"/>'
    )
    return Drawing(layout.width, layout.height, Markup(content))


def category_mark(category: str) -> Markup:
    """The stripe of a category, for a legend."""
    return Markup(f'<svg class="mark" width="10" height="{_STRIPE}" aria-hidden="true">{_stripe(category)}</svg>')


def state_mark(state: ModuleState) -> Markup:
    """The mark of a state, for a legend."""
    return Markup(f'<svg class="mark" width="10" height="10" aria-hidden="true">{_MARKS[state]}</svg>')


def _kind_of(module: Module) -> tuple[str, ModuleState]:
    return module.category, module.state


def _kind(category: str, state: ModuleState, name: str) -> str:
    """What boxes of a category and state look like, said once: it takes a third off the size of a drawing."""
    return (
        f'<g id="{name}"><rect class="box" {_OUTLINE}/>'
        f'<g transform="translate(0 {(BOX_HEIGHT - _STRIPE) / 2:g})">{_stripe(category)}</g>'
        f'<g transform="translate(12 {(BOX_HEIGHT - 10) / 2:g})">{_MARKS[state]}</g></g>'
    )


def _stripe(category: str) -> str:
    """An upright line in as many pieces as the category's place in their order."""
    pieces = 1 + CATEGORIES.index(category)
    piece = (_STRIPE - _GAP * (pieces - 1)) / pieces
    return f'<path class="stripe-{category}" d="M5 0v{_STRIPE}" stroke-dasharray="{piece:.4g} {_GAP}"/>'


def _link(box: Box, target: str, outline: str, label: str) -> str:
    """A box with its lines, so that both are seen when the pointer or the focus is on it."""
    rows = _wrapped(label)
    whole = "" if " ".join(rows) == label else f"<title>{escape(label)}</title>"
    x, y = box.x + _LEFT, box.y + (_FIRST if rows[1:] else _ONLY)
    # The blank is not seen, and parts the words of the link's name, which is what is read out.
    more = "".join(f' <tspan x="{x:g}" dy="{_LEADING}">{escape(row)}</tspan>' for row in rows[1:])
    text = f'<text x="{x:g}" y="{y:g}">{escape(rows[0])}{more}</text>'
    return f'<a href="{target}">{whole}<path d="{_path(join.line for join in box.joins)}"/>{outline}{text}</a>'


def _wrapped(label: str) -> list[str]:
    """A label in one line or two; what does not fit ends in an ellipsis."""
    words = label.split()
    first = ""
    while words and _fits(longer := f"{first} {words[0]}".strip()):
        first = longer
        del words[0]
    return [row for row in (first, _cut(" ".join(words))) if row] or [""]


def _cut(text: str) -> str:
    """As much of a text as there is room for."""
    if _fits(text):
        return text
    return next(cut for end in range(len(text), -1, -1) if _fits(cut := f"{text[:end].rstrip()}…"))


def _fits(text: str) -> bool:
    return text_width(text, _SIZE) <= _ROOM


def _names(layout: Layout) -> str:
    return "".join(f'<text x="{x:g}" y="{y - 4:g}">{bus.artifact}</text>' for bus in layout.buses for x, y in bus.names)


def _path(lines: Iterable[Line]) -> str:
    """Lines as the data of a <path>."""
    return "".join(f"M{line.x1:g} {line.y1:g}{_end(line)}" for line in lines)


def _end(line: Line) -> str:
    if line.y1 == line.y2:
        return f"H{line.x2:g}"
    return f"V{line.y2:g}" if line.x1 == line.x2 else f"L{line.x2:g} {line.y2:g}"


def _joints(layout: Layout) -> str:
    """Dots where a line ends on a bus, since lines cross buses, too: strokes of no length, with round ends."""
    ends = {(join.line.x2, join.line.y2) for box in layout.boxes for join in box.joins}
    for bus in layout.buses:
        upright = {line.x1 for line in bus.trunks}
        for line in bus.carried:
            ends |= {(x, y) for x, y in ((line.x1, line.y1), (line.x2, line.y2)) if x in upright}
    return "".join(f"M{x:g} {y:g}h0" for x, y in sorted(ends))


def _arrows(layout: Layout) -> str:
    """An arrow to each bus that a module gives back to and, where it needs the same, one to the module."""
    back = [join for box in layout.boxes for join in box.joins if join.gives_back]
    to_bus = "".join(f"M{join.line.x2 + 4:g} {join.line.y2:g}l7-4v8z" for join in back)
    return to_bus + "".join(f"M{join.line.x1:g} {join.line.y1:g}l-7-4v8z" for join in back if join.needs)
