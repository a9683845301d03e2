"""From a name to where it comes from, to everything that says it, and to another name."""

from __future__ import annotations

from collections.abc import Iterator

from service.lsp.document import Document, Structure
from service.problems import Edit, ModuleRegistryError
from service.registry.check.nodes import Node
from service.registry.references import Mention, fields, items
from service.registry.schema import is_name, schema
from service.wording import quoted


class CannotRename(ModuleRegistryError):
    """A name cannot become another one; the message says why."""


def mention_at(document: Document, offset: int) -> Mention | None:
    """The name that is written at an offset; its end belongs to it, since a cursor may stand there."""
    structure = document.structure
    if structure is None:
        return None
    return next((one for one in structure.mentions if one.start <= offset <= one.end), None)


def definitions(document: Document, offset: int) -> list[Mention]:
    """Where the name at an offset comes from: who produces an artifact, which module has a slug, or has had it."""
    found = mention_at(document, offset)
    if found is None or document.structure is None:
        return []
    others = [one for one in document.structure.mentions if one.name == found.name]
    if found.is_artifact:
        return [one for one in others if one.role == "produces"]
    if found.role == "formerly":  # the module that has the slug now is the one that says so
        return [one for one in document.structure.mentions if one.role == "slug" and one.entry is found.entry]
    for role in ("slug", "formerly", "removed"):
        if leads := [one for one in others if one.role == role]:
            return leads
    return []


def references(document: Document, offset: int) -> list[Mention]:
    """Everything that says the name at an offset, itself among it: artifacts and slugs are apart."""
    found = mention_at(document, offset)
    if found is None or document.structure is None:
        return []
    return _same(document.structure, found)


def _same(structure: Structure, found: Mention) -> list[Mention]:
    return [one for one in structure.mentions if one.name == found.name and one.is_artifact == found.is_artifact]


def renameable(document: Document, offset: int) -> Mention | None:
    """The name at an offset, if it can become another: an artifact, or the slug of a module that is there."""
    found = mention_at(document, offset)
    if found is None or document.structure is None or found.is_artifact:
        return found
    return found if found.role not in ("formerly", "removed") and _owner(document.structure, found.name) else None


def _owner(structure: Structure, slug: str) -> Mention | None:
    return next((one for one in structure.mentions if one.role == "slug" and one.name == slug), None)


def rename(document: Document, offset: int, new: str) -> list[Edit]:
    """The edits of `document.text` that give another name to an artifact, or to a module.

    A module's former slug is added to its `formerly`, so that votes and clients find it. Raises CannotRename.
    """
    found, structure = renameable(document, offset), document.structure
    if found is None or structure is None:
        raise CannotRename("only the slug of a module and an artifact can be renamed")
    if not is_name(new):
        raise CannotRename(f"{quoted(new)} is not well formed; {schema()['$defs']['name']['x-form']}")
    if new == found.name:
        return []
    owner = None if found.is_artifact else _owner(structure, found.name)
    others = [one for one in structure.mentions if one.name == new and one.is_artifact == found.is_artifact]
    own = next((one for one in others if owner and one.role == "formerly" and one.entry is owner.entry), None)
    if any(one is not own for one in others):
        what = "another artifact already" if found.is_artifact else "taken: it is, or was, the slug of something else"
        raise CannotRename(f"{quoted(new)} is {what}")
    edits = [Edit(one.start, one.end, new) for one in _same(structure, found)]
    if own:  # a slug that it had before
        edits.append(Edit(own.start, own.end, found.name))
    elif owner:
        edits += _formerly(structure.text, owner, found.name)
    return sorted(edits)


def _formerly(text: str, owner: Mention, old: str) -> Iterator[Edit]:
    """The edit that adds a former slug to a module: to its list, or as a field behind the slug."""
    given = fields(owner.entry).get("formerly")
    if given is not None and isinstance(given.children, list) and text[given.offset : given.offset + 1] == "[":
        yield Edit(given.offset + 1, given.offset + 1, f"{old}, " if given.children else old)
    elif first := next(iter(items(given)), None):  # a list with a line for each item
        line = text.rfind("\n", 0, first.offset) + 1
        margin = text[line : first.offset]
        yield Edit(line, line, f"{margin}{old}{_line_break(text)}")
    elif given is not None:
        return  # an alias, or no list: mended by hand
    elif _in_flow(text, owner.entry):
        yield Edit(_end(text, owner), _end(text, owner), f", formerly: [{old}]")
    else:
        at = text.find("\n", owner.end)
        line = text.rfind("\n", 0, owner.entry.keys["slug"]) + 1
        margin = " " * (owner.entry.keys["slug"] - line)
        end = at + 1 if at >= 0 else len(text)
        before = "" if at >= 0 else "\n"
        yield Edit(end, end, f"{before}{margin}formerly: [{old}]{_line_break(text) if at >= 0 else ''}")


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _in_flow(text: str, entry: Node) -> bool:
    """Whether a mapping is written between braces."""
    return text[entry.offset : entry.offset + 1] == "{"


def _end(text: str, owner: Mention) -> int:
    """Where the value of a slug ends, behind its quote if it has one."""
    return owner.end + (text[owner.end : owner.end + 1] in ('"', "'"))
