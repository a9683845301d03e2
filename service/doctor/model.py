"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class About:
    """Makes the findings of one check about one thing, such as a server or a setting."""

    check: str
    about: str

    def problem(self, seen: str, means: str, mends: str) -> Finding:
        """It loses votes, or lets somebody in."""
        return self._finding(Level.PROBLEM, seen, means, mends)

    def warning(self, seen: str, means: str, mends: str) -> Finding:
        """It may."""
        return self._finding(Level.WARNING, seen, means, mends)

    def unseen(self, seen: str, means: str, mends: str) -> Finding:
        """Nobody knows; `mends` says how it can be seen."""
        return self._finding(Level.UNSEEN, seen, means, mends)

    def well(self, seen: str) -> Finding:
        """It does not."""
        return self._finding(Level.WELL, seen, "", "")

    def _finding(self, level: Level, seen: str, means: str, mends: str) -> Finding:
        return Finding(self.check, self.about, level, shortened(seen, _LONGEST), means, mends)
