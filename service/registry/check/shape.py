"""Checks each entry on its own: repairs what is plainly meant otherwise, and puts the rest to the JSON Schema.

A misspelled field is reported once and then read under its right name, so that nothing else is reported because of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from service.registry.check.aliases import name_artifacts
from service.registry.check.characters import stranger, unmasked
from service.registry.check.commas import Cut, cut_by_commas
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.fields import field_findings, kind, locate
from service.registry.check.foreign import foreign
from service.registry.check.guess import Guess, Hint, as_field, state_field
from service.registry.check.guesses import is_ambiguous, plain, state, synonym
from service.registry.check.known import known
from service.registry.check.mending import Edits, field_removed, renamed
from service.registry.check.nodes import MAX_MISTAKES, UNKNOWN, Finding, ImplicitScalar, Node, Words, said
from service.registry.check.parts import gather
from service.registry.check.source import Source
from service.registry.check.states import STATE_FIELDS, conflicts, moved_away, state_rule
from service.registry.check.strays import GivenTwice, keyed_by_slug, line_removed, put_together
from service.registry.check.validation import breaks, is_valid
from service.registry.check.wrapped import unwrapped
from service.registry.check.wrong_list import placed
from service.registry.model import STATE_FLAGS
from service.registry.schema import inlined, module_fields, removal_fields
from service.wording import Spelling, completed, joined, normalized, quoted

#: Fields that a module does not have.
_ELSEWHERE = {
    **dict.fromkeys(("since", "removed_after"), "write it in deprecated: { since: ..., removed_after: ... }"),
    "use": "write it in deprecated: { since: ..., removed_after: ..., use: ... }",
    **dict.fromkeys(("date", "because"), "only entries of removed have it; a module that will go has deprecated"),
    **dict.fromkeys(("removed", "removed_on"), "a module that is gone has an entry in removed, at the end of the file"),
    "state": "a state is a field of its own, such as coming_soon: true; a module that says none is active",
    **dict.fromkeys(("fr", "en"), "write it in label or description"),
}


class _Form:
    """The fields that a mapping may have, and which of them a misspelled one is meant for."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.parts = {name: _Form(part["properties"]) for name, part in known.items() if "properties" in part}
        self.what = "language" if known.keys() == {"fr", "en"} else "field"
        self.spelling = Spelling(known)
        self.hint = f"known are {', '.join(known)}"

    def elsewhere(self, name: str) -> str:
        """Where to write a field that a module does not have, and another mapping does."""
        return _ELSEWHERE.get(name, "") if "category" in self.known else ""


def check(source: Source, root: Node) -> CheckedDocument:
    """Everything that is wrong with the document and each entry, and the entries for the rules across them.

    Adds to the findings of the source, and raises Abandoned with the last of them where there are too many.
    """
    result, text = CheckedDocument(source.findings, source.source_map.text), source.source_map.text
    module, removal = _Form(module_fields()), _Form(removal_fields())
    root = unwrapped(root, result)
    said_before = len(result.findings)
    top = _named(root, (), _Form(inlined()["properties"]), result)
    if top is None:
        if root.value is None and not root.text:
            hint = "write modules: and a list of modules under it"
            result.findings.add(Finding(0, "empty", said("the file has no content", hint)))
        elif other := foreign(source.source_map.text):
            result.findings.add(Finding(other.offset, other.rule, said(other.message, other.hint)))
        elif root.value is not UNKNOWN:
            hint = "write modules: at the left margin, and the list of modules under it"
            message = f"the file is {kind(root)}, not a mapping"
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
        result.legacy = [item for item in legacy.children if isinstance(item.value, str)]
    _translate(document, result, source)
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
    if not lacking or last.node.incomplete or last.node.end < len(text.rstrip()) or text[last.node.offset] == "{":
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
    if other := foreign(text):
        return Finding(other.offset, other.rule, said(other.message, other.hint))
    names = [quoted(name) for name in root.children]
    has = "the only key is" if len(names) == 1 else "the keys are"
    message = f"the file has no modules, and nothing else of a registry: {has} {joined(names, 5)}"
    hint = "write modules: at the left margin, and the list of modules under it; or is it another file?"
    return Finding(next(iter(root.keys.values())), "missing-field", said(message, hint), ("modules",))


def _named(
    node: Node, path: tuple[str | int, ...], form: _Form, result: CheckedDocument, owner: Entry | None = None
) -> Entry | None:
    """A mapping's fields under their right names, with a finding for each unknown one; None if it is no mapping."""
    if not isinstance(node.value, dict):
        return None
    known = form.known
    entry = Entry(node, path, {}, set(node.repeated if len(node.repeated) < 2 and not node.incomplete else known))
    entry.fields = {name: child for name, child in node.children.items() if name in known}
    absent = [name for name in known if name not in entry.fields]
    cuts = list(cut_by_commas(node, known.keys(), result.text)) if form.what == "language" else []
    for cut in cuts:
        words = partial(_cut_off_by_a_comma, (owner or entry).name, path, cut)
        result.findings.add(Finding(node.keys[cut.pieces[0]], "unknown-field", words, (*path, cut.pieces[0]), cut.fix))
    pieces = {piece for cut in cuts for piece in cut.pieces}
    unknown = [name for name in node.children if name not in known and name not in pieces]
    for number, name in enumerate(unknown):
        # Of more than that, what the others were meant for is not worth the time.
        meant = _read_as_meant(entry, name, form, absent) if number < Spelling.MOST_WORDS else None
        if not path and "slug" in node.children:
            meant = None
        named = _Unknown(owner or entry, entry, path, name, meant, form, result)
        result.findings.add(Finding(node.keys[name], "unknown-field", named.words, (*path, name), named.fix))
    for name, child in entry.fields.items():
        if child.value is UNKNOWN:
            entry.doubtful.add(name)
        entry.fields[name] = day = _day(child, known[name])
        if day is not child and name in node.value:
            node.value[name] = day.value
    return entry


def _cut_off_by_a_comma(owner: str, path: tuple[str | int, ...], cut: Cut) -> Words:
    return f"{owner}: unknown language {quoted(cut.pieces[0])} of {path[-1]}", cut.hint()


def _day(node: Node, part: dict[str, Any]) -> Node:
    """A day as text: one that is written without quotes is a date to YAML 1.1, and right where a day is asked for."""
    if part.get("format") == "date" and isinstance(node.value, ImplicitScalar) and node.value.kind == "a date":
        return replace(node, value=node.text)
    return node


def _read_as_meant(entry: Entry, name: str, form: _Form, absent: list[str]) -> str | None:
    """Take an unknown field for the one that its name resembles, or else its value; and the one that is proposed.

    `absent` are the fields that the entry does not have; one that is found leaves it.
    """
    known, node = form.known, entry.node.children[name]

    def take(right: str) -> None:
        entry.fields[right] = node
        absent.remove(right)

    if "modules" in absent and isinstance(node.value, list) and any(map(_is_module, node.value)):
        take("modules")
        entry.misspelled.add("modules")
        return "modules"
    name = plain(unmasked(name))
    meant = form.spelling.closest(name, absent) or completed(name, absent)
    stated = isinstance(node.value, str) and state(node.value) is not None
    flag = state(name)
    if flag in absent and isinstance(node.value, bool):
        take(flag)
        entry.misspelled.add(flag)
        return flag
    if _is_state(name) and "category" in known and not (meant == "stage" and _could_be(node, known["stage"])):
        entry.doubtful.update(STATE_FLAGS)
        return None
    if meant and not (stated and not _could_be(node, known[meant])):
        take(meant)
        entry.misspelled.add(meant)
        return meant
    other = synonym(name)
    if other in absent and not stated:
        if _could_be(node, known[other]) or (other == "removed" and isinstance(node.value, list)):
            take(other)
            entry.misspelled.add(other)
            return other
        entry.doubtful.add(other)
    if not stated and (given := form.spelling.closest(name, known)):
        return given
    if form.elsewhere(name):
        return None
    if node.value is True or stated:
        entry.doubtful.update(STATE_FLAGS)  # it may have said which state the module is in
    meant = next((one for one in _REQUIRED if one in absent and _could_be(node, known[one])), None)
    if meant:
        take(meant)
        entry.doubtful.add(meant)
        return meant if meant in ("category", "label", "api_endpoint") else None
    if "produces" in absent and _could_be(node, known["produces"]):
        take("produces")  # so that those who need it are not reported
    return None


def _is_state(name: str) -> bool:
    """Whether a field has a name that other tools have for the state of a module, or for one that is active."""
    return state(name) == "" or (len(name) < 10 and normalized(name) in ("state", "status", "etat", "statut"))


def _is_module(value: Any) -> bool:
    return isinstance(value, dict) and "slug" in value


@dataclass(slots=True, eq=False)
class _Unknown:
    """A field that is not known, with the one that is meant."""

    owner: Entry
    entry: Entry
    path: tuple[str | int, ...]
    name: str
    meant: str | None
    form: _Form
    result: CheckedDocument

    def words(self) -> Words:
        where = f"{self.owner.name}: " if self.path else ""
        of = f" of {'.'.join(map(str, self.path[2:]))}" if self.path[2:] else ""
        strange = f": {found}" if (found := stranger(self.name)) else ""
        return f"{where}unknown {self.form.what} {quoted(self.name)}{of}{strange}", self.advice()[0]

    def fix(self) -> Edits:
        return self.advice()[1]

    def advice(self) -> Hint:
        entry, name, meant = self.entry, self.name, self.meant
        node, key, text = entry.node.children[name], entry.node.keys[name], self.result.text
        if not self.path and "slug" in entry.node.children:
            return "begin the file with modules: and put each module under it", []
        if not self.path and " " in name and node.value is None:
            return "remove the line, or begin it with # if it is a comment", []
        if self.path[:1] == ("modules",) and len(self.path) == 2:
            of_state = state_field(text, entry, known(self.result), key, node, name)
            if of_state and not (meant and is_valid(self.form.known[meant], node.value)):
                return of_state
        right = meant or synonym(unmasked(name))
        if right in self.form.known and not _could_be(node, self.form.known[right]):
            is_free = entry.fields.get(right, node) is node
            guess = Guess(self.form.known[right], (*self.path, right), node, entry, known(self.result), text)
            if is_free and len(self.path) == 2 and (written := as_field(guess, key)):
                return written
            if is_free and len(self.path) == 2 and right not in entry.node.children:
                form = self.form.known[right]
                return f"did you mean {right}? {form.get('x-example') or form.get('x-form') or ''}".strip(), []
        if meant is None:
            if _is_state(plain(name)):
                name = "state"
            return self.form.elsewhere(name) or self.form.hint, []
        if meant in entry.node.children:
            same = entry.node.children[meant].value == node.value
            hint = f"did you mean {meant}? It is given as well: remove one of the two"
            return hint, field_removed(text, key, node.end) if same and name not in entry.node.repeated else []
        is_certain = (
            name not in entry.node.repeated
            and _could_be(node, self.form.known[meant])
            and entry.fields.get(meant) is not None
        )
        if meant in entry.doubtful and isinstance(node.value, str):
            is_certain &= known(self.result).fits_once(entry, (*self.path, meant), node.value)
        is_certain &= not is_ambiguous(name)
        hint = f"did you mean {meant}?"
        if entry.fields.get(meant) is node and meant in STATE_FIELDS and not known(self.result).state_fits(entry, {}):
            stated = next(filter(entry.flag, STATE_FLAGS), None)
            why = f"{stated} is true" if stated else "coming_soon is not true"
            return f"{hint} As {why}, it is not allowed: remove it", []
        return hint, renamed(text, key, name, meant) if is_certain else []


def _is_incomplete(owner: Entry, top: Entry, path: tuple[Any, ...]) -> bool:
    """Whether the mapping at a path may have other fields, by a merge that cannot be read."""
    return locate(top, owner, path).incomplete


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


def _translate(document: dict[str, Any], result: CheckedDocument, source: Source) -> None:
    """The breaks of the schema as findings; those on fields first, since those on states depend on them."""
    top, entries = result.top, {entry.path: entry for entry in (*result.entries, *result.removed)}
    states: dict[str | int, set[str]] = defaultdict(set)
    if "modules" in top.node.repeated:
        result.unreadable = True
    for entry in result.entries:
        if entry.node.children.keys() == {"slug"} and not entry.node.incomplete:
            _only_a_slug(entry, result)
    given = GivenTwice(result)
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
            if len(path) == 3 and path[2] in owner.misspelled and found.keyword == "type":
                continue
        for finding in field_findings(found, owner, result, source):
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
