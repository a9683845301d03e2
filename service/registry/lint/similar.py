"""An index of names that finds a name which is one letter away from another."""

import re
from collections.abc import Iterable

from service.wording import is_one_slip

#: Shorter names are like many others, so only their plurals count. Longer texts are no names, and may be megabytes.
_SHORTEST, _LONGEST = 5, 128
#: Letters of all names that are compared, from the first name on: those of ten thousand modules with fifteen letters.
_MOST_LETTERS = 300_000
_MOST_PER_KEY = 4  # names that are compared


class Similar:
    """Names, in which a name can be found that is one letter away from another.

    Each name is stored under each text that is left of it without one letter (as SymSpell does). So a search takes as
    many steps as the name has letters. Names that differ by a digit are numbered on purpose, and not similar.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key: dict[int, list[str]] = {}
        self._left = _MOST_LETTERS
        for name in sorted(names):
            self.add(name)

    def add(self, name: str) -> None:
        """Add a name."""
        for key in self._make_keys(name):
            names = self._by_key.setdefault(key, [])
            if len(names) < _MOST_PER_KEY:
                names.append(name)

    def find(self, name: str) -> str | None:
        """Return an added name that is one letter away from a name."""
        candidates = (other for key in self._make_keys(name) for other in self._by_key.get(key, ()))
        return next((other for other in candidates if _is_one_apart(name, other)), None)

    def _make_keys(self, name: str) -> list[int]:
        """Return the hashes of a name, and of the name without each letter; none if the name is not compared."""
        self._left -= min(len(name), _LONGEST)
        if len(name) > _LONGEST or self._left < 0:
            return []
        if len(name) < _SHORTEST:
            return [hash(name), hash(name.removesuffix("s"))]
        return [hash(name), *(hash(name[:at] + name[at + 1 :]) for at in range(len(name)))]


def _is_one_apart(name: str, other: str) -> bool:
    """Whether two different names differ by one slip, which is not in a number."""
    if min(len(name), len(other)) < _SHORTEST:
        return name == f"{other}s" or other == f"{name}s"
    return name != other and re.sub(r"\D", "", name) == re.sub(r"\D", "", other) and is_one_slip(name, other)
