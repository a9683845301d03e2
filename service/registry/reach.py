"""Which modules are reached as artifacts come about: the one walk that check, plans and drawings are made by.

A module is reached once everything it needs is produced by modules that were reached before it, or is given. Modules
may be values of any hashable type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

M = TypeVar("M", bound=Hashable)


class Reach(Generic[M]):
    """How far a walk has come. Turns are counted from 0, in the order of the calls.

    `turn` is that in which each module was reached, `there` that in which each artifact came about, and `waits` what
    each module still lacks.
    """

    def __init__(self, needs: Mapping[M, Iterable[str]], produces: Mapping[M, Iterable[str]]) -> None:
        self.waits = {module: set(artifacts) for module, artifacts in needs.items()}
        self.turn: dict[M, int] = {}
        self.there: dict[str, int] = {}
        self._produces = produces
        self._turns = 0
        self._waiting_for: dict[str, list[M]] = defaultdict(list)
        for module, artifacts in needs.items():
            for artifact in artifacts:
                self._waiting_for[artifact].append(module)

    def start(self) -> None:
        """Reach the modules that need nothing, and whatever they let run."""
        self.run(module for module, artifacts in self.waits.items() if not artifacts)

    def give(self, artifacts: Iterable[str]) -> None:
        """Have artifacts be there, wherever they come from, and reach what they let run."""
        self.run(self._released(artifacts))

    def run(self, modules: Iterable[M]) -> None:
        """Reach modules, whether or not they have what they need, and whatever they let run."""
        ready = [module for module in modules if module not in self.turn]
        while ready:
            self.turn.update(dict.fromkeys(ready, self._turns))
            ready = self._released(artifact for module in ready for artifact in self._produces[module])

    def _released(self, artifacts: Iterable[str]) -> list[M]:
        """The modules that lack nothing any more once these artifacts are there. It ends a turn."""
        ready = []
        for artifact in artifacts:
            self.there.setdefault(artifact, self._turns)
            for module in self._waiting_for.pop(artifact, ()):
                self.waits[module].discard(artifact)
                if not self.waits[module] and module not in self.turn:
                    ready.append(module)
        self._turns += 1
        return ready
