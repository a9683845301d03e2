"""What a check says: a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from service.wording import shortened

#: How much of what others say is shown, in characters.
_LONGEST = 500


class Level(StrEnum):
    """How bad it is, the worst first."""

    PROBLEM = "problem"
    """Votes are lost or somebody is let in, now or as soon as one thing fails."""
    UNSEEN = "not seen"
    """It could not be looked at, so it may be a problem."""
    WARNING = "warning"
    """It takes more than that, or is a risk that some want to bear."""
    WELL = "well"

    def is_as_bad_as(self, other: Level) -> bool:
        """Whether it is as bad, or worse."""
        levels = list(Level)
        return levels.index(self) <= levels.index(other)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has `seen` of what it is `about`, what that `means`, and the command or setting that `mends` it.

    What is well has nothing to mend. No finding holds a secret.
    """

    check: str
    about: str
    level: Level
    seen: str
    means: str = ""
    mends: str = ""


#: What a check says: the rest is the same whatever it says, but for what a case means by itself, and mends it.
problem, unseen, warning, well = (partial(Finding, "", "", level) for level in Level)


class Check(NamedTuple):
    """A check, which says something or nothing of what it looks at; what that means for the most part, and mends it."""

    name: str
    means: str
    mends: str
    looks: Callable[..., Finding | None]

    def findings(self, about: str, *looked_at: object) -> Iterator[Finding]:
        """What it says of something, if it does."""
        if said := self.looks(*looked_at):
            if said.level is not Level.WELL:
                said = replace(said, means=said.means or self.means, mends=said.mends or self.mends)
            yield replace(said, check=self.name, about=about, seen=shortened(said.seen, _LONGEST))


def check(name: str, means: str, mends: str) -> Callable[[Callable[..., Finding | None]], Check]:
    """Make a function a check."""
    return partial(Check, name, means, mends)
