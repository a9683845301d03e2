"""Recording what edits change: each edit once, whichever worker comes first."""

import time
from contextlib import suppress
from typing import Any

import pytest
from support import AnyClient, table

from service.history import recorder as recording
from service.history import store
from service.history.finding import compact
from service.history.model import Event, Kind
from service.history.recorder import Recorder, Served
from service.history.store import EVENTS_KEY, REGISTRY_KEY, RELEASED_KEY, REVISIONS_KEY, of_key
from service.interest.keys import interest_key
from service.problems import StorageUnavailable
from service.registry.loading.reload import revision_of
from service.registry.model import Label, Module, Registry


def module(slug: str, **fields: Any) -> Module:
    return Module(slug=slug, **({"category": "tools", "label": Label(f"{slug} (fr)", f"{slug} (en)")} | fields))


def active(slug: str, **fields: Any) -> Module:
    return module(slug, api_endpoint=f"/api/{slug}", **fields)


def served(*modules: Module, later: float = 0.0) -> Served:
    """What a worker serves, with a revision of its own: it was written now, or so many seconds later."""
    registry = Registry(modules)
    return Served(revision_of(repr(registry).encode()), registry, time.time() + later)


SOON = module("linkedin", coming_soon=True)
FIRST = served(active("scrap"), SOON)
RELEASED = served(active("scrap"), active("linkedin"))
FROZEN = served(active("scrap", alpha_unavailable=True), active("linkedin"))
#: By name; the last two are of files that were written earlier or later than the others.
SERVED = {
    "first": FIRST,
    "released": RELEASED,
    "frozen": FROZEN,
    "more": served(active("scrap"), active("linkedin"), active("new")),
    "released before": RELEASED._replace(modified=time.time() - 1),
    "fewer later": served(active("scrap"), later=86_400),
}


class Worker:
    """A worker that serves what it is told, and its recorder."""

    def __init__(self, client: AnyClient, serves: Served) -> None:
        self.serves = serves
        self.recorder = Recorder(lambda: self.serves, client)
        self.recorder.round()

    def gets(self, serves: Served) -> None:
        self.serves = serves
        with suppress(StorageUnavailable):  # as its thread does
            self.recorder.round()


class Eventful(AnyClient):
    """A client on whose way something happens, before or after the script of a step."""

    step, at, is_after, happens = 0, 0, False, staticmethod(lambda: None)

    def run(self, *args: Any, **options: Any) -> Any:
        self.step += 1
        is_now = self.step == self.at
        if is_now and not self.is_after:
            self.happens()
        answer = super().run(*args, **options)
        if is_now and self.is_after:
            self.happens()
        return answer


def events(client: AnyClient) -> list[Event]:
    """All of them, oldest first."""
    return list(store.read_page(client, None, 100).events)[::-1]


def kinds(client: AnyClient) -> list[Kind]:
    return [event.kind for event in events(client)]


@pytest.mark.parametrize("what", ["kill", "loss", "others", "others and the next edit"])
@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_whatever_happens_at_a_step_each_edit_is_recorded_once(redis: AnyClient, what: str, is_after: bool) -> None:
    def happens() -> None:
        if what in ("kill", "loss"):
            raise KeyboardInterrupt if what == "kill" else StorageUnavailable("the answer is lost")
        other.gets(RELEASED)
        if what == "others and the next edit":
            other.gets(FROZEN)

    for step in range(1, 6):  # one more than the round of an edit has
        redis.flushall()
        client = Eventful(redis.url, 5.0)
        first, other = Worker(client, FIRST), Worker(redis, FIRST)
        client.at, client.is_after, client.happens = client.step + step, is_after, happens  # type: ignore[assignment]
        try:
            first.gets(RELEASED)
        except KeyboardInterrupt:  # as where it is killed
            first = Worker(redis, RELEASED)
        client.at = 0
        for serves in (RELEASED, FROZEN):
            for worker in (first, other):
                worker.gets(FROZEN if worker.serves is FROZEN else serves)
        client.close()
        assert kinds(redis) == [Kind.RELEASED, Kind.FROZEN], step


def test_an_event_says_what_happened_when_and_for_how_many(redis: AnyClient) -> None:
    worker = Worker(redis, FIRST)
    redis.sadd(interest_key("linkedin"), "a", "b")
    worker.gets(RELEASED)
    (event,) = events(redis)
    assert event == Event(
        event.id, event.time, Kind.RELEASED, "linkedin", SOON.label, "coming_soon", "active", RELEASED.revision, 2
    )
    milliseconds = event.id.partition("-")[0]
    assert round(event.time.timestamp() * 1000) == int(milliseconds)
    assert redis.hgetall(RELEASED_KEY) == {"linkedin": milliseconds}


def test_votes_under_a_former_slug_count_for_a_module_that_is_released_as_it_is_renamed(redis: AnyClient) -> None:
    worker = Worker(redis, FIRST)
    redis.sadd(interest_key("linkedin"), "a", "b")
    worker.gets(served(active("scrap"), active("network", formerly=("linkedin",), label=SOON.label)))
    renamed, released = events(redis)
    assert (renamed.kind, renamed.before, renamed.after, renamed.votes) == (Kind.RENAMED, "linkedin", "network", None)
    assert (released.kind, released.slug, released.votes) == (Kind.RELEASED, "network", 2)


@pytest.mark.parametrize("steps", table(__file__, "recorded.yaml").values(), ids=table(__file__, "recorded.yaml"))
def test_those_who_may_record_edits(redis: AnyClient, monkeypatch: pytest.MonkeyPatch, steps: list[list[str]]) -> None:
    workers: dict[str, Worker] = {}
    for who, *what in steps:
        match what:
            case ["starts with", revision]:
                workers[who] = Worker(redis, SERVED[revision])
            case ["gets", revision]:
                workers[who].gets(SERVED[revision])
            case ["looks again"]:
                workers[who].recorder.round()
            case ["looks after a while"]:
                with monkeypatch.context() as patched:
                    patched.setattr(recording, "_WHILE", 0.0)
                    workers[who].recorder.round()
            case kinds_:
                assert kinds(redis) == kinds_


def test_a_form_that_cannot_be_read_makes_a_new_baseline(redis: AnyClient, caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(redis, FIRST)
    redis.hset(REGISTRY_KEY, mapping={"form": "of a later version", "seen": "?"})
    worker.gets(RELEASED)
    worker.gets(FROZEN)
    assert kinds(redis) == [Kind.FROZEN]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "can no longer be read" in caplog.text


def test_a_store_that_is_empty_begins_with_a_baseline(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(redis, FIRST)
    Worker(redis, FIRST)
    assert events(redis) == []
    assert redis.command("HGET", REGISTRY_KEY, "revision") == FIRST.revision
    redis.delete(REGISTRY_KEY)
    worker.recorder.round()
    assert not redis.exists(REGISTRY_KEY), "what is settled asks nothing of the store"
    monkeypatch.setattr(recording, "_AGAIN", 0.0)
    worker.recorder.round()
    assert redis.command("HGET", REGISTRY_KEY, "revision") == FIRST.revision


def test_what_is_kept_is_bounded(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MOST_EVENTS": 100, "MOST_OF_SLUG": 3, "MOST_REVISIONS": 5}.items():
        monkeypatch.setattr(store, name, value)
    worker = Worker(redis, FIRST)
    for number in range(8):
        label = Label(str(number), str(number))
        worker.gets(served(*(active(f"module_{each}", label=label) for each in range(50))))
    assert redis.xlen(EVENTS_KEY) <= 200
    assert redis.llen(of_key("module_7")) == 3
    kept = {event.id for event in events(redis)}
    redis.xtrim(EVENTS_KEY, maxlen=60)
    (latest,) = store.read_page(redis, None, 10, ["module_7"]).events  # of others the ids are left
    assert latest.id in kept and redis.llen(of_key("module_7")) == 3
    assert redis.zcard(REVISIONS_KEY) == 5
    assert redis.command("HGET", REGISTRY_KEY, "form") == compact(worker.serves.registry)


def test_where_redis_is_damaged_an_edit_is_recorded_later(redis: AnyClient, caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(redis, FIRST)
    redis.set(RELEASED_KEY, "x")
    for _ in range(2):
        worker.gets(RELEASED)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert events(redis) == []
    redis.delete(RELEASED_KEY)
    worker.gets(FROZEN)
    assert kinds(redis) == [Kind.FROZEN, Kind.RELEASED], "in the order of the modules"
