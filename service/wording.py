"""How messages put what came from outside: text made safe to print, names, lists and numbers, and likely spellings; and
how texts are searched for words."""

import json
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from signal import Signals
from typing import Any

#: No-break spaces: invisible, but French text is set with them, and they do no harm.
_HARMLESS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"

#: What GitHub's runner takes for a command in the output of a step: a line that begins with two colons, blanks aside,
#: or `##[` anywhere in it (actions/runner, ActionCommand.cs).
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#\[)")

#: Names that a message lists: one with thousands says no more than one with ten and their number.
_MOST_NAMES = 12


def printable(text: str) -> str:
    """The text on one line, with everything that a terminal, a log or GitHub's runner would act on escaped.

    It is escaped as `repr` does it. Control characters, escape sequences, line breaks, and characters that are
    invisible or change the direction of writing are what `str.isprintable` names; lone surrogates, which stand for
    bytes that are no UTF-8, are among them.
    """
    if not text.isprintable():
        text = "".join(each if each.isprintable() or each in _HARMLESS else repr(each)[1:-1] for each in text)
    return _COMMAND.sub(lambda match: f"{match[0][:-1]}\\x{ord(match[0][-1]):x}", text)


def install_command(extra: str) -> str:
    """Return the command that adds the locked packages of an extra to this environment."""
    lock = Path(__file__).parent / "deploy" / f"requirements-{extra}.lock"
    return shlex.join([sys.executable, *["-m", "pip", "install", "--no-deps", "--require-hashes", "-r"], str(lock)])


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON, readable and safe to print: what `printable` would escape has JSON's escape, and its value.

    A dataclass is an object of its fields, and a time RFC 3339.
    """
    # In JSON, a line break that is one belongs to the layout.
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return re.sub(r"[^\n -~]|#(?=#\[)", _escaped, text)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else asdict(value)


def _escaped(match: re.Match[str]) -> str:
    letter = match[0]
    if letter == "#":
        return r"\u0023"
    return letter if letter.isprintable() or letter in _HARMLESS else json.dumps(letter)[1:-1]


def shortened(text: str, most: int = 60) -> str:
    """Text of at most `most` characters: longer text ends in three dots."""
    return text if len(text) <= most else text[: most - 3] + "..."


def quoted(text: str, most: int = 60) -> str:
    """Text in double quotes on one line, with JSON's escapes, and shortened to `most` characters."""
    return json.dumps(shortened(text, most), ensure_ascii=False)


def joined(names: Sequence[str], most: int = _MOST_NAMES, word: str = "and") -> str:
    """`a, b and c`; of more than `most`, the first and how many others there are."""
    if len(names) > most:
        return f"{', '.join(names[: most - 2])} {word} {len(names) - most + 2} others"
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def either(names: Sequence[str]) -> str:
    """`a, b or c`; of many, the first and how many others there are."""
    return joined(names, word="or")


def pluralized(number: int, noun: str) -> str:
    """`1 vote`, `2,000 votes`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def normalized(word: str) -> str:
    """A word as the names of fields and modules are written: lowercase, with underscores."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` for the known word that is closest, or nothing."""
    close = closest(word, known)
    return f"did you mean {close}?" if close else ""


def closest(word: str, known: Iterable[str], cutoff: float = 0.75) -> str:
    """The known word that is closest, or nothing; `cutoff` is difflib's, from 0 to 1."""
    known = sorted(known)
    similar = get_close_matches(normalized(word), known, 1, cutoff) if _is_comparable(word, known) else []
    return similar[0] if similar else ""


def completed(word: str, known: Collection[str]) -> str | None:
    """The only known word that `word` is one of the parts of, such as `is_meta` for `meta`."""
    if not _is_comparable(word, known):
        return None
    part = normalized(word)
    names = [name for name in known if part in name.split("_")]
    return names[0] if len(names) == 1 else None


def _is_comparable(word: str, known: Collection[str]) -> bool:
    """Whether comparing is worth it: a word twice as long as any known one is like none, and may be megabytes long."""
    return len(word) <= 2 * max(map(len, known), default=0)


def is_one_slip(word: str, other: str) -> bool:
    """Whether two words are equal but for one slip (Damerau's distance of at most 1)."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    a, b = word[start:], other[start:]
    swapped = a[1::-1] + a[2:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or swapped == b


def how_it_ended(exit_code: int) -> str:
    """How a process ended, by the exit code that Python tells: as words behind its name."""
    return f"ended by {Signals(-exit_code).name}" if exit_code < 0 else f"ended with exit code {exit_code}"


def having(words: str) -> Callable[[str], bool]:
    """What says whether a text has each of these words somewhere, as `folded` compares them."""
    wanted = [folded(word) or word for word in words.split()]

    def has_all(text: str) -> bool:
        looked_at = folded(text)
        return all(word in looked_at for word in wanted)

    return has_all


def folded(text: str) -> str:
    """Text as it is compared: without case and accents, so that "zoe" is in "Zoé" (Unicode, 3.13 and UAX 15)."""
    if text.isascii():
        return text.lower()
    # Once more after the case is gone: some letters become another one and an accent.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter))
