"""How messages put names and values, and which known word a misspelled one resembles."""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Iterable, Sequence
from difflib import get_close_matches

#: Names that a message lists: one with thousands says no more than one with ten and their number.
_MOST_NAMES = 12


def shortened(value: str, most: int = 60) -> str:
    """Text of at most so many characters."""
    return value if len(value) <= most else value[: most - 3] + "..."


def shown(value: str) -> str:
    """Text as messages show it: quoted on one line, and shortened."""
    return json.dumps(shortened(value), ensure_ascii=False)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many, the first and how many others there are."""
    if len(names) > _MOST_NAMES:
        return f"{', '.join(names[: _MOST_NAMES - 2])} and {len(names) - _MOST_NAMES + 2} others"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def counted(number: int, noun: str) -> str:
    """`1 vote`, `2 votes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.75) -> str:
    """`did you mean ...?` for the closest known word, or nothing."""
    close = next(iter(_resembling(word, sorted(known), 1, cutoff)), None)
    return f"did you mean {close}?" if close else ""


class Spelling:
    """Which of a few known words a misspelled one stands for.

    Comparing words is slow, so a word that comes again is compared once, and after many different ones none is: the
    rest of such a file has no misspelled words, but others.
    """

    #: Different words that are compared.
    MOST_WORDS = 500

    def __init__(self, known: Iterable[str]) -> None:
        self._known = sorted(known)
        self._resembling: dict[str, list[str]] = {}

    def closest(self, word: str, among: Container[str]) -> str | None:
        """The word among some of the known ones that `word` most resembles, once case and separators are evened out."""
        if word not in self._resembling:
            if len(self._resembling) >= self.MOST_WORDS:
                return None
            self._resembling[word] = _resembling(word, self._known, len(self._known), 0.75)
        return next((name for name in self._resembling[word] if name in among), None)


def _resembling(word: str, known: list[str], most: int, cutoff: float) -> list[str]:
    """The known words that `word` resembles, the closest first."""
    return get_close_matches(evened(word), known, most, cutoff) if _is_comparable(word, known) else []


def _is_comparable(word: str, known: Collection[str]) -> bool:
    """Whether it is worth a look: what is twice as long resembles nothing, and may be megabytes long."""
    return len(word) <= 2 * max(map(len, known), default=0)


def completed(word: str, known: Collection[str]) -> str | None:
    """The only known word that `word` is one of the parts of, such as `is_meta` for `meta`."""
    if not _is_comparable(word, known):
        return None
    part = evened(word)
    found = [name for name in known if part in name and part in name.split("_")]
    return found[0] if len(found) == 1 else None


def evened(word: str) -> str:
    """A word as a name is written: lowercase, with underscores."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")
