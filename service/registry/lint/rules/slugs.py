"""Rules of slugs, former slugs and legacy ids: each name belongs to one module."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from service.problems import Diagnostic
from service.registry.lint.document import Document, Entry, locate_key
from service.registry.lint.edits import remove_item
from service.registry.lint.names import names_in
from service.registry.lint.nodes import Findings, Node, fields, is_true, items, text_of
from service.registry.schema import is_name
from service.wording import quoted


def find_clashes(entries: Iterable[Entry], field: str) -> Iterator[tuple[Entry, Entry]]:
    """Yield each entry whose field has the value of an earlier entry, with the earlier entry.

    If several entries in a row are copies of earlier entries, only the first of them is yielded.
    """
    first: dict[str, Entry] = {}
    was_copy = False
    for entry in entries:
        value = text_of(entry.node, field)
        earlier = first.setdefault(value, entry) if value else entry
        is_copy = earlier is not entry and earlier.node.value == entry.node.value
        if earlier is not entry and not (is_copy and was_copy):
            yield entry, earlier
        was_copy = is_copy


def diagnose_clash(document: Document, rule: str, field: str, entry: Entry, earlier: Entry) -> Diagnostic:
    """Return the diagnostic of a slug or an endpoint that an earlier entry has."""
    owner = "" if field == "slug" else f" ({earlier.name})"
    taken = f"{field} {quoted(text_of(entry.node, field))} is already taken"
    message = f"{taken} on line {document.line(earlier.locate(field))}{owner}"
    hint = "give each module its own"
    if entry.node.used_at is not None:
        hint = f"an alias repeats all of {earlier.name}: remove it, or write - <<: with the alias, and what differs"
    elif field in entry.node.merged:
        hint = f"it came by the merge: write {field} beside << as well"
    elif earlier.node.value == entry.node.value and len(entry.node.children) > 1:
        message = f"the same module stands in the file already, on line {document.line(earlier.locate(field))}"
        hint = "delete it, and whatever is pasted with it, or make another module of it, with a slug of its own"
    return entry.diagnose(rule, field, message, hint, entry.locate(field))


def _find_slug_clashes(document: Document, with_removed: bool) -> Iterator[tuple[Entry, Entry]]:
    """Yield clashes of slugs: either those with a removed module, or all others.

    An alias or a merge that repeats the slug of a removed module is a mistake of its own kind.
    """
    for entry, earlier in find_clashes([*document.removed, *document.modules], "slug"):
        is_written = entry.node.used_at is None and "slug" not in entry.node.merged
        if (is_written and earlier.path[0] == "removed") is with_removed:
            yield entry, earlier


def duplicate_slug(document: Document) -> Findings:
    """Report slugs that an earlier entry has."""
    for entry, earlier in _find_slug_clashes(document, with_removed=False):
        yield diagnose_clash(document, "duplicate-slug", "slug", entry, earlier)


def removed_for_good(document: Document) -> Findings:
    """Report slugs and former slugs that a removed module has: clients know them as removed."""
    for entry, earlier in _find_slug_clashes(document, with_removed=True):
        line = document.line(earlier.locate("slug"))
        yield entry.diagnose(
            "removed-for-good",
            "slug",
            f"slug {quoted(entry.slug)} is already taken on line {line} ({earlier.name})",
            "a removed module keeps its slug",
            entry.locate("slug"),
        )
    for former in _find_former_slugs(document):
        if former.use.is_removed:
            yield former.diagnose("removed-for-good", document)


class _Use(NamedTuple):
    """The use of a name: in words, at an offset, and the module that has it as its slug or a former slug."""

    words: str
    place: int
    module: Entry | None
    is_removed: bool = False


class _Former(NamedTuple):
    """A former slug: the module and its node in `formerly`, and the first use of the name in the file.

    `is_mutual` means that the module which has the name as its slug lists this module's slug in turn.
    """

    entry: Entry
    node: Node
    use: _Use
    is_mutual: bool

    def diagnose(self, rule: str, document: Document) -> Diagnostic:
        """Return the diagnostic of a former slug that is in use."""
        place = self.node.place
        hint = "a former slug belongs to one module and is not in use any more: remove one of the two"
        if "formerly" in self.entry.node.merged:
            place = self.entry.locate("formerly")
            hint = "it came by the merge: write formerly: [] beside << as well"
        use = f"{self.use.words} on line {document.line(self.use.place)}"
        return self.entry.diagnose(
            rule, "formerly", f"formerly lists {quoted(self.node.value)}, which {use}", hint, place
        )


def _find_former_slugs(document: Document) -> Iterator[_Former]:
    listed = [(entry, node) for entry in document.modules for node in names_in(entry.node, "formerly")]
    uses = _find_uses(document, listed) if listed else {}
    pairs = {(entry.slug, node.value) for entry, node in listed}
    for entry, node in listed:
        use = uses[node.value]
        yield _Former(entry, node, use, use.module is not None and (node.value, entry.slug) in pairs)


def _find_uses(document: Document, former: list[tuple[Entry, Node]]) -> dict[str, _Use]:
    """Return the first use of each name: as a slug, a removed slug, a legacy id, or a former slug."""
    legacy = items(fields(document.root).get("legacy_features"))
    uses: dict[str, _Use] = {}
    for entry in document.modules:
        if entry.slug:
            uses.setdefault(entry.slug, _Use("is the slug of a module", entry.locate("slug"), entry))
    for entry in document.removed:
        uses.setdefault(entry.slug, _Use("is the slug of a removed module", entry.node.offset, None, True))
    for node in legacy:
        if is_name(node.value):
            uses.setdefault(node.value, _Use("is among legacy_features", node.offset, None))
    for entry, node in former:
        uses.setdefault(node.value, _Use(f"is a former slug of {entry.name}", node.offset, entry))
    return uses


def formerly_in_use(document: Document) -> Findings:
    """Report former slugs that another module, or the list of legacy features, has."""
    for former in _find_former_slugs(document):
        user = former.use.module
        is_copy = user is not None and user.slug == former.entry.slug  # duplicate-slug reports the copy
        if not (former.is_mutual or former.use.is_removed or is_copy):
            yield former.diagnose("formerly-in-use", document)


def formerly_loop(document: Document) -> Findings:
    """Report a module that lists its own slug, and two modules that list each other's slug."""
    for entry, _, use, is_mutual in _find_former_slugs(document):
        if is_mutual and use.module is not None and use.module.path >= entry.path:
            message = f"{entry.name} and {use.module.name} are each other's former slugs"
            if use.module is entry:
                message = f"{entry.name}: formerly lists the module's own slug"
            place = locate_key(entry.node, "formerly")
            yield Diagnostic(
                "formerly-loop",
                place,
                message,
                "formerly lists slugs that are no longer used: remove it",
                path=(*entry.path, "formerly"),
            )


def legacy_coming_soon(document: Document) -> Findings:
    """Report legacy ids that are slugs of coming-soon modules: these have votes of their own."""
    coming = {entry.slug: entry for entry in document.modules if is_true(entry.node, "coming_soon")}
    listed = fields(document.root).get("legacy_features", document.root)
    for number, node in enumerate(items(listed)):
        if isinstance(node.value, str) and node.value in coming:
            line = document.line(coming[node.value].locate("slug"))
            edits = remove_item(document.text, listed, number)
            yield Diagnostic(
                "legacy-coming-soon",
                node.place,
                f"legacy_features lists {quoted(node.value)}, which is the coming-soon module on line {line}",
                "a coming-soon module can be voted for already: remove the legacy id",
                edits,
                ("legacy_features", number),
            )
