"""How messages put names and values, and which known word a misspelled one resembles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def shown(value: str) -> str:
    """Text as messages show it: quoted on one line, and shortened."""
    return json.dumps(value if len(value) <= 60 else value[:57] + "...", ensure_ascii=False)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def counted(number: int, noun: str) -> str:
    """`1 vote`, `2 votes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.75) -> str:
    """`did you mean ...?` for the closest known word, or nothing."""
    close = closest(word, known, cutoff)
    return f"did you mean {close}?" if close else ""


def closest(word: str, known: Iterable[str], cutoff: float = 0.75) -> str | None:
    """The known word that `word` most resembles once case and separators are evened out."""
    return next(iter(get_close_matches(evened(word), sorted(known), n=1, cutoff=cutoff)), None)


def completed(word: str, known: Iterable[str]) -> str | None:
    """The only known word that `word` is one of the parts of, such as `is_meta` for `meta`."""
    found = [name for name in known if evened(word) in name.split("_")]
    return found[0] if len(found) == 1 else None


def evened(word: str) -> str:
    """A word as a name is written: lowercase, with underscores."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")
