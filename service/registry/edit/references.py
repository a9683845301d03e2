"""Slugs in the source of clients, at the places that patterns describe, and what has become of each since.

A pattern is text with one `{slug}`, such as `/modules/{slug}`: slugs are ordinary words, so none is sought by itself.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from service.problems import Diagnostic, Edit, InvalidField
from service.registry.lint.catalogue import Rule
from service.registry.lint.nodes import SourceMap, applied
from service.registry.model import Deprecation, Registry, Removed
from service.wording import either, is_one_slip, normalized, quoted

#: What can be wrong with a slug, by the rule that is reported.
RULES = {
    "former-slug": Rule("no former slug", "The module has another slug by now, which `code-references --fix` writes."),
    "removed-module": Rule("no module that was removed", "It is gone for good, and no other one gets its slug."),
    "misspelled-slug": Rule("no slug with a slip in it", "The pattern has a slug there, and the word is close to one."),
    "deprecated-module": Rule("no module that will go", "The message has the last day of it.", is_warning=True),
}

_SLUG, _LONGEST_PATTERN = "{slug}", 200
#: Signs beyond ASCII that end a word: blanks, ends of lines, and quotes.
_NO_LETTERS = "\xa0\xab\xbb\u2018-\u201f\u2028\u2029\u202f\u3000\ufeff"
#: What a word goes on with: `email-templates` and `e-mails` name no module called `email` or `mails`. So it does with
#: any other sign beyond ASCII, such as an accent by itself, and with bytes that are no UTF-8.
_WORD = rf"[^\x00-,./:-@\[-^`{{-\x7f{_NO_LETTERS}]"
#: Letters of a word that is taken for a slug but for a slip: of `sort` and `sorts`, either may be meant. Nor is one
#: that begins with a capital: it is prose, or the name of a class.
_LEAST_LETTERS = 5
#: What is, at either end of a text, a word or the beginning of a slug.
_BEGINS, _ENDS = re.compile(r"\w|\{slug\}"), re.compile(r"(\w|\{slug\})$")
#: What takes back rules at a place, behind it on its line.
_COMMENT = re.compile(r"[^\n]{0,1000}?registry: ignore\[([\w, -]+)\]")


class Fixed(NamedTuple):
    """The bytes of a file with so many former slugs replaced."""

    data: bytes
    number: int


class References:
    """What a registry says of the slugs that stand where `patterns` say so."""

    def __init__(self, registry: Registry, patterns: Iterable[str]) -> None:
        """Raises InvalidField for a pattern that makes no sense."""
        self.patterns = {pattern: _compiled(pattern) for pattern in patterns}
        self._registry = registry
        self._said_of = cache(self._look_up)
        # By two letters at either end: a slip leaves those at one of them.
        self._alike = defaultdict[str, list[str]](list)
        for slug in registry.by_slug:
            for end in _ends(slug) if len(slug) >= _LEAST_LETTERS else ():
                self._alike[end].append(slug)

    def find(self, data: bytes, file: str = "", matches: Counter[str] | None = None) -> list[Diagnostic]:
        """What is wrong with the slugs in the bytes of a file, in its order; `matches` counts them all, by pattern."""
        # Of many files, few are worth to be made text.
        patterns = [pattern for pattern, (literal, _) in self.patterns.items() if literal in data]
        if not patterns or not (wrong := dict(self._matching(text := _text(data), patterns, matches))):
            return []
        told, source, last = list[Diagnostic](), SourceMap(text), 0
        for (start, end), said in sorted(wrong.items()):
            if start < last:  # a part of a word that another pattern sees
                continue
            line, column = source.position(start)
            edits = tuple(Edit(start, end, edit.new) for edit in said.edits)
            told.append(replace(said, place=start, edits=edits, file=file, line=line, column=column))
            told[-1].end_line, told[-1].end_column = source.position(end)
            last = end
        return told

    def fixed(self, data: bytes) -> Fixed:
        """The bytes of a file with each former slug as it is now."""
        edits = [edit for each in self.find(data) for edit in each.edits]
        return Fixed(_bytes(applied(_text(data), edits)), len(edits))

    def _matching(
        self, text: str, patterns: Iterable[str], matches: Counter[str] | None
    ) -> Iterator[tuple[tuple[int, int], Diagnostic]]:
        """Where words stand with which something is wrong, and what that is."""
        for pattern in patterns:
            for match in self.patterns[pattern][1].finditer(text):
                if matches is not None:
                    matches[pattern] += 1
                if said := self._said_of(match[1]):
                    comment = _COMMENT.match(text, match.end())
                    if comment is None or said.rule not in comment[1]:
                        yield match.span(1), said

    def _look_up(self, word: str) -> Diagnostic | None:
        """What is wrong with a word, if anything, with an edit where one is certain."""
        registry = self._registry
        if current := registry.renames.get(word):
            edits = (Edit(0, 0, current),)
            return Diagnostic("former-slug", 0, f"{word} is a former slug", f"write {current}", edits)
        if gone := registry.tombstones.get(word):
            return _ended("removed-module", f"{word} was removed on {gone.date}", gone)
        if end := getattr(registry.by_slug.get(word), "deprecated", None):
            reason = f"{word} is deprecated, and may be removed after {end.removed_after}"
            return _ended("deprecated-module", reason, end)
        if word in registry.names or len(word) < _LEAST_LETTERS or not word[0].islower():
            return None
        name = normalized(word)
        near = dict.fromkeys(slug for end in _ends(name) for slug in self._alike.get(end, ()))
        meant = [slug for slug in near if is_one_slip(name, slug)]
        said, asked = f"no module has the slug {quoted(word)}", f"did you mean {either(meant)}?"
        return Diagnostic("misspelled-slug", 0, said, asked) if meant else None


def _compiled(pattern: str) -> tuple[bytes, re.Pattern[str]]:
    """The longest text without blanks that each match has, and what finds matches. Raises InvalidField.

    A blank of the pattern is any blanks and line breaks, or none where words do not meet. At the end of the pattern a
    word ends, and not before `.js`, which would make it the name of a file.
    """
    words, literals = pattern.split(), pattern.replace(_SLUG, " ").split()
    if pattern.count(_SLUG) != 1 or len(pattern) > _LONGEST_PATTERN or not re.search(r"\w\w", " ".join(literals)):
        sane = f"at most {_LONGEST_PATTERN} characters, with {_SLUG} once and a word beside it"
        raise InvalidField(f"The pattern {quoted(pattern)}", f"makes no sense: write {sane}, such as /modules/{_SLUG}")
    source = re.escape(words[0])
    for left, right in pairwise(words):
        source += (r"\s+" if _ENDS.search(left) and _BEGINS.match(right) else r"\s*") + re.escape(right)
    first = rf"(?<!{_WORD})" if _BEGINS.match(pattern.strip()) else ""
    last = rf"(?!{_WORD})" if _ENDS.search(words[-1]) else ""
    last += r"(?!\.\w)" if words[-1].endswith(_SLUG) else ""
    source = first + source.replace(re.escape(_SLUG), f"({_WORD}{{1,64}})") + last
    return _bytes(max(literals, key=len)), re.compile(source)


def _ends(word: str) -> tuple[str, str]:
    return f"{word[:2]}-", f"-{word[-2:]}"


def _ended(rule: str, said: str, end: Deprecation | Removed) -> Diagnostic:
    return Diagnostic(rule, 0, f"{said}: {end.because.en}", f"use {end.use}" if end.use else "nothing takes its place")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
