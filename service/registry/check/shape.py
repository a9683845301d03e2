"""Checks each entry on its own: repairs what is plainly meant otherwise, and puts the rest to the JSON Schema.

A misspelled field is reported once and then read under its right name, so that nothing else is reported because of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.registry.check.aliases import name_artifacts
from service.registry.check.astray import fields_in_lists, with_keys_of_entries
from service.registry.check.entries import CheckedDocument, Entry, Form, day
from service.registry.check.parts import gather
from service.registry.check.strays import keyed_by_slug, put_together
from service.registry.check.validation import is_valid
from service.registry.check.wrapped import unwrapped
from service.registry.check.wrong_list import placed
from service.registry.schema import inlined, module_fields, removal_fields
from service.registry.text.nodes import UNKNOWN, Finding, Node, said
from service.registry.text.source import Source
from service.wording import joined, quoted


def check(source: Source, root: Node) -> CheckedDocument:
    """Everything that is wrong with the document and each entry, and the entries for the rules across them.

    Adds to the findings of the source, and raises Abandoned with the last of them where there are too many.
    """
    result, text = CheckedDocument(source.findings, source.source_map.text), source.source_map.text
    result.unreadable = source.unread > 0
    module, removal = Form(module_fields()), Form(removal_fields())
    root = with_keys_of_entries(unwrapped(root, result))
    said_before = len(result.findings)
    top = _named(root, (), Form(inlined()["properties"]), result)
    if top is None:
        if root.value is None and not root.text:
            hint = "write modules: and a list of modules under it"
            result.findings.add(Finding(0, "empty", said("the file has no content", hint)))
        elif other := _foreign(source.source_map.text):
            result.findings.add(other)
        elif root.value is not UNKNOWN:
            hint = "write modules: at the left margin, and the list of modules under it"
            message = f"the file is {root.kind}, not a mapping"
            result.findings.add(Finding(root.offset, "not-a-mapping", said(message, hint)))
        return result
    if not top.fields and top.node.children and not top.node.incomplete:
        del result.findings[said_before:]
        result.findings.add(_another(top.node, result.text))
        return result
    if not top.node.children and any(one.rule == "key-not-text" for one in result.findings):
        return result  # whatever the key is meant for, the modules may stand under it
    result.top = top
    modules = top.fields.get("modules")
    document = {name: node.value for name, node in top.fields.items()}
    if modules is not None and isinstance(modules.value, list):
        document["modules"] = []
        for number, given in enumerate(put_together(modules.children, result, text)):
            node = given and placed(given, ("modules", number), result)
            if node is None:
                document["modules"].append(UNKNOWN)  # keeps the numbers of those that follow
                continue
            fields_in_lists(node, ("modules", number), result, text)
            gather(node, ("modules", number), module.known, result, text)
            entry = _named(node, ("modules", number), module, result)
            document["modules"].append(_repaired(entry, module, result) if entry else node.value)
            if entry:
                result.entries.append(entry)
            elif node.value is not None:
                result.unreadable = True
    removed = top.fields.get("removed")
    if removed is not None and isinstance(removed.value, list):
        document["removed"] = []
        for number, given in enumerate(removed.children):
            node = placed(
                keyed_by_slug(given, ("removed", number), removal.known, result, text), ("removed", number), result
            )
            if node is None:
                document["removed"].append(UNKNOWN)
                continue
            gather(node, ("removed", number), removal.known, result, text)
            entry = _named(node, ("removed", number), removal, result)
            document["removed"].append(_repaired(entry, removal, result) if entry else node.value)
            result.removed += [entry] if entry else []
    legacy = top.fields.get("legacy_features")
    if legacy is not None and isinstance(legacy.value, list):
        result.legacy += [item for item in legacy.children if isinstance(item.value, str)]
    if "modules" in top.node.repeated:
        result.unreadable = True
    if not is_valid(inlined(), document):
        from service.registry.check.verdicts import tell  # which no sound file needs

        tell(document, result, source)
    name_artifacts(result)
    _cut_off(result)
    return result


def _cut_off(result: CheckedDocument) -> None:
    """Say once of an entry that it ends in the middle, where the file ends there, and even its last line has no end."""
    text = result.text
    if not result.entries or text[-1:] in ("", "\r", "\n"):
        return
    last = result.entries[-1]
    lacking = [name for name in ("category", "label") if name not in last.fields]
    if (
        not lacking
        or last.node.incomplete
        or last.node.cut
        or last.node.end < len(text.rstrip())
        or text[last.node.offset] == "{"
    ):
        return
    result.findings[:] = [one for one in result.findings if one.path[:2] != last.path]
    result.unreadable = True
    last.doubtful.update(module_fields())
    words = said(
        f"the file ends in the middle of {last.name}, which has no {' and no '.join(lacking)}",
        "was the rest of the file lost? Bring it back, or write the rest of the entry",
    )
    result.findings.add(Finding(last.node.offset, "missing-field", words, (*last.path, lacking[0])))


def _another(root: Node, text: str) -> Finding:
    """What is wrong with a mapping that has none of the keys of a registry."""
    if other := _foreign(text):
        return other
    names = [quoted(name) for name in root.children]
    has = "the only key is" if len(names) == 1 else "the keys are"
    message = f"the file has no modules, and nothing else of a registry: {has} {joined(names, 5)}"
    hint = "write modules: at the left margin, and the list of modules under it; or is it another file?"
    return Finding(next(iter(root.keys.values())), "missing-field", said(message, hint), ("modules",))


def _foreign(text: str) -> Finding | None:
    """What says that the file is one of another kind."""
    from service.registry.text.foreign import foreign  # which no registry needs

    found = foreign(text)
    return found and Finding(found.offset, found.rule, said(found.message, found.hint))


def _named(
    node: Node, path: tuple[str | int, ...], form: Form, result: CheckedDocument, owner: Entry | None = None
) -> Entry | None:
    """A mapping's fields under their right names, with a finding for each unknown one; None if it is no mapping."""
    if not isinstance(node.value, dict):
        return None
    known = form.known
    entry = Entry(node, path, {}, set(node.repeated if len(node.repeated) < 2 and not node.incomplete else known))
    entry.fields = {name: child for name, child in node.children.items() if name in known}
    if len(entry.fields) < len(node.children):
        from service.registry.check.unknown import tell_unknown  # which no sound file needs

        tell_unknown(entry, form, result, owner or entry)
    entry.doubtful.update(name for name, child in entry.fields.items() if child.value is UNKNOWN)
    for name in form.days & entry.fields.keys():
        child = entry.fields[name]
        entry.fields[name] = right = day(child)
        if right is not child and name in node.value:
            node.value[name] = right.value
    return entry


def _repaired(entry: Entry, form: Form, result: CheckedDocument, owner: Entry | None = None) -> dict[str, Any]:
    """An entry's plain value under the right names of its fields, and of those in it. `owner` is the module around."""
    value = {name: node.value for name, node in entry.fields.items()}
    for field, part in form.parts.items():
        node = entry.fields.get(field)
        named = _named(node, (*entry.path, field), part, result, owner or entry) if node else None
        if node and named:
            value[field] = _repaired(named, part, result, owner or entry)
            if named.fields != node.children:
                entry.fields[field] = replace(node, end=0, children=named.fields)
            entry.doubtful |= {f"{field}.{name}" for name in named.doubtful}
    return value
