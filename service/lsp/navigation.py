"""From a name to where it comes from, to everything that says it, and to another name."""

from __future__ import annotations

from service.lsp.document import Document, Structure
from service.problems import Edit, EditRefused, ModuleRegistryError
from service.registry.edit import renaming
from service.registry.references import Mention
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
    """The edits of `document.text` that give another name to an artifact, or to a module as the command `rename` does.

    Raises CannotRename.
    """
    found, structure = renameable(document, offset), document.structure
    if found is None or structure is None:
        raise CannotRename("only the slug of a module and an artifact can be renamed")
    if new == found.name:
        return []
    return _artifact_renamed(structure, found, new) if found.is_artifact else _module_renamed(document, found.name, new)


def _artifact_renamed(structure: Structure, found: Mention, new: str) -> list[Edit]:
    if not is_name(new):
        raise CannotRename(f"{quoted(new)} is not well formed; {schema()['$defs']['name']['x-form']}")
    if any(one.name == new and one.is_artifact for one in structure.mentions):
        raise CannotRename(f"{quoted(new)} is another artifact already")
    return [Edit(one.start, one.end, new) for one in _same(structure, found)]


def _module_renamed(document: Document, slug: str, new: str) -> list[Edit]:
    if document.examined.problems:
        raise CannotRename("a module is renamed in a valid file only, since its votes follow: mend the mistakes first")
    try:
        return list(renaming.rename(document.opened(), slug, new).edits)
    except EditRefused as error:
        raise CannotRename(str(error)) from error
