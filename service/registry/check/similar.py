"""Names that are one letter apart: one is added, left out, another, or has changed places with its neighbour."""

from __future__ import annotations

from collections.abc import Iterable

from service.wording import is_one_slip

#: Names that are shorter are like many others; but for their plural, which is as soon taken for them as with any.
_SHORTEST = 5
#: A name that is longer is none, and may be megabytes.
_LONGEST = 128
#: Letters of all names that are remembered or looked up; of a file with more, the first names are compared. Ten
#: thousand modules with slugs of fifteen letters are within it.
_MOST_LETTERS = 300_000
#: Names of one key that are compared.
_MOST_PER_KEY = 4


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
        """The name, and all that is left of it without one letter, as hashes: they take less memory than text.

        None where it is not to be compared.
        """
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
    numbers = [[part for part in name if part.isdigit()] for name in (one, other)]
    return one != other and numbers[0] == numbers[1] and is_one_slip(one, other)
