"""What votes, retractions, renames, merges and removals mean, told without Redis: the model of test_exhaustive.py.

Some names are one feature, since they were merged; the votes of all of them are kept under one of these names. Workers
that hold different revisions of the registry act on the same votes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from service.problems import NotAuthenticated, NoVote, UnknownFeature
from service.registry.model import Label, Module, Registry

NAMES = ("a", "b", "c")
#: When votes were cast that are there before a step, by the name they are kept under, and when a step is taken.
DAYS, TODAY = {"a": "2026-01-02", "b": "2026-01-01", "c": "2026-01-03"}, "2026-01-04"
VOTERS = ("alice", "bob")


def revision(**features: Iterable[str]) -> Registry:
    """A revision of the registry: its features, and what each was called before, in this order."""
    modules = (
        Module(slug=slug, category="tools", label=Label("x", "x"), coming_soon=True, formerly=tuple(formerly))
        for slug, formerly in features.items()
    )
    return Registry(tuple(modules))


#: No rename; one; the way back; two into one; a former name that went to another feature; and a feature that is gone.
REVISIONS = {
    "as they began": revision(a="", b="", c=""),
    "a is now b": revision(b="a", c=""),
    "b is a again": revision(a="b", c=""),
    "all are now c": revision(c="ba"),
    "a was of c": revision(b="", c="a"),
    "a is gone": revision(b="", c=""),
}


@dataclass(frozen=True)
class Votes:
    """All that there is: under which name each name's votes are kept, who wants what, and whose account exists.

    Of each vote it is known on which day it was cast, and why: nothing where that was not said. What a
    step answers is the type of an error where it is refused, and nothing where it has nothing to say.
    """

    kept: Mapping[str, str]
    wanted: Mapping[tuple[str, str], tuple[str, str]]
    accounts: frozenset[str]

    def vote(self, held: str, voter: str, name: str) -> tuple[Votes, object]:
        """One account votes, through a worker that holds a revision."""
        return self._changed(held, voter, name, wanted=True)

    def retract(self, held: str, voter: str, name: str) -> tuple[Votes, object]:
        """It takes the vote back."""
        return self._changed(held, voter, name, wanted=False)

    def explain(self, held: str, voter: str, name: str) -> tuple[Votes, object]:
        """It says why it wants a feature, if it does."""
        after, vote, refusal = self._looked_at(held, voter, name)
        if refusal or vote not in after.wanted:
            return after, refusal or NoVote
        said = {**after.wanted, vote: (after.wanted[vote][0], "why")}
        return replace(after, wanted=said), None

    def read(self, held: str, voter: str) -> tuple[Votes, object]:
        """It sees the count of each feature of that revision, and which of them it wants; renames happen first."""
        if voter not in self.accounts:
            return self, NotAuthenticated
        registry, after = REVISIONS[held], self
        for old, new in registry.feature_renames.items():
            after = after._renamed(registry, old, new)
        allowed = registry.allowed_features
        counts = {name: len(after.voters(name)) for name in allowed}
        return after, (counts, [name for name in allowed if voter in after.voters(name)])

    def merge(self, old: str, new: str) -> tuple[Votes, object]:
        """An operator makes two names one: the votes that moved, and how many of their voters had voted for both."""
        if self.kept[old] == self.kept[new]:
            return self, (0, 0)
        moving = self.voters(old)
        return self._merged(old, new), (len(moving), len(moving & self.voters(new)))

    def discard(self, name: str) -> tuple[Votes, object]:
        """An operator deletes all votes of a feature. What was merged stays merged."""
        wanted = {vote: told for vote, told in self.wanted.items() if vote[0] != self.kept[name]}
        return replace(self, wanted=wanted), None

    def remove(self, voter: str, *merged: str) -> tuple[Votes, object]:
        """An account is removed with its votes, while two features are merged, if any are named."""
        after = self._merged(*merged) if merged else self
        wanted = {vote: told for vote, told in after.wanted.items() if vote[1] != voter}
        return replace(after, wanted=wanted, accounts=after.accounts - {voter}), None

    def add(self, voter: str) -> tuple[Votes, object]:
        """An account is added, or added again: it wants nothing."""
        return replace(self, accounts=self.accounts | {voter}), None

    def voters(self, name: str) -> set[str]:
        """Who wants the feature of this name."""
        return {voter for kept, voter in self.wanted if kept == self.kept[name]}

    def _changed(self, held: str, voter: str, name: str, *, wanted: bool) -> tuple[Votes, object]:
        after, vote, refusal = self._looked_at(held, voter, name)
        if refusal:
            return after, refusal
        others = {each: told for each, told in after.wanted.items() if each != vote}
        now = {vote: after.wanted.get(vote, (TODAY, ""))} if wanted else {}
        return replace(after, wanted=others | now), None

    def _looked_at(self, held: str, voter: str, name: str) -> tuple[Votes, tuple[str, str], object]:
        """All after the renames of a feature, the vote that is meant, and why nothing comes of it, if that is so."""
        registry, after = REVISIONS[held], self
        current = registry.feature_renames.get(name, name)
        if voter not in self.accounts:
            return self, ("", ""), NotAuthenticated
        if current not in registry.allowed_features:
            return self, ("", ""), UnknownFeature
        for old in registry.former(current):
            after = after._renamed(registry, old, current)
        return after, (after.kept[current], voter), None

    def _renamed(self, registry: Registry, old: str, new: str) -> Votes:
        """A rename merges, unless the votes of the old name are by now those of another feature of the revision."""
        others = {self.kept[name] for name in registry.allowed_features if name != new}
        return self if self.kept[old] in others else self._merged(old, new)

    def _merged(self, old: str, new: str) -> Votes:
        gone, stays = self.kept[old], self.kept[new]
        if gone == stays:
            return self
        kept = {name: stays if under == gone else under for name, under in self.kept.items()}
        wanted = {vote: told for vote, told in self.wanted.items() if vote[0] != gone}
        for (name, voter), (day, reason) in self.wanted.items():
            if name == gone:  # the earliest day, and the reason of the new name
                before = wanted.get((stays, voter), (day, reason))
                wanted[stays, voter] = min(day, before[0]), before[1]
        return replace(self, kept=kept, wanted=wanted)
