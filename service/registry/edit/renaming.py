"""Giving a module another slug: votes, links and references follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from service.problems import Edit, EditRefused
from service.registry.edit.opening import Changed, Opened
from service.registry.edit.pieces import Piece, content
from service.registry.edit.style import Style, place, scalar
from service.registry.edit.surgery import field_added, items_added, replaced
from service.registry.model import Deprecation, Module, Registry, Removed
from service.registry.text.no_anchor import ANCHOR
from service.wording import joined, pluralized


def rename(opened: Opened, old: str, new: str) -> Changed:
    """The module `old` is called `new`, and `formerly` has its old slug. What names the module names it so by then.

    A module gets a slug back that it had before: it leaves `formerly` then. Raises EditRefused and UnknownModules.
    """
    module = opened.module(old)
    if new not in module.formerly:
        opened.refuse_taken(new)
    if new in opened.registry.legacy_features:
        raise EditRefused(f"{new} is among legacy_features already: votes for it are those of another feature")
    entry = opened.entry(old)
    _refuse_merged(opened, entry, f"{old} cannot be renamed to {new}")
    others = [*references(opened, old)]
    edits = [*_own(opened, entry, module, new), *(_renamed(opened, piece, new) for piece in others)]
    said = [f"{old} is called {new}, and formerly has {old}"]
    if others:
        said.append(f"{pluralized(len(others), 'reference')} to it changed with it")
    return opened.changed(edits, _wanted(opened.registry, module, new), f"{old} cannot be renamed to {new}", *said)


def _refuse_merged(opened: Opened, entry: Piece, what: str) -> None:
    """Raises EditRefused where other modules merge the whole entry, and would have its new `formerly` as well."""
    anchor = ANCHOR.search(opened.text, entry.start, content(opened.text, entry))
    if anchor is None:
        return
    alias = f"*{anchor[1]}"
    merging = [
        module.slug
        for module, other in zip(opened.registry.modules, opened.entries("modules"), strict=False)
        if other.get("formerly") is None and alias in _merged(opened.text, other)
    ]
    if merging:
        raise EditRefused(
            f"{what}: {joined(merging)} would get its formerly by {anchor.group()}, which << merges: "
            "write formerly: [] beside << there first"
        )


def _merged(text: str, entry: Piece) -> list[str]:
    """What an entry merges, as it is written."""
    values = (value for key, value in entry.fields if key.text == "<<")
    return [text[piece.start : piece.end] for value in values for piece in (value.items or [value])]


def _renamed(opened: Opened, piece: Piece, new: str) -> Edit:
    return replaced(opened.text, piece, scalar(new, piece))


def _own(opened: Opened, entry: Piece, module: Module, new: str) -> Iterator[Edit]:
    """The module's own slug, and its former ones."""
    slug, formerly = entry.get("slug"), entry.get("formerly")
    if slug is None or slug.kind != "scalar" or (formerly is None) == bool(module.formerly):
        raise opened.unsafe(f"the entry of {module.slug}")
    yield _renamed(opened, slug, new)
    if formerly is None:
        style = Style.of(opened.text, entry.flow, [entry, *opened.entries("modules")])
        after = entry.names[max(0, place(entry.names, "formerly", style.entries))]
        written = [style.line("formerly", [module.slug])] if entry.flow else style.field("formerly", [module.slug])
        yield field_added(opened.text, entry, after, written)
    elif formerly.kind != "list":
        raise opened.unsafe(f"formerly of {module.slug}")
    elif new in module.formerly:
        yield _renamed(opened, formerly.items[module.formerly.index(new)], module.slug)
    else:
        like = formerly.items[-1] if formerly.items else None
        line = scalar(module.slug, like)
        number = len(formerly.items)
        yield items_added(opened.text, formerly, number, [[line if formerly.flow else f"- {line}"]])


def references(opened: Opened, old: str, legacy: bool = True) -> Iterator[Piece]:
    """Where else a slug is written: as what to use instead of others, and (`legacy`) as what can be voted for."""
    for entry in opened.entries("modules"):
        deprecated = entry.get("deprecated")
        if deprecated is not None:
            yield from _if_it_says(old, deprecated.get("use"))
    for entry in opened.entries("removed"):
        yield from _if_it_says(old, entry.get("use"))
    for item in opened.entries("legacy_features") if legacy else ():
        yield from _if_it_says(old, item)


def _if_it_says(old: str, piece: Piece | None) -> Iterator[Piece]:
    if piece is not None and piece.kind == "scalar" and piece.text == old:
        yield piece


def _wanted(registry: Registry, module: Module, new: str) -> Registry:
    old = module.slug
    if new in module.formerly:
        formerly = tuple(old if name == new else name for name in module.formerly)
    else:
        formerly = (*module.formerly, old)
    renamed = replace(module, slug=new, formerly=formerly)

    def followed(each: Module) -> Module:
        each = renamed if each is module else each
        return replace(each, deprecated=each.deprecated and _use(each.deprecated, old, new))

    return Registry(
        tuple(map(followed, registry.modules)),
        tuple(new if feature == old else feature for feature in registry.legacy_features),
        tuple(_use(each, old, new) for each in registry.removed),
    )


_End = TypeVar("_End", Deprecation, Removed)


def _use(end: _End, old: str, new: str) -> _End:
    return replace(end, use=new) if end.use == old else end
