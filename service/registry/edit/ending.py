"""What becomes of a module: it is released, or it is removed and stays known as gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from service.problems import Edit, EditRefused
from service.registry.edit.opening import Changed, Opened
from service.registry.edit.pieces import Piece, line_break, line_end, line_start
from service.registry.edit.renaming import references
from service.registry.edit.style import Style, place, scalar
from service.registry.edit.surgery import field_added, fields_removed, item_removed, items_added, replaced
from service.registry.model import Deprecation, Label, Module, ModuleState, Registry, Removed
from service.registry.text.source import MAX_BYTES
from service.wording import joined

#: What only a module of some state says, and leaves when it becomes active.
_STATES = {ModuleState.COMING_SOON: "coming_soon", ModuleState.ALPHA_UNAVAILABLE: "alpha_unavailable"}


def release(opened: Opened, slug: str, endpoint: str | None = None) -> Changed:
    """A module that was coming soon, or frozen, becomes active, at an endpoint that it need not have yet.

    Who voted for it is told by the service, which finds it active. Raises EditRefused and UnknownModules.
    """
    module = opened.module(slug)
    if module.state not in _STATES:
        state = module.state.bucket.replace("_", " ")
        raise EditRefused(f"{slug} is {state}: only what is coming soon, or frozen during the alpha, is released")
    entry = opened.entry(slug)
    gone = [name for name in (_STATES[module.state], "stage") if getattr(module, name)]
    released = replace(
        module, coming_soon=False, alpha_unavailable=False, stage=None, api_endpoint=endpoint or module.api_endpoint
    )
    edits = fields_removed(opened.text, entry, gone) if {*gone} <= {*entry.names} else None
    if edits is None:
        raise opened.unsafe(f"{joined(gone)} of {slug}")
    if endpoint and endpoint != module.api_endpoint:
        edits.append(_endpoint(opened, entry, endpoint, gone))
    wanted = replace(
        opened.registry, modules=tuple(released if each is module else each for each in opened.registry.modules)
    )
    said = f"{slug} is active{f', at {released.api_endpoint}' if released.api_endpoint else ''}"
    return opened.changed(edits, wanted, f"{slug} cannot be released", said)


def _endpoint(opened: Opened, entry: Piece, endpoint: str, gone: Collection[str]) -> Edit:
    style = Style.of(opened.text, entry.flow, [entry, *opened.entries("modules")])
    if (value := entry.get("api_endpoint")) is not None:
        return replaced(opened.text, value, style.inline("api_endpoint", endpoint))
    names = [name for name in entry.names if name not in gone]
    after = names[max(0, place(names, "api_endpoint", style.entries))]
    return field_added(opened.text, entry, after, [style.line("api_endpoint", endpoint)])


def remove(
    opened: Opened, slug: str, date: str, use: str | None = None, because: Label | None = None, votes: bool = False
) -> Changed:
    """A module leaves `modules`, and `removed` has it, and each slug that it had before, from then on.

    `date` is the ISO day on which it goes. What it says in `deprecated` holds unless another module to `use`, or other
    reasons (`because`), are given. Where there is another module to use, what named this one names that one. With
    `votes` it can be voted for from then on, as a legacy id. Raises EditRefused and UnknownModules.
    """
    module = opened.module(slug)
    use = opened.module(use).slug if use else module.deprecated.use if module.deprecated else None
    because = because or (module.deprecated.because if module.deprecated else None)
    if because is None:
        raise EditRefused(f"{slug} is not deprecated, so that nothing says why it goes: give reasons in both languages")
    gone = tuple(Removed(name, date, use, because) for name in (slug, *module.formerly))
    if len(gone) * len(because.fr + because.en) > MAX_BYTES:
        size = f"{MAX_BYTES // 1024**2} MiB"
        raise EditRefused(f"{slug} cannot be removed, since {opened.file} would be larger than {size} then")
    own = opened.entry(slug)
    cut, *edits = _taken_out(opened, slug)
    edits += [cut, *_listed_as_gone(opened, gone, cut)]
    named = [*references(opened, slug, legacy=False)] if use else []
    named = [piece for piece in named if not own.start <= piece.start < own.end]
    edits += [replaced(opened.text, piece, scalar(use or "", piece)) for piece in named]
    said = [f"{joined([each.slug for each in gone])} {'is' if len(gone) == 1 else 'are'} removed, as of {date}"]
    if opened.text[cut.start : own.start].lstrip().startswith("#"):
        said.append("the comment right above it goes with it, since nothing else stands below it")
    if votes and slug not in opened.registry.legacy_features:
        edits.append(_kept_open_to_votes(opened, slug, cut))
        said.append(f"{slug} can be voted for, as one of legacy_features")
    return opened.changed(edits, _wanted(opened.registry, module, gone, votes), f"{slug} cannot be removed", *said)


def _taken_out(opened: Opened, slug: str) -> Iterator[Edit]:
    listed = opened.listed("modules")
    entry = opened.entry(slug)
    assert listed is not None  # since it has the entry
    yield item_removed(opened.text, listed, listed.items.index(entry))
    if len(listed.items) == 1 and not listed.flow:  # without an item, there would be no list
        key = next(key for key, value in opened.root.fields if value is listed)
        colon = opened.text.index(":", key.end) + 1
        yield Edit(colon, colon, " []")


def _listed_as_gone(opened: Opened, gone: tuple[Removed, ...], cut: Edit) -> Iterator[Edit]:
    """The new items of `removed`, which may be the first. `cut` is what is taken out."""
    listed = opened.listed("removed")
    if listed is None and opened.registry.removed:
        raise opened.unsafe("removed")
    in_brackets = (listed or opened.root).flow
    style = Style.of(opened.text, in_brackets, [*opened.entries("removed"), *opened.entries("modules")])
    items = style.items([*map(_fields, gone)], in_brackets)
    if listed is not None:
        yield items_added(opened.text, listed, len(listed.items), items)
    elif in_brackets:
        yield _between_braces(opened, style.key("removed"), ", ".join(line for (line,) in items))
    else:
        margin = _margin(opened.text, opened.listed("modules"))
        yield _section(opened, ["removed:", *(margin + line for lines in items for line in lines)], cut)


def _between_braces(opened: Opened, key: str, items: str) -> Edit:
    """A list more at the top of a file in braces."""
    return field_added(opened.text, opened.root, opened.root.names[-1], [f"{key}: [{items}]"])


def _fields(gone: Removed) -> dict[str, Any]:
    because = {"fr": gone.because.fr, "en": gone.because.en}
    return {"slug": gone.slug, "date": gone.date, **({"use": gone.use} if gone.use else {}), "because": because}


def _margin(text: str, listed: Piece | None) -> str:
    """The margin of the items of a list at the top of the file."""
    if listed is None or listed.flow:
        return "  "
    return " " * (listed.start - line_start(text, listed.start))


def _section(opened: Opened, lines: list[str], cut: Edit) -> Edit:
    """A part of the file more, behind the last one and apart from it, wherever that ends without what is cut out."""
    _, last = opened.root.fields[-1]
    at, newline = line_end(opened.text, last.end), line_break(opened.text)
    if cut.start <= at <= cut.end:
        return Edit(cut.end, cut.end, newline + "".join(line + newline for line in lines))
    return Edit(at, at, newline + "".join(newline + line for line in lines))


def _kept_open_to_votes(opened: Opened, slug: str, cut: Edit) -> Edit:
    listed = opened.listed("legacy_features")
    style = Style.of(opened.text, False, opened.entries("modules"))
    if listed is None and opened.registry.legacy_features:
        raise opened.unsafe("legacy_features")
    if listed is None and not opened.root.flow:
        return _section(opened, [style.line("legacy_features", [slug])], cut)
    line = scalar(slug, listed.items[-1]) if listed and listed.items else style.inline("slug", slug)
    if listed is None:
        return _between_braces(opened, style.key("legacy_features"), line)
    return items_added(opened.text, listed, len(listed.items), [[line if listed.flow else f"- {line}"]])


def _wanted(registry: Registry, module: Module, gone: tuple[Removed, ...], votes: bool) -> Registry:
    slug, use = module.slug, gone[0].use

    def followed(end: Deprecation | Removed | None) -> Any:
        return replace(end, use=use) if end is not None and end.use == slug and use else end

    legacy = registry.legacy_features
    return Registry(
        tuple(replace(each, deprecated=followed(each.deprecated)) for each in registry.modules if each is not module),
        (*legacy, slug) if votes and slug not in legacy else legacy,
        (*map(followed, registry.removed), *gone),
    )
