"""Names that are one letter apart: one is added, left out, another, or has changed places with its neighbour."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.wording import is_one_slip

#: Names that are shorter are like many others, but for their plurals; what is longer is none, and may be megabytes.
_SHORTEST, _LONGEST = 5, 128
#: Letters of all names that are compared, the first ones: those of ten thousand modules with slugs of fifteen letters.
_MOST_LETTERS = 300_000
_MOST_PER_KEY = 4  # names that are compared


class Similar:
    """Names, of which one can be found that is a letter away from another.

    Each is kept under all that is left of it without one of its letters (as SymSpell does), so looking a name up takes
    as many steps as it has letters. Names that a digit tells apart are numbered on purpose, and not alike.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key: dict[int, list[str]] = {}
        self._left = _MOST_LETTERS
        for name in sorted(names):
            self.add(name)

    def add(self, name: str) -> None:
        """Remember a name."""
        for key in self._keys(name):
            names = self._by_key.setdefault(key, [])
            if len(names) < _MOST_PER_KEY:
                names.append(name)

    def to(self, name: str) -> str | None:
        """A name that is remembered and one letter away."""
        candidates = (other for key in self._keys(name) for other in self._by_key.get(key, ()))
        return next((other for other in candidates if _is_one_apart(name, other)), None)

    def _keys(self, name: str) -> list[int]:
        """The name, and what is left of it without one letter, as small hashes; none if it is not compared."""
        self._left -= min(len(name), _LONGEST)
        if len(name) > _LONGEST or self._left < 0:
            return []
        if len(name) < _SHORTEST:
            return [hash(name), hash(name.removesuffix("s"))]
        return [hash(name), *(hash(name[:at] + name[at + 1 :]) for at in range(len(name)))]


def _is_one_apart(one: str, other: str) -> bool:
    """Whether one slip makes one of two different names the other, and it is not in a number."""
    if min(len(one), len(other)) < _SHORTEST:
        return one == f"{other}s" or other == f"{one}s"
    return one != other and re.sub(r"\D", "", one) == re.sub(r"\D", "", other) and is_one_slip(one, other)
