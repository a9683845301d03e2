"""`new`, `rename`, `release` and `remove`: edits of a sound registry file, which are tried before they are made."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

from service.problems import Diagnostic, Edit, EditRefused, InvalidRegistry, UnknownModules
from service.registry.edit.writing import Style, Text, own
from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import LINE_BREAK, Node, applied, items, line_end
from service.registry.loading.loader import examine
from service.registry.model import Label, Module, ModuleState, Registry
from service.wording import closest, joined, pluralized

#: What is edited is read twice and more, so it has less than a registry may have.
_MOST_BYTES, _MOST_VALUES = 1024 * 1024, 150_000
TOO_LARGE = (
    f"the file has more than {_MOST_BYTES // 1024**2} MiB or {_MOST_VALUES:,} values, and takes too long to edit: "
    "do so by hand"
)
#: Problems that a refusal lists.
_MOST_PROBLEMS = 10
#: Modules of a group that tell whether it is in the order of its slugs: of fewer it may be chance.
_LEAST_IN_ORDER = 3

#: Stands for an item that goes, in what a file is to say.
_GONE = object()
_Says = Mapping[str, list[Any]]


def is_too_large(data: bytes, values: int) -> bool:
    """Whether it takes too long to edit a file of so many values."""
    return len(data) > _MOST_BYTES or values > _MOST_VALUES


class Changed(NamedTuple):
    """What an edit makes of a file: its bytes, and in a few words what was done, each of which is a line.

    `edits` lead there from the text of `Opened`, in its order, and `root` is what it says then. `warnings` is what it
    is warned of since: what was on a line of the same text before is none of these.
    """

    data: bytes
    edits: tuple[Edit, ...]
    root: Node
    warnings: tuple[Diagnostic, ...]
    said: tuple[str, ...] = ()


class Opened:
    """A sound file: what it says, and where it says it. `mark` is its byte order mark, or nothing."""

    def __init__(self, data: bytes, file: str) -> None:
        """Raises InvalidRegistry where something is wrong with it, which is to be mended before, and EditRefused."""
        examined = examine(data, file, warnings=True)
        root, text = examined.linted.root, examined.linted.text
        if examined.registry is None or root is None:
            raise InvalidRegistry(examined.problems, examined.others)
        if is_too_large(data, examined.linted.values):
            raise EditRefused(f"{file}: {TOO_LARGE}")
        self.file, self.mark, self.text = file, data.removesuffix(text.encode()), Text(text)
        self.registry, self.warnings, self.root = examined.registry, examined.warnings, root

    def module(self, slug: str) -> tuple[int, Module]:
        """The module that a slug names, and its number. Raises EditRefused for one of before, else UnknownModules."""
        if slug in self.registry.by_slug:
            return self.registry.positions[slug], self.registry.by_slug[slug]
        if current := self.registry.renames.get(slug):
            raise EditRefused(f"{slug} is a former slug: the module is called {current} by now")
        if gone := self.registry.tombstones.get(slug):
            raise EditRefused(f"{slug} was removed on {gone.date}")
        raise UnknownModules({slug: closest(slug, self.registry.by_slug) or None})

    def document(self) -> dict[str, list[Any]]:
        """What the file says: entries may get other fields, and lists other items behind theirs, or _GONE for some."""
        return {name: [*map(copy, listed)] for name, listed in self.root.value.items()}

    def edits(self, document: _Says) -> Iterator[Edit]:
        """What makes the file say another document, whose new lists are its last."""
        top, text = own(self.root), self.text
        end = line_end(text.text, text.end([*top.values()][-1]))
        for name, listed in document.items():
            if name in top:
                for edit in self._edits(top[name], listed):
                    end = max(end, edit.end)
                    yield edit
                if not top[name].style and all(each is _GONE for each in listed):  # there would be no list
                    colon = text.text.index(":", self.root.keys[name]) + 1
                    yield Edit(colon, colon, " []")
            elif self.root.style:
                yield self.style([], True).with_field(self.root, name, listed)
            else:  # a part of its own, behind the last one and apart from it, wherever that ends by now
                yield Edit(end, end, f"{text.newline}{text.newline}{name}:{self._lines(listed)}")

    def _lines(self, added: Sequence[Any]) -> str:
        """Items of a list at the top of the file that has none yet."""
        modules, newline, style = own(self.root)["modules"], self.text.newline, self.style([], False)
        margin = "  " if modules.style else self.text.margin(self.text.dash(modules.children[0]))
        return "".join(newline + margin + style.item(each, margin) for each in added)

    def _edits(self, node: Node, value: Any) -> Iterator[Edit]:
        """What makes a value another one. What an alias or a merge repeats is edited where that is."""
        if value == node.value or node.used_at is not None:
            return
        if isinstance(value, Mapping):
            gone = node.children.keys() - value.keys()
            yield from self.text.without_fields(node, gone)
            for name, each in value.items():
                if name not in node.children:
                    yield self.style([node], bool(node.style)).with_field(node, name, each, gone)
                elif name in own(node):
                    yield from self._edits(node.children[name], each)
        elif isinstance(value, list):
            for number, child in enumerate(node.children):
                if value[number] is _GONE:
                    yield self.text.without_item(node, number)
                else:
                    yield from self._edits(child, value[number])
            if added := value[len(node.children) :]:
                yield from self.with_items(node, len(node.children), added)
        else:
            yield self.text.with_scalar(node, value)

    def style(self, entries: Iterable[Node], in_brackets: bool) -> Style:
        """The style of entries, and that of modules where they lack something."""
        return Style(self.text, [*entries, *items(own(self.root)["modules"])], in_brackets)

    def with_items(self, listed: Node, number: int, added: Sequence[Any], before: bool = False) -> Iterator[Edit]:
        """Entries, or text, more in a list, which `number` and `before` are for: see `Text.with_items`.

        Entries in a list that is written as [] get lines of their own, unless the whole file is in braces.
        """
        text, may_be_lines = self.text, not self.root.style and not isinstance(added[0], str)
        if may_be_lines and not text.text[listed.place : listed.end].strip("[ ]"):
            stop = line_end(text.text, listed.end)  # a comment behind the [] stays on its line
            yield Edit(len(text.text[: listed.place].rstrip(" ")), listed.end, "")
            yield Edit(stop, stop, self._lines(added))
            return
        near = [*listed.children[max(0, number - 1) : number + 1], *listed.children]
        style, like = self.style(near, bool(listed.style)), next(iter(near), None)
        margin = text.margin(text.dash(like)) if like and not listed.style else ""
        yield text.with_items(listed, number, [style.item(each, margin, like) for each in added], before)

    def changed(self, document: _Says, what: str, said: Iterable[str] = (), edits: Iterable[Edit] = ()) -> Changed:
        """The file as it says a document, by edits that make it so, or others that are given.

        `what` is what cannot be done otherwise, and `said` what was done. Raises EditRefused where the file has
        problems then, in the words of `check`, or says something else.
        """
        unsafe = EditRefused(
            f"{what}, since {self.file} is written with anchors, aliases or merges (&, *, <<), or in another way that "
            "cannot be edited safely: edit it by hand"
        )
        try:
            made = tuple(sorted(edits or self.edits(document), key=lambda edit: edit[:2]))
            data = self.mark + applied(self.text.text, made).encode()
        except (LookupError, ValueError):  # what no edit foresees; or they overlap, or have what no file can have
            raise unsafe from None
        examined = examine(data, self.file, warnings=True)
        root, text = examined.linted.root, examined.linted.text
        if examined.registry is None or root is None:
            problems = dict.fromkeys(problem.text for problem in examined.problems[:_MOST_PROBLEMS])
            number = pluralized(len(examined.problems) + examined.others, "problem")
            raise EditRefused(f"{what}, since {self.file} would have {number} then:", *problems)
        kept = {name: [each for each in listed if each is not _GONE] for name, listed in document.items()}
        if examined.registry != Registry.from_document(kept):
            raise unsafe
        return Changed(data, made, root, self._new(examined.warnings, text), tuple(said))

    def _new(self, warnings: Iterable[Diagnostic], text: str) -> tuple[Diagnostic, ...]:
        """Those of a text that this file did not have on a line of the same text."""
        before, after = LINE_BREAK.split(self.text.text), LINE_BREAK.split(text)
        known = {(warning.rule, before[warning.line - 1]) for warning in self.warnings}
        return tuple(warning for warning in warnings if (warning.rule, after[warning.line - 1]) not in known)


def add(opened: Opened, fields: Mapping[str, Any]) -> Changed:
    """A module more, with fields as the file has them: those that are given, and no others.

    It goes behind the modules of its state and category where these stand together, else behind those of its state, of
    its category, or behind all. Where they stand by their slugs, so does it. Raises EditRefused.
    """
    slug, modules = fields["slug"], opened.registry.modules
    number, before = _place(modules, Module.from_entry(fields))
    document = opened.document()
    document["modules"].insert(number, fields)
    edits = opened.with_items(opened.root.at(["modules"]), number, [fields], before)
    changed = opened.changed(document, f"{slug} cannot be added", edits=edits)
    place = changed.root.at(("modules", number)).place
    breaks = LINE_BREAK.findall(changed.data.decode("utf-8-sig"), 0, place)
    return changed._replace(said=(f"{slug} is added, on line {len(breaks) + 1}",))


def _place(modules: Sequence[Module], new: Module) -> tuple[int, bool]:
    """The number that a module gets in the list, and whether it goes right before the one that has it by now.

    Otherwise it goes right behind the one before. It makes a difference where comments are between the two.
    """
    for shared in (["state", "category"], ["state"], ["category"], []):
        alike = (all(getattr(each, name) == getattr(new, name) for name in shared) for each in modules)
        numbers = [number for number, is_alike in enumerate(alike) if is_alike]
        if numbers and numbers[-1] - numbers[0] == len(numbers) - 1:  # they stand together
            slugs = [modules[number].slug for number in numbers]
            if len(slugs) >= _LEAST_IN_ORDER and slugs == sorted(slugs):
                number = numbers[0] + bisect(slugs, new.slug)
                return number, number == numbers[0]
            return numbers[-1] + 1, False
    return 0, False


def rename(opened: Opened, old: str, new: str) -> Changed:
    """The module `old` is called `new`, and `formerly` has its old slug. What names the module names it so by then.

    A module gets a slug back that it had before: it leaves `formerly` then. Raises EditRefused and UnknownModules.
    """
    number, module = opened.module(old)
    if new in opened.registry.legacy_features:
        raise EditRefused(f"{new} is among legacy_features already: votes for it are those of another feature")
    document = opened.document()
    former = [old if name == new else name for name in module.formerly]
    document["modules"][number] |= {"slug": new, "formerly": former if new in module.formerly else [*former, old]}
    legacy = document.get("legacy_features", [])
    references = _followed(document, old, new) + legacy.count(old)
    legacy[:] = [new if feature == old else feature for feature in legacy]
    said = [f"{old} is called {new}, and formerly has {old}"]
    if references:
        said.append(f"{pluralized(references, 'reference')} to it changed with it")
    return opened.changed(document, f"{old} cannot be renamed to {new}", said)


def _followed(document: _Says, old: str, new: str) -> int:
    """Give the module to use instead of others another name; the number of those."""
    entries = (*document["modules"], *document.get("removed", ()))
    holders = [entry for entry in entries if entry.get("deprecated", entry).get("use") == old]
    for entry in holders:
        entry |= {"deprecated": entry["deprecated"] | {"use": new}} if "deprecated" in entry else {"use": new}
    return len(holders)


def release(opened: Opened, slug: str, endpoint: str | None = None) -> Changed:
    """A module that was coming soon, or frozen, becomes active, at an endpoint that it need not have yet.

    Who voted for it is told by the service, which finds it active. Raises EditRefused and UnknownModules.
    """
    number, module = opened.module(slug)
    if module.state not in (ModuleState.COMING_SOON, ModuleState.ALPHA_UNAVAILABLE):
        state = module.state.bucket.replace("_", " ")
        raise EditRefused(f"{slug} is {state}: only what is coming soon, or frozen during the alpha, is released")
    document = opened.document()
    entry = document["modules"][number]
    for name in (module.state.flag, "stage"):
        if entry.get(name):
            del entry[name]
    if path := endpoint or module.api_endpoint:
        entry["api_endpoint"] = path
    said = f"{slug} is active{f', at {path}' if path else ''}"
    return opened.changed(document, f"{slug} cannot be released", [said])


def remove(
    opened: Opened, slug: str, date: str, use: str | None = None, because: Label | None = None, votes: bool = False
) -> Changed:
    """A module leaves `modules`, and `removed` has it, and each slug that it had before, from then on.

    `date` is the ISO day on which it goes. What it says in `deprecated` holds unless another module to `use`, or other
    reasons (`because`), are given. Where there is another module to use, what named this one names that one. With
    `votes` it can be voted for from then on, as a legacy id. Raises EditRefused and UnknownModules.
    """
    number, module = opened.module(slug)
    gone, what = [slug, *module.formerly], f"{slug} cannot be removed"
    document = opened.document()
    end = document["modules"][number].get("deprecated", {})
    reasons = {"fr": because.fr, "en": because.en} if because else end.get("because")
    if reasons is None:
        raise EditRefused(f"{slug} is not deprecated, so that nothing says why it goes: give reasons in both languages")
    if len(gone) * len("".join(reasons.values())) > MAX_BYTES:
        raise EditRefused(f"{what}, since {opened.file} would be larger than {MAX_BYTES // 1024**2} MiB then")
    fields = {"date": date, "because": reasons}
    if instead := use or end.get("use"):
        _followed(document, slug, instead)
        fields["use"] = instead
    document["modules"][number] = _GONE
    document["removed"] = [*document.get("removed", []), *({"slug": name, **fields} for name in gone)]
    said = [f"{joined(gone)} {'is' if len(gone) == 1 else 'are'} removed, as of {date}"]
    if votes and slug not in opened.registry.legacy_features:
        document["legacy_features"] = [*document.get("legacy_features", []), slug]
        said.append(f"{slug} can be voted for, as one of legacy_features")
    return opened.changed(document, what, said)
