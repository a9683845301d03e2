"""Why an account wants a feature: one line, which it may give once it has voted, and which is taken back with the vote.

It is kept as text: the millisecond since 1970 at which it was given, a blank, and the line.
"""

import re
from typing import NamedTuple

from service.problems import InvalidField
from service.storage.entries import is_time

#: The longest reason, in characters.
LONGEST = 280

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_KEPT = re.compile(rf"([0-9]{{1,15}}) (.{{1,{LONGEST}}})", re.DOTALL)


class Given(NamedTuple):
    """When a reason was given, in milliseconds since 1970, and the reason; 0 and nothing where none was."""

    at: int = 0
    text: str = ""

    def __str__(self) -> str:
        return f"{self.at} {self.text}" if self.text else ""


def checked(value: object) -> str:
    """A reason without blanks around it, which may be empty. Raises InvalidField for what is none."""
    if not isinstance(value, str):
        raise InvalidField("reason", "must be a text")
    text = value.strip()
    if len(text) > LONGEST:
        raise InvalidField("reason", f"may have at most {LONGEST} characters, not {len(text):,}")
    if _CONTROL.search(text):
        raise InvalidField("reason", "must be one line, without control characters")
    return text


def parsed(kept: str) -> Given:
    """A reason as it is kept; none for what was never kept so."""
    parts = _KEPT.fullmatch(kept)
    return Given(int(parts[1]), parts[2]) if parts and is_time(int(parts[1])) else Given()
