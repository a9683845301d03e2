"""What people were told of their votes, and so which votes there may be.

A change that was answered 204 was made. One that was refused (4xx, or no connection) was not. One that was answered
503, or whose connection was lost, may have been made or not, but is not made after a later change of that account was
answered. So each account has, for each family of features, a set of possible states. What is seen of its votes must be
one of them, and is the only one from then on.

A promotion may take back a change that was seen and not acknowledged. So there is a second set of states, which only
acknowledged changes narrow: a state outside of that one too is a broken promise.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from chaos.declared import Family, Merge

#: Whether an account wants each member of a family; of one that is merged, or has one member, a single value.
State = tuple[bool, ...]


class Outcome(Enum):
    """What a person knows of a change."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def merged(state: State) -> State:
    """The state after a merge: who wanted one member wants the family."""
    return (any(state),)


def changed(state: State, member: int, wanted: bool) -> State:
    """The state after a vote for a member, or its retraction."""
    return (wanted,) if len(state) == 1 else (*state[:member], wanted, *state[member + 1 :])


@dataclass
class Ledger:
    """Of each account and family, what may be stored. An account is one person's, who does one thing at a time."""

    #: When each change was acknowledged, by the clock that only goes forward.
    times: list[float] = field(default_factory=list)
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    looks: int = 0
    #: What was seen and should not have been: a sentence each.
    wrong: list[str] = field(default_factory=list)
    #: Changes that were seen, were not acknowledged, and are gone: a sentence each.
    rolled_back: list[str] = field(default_factory=list)
    _possible: dict[tuple[str, Family], set[State]] = field(default_factory=dict)
    _promised: dict[tuple[str, Family], set[State]] = field(default_factory=dict)
    _said: defaultdict[tuple[str, Family], list[str]] = field(default_factory=lambda: defaultdict(list))

    def possible(self, account: str, family: Family) -> set[State]:
        """What may be stored at this moment."""
        return _with_merge(self._possible.get((account, family), _no_votes(family)), family)

    def change(
        self, account: str, family: Family, member: int, wanted: bool, outcome: Outcome, before: set[State]
    ) -> None:
        """Note how a change ended; `before` is what was possible when it began."""
        promised = self._promised.get((account, family), _no_votes(family))
        self._possible[account, family] = _after(before, family, member, wanted, outcome)
        self._promised[account, family] = _after(promised, family, member, wanted, outcome)
        self.counts[outcome] += 1
        self._said[account, family].append(f"{'+' if wanted else '-'}{member} {outcome.value}")
        if outcome is Outcome.ACKNOWLEDGED:
            self.times.append(time.monotonic())

    def look(self, account: str, family: Family, seen: State, before: Iterable[State]) -> None:
        """Note what was seen of a family's votes: one value for each member that whoever told it knows of."""
        states = set(before) | _with_merge(before, family)
        fitting = {state for state in states if _fits(state, seen)}
        self.looks += 1
        if not fitting:
            promised = _with_merge(self._promised.get((account, family), _no_votes(family)), family)
            is_promised = any(_fits(state, seen) for state in promised)
            last = ", ".join(self._said[account, family][-6:])
            (self.rolled_back if is_promised else self.wrong).append(
                f"{account} has {_words(seen)} of {family.members}, and should have "
                f"{' or '.join(map(_words, sorted(states)))}; the last changes: {last}"
            )
            if not is_promised:
                self._promised[account, family] = {seen}
        self._possible[account, family] = fitting or {seen}
        self._said[account, family].append(f"seen {_words(seen)}")


def _no_votes(family: Family) -> set[State]:
    return {(False,) * len(family.members)}


def _after(before: set[State], family: Family, member: int, wanted: bool, outcome: Outcome) -> set[State]:
    """Return the states that are possible after a change that ended so."""
    after = {changed(state, member, wanted) for state in before}
    if family.merge is not Merge.APART:  # which may have come before the change, or after it
        after |= {changed(merged(state), member, wanted) for state in before}
    if outcome is Outcome.ACKNOWLEDGED:
        return after
    return before | after if outcome is Outcome.UNKNOWN else before


def _with_merge(states: Iterable[State], family: Family) -> set[State]:
    after = {merged(state) for state in states}
    return after if family.merge is Merge.DONE else {*states, *after} if family.merge is Merge.UNDER_WAY else {*states}


def _fits(state: State, seen: State) -> bool:
    """Whoever does not know of a merge that was made sees the votes of the family under each member."""
    return seen == (state * len(seen) if len(state) == 1 else state)


def _words(state: State) -> str:
    return "/".join("a vote" if each else "none" for each in state)
