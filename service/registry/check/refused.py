"""What a refused value may be meant for, of what fits the rest of the file, and the edits that write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from service.problems import Edit
from service.registry.check import guesses
from service.registry.check.entries import Entry
from service.registry.check.known import Known
from service.registry.check.routes import is_own_route
from service.registry.check.validation import is_valid
from service.registry.model import STATE_FLAGS
from service.registry.schema import module_fields
from service.registry.text.characters import unmasked
from service.registry.text.nodes import Node
from service.registry.text.placeholders import placeholder
from service.registry.text.rewriting import (
    Edits,
    column,
    field_removed,
    is_simple,
    line_break,
    line_start,
    respelled,
    rewritten,
)
from service.wording import did_you_mean, joined, normalized

#: How to say that there is no endpoint or page.
NULL = "write null, or leave the field out, where there is none"

#: A hint, and the edits that do what it says, where that is certain.
Hint = tuple[str, Edits]

#: A module that produces more is not meant by its slug for one of them.
_MOST_MADE = 30

#: What begins a text over several lines, but for one that says how deep it is.
_BLOCK_SIGN = re.compile(r"[|>][+-]?(?=[ \t]*(?:#[^\r\n]*)?[\r\n])")

NAMES = ("needs", "produces", "formerly", "legacy_features")


class Refused(NamedTuple):
    """A value that `schema` refuses at `path`, in its entry and file."""

    schema: Mapping[str, Any]
    path: tuple[Any, ...]
    node: Node
    owner: Entry
    known: Known
    text: str

    @property
    def field(self) -> str:
        """The field that it stands in."""
        return next(part for part in reversed(self.path) if isinstance(part, str))

    def fits(self, value: str) -> bool:
        """Whether it could be this value."""
        return self.known.fits(self.owner, self.path, value)

    def may_be_null(self) -> bool:
        """Whether it could be null."""
        if "null" not in self.schema.get("type", ()):
            return False
        return self.field != "api_endpoint" or self.known.state_fits(self.owner, {"api_endpoint": None})

    def well_formed(self) -> Hint:
        """How to write text that is not well formed."""
        form: str = self.schema["x-form"]
        value = self.node.value
        if found := self._folded():
            return found
        if len(value) > guesses.LONGEST:
            return form, []
        if guessed := self.state():
            return guessed
        if self.field == "api_endpoint" and not self.known.state_fits(self.owner, {"api_endpoint": "/api/x"}):
            return self.nothing()
        if "null" in self.schema["type"] and guesses.is_nothing(value):
            return self.nothing()
        if guesses.is_placeholder(value) or placeholder(value):
            return form, []
        right = [one for one in self._written_right() if is_valid(self.schema, one)]
        if self.field in ("formerly", "legacy_features") and guesses.has_inner_capitals(value):
            right = [one for one in right if not self.fits(one)] or right  # one that is there is meant
        if self.field == "slug":
            right = right[:1]  # the name of a module is new, and stays: nothing says which other one could be meant
        if self.field == "produces" and re.search(r"\s", value.strip()):  # one name, or several
            right = [one for one in right if one in self.known.asked_for]
        for one in right:
            if self.fits(one):
                is_plain_day = self.schema.get("format") == "date" and self.node.plain
                write = rewritten if is_plain_day else respelled  # a day needs no quotes
                return f"write {one}", write(self.text, self.node, one) if self._is_certain(one) else []
        if isinstance(self.path[-1], int):
            several = guesses.name_items(value) if self.field in NAMES else []
            if len(several) > 1 and self._are_likely(several):
                is_certain = self.field != "produces" or set(several) <= self.known.asked_for
                return f"write {', '.join(several)}", self.as_items(several) if is_certain else []
            lacking = [one for one in several if one not in self.known.available] if self.field == "needs" else []
            if re.fullmatch(r"[\w-]+(?:\s+[\w-]+)+", value.strip()) and len(lacking) < len(several) and lacking:
                own = set(lacking) <= self.known.produced.get(self.owner, set())
                why = f"{self.owner.name} produces {joined(lacking)} itself" if own else ""
                why = why or f"no module produces {joined(lacking)}"
                return f"a comma is missing: write {', '.join(several)}; but {why}", []
            module = self.known.producers.get(right[0]) if self.field == "needs" and right else None
            made = self.known.produced[module] if module is not None else ()
            produced = [one for one in made if self.fits(one)] if len(made) <= _MOST_MADE else []
            if len(produced) == 1:
                hint = f"{right[0]} is a module, and produces {produced[0]}: write {produced[0]}"
                return hint, self._if_needed(produced[0])
            near = right[0] if right else value if value.isalpha() else ""
            if self.field == "needs" and near and (name := self.known.closest(near)):
                return f"did you mean {name}?", self._if_needed(name) if self.fits(name) else []
        if self.field in ("slug", "api_endpoint", "formerly", "legacy_features") and right:
            taken = "the service's own" if is_own_route(right[0]) else "taken"
            return f"{form}; {right[0]} is {taken}", []
        if self.field in ("slug", "api_endpoint", "feature_page", "owner") and re.search(r"[,;|]", value):
            return f"a module has one {self.field}: {form}", []
        return form, []

    def _if_needed(self, artifact: str) -> Edits:
        """The edits that write an artifact which others need: else it may be its producer who misspells it."""
        return respelled(self.text, self.node, artifact) if artifact in self.known.asked_for else []

    def _folded(self) -> Hint | None:
        """How to write text below > or |, if all that is wrong with it is how its lines end."""
        found = _BLOCK_SIGN.match(self.text, self.node.offset)
        lines = self.node.value.rstrip("\n").split("\n")
        whole = " ".join(lines)
        is_one_text = all(line[:1] not in ("", " ", "\t") for line in lines) and self.node.used_at is None
        if not found or not is_one_text or not is_valid(self.schema, whole) or not self.fits(whole):
            return None
        if found[0][0] == ">" and len(lines) > 1:
            return None  # lines that are apart are so with >-, too
        which = "lines end as lines" if len(lines) > 1 else "text ends with a line break"
        return f"with {found[0]}, its {which}: write >-", [Edit(found.start(), found.end(), ">-")]

    def nothing(self) -> Hint:
        """What to write for a value that says that there is none."""
        form: str = self.schema["x-form"]
        if self.may_be_null():
            return NULL, rewritten(self.text, self.node, "null")
        if isinstance(self.path[-1], int):
            what = "a name" if self.field in NAMES else "a word or a short phrase"
            return f"write {what}, or remove it: a list without items is []", []
        return f"a module in this state needs one: {form}" if self.field == "api_endpoint" else form, []

    def _written_right(self) -> Iterator[str]:
        value = self.node.value
        if self.field in ("slug", "use", *NAMES):
            return guesses.names(value)
        by_field = {"api_endpoint": guesses.endpoint, "feature_page": guesses.page, "owner": guesses.owner}
        by_field["documentation"] = guesses.documentation
        if self.schema.get("format") == "date":
            return guesses.day(value)
        return by_field[self.field](value) if self.field in by_field else iter(())

    def _is_certain(self, meant: str) -> bool:
        """Whether text that is not well formed can mean nothing else.

        `api_x` may be for /api/x, or below it, and /v1/x for no path below /api; two signs between words may part two
        names, and capitals may part words or not.
        """
        if self.field in ("slug", "use", *NAMES) and guesses.has_inner_capitals(self.node.value):
            known = {"needs": self.known.available, "produces": self.known.asked_for}.get(self.field, ())
            return meant in known
        if self.field == "slug":
            return not re.search(r"\w\W{2,}\w", self.node.value)
        if self.field != "api_endpoint" or re.search(r"\bapi[/\\]", self.node.value, re.IGNORECASE):
            return True
        slug = self.owner.fields.get("slug")
        return slug is not None and normalized(meant.removeprefix("/api/")) == slug.value

    def _are_likely(self, several: list[str]) -> bool:
        """Whether all of some names fit, and those who need or produce them are there."""
        if self.field == "produces":
            return any(one in self.known.asked_for for one in several) and all(map(self.fits, several))
        return all(map(self.fits, several))

    def as_items(self, several: list[str]) -> Edits:
        """The edits that write several items for an item of a list."""
        start = line_start(self.text, self.node.offset)
        before = self.text[start : self.node.offset]
        if re.fullmatch(r" *- +", before):
            return rewritten(self.text, self.node, (line_break(self.text) + before).join(several))
        return rewritten(self.text, self.node, ", ".join(several))

    def state(self) -> Hint | None:
        """The state of the module, where a field has it for a value."""
        if self.path[:1] != ("modules",) or len(self.path) != 3 or not isinstance(self.node.value, str):
            return None
        flag = guesses.state(self.node.value)
        if not flag or self.owner.flag(flag):
            return None
        if self.field in ("stage", "api_endpoint"):
            fix: Edits = []
            key = self.owner.node.keys.get(self.field)
            if flag not in self.owner.fields and key is not None and is_simple(self.text, self.node):
                gone = {"api_endpoint": None} if self.field == "api_endpoint" else {}
                if self.known.state_fits(self.owner, {flag: True, **gone}, self.field):
                    fix = replaced_field(key, self.node, f"{flag}: true")
            return f"write {flag}: true instead", fix
        return f"write {flag}: true for the state, and {self._other_than_state()}", []

    def _other_than_state(self) -> str:
        if "enum" in self.schema:
            return f"use one of {', '.join(word for word in self.schema['enum'] if word)}"
        return str(self.schema["x-form"])

    def boolean(self, value: bool | None) -> Edits:
        """The edits that make it this one, if the state of the module allows it."""
        fits = self.known.state_fits(self.owner, {self.field: value})
        return rewritten(self.text, self.node, str(value).lower()) if fits else []

    def misspelled_boolean(self) -> Hint:
        """Text where a boolean is asked for."""
        value = guesses.ended(unmasked(self.node.value))
        stages = [stage for stage in module_fields()["stage"]["enum"] if stage]
        if self.field == "coming_soon" and value.lower() in stages and "stage" not in self.owner.fields:
            fits = self.known.state_fits(self.owner, {"coming_soon": True})
            hint = f"write coming_soon: true, and stage: {value.lower()}"
            return hint, self._and_stage(value.lower()) if fits else []
        word = value if value.isalpha() and len(value) <= 10 else ""
        for meant in ("true", "false"):
            if word[:1].lower() == meant[:1] and did_you_mean(word, [meant], 0.6):
                return f"did you mean {meant}?", self.boolean(meant == "true")
        return "write true or false", []

    def _and_stage(self, stage: str) -> Edits:
        key = self.owner.node.keys.get("coming_soon")
        if key is None or not is_simple(self.text, self.node):
            return []
        after = self.text[self.node.end : self.node.end + 200].lstrip(" ")[:1]
        between = ", " if after in (",", "}") else line_break(self.text) + " " * column(self.text, key)
        return rewritten(self.text, self.node, f"true{between}stage: {stage}")


def replaced_field(key: int, node: Node, written: str) -> Edits:
    """The edit that writes another field for the one whose key and value these are."""
    return [Edit(key, node.end, written)]


def state_field(text: str, owner: Entry, known: Known, key: int, node: Node, name: str) -> Hint | None:
    """What to write for an unknown field that names a state: `status: coming_soon`, or `active: true`."""
    value = node.value[0] if isinstance(node.value, list) and len(node.value) == 1 else node.value
    said = value if isinstance(value, str) else name if value is True else None
    flag = guesses.state(said) if said is not None else None
    if flag is None:
        return None
    if not flag:
        if other := next(filter(owner.flag, STATE_FLAGS), None):
            return f"remove it: {other} is true, so it is not active", []
        hint = "remove it: a module that says no state is active"
        return hint, field_removed(text, key, node.end) if known.state_fits(owner, {}) else []
    if owner.flag(flag):
        return f"remove it: {flag}: true says so", field_removed(text, key, node.end)
    fits = flag not in owner.fields and is_simple(text, node) and known.state_fits(owner, {flag: True})
    taken = any(owner.flag(one) for one in STATE_FLAGS)
    hint = f"write {flag}: true" if not taken else "a module is at most one of its states"
    return hint, replaced_field(key, node, f"{flag}: true") if fits else []
