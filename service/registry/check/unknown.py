"""Fields that are not known: which ones they are meant for, and what to write instead.

One whose name is plainly misspelled is read under its right name, so that nothing else is reported because of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from service.problems import Edit
from service.registry.check.commas import Cut, cut_by_commas
from service.registry.check.entries import CheckedDocument, Entry, Form, day
from service.registry.check.guesses import is_ambiguous, plain, state, synonym
from service.registry.check.known import known
from service.registry.check.other_kind import as_field
from service.registry.check.refused import Hint, Refused, state_field
from service.registry.check.states import STATE_FIELDS
from service.registry.check.validation import is_valid
from service.registry.model import STATE_FLAGS
from service.registry.text.characters import stranger, unmasked
from service.registry.text.nodes import Finding, Node, Words
from service.registry.text.rewriting import Edits, field_removed, is_only, renamed
from service.wording import Spelling, completed, normalized, quoted

#: Fields that a module does not have.
_ELSEWHERE = {
    **dict.fromkeys(("since", "removed_after"), "write it in deprecated: { since: ..., removed_after: ... }"),
    "use": "write it in deprecated: { since: ..., removed_after: ..., use: ... }",
    **dict.fromkeys(("date", "because"), "only entries of removed have it; a module that will go has deprecated"),
    **dict.fromkeys(("removed", "removed_on"), "a module that is gone has an entry in removed, at the end of the file"),
    "state": "a state is a field of its own, such as coming_soon: true; a module that says none is active",
    **dict.fromkeys(("fr", "en"), "write it in label or description"),
}


#: Words that begin a comment.
_NOTES = ("NOTE", "TODO", "FIXME", "NB", "ATTENTION", "WARNING", "REMARQUE")
#: What other tools call the field that says in which state something is.
_OF_STATES = ("state", "states", "status", "statuses", "etat", "etats", "statut", "statuts")


def _elsewhere(form: Form, name: str) -> str:
    """Where to write a field that a module does not have, and another mapping does."""
    return _ELSEWHERE.get(name, "") if "category" in form.known else ""


def tell_unknown(entry: Entry, form: Form, result: CheckedDocument, owner: Entry) -> None:
    """A finding for each field of an entry that has no right name, which is then read under the one that is meant."""
    node, path = entry.node, entry.path
    absent = [name for name in form.known if name not in entry.fields]
    cuts = list(cut_by_commas(node, form.known.keys(), result.text)) if form.what == "language" else []
    for cut in cuts:
        words = partial(_cut_off_by_a_comma, owner.name, path, cut)
        result.findings.add(Finding(node.keys[cut.pieces[0]], "unknown-field", words, (*path, cut.pieces[0]), cut.fix))
    pieces = {piece for cut in cuts for piece in cut.pieces}
    unknown = [name for name in node.children if name not in form.known and name not in pieces]
    for number, name in enumerate(unknown):
        # Of more than that, what the others were meant for is not worth the time.
        meant = _read_as_meant(entry, name, form, absent) if number < Spelling.MOST_WORDS else None
        if not path and "slug" in node.children:
            meant = None
        named = _Unknown(owner, entry, path, name, meant, form, result)
        result.findings.add(Finding(node.keys[name], "unknown-field", named.words, (*path, name), named.fix))


def _cut_off_by_a_comma(owner: str, path: tuple[str | int, ...], cut: Cut) -> Words:
    return f"{owner}: unknown language {quoted(cut.pieces[0])} of {path[-1]}", cut.hint()


#: The fields whose absence is reported: a value under an unknown name may be meant for one of them.
_REQUIRED = (
    *("category", "label", "api_endpoint", "slug", "fr", "en", "modules"),
    *("since", "removed_after", "date", "because"),
)


def _could_be(node: Node, part: dict[str, Any]) -> bool:
    value = day(node).value if part.get("format") == "date" else node.value
    return value is not None and is_valid(part, value)


def _read_as_meant(entry: Entry, name: str, form: Form, absent: list[str]) -> str | None:
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
        if given in entry.fields and entry.fields[given].value != node.value:
            entry.doubtful.add(given)  # one of the two goes
        return given
    if _elsewhere(form, name):
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
    return state(name) == "" or (len(name) < 10 and normalized(name) in _OF_STATES)


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
    form: Form
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
            refused = Refused(self.form.known[right], (*self.path, right), node, entry, known(self.result), text)
            if is_free and len(self.path) == 2 and (written := as_field(refused, key)):
                return written
            if is_free and len(self.path) == 2 and right not in entry.node.children:
                form = self.form.known[right]
                return f"did you mean {right}? {form.get('x-example') or form.get('x-form') or ''}".strip(), []
        if meant is None and self.owner is not entry and name in self.owner.fields:
            same = self.owner.fields[name].value == node.value
            return f"remove it: {self.owner.name} has its {name} beside {self.path[-1]}", (
                field_removed(text, key, node.end) if same else []
            )
        if meant is None and name.isupper() and isinstance(node.value, str):
            fix = [Edit(key, key, "# ")] if node.used_at is None and is_only(text, key, node.end) else []
            return "begin the line with # if it is a comment, or remove it", fix if name in _NOTES else []
        if meant is None:
            if _is_state(plain(name)):
                name = "state"
            return _elsewhere(self.form, name) or self.form.hint, []
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
