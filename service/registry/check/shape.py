"""Checks each entry on its own: repairs what is plainly meant otherwise, and puts the rest to the JSON Schema.

A misspelled field is reported once and then read under its right name, so that nothing else is reported because of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from service.registry.check.characters import stranger, unmasked
from service.registry.check.entries import CheckedDocument, Entry, module_name
from service.registry.check.fields import field_findings, kind
from service.registry.check.nodes import MAX_MISTAKES, UNKNOWN, Finding, ImplicitScalar, Node, Words, said
from service.registry.check.source import Source
from service.registry.check.states import conflicts, state_rule
from service.registry.check.validation import breaks, is_valid
from service.registry.model import STATE_FLAGS
from service.registry.schema import inlined, module_fields, removal_fields
from service.wording import Spelling, completed, joined, quoted


class _Form:
    """The fields that a mapping may have, and which of them a misspelled one is meant for."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.parts = {name: _Form(part["properties"]) for name, part in known.items() if "properties" in part}
        self.what = "language" if known.keys() == {"fr", "en"} else "field"
        self.spelling = Spelling(known)
        self.hint = f"known are {', '.join(known)}"


def check(source: Source, root: Node) -> CheckedDocument:
    """Everything that is wrong with the document and each entry, and the entries for the rules across them.

    Adds to the findings of the source, and raises Abandoned with the last of them where there are too many.
    """
    result = CheckedDocument(source.findings)
    module, removal = _Form(module_fields()), _Form(removal_fields())
    top = _named(root, (), _Form(inlined()["properties"]), result)
    if top is None:
        if root.value is None and not root.text:
            hint = "write modules: and a list of modules under it"
            result.findings.add(Finding(0, "empty", said("the file has no content", hint)))
        elif root.value is not UNKNOWN:
            hint = "write modules: at the left margin, and the list of modules under it"
            message = f"the file is {kind(root)}, not a mapping"
            result.findings.add(Finding(root.offset, "not-a-mapping", said(message, hint)))
        return result
    modules = top.fields.get("modules")
    document = {name: node.value for name, node in top.fields.items()}
    if modules is not None and isinstance(modules.value, list):
        document["modules"] = []
        for number, node in enumerate(_rejoined(modules.children, result)):
            if node is None:
                document["modules"].append(UNKNOWN)  # keeps the numbers of those that follow
                continue
            _gather_label(node, number, result)
            entry = _named(node, ("modules", number), module, result)
            document["modules"].append(_repaired(entry, module, result) if entry else node.value)
            if entry:
                result.entries.append(entry)
            elif node.value is not None:
                result.unreadable = True
    removed = top.fields.get("removed")
    if removed is not None and isinstance(removed.value, list):
        document["removed"] = []
        for number, node in enumerate(removed.children):
            entry = _named(node, ("removed", number), removal, result)
            document["removed"].append(_repaired(entry, removal, result) if entry else node.value)
            result.removed += [entry] if entry else []
    legacy = top.fields.get("legacy_features")
    if legacy is not None and isinstance(legacy.value, list):
        result.legacy = [item for item in legacy.children if isinstance(item.value, str)]
    _translate(document, top, result, source)
    return result


def _rejoined(nodes: list[Node], result: CheckedDocument) -> list[Node | None]:
    """The entries, those put together again that a stray `-` has cut in two; None stands for the second half."""
    whole: list[Node | None] = []
    last, place = None, 0  # the entry that a further part may belong to, and where it stands
    for number, node in enumerate(nodes):
        if last is not None and _continues(last, node):
            words = partial(_cut_in_two, last.value["slug"], place, next(iter(node.value)))
            result.findings.add(Finding(node.offset, "missing-field", words, ("modules", number)))
            children, keys = {**last.children, **node.children}, {**last.keys, **node.keys}
            last = Node(last.offset, {**last.value, **node.value}, children=children, keys=keys, repeated=last.repeated)
            whole[place] = last
            whole.append(None)
        else:
            whole.append(node)
            last, place = (node, number) if isinstance(node.value, dict) else (None, 0)
    return whole


def _cut_in_two(slug: str, number: int, field: str) -> Words:
    message = f"{module_name(slug, number)}: a - begins another module at {field}"
    return message, "remove the - if the fields belong together, or give the other module its slug"


def _continues(entry: Node, node: Node) -> bool:
    """Whether a mapping without a slug has just the fields that the entry before it lacks."""
    return (
        isinstance(node.value, dict)
        and bool(node.value)
        and isinstance(entry.value.get("slug"), str)
        and not entry.value.keys() & node.value.keys()
        and node.value.keys() <= module_fields().keys()
    )


def _gather_label(node: Node, number: int, result: CheckedDocument) -> None:
    """Put languages that stand beside `label`, or without it, where they belong, with one finding for them all."""
    languages = module_fields()["label"]["properties"]
    if not isinstance(node.value, dict) or node.value.get("label") is not None:
        return
    found = {name: child for name, child in node.children.items() if name in languages}
    if not found:
        return
    at = min(node.keys[language] for language in found)
    words = partial(_outside_label, node.value.get("slug"), number, list(found))
    result.findings.add(Finding(at, "unknown-field", words, ("modules", number, next(iter(found)))))
    node.children = {key: child for key, child in node.children.items() if key not in languages}
    value = {name: child.value for name, child in found.items()}
    keys = {name: node.keys[name] for name in found}
    node.children["label"] = Node(at, value, children=found, keys=keys)
    node.value = {key: child.value for key, child in node.children.items()}


def _outside_label(slug: object, number: int, languages: list[str]) -> Words:
    verb = "stands" if len(languages) == 1 else "stand"
    return f"{module_name(slug, number)}: {joined(languages)} {verb} outside label", "write label: {fr: ..., en: ...}"


def _named(
    node: Node, path: tuple[str | int, ...], form: _Form, result: CheckedDocument, owner: Entry | None = None
) -> Entry | None:
    """A mapping's fields under their right names, with a finding for each unknown one; None if it is no mapping."""
    if not isinstance(node.value, dict):
        return None
    known = form.known
    entry = Entry(node, path, {}, set(node.repeated if len(node.repeated) < 2 else known))
    entry.fields = {name: child for name, child in node.children.items() if name in known}
    absent = [name for name in known if name not in entry.fields]
    unknown = [name for name in node.children if name not in known]
    for number, name in enumerate(unknown):
        # Of more than that, what the others were meant for is not worth the time.
        hint = _read_as_meant(entry, name, form, absent) if number < Spelling.MOST_WORDS else form.hint
        if not path and "slug" in node.children:
            hint = "begin the file with modules: and put each module under it"
        elif not path and " " in name and node.children[name].value is None:
            hint = "remove the line, or begin it with # if it is a comment"
        words = partial(_unknown, owner or entry, path, form.what, name, hint)
        result.findings.add(Finding(node.keys[name], "unknown-field", words, (*path, name)))
    for name, child in entry.fields.items():
        if child.value is UNKNOWN:
            entry.doubtful.add(name)
        entry.fields[name] = day = _day(child, known[name])
        if day is not child and name in node.value:
            node.value[name] = day.value
    return entry


def _day(node: Node, part: dict[str, Any]) -> Node:
    """A day as text: one that is written without quotes is a date to YAML 1.1, and right where a day is asked for."""
    if part.get("format") == "date" and isinstance(node.value, ImplicitScalar) and node.value.kind == "a date":
        return replace(node, value=node.text)
    return node


def _unknown(owner: Entry, path: tuple[str | int, ...], what: str, name: str, hint: str) -> Words:
    where = f"{owner.name}: " if path else ""
    of = f" of {'.'.join(map(str, path[2:]))}" if path[2:] else ""
    strange = stranger(name)
    return f"{where}unknown {what} {quoted(name)}{of}{f': {strange}' if strange else ''}", hint


def _read_as_meant(entry: Entry, name: str, form: _Form, absent: list[str]) -> str:
    """Take an unknown field for the one that its name resembles, or else its value; and the hint to give.

    `absent` are the fields that the entry does not have; one that is found leaves it.
    """
    known, node = form.known, entry.node.children[name]

    def take(field: str) -> None:
        entry.fields[field] = node
        absent.remove(field)

    name = unmasked(name)
    meant = form.spelling.closest(name, absent) or completed(name, absent)
    if meant:
        take(meant)
        entry.misspelled.add(meant)
        return f"did you mean {meant}?"
    if given := form.spelling.closest(name, known):
        return f"did you mean {given}? It is given as well: remove one of the two"
    if node.value is True:
        entry.doubtful.update(STATE_FLAGS)  # it may have said which state the module is in
    meant = next((field for field in _REQUIRED if field in absent and _could_be(node, known[field])), None)
    if meant:
        take(meant)
        entry.doubtful.add(meant)
        return f"did you mean {meant}?" if meant in ("category", "label", "api_endpoint") else form.hint
    if "produces" in absent and _could_be(node, known["produces"]):
        take("produces")  # so that those who need it are not reported
    return form.hint


#: The fields whose absence is reported: a value under an unknown name may be meant for one of them.
_REQUIRED = (
    *("category", "label", "api_endpoint", "slug", "fr", "en", "modules"),
    *("since", "removed_after", "date", "because"),
)


def _could_be(node: Node, part: dict[str, Any]) -> bool:
    return node.value is not None and is_valid(part, _day(node, part).value)


def _repaired(entry: Entry, form: _Form, result: CheckedDocument, owner: Entry | None = None) -> dict[str, Any]:
    """An entry's plain value under the right names of its fields, and of those in it. `owner` is the module around."""
    value = {name: node.value for name, node in entry.fields.items()}
    for field, part in form.parts.items():
        node = entry.fields.get(field)
        named = _named(node, (*entry.path, field), part, result, owner or entry) if node else None
        if node and named:
            value[field] = _repaired(named, part, result, owner or entry)
            entry.fields[field] = Node(node.offset, node.value, children=named.fields, keys=node.keys)
            entry.doubtful |= {f"{field}.{name}" for name in named.doubtful}
    return value


def _translate(document: dict[str, Any], top: Entry, result: CheckedDocument, source: Source) -> None:
    """The breaks of the schema as findings; those on fields first, since those on states depend on them."""
    entries = {entry.path: entry for entry in (*result.entries, *result.removed)}
    states: dict[str | int, set[str]] = defaultdict(set)
    if "modules" in top.node.repeated:
        result.unreadable = True
    for entry in result.entries:
        if entry.node.children.keys() == {"slug"}:
            _only_a_slug(entry, result)
    all_breaks = breaks(inlined(), document)
    for found in islice(all_breaks, MAX_MISTAKES):  # those of which nothing is said cost as much
        path = found.path
        owner = entries.get(path[:2], top)
        if found.value is UNKNOWN:
            continue
        rule = state_rule(found)
        if rule:
            states[path[1]].add(rule)
            continue
        if owner is top and path[:1] and path[0] in top.node.repeated:
            continue
        if path[:1] == ("modules",) and owner.node.children.keys() == {"slug"} and found.keyword == "required":
            continue
        if owner is not top and len(path) > 2:
            if path[2] in owner.node.repeated:
                continue
            owner.doubtful.add(str(path[2]))
            if len(path) == 3 and path[2] in owner.misspelled and found.keyword == "type":
                continue
        for finding in field_findings(found, owner, top, source):
            result.findings.add(finding)
    for number, rules in states.items():
        for finding in conflicts(entries["modules", number], rules):
            result.findings.add(finding)
    if next(all_breaks, None):
        result.findings.too_many()


def _only_a_slug(entry: Entry, result: CheckedDocument) -> None:
    """One problem, not one for each field that is missing; and what the module will be is not known."""
    words = partial(_nothing_else, entry)
    result.findings.add(Finding(entry.node.offset, "missing-field", words, (*entry.path, "category")))
    entry.doubtful.update(module_fields())


def _nothing_else(entry: Entry) -> Words:
    return f"{entry.name} has nothing but a slug", "give it at least a category and a label, or remove the line"
