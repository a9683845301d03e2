"""Edits of the registry at random moments: every one is a reload, some are refused at first."""

from __future__ import annotations

import time
from collections import Counter
from random import Random
from threading import Event

from chaos.declared import Merge
from chaos.town import Town

from service.interest.maintenance import canonical
from service.problems import StorageUnavailable
from service.storage.client import Client

#: How often a file is one that is refused, before the next one is not.
REFUSED = 0.1


class Editor:
    """Edits until `ending`, with pauses `between` so many seconds; `done` counts the kinds of edits."""

    def __init__(self, town: Town, ending: Event, seed: int, between: tuple[float, float]) -> None:
        self._town, self._ending, self._dice = town, ending, Random(seed)
        self._between = between
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        with self._town.client() as client:
            while not self._ending.wait(self._dice.uniform(*self._between)):
                self._edit()
                self._look_after_merges(client)
            self._look_after_merges(client)

    def _edit(self) -> None:
        said, _, slug = self._town.declared.edit().partition(" ")
        self.done[said] += 1
        if said == "released":
            self._town.released[slug] = time.time()
        text = self._town.declared.text
        if self._dice.random() < REFUSED:
            with self._town.refused_file:
                self._town.write(text[: len(text) // 2])
                self._town.write(text)
            self.done["refused"] += 1
        else:
            self._town.write(text)

    def _look_after_merges(self, client: Client) -> None:
        """Note which merges the store has made by now: from then on, the votes of a family are one."""
        for family in self._town.declared.families:
            if family.merge is Merge.UNDER_WAY:
                try:
                    kept = canonical(client, [ids[-1] for ids in family.members])
                except StorageUnavailable:
                    return
                if len({id for id, _ in kept}) == 1:
                    family.merge = Merge.DONE
