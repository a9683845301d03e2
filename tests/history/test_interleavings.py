"""Each edit's events exactly once: over sequences of edits, whatever the workers do in between.

The edits rename a module's label from one number to the next. So the events, in their order, must lead from the first
number to the last without a gap and without a step back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from registries import active, registry, served
from support import AnyClient, connect

from service.history import recorder as recording
from service.history import store
from service.history.recorder import Recorder, Served
from service.problems import StorageUnavailable
from service.registry.model import Label
from service.storage.script import Script

#: The store is emptied for each example.
_FEW = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Killed(BaseException):
    """A worker is killed here."""


class Eventful(AnyClient):
    """A client on whose way something happens, before or after a script is run."""

    happenings: list[tuple[str, Callable[[], None]]]

    def run(self, script: Script, keys: Sequence[str], args: Sequence[str | int], *, writes: bool = False) -> Any:
        when, happens = self.happenings.pop() if self.happenings else ("before", lambda: None)
        if when == "before":
            happens()
        answer = super().run(script, keys, args, writes=writes)
        if when == "after":
            happens()
        return answer


def version(number: int) -> Served:
    """The registry after so many edits."""
    return served(registry(active("it", label=Label(str(number), "it"))))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a moment for those who come first."""
    monkeypatch.setattr(recording, "_MOMENT", 0.0)


class Hosts:
    """Workers, each of which serves a file of its host's."""

    def __init__(self, url: str, workers: int) -> None:
        self.client = Eventful(connect(url).url, 5.0)
        self.client.happenings = []
        self.client.flushall()
        self.files = [version(0)] * workers
        self.recorders = [self._started(number) for number in range(workers)]
        for number in range(workers):
            self.round(number)

    def _started(self, number: int) -> Recorder:
        return Recorder(lambda: self.files[number], self.client)

    def restart(self, number: int) -> None:
        self.recorders[number] = self._started(number)
        self.round(number)

    def round(self, number: int, *happenings: str) -> None:
        """One round of a worker, during whose calls something happens to it, or another has a round."""
        self.client.happenings = [self._happening(number, each) for each in happenings]  # the last comes first
        try:
            self.recorders[number].round()
        except Killed:
            self.recorders[number] = self._started(number)
        self.client.happenings = []

    def _happening(self, number: int, what: str) -> tuple[str, Callable[[], None]]:
        when, _, what = what.partition(" ")

        def happens() -> None:
            if what == "kill":
                raise Killed
            if what == "loss":
                raise StorageUnavailable("the answer is lost")
            if what == "others":
                for other in set(range(len(self.recorders))) - {number}:
                    self.recorders[other].round()

        return when, happens

    @property
    def story(self) -> list[tuple[str, str]]:
        """What each event says was before and is after, oldest first."""
        events = store.read_page(self.client, None, 1000).events[::-1]
        assert len({event.id for event in events}) == len(events)
        return [(event.before.fr, event.after.fr) for event in events if event.before and event.after]  # type: ignore[union-attr]


HAPPENINGS = st.lists(
    st.sampled_from(
        [f"{when} {what}" for when in ("before", "after") for what in ("nothing", "kill", "loss", "others")]
    ),
    max_size=4,
)
ROUNDS = st.tuples(st.just("round"), st.integers(0, 2), HAPPENINGS)
STEPS = st.lists(ROUNDS | st.tuples(st.just("edit")) | st.tuples(st.just("restart"), st.integers(0, 2)), max_size=25)


#: Somebody else records an edit after a worker has made its events, and before it writes them.
RACE = [("edit",), ("round", 0, ["before others", "before nothing"])]


@_FEW
@example(steps=RACE)
@given(steps=STEPS)
def test_workers_of_one_host(valkey_url: str, steps: list[tuple[Any, ...]]) -> None:
    hosts, edits = Hosts(valkey_url, 3), 0
    for step, *rest in steps:
        if step == "edit":
            edits += 1
            hosts.files = [version(edits)] * 3
        elif step == "restart":
            hosts.restart(rest[0])
        else:
            hosts.round(rest[0], *rest[1])
    for number in range(3):
        hosts.round(number)
    befores, afters = zip(*hosts.story, strict=True) if hosts.story else ((), ())
    assert [*befores, str(edits)] == ["0", *afters], "from the first to the last, without a gap"
    assert [*map(int, afters)] == sorted(set(map(int, afters))), "and each once"
    hosts.client.close()


@pytest.mark.long
@_FEW
@given(steps=st.lists(ROUNDS | st.tuples(st.sampled_from(["edit", "restart", "sync"]), st.integers(0, 2)), max_size=30))
def test_hosts_that_get_edits_later(valkey_url: str, steps: list[tuple[Any, ...]]) -> None:
    hosts, edits = Hosts(valkey_url, 3), 0
    for step, number, *rest in steps:
        if step == "edit":
            edits += 1
            hosts.files[0] = version(edits)
            hosts.round(0)
        elif step == "sync":  # this host gets one more of the edits
            hosts.files[number] = version(min(edits, int(hosts.files[number].registry.modules[0].label.fr) + 1))
        elif step == "restart":
            hosts.restart(number)
        else:
            hosts.round(number, *rest[0])
    assert hosts.story == [(str(number), str(number + 1)) for number in range(edits)]
    hosts.client.close()
