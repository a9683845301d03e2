"""The thing under the cursor: where a name comes from, who says it, another name for it, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator

from service.lsp.completion import context, field_of, schema_of, words_of
from service.lsp.document import Document, Mention, modules_of
from service.problems import Edit, EditRefused
from service.registry.edit.modules import Opened
from service.registry.edit.modules import rename as module_renamed
from service.registry.lint.catalogue import rules
from service.registry.lint.names import names_in
from service.registry.lint.nodes import Node, Path, fields, is_true, text_of
from service.registry.model import ModuleState
from service.registry.schema import is_name, schema
from service.wording import joined, json_text, printable, quoted, shortened

#: Of a text from the file, what is shown at most, in characters.
_MOST_SHOWN = 200


def mention_at(document: Document, offset: int) -> Mention | None:
    """The name that is written at an offset; its end belongs to it, since a cursor may stand there."""
    return next((mention for mention in document.mentions if mention.start <= offset <= mention.end), None)


def references(document: Document, offset: int) -> list[Mention]:
    """Everything that says the name at an offset, itself among it: artifacts and slugs are apart."""
    same = {(mention.name, mention.is_artifact) for mention in [mention_at(document, offset)] if mention}
    return [mention for mention in document.mentions if (mention.name, mention.is_artifact) in same]


def definitions(document: Document, offset: int) -> list[Mention]:
    """Where the name at an offset comes from: who produces an artifact, which module has a slug, or has had it."""
    same = references(document, offset)
    leads = ([each for each in same if each.role == role] for role in ("slug", "produces", "formerly", "removed"))
    return next(filter(None, leads), [])


def rename(document: Document, offset: int, new: str) -> list[Edit]:
    """The edits of `document.text` that give another name to an artifact, or to a module as the command `rename` does.

    Raises EditRefused.
    """
    mention, same = mention_at(document, offset), references(document, offset)
    if mention is None or not (mention.is_artifact or any(each.role == "slug" for each in same)):
        raise EditRefused("only the slug of a module and an artifact can be renamed")
    if new == mention.name:
        return []
    if not mention.is_artifact:
        if document.examined.problems:
            raise EditRefused("a module is renamed in a valid file only, as votes follow: mend the mistakes first")
        return [*module_renamed(Opened(document.data, document.file), mention.name, new).edits]
    if not is_name(new):
        raise EditRefused(f"{quoted(new)} is not well formed; {schema()['$defs']['name']['x-form']}")
    if any(each.name == new and each.is_artifact for each in document.mentions):
        raise EditRefused(f"{quoted(new)} is another artifact already")
    return [Edit(each.start, each.end, new) for each in same]


def hover(document: Document, offset: int) -> str:
    """What is said of what stands at an offset; nothing where there is nothing to say."""
    broken = {each.rule: rules()[each.rule] for each in document.problems_between(offset, offset)}
    parts = [f"**{name}**: {rule.title}\n\n{rule.why.strip()}" for name, rule in broken.items()]
    if mention := mention_at(document, offset):
        parts += _of_name(mention, modules_of(document.root))
    elif place := context(document.text, offset):
        word = document.text[place.start : place.end]
        parts += _described((*place.path, word) if place.is_key else place.path, word)
    return "\n\n---\n\n".join(parts)


def _described(path: Path, word: str) -> Iterator[str]:
    """What the schema says of a value that it knows, or of the field."""
    part = schema_of(path)
    if word in words_of(part):
        yield f"**{word}**: {words_of(part)[word]}"
    elif path and "description" in part:
        default = f" Default: `{json_text(part['default'])}`." if "default" in part else ""
        form = f"\n\n{part['x-form'][0].upper()}{part['x-form'][1:]}." if "x-form" in part else ""
        yield f"**{field_of(path)}**: {part['description']}{default}{form}"


def _of_name(mention: Mention, modules: list[Node]) -> Iterator[str]:
    name = mention.name
    if mention.is_artifact:
        makers, users = (_having(modules, field, {name}) or "nobody" for field in ("produces", "needs"))
        yield f"**{name}**, an artifact  \nProduced by {makers}  \nNeeded by {users}"
    elif mention.role == "removed":
        since, use = (_code(text_of(mention.entry, field)) for field in ("date", "use"))
        yield f"**{name}**, a module that is gone since {since}  \nUse instead: {use}"
    else:
        for entry in modules:
            if text_of(entry, "slug") == name or name in _said(entry, "formerly"):
                yield "  \n".join(_module(entry, modules))


def _said(entry: Node, field: str) -> set[str]:
    return {node.text for node in names_in(entry, field)}


def _having(modules: list[Node], field: str, artifacts: set[str]) -> str:
    """The modules that have one of some artifacts in a field, in words."""
    return joined([_code(text_of(entry, "slug")) for entry in modules if artifacts & _said(entry, field)])


def _module(entry: Node, modules: list[Node]) -> Iterator[str]:
    state = next((each for each in ModuleState if each.flag and is_true(entry, each.flag)), ModuleState.ACTIVE)
    slug, category = text_of(entry, "slug"), _code(text_of(entry, "category"))
    yield f"**{slug}**, a module: {state.bucket.replace('_', ' ')}, in {category}"
    said = {name: [text_of(fields(entry).get(name, entry), "en")] for name in ("label", "description")}
    said |= {name: [node.text for node in names_in(entry, name)] for name in ("needs", "produces")}
    for name, texts in (said | {"api_endpoint": [text_of(entry, "api_endpoint")]}).items():
        if any(texts):
            yield f"{name}: {joined([*map(_code, texts)])}"
    if users := _having(modules, "needs", _said(entry, "produces")):
        yield f"what it produces is needed by {users}"
    if end := fields(entry).get("deprecated"):
        after, use = (_code(text_of(end, field)) for field in ("removed_after", "use"))
        yield f"deprecated: may be removed after {after}, use {use}"


def _code(text: str) -> str:
    """A value from the file as a code span, where Markdown means nothing."""
    shown = shortened(printable(text), _MOST_SHOWN).replace("`", "'")
    return f"`{shown}`" if text else "nothing"
