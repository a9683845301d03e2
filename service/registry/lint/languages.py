"""Which of two languages a text is in: by words that only one of them has, and by what the rest of the file says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

_WORD = re.compile(r"[^\W\d_]{2,40}")
#: Words of each language that the other does not have, and what only French writes.
_FRENCH = re.compile(
    r"\b(?:le|la|les|du|des|une|et|aux?|vos|votre|avec|dans|sur|qui|cette|ces|leurs?|sans|chez|nos|notre)\b"
    r"|\b(?:[ldcjnsm]|qu)['’](?=\w)"
)
_ENGLISH = re.compile(
    r"\b(?:the|and|of|with|your|from|their|this|that|these|which|is|are|our|by|to|it|they|where|who|without)\b"
)
_ACCENT = re.compile("[àâçèéêëîïôùûœ]")

#: Texts whose words are remembered, and letters that are looked at: of a file with more, the first tell.
_MOST_TEXTS, _MOST_LETTERS = 1_000, 1_000_000
_LONGEST = 500  # letters of one text


class Languages:
    """The words of a file's texts: how many have each in French, and how many in English."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """`texts` are those in both languages, French first."""
        self._seen: tuple[Counter[str], Counter[str]] = Counter(), Counter()
        for pair in islice(texts, _MOST_TEXTS):
            for seen, text in zip(self._seen, pair, strict=True):
                seen.update(_words(text))
        self._left = _MOST_LETTERS

    def are_swapped(self, french: str, english: str) -> bool:
        """Whether `french` reads as English and `english` as French, or very much so and the former as none."""
        self._left -= len(french) + len(english)
        if self._left < 0 or french == english:
            return False
        first, second = _marks(french), _marks(english)
        if first > 0 or second < 0 or first < 0 < second:
            return first < second
        own = _words(french), _words(english)
        first, second = first + self._known(own[0], own), second + self._known(own[1], own)
        return (first < 0 < second) or (first == 0 and second > 1)

    def _known(self, words: set[str], own: tuple[set[str], set[str]]) -> int:
        """How many words only French texts have, less those that only English ones have, apart from these two."""
        french, english = self._seen
        return sum((french[word] > (word in own[0])) - (english[word] > (word in own[1])) for word in words)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text[:_LONGEST].lower()))


def _marks(text: str) -> int:
    """1 for a text with what only French has, -1 for one with what only English has, 0 for one with both or neither."""
    text = text[:_LONGEST].lower()
    return bool(_FRENCH.search(text) or _ACCENT.search(text)) - bool(_ENGLISH.search(text))
