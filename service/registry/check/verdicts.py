"""What the JSON Schema refuses, as findings: each mistake once, where it can be mended."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import islice
from typing import Any

from service.registry.check.breaks import breaks
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.fields import field_findings, locate
from service.registry.check.known import known
from service.registry.check.states import conflicts, moved_away, state_rule
from service.registry.check.strays import GivenTwice, line_removed
from service.registry.check.tags import Tags
from service.registry.model import STATE_FLAGS
from service.registry.schema import inlined, module_fields
from service.registry.text.nodes import MAX_MISTAKES, UNKNOWN, Finding, Words
from service.registry.text.rewriting import Edits
from service.registry.text.source import Source


def tell(document: dict[str, Any], result: CheckedDocument, source: Source) -> None:
    """The breaks of the schema as findings; those on fields first, since those on states depend on them."""
    top, entries = result.top, {entry.path: entry for entry in (*result.entries, *result.removed)}
    states: dict[str | int, set[str]] = defaultdict(set)
    for entry in result.entries:
        if entry.node.children.keys() == {"slug"} and not (entry.node.incomplete or entry.node.cut):
            _only_a_slug(entry, result)
    given, tags = GivenTwice(result), Tags(result)
    all_breaks = breaks(inlined(), document)
    for found in islice(all_breaks, MAX_MISTAKES):  # those of which nothing is said cost as much
        path = found.path
        owner = entries.get(path[:2], top)
        if found.value is UNKNOWN:
            if owner is not top and len(path) > 2:
                owner.doubtful.add(str(path[2]))
            continue
        if found.keyword == "required" and not found.condition and _is_incomplete(owner, top, path):
            continue
        rule = state_rule(found)
        if rule:
            states[path[1]].add(rule)
            continue
        if owner is top and path[:1] and path[0] in top.node.repeated:
            continue
        if path[:1] == ("modules",) and owner.node.children.keys() == {"slug"} and found.keyword == "required":
            continue
        if found.keyword == "required" and len(path) == 2 and found.missing in owner.doubtful:
            continue
        if found.keyword == "required" and len(path) == 2 and given.belongs_to(owner, (found.missing,)):
            owner.doubtful.add(found.missing)
            continue
        if owner is not top and len(path) > 2:
            if path[2] in owner.node.repeated:
                continue
            owner.doubtful.add(str(path[2]))
            if len(path) == 3 and path[2] in owner.misspelled and found.keyword in ("type", "enum"):
                continue
        for finding in field_findings(found, owner, result, source):
            if not tags.tell(found, owner, finding):
                result.findings.add(finding)
    moved = moved_away({int(number): rules for number, rules in states.items()}, entries)
    losers = {id(entry) for entry in moved.values()}
    for number, rules in states.items():
        entry = entries["modules", number]
        if id(entry) in losers or given.belongs_to(entry, ("api_endpoint", *STATE_FLAGS), rules):
            entry.doubtful.update(("api_endpoint", *STATE_FLAGS))
            continue
        for finding in conflicts(entry, rules, moved.get(int(number))):
            result.findings.add(finding)
    if next(all_breaks, None):
        result.findings.too_many()


def _is_incomplete(owner: Entry, top: Entry, path: tuple[Any, ...]) -> bool:
    """Whether the mapping at a path may have other fields, by a merge or a part that cannot be read."""
    node = locate(top, owner, path)
    return node.incomplete or (node.cut and owner is not top)


def _only_a_slug(entry: Entry, result: CheckedDocument) -> None:
    """One problem, not one for each field that is missing; and what the module will be is not known."""
    words, slug = partial(_nothing_else, entry), entry.fields["slug"]

    def fix() -> Edits:
        is_elsewhere = isinstance(slug.value, str) and known(result).slugs[slug.value] > 1
        return line_removed(result.text, entry.node.offset, slug.end) if is_elsewhere else []

    result.findings.add(Finding(entry.node.place, "missing-field", words, (*entry.path, "category"), fix))
    entry.doubtful.update(module_fields())


def _nothing_else(entry: Entry) -> Words:
    return f"{entry.name} has nothing but a slug", "give it at least a category and a label, or remove the line"
