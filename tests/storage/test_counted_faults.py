"""What is counted of Redis for /metrics: each kind of fault, silence, and waiting for VOTE_DURABILITY."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from signal import SIGCONT, SIGSTOP
from threading import Barrier

import pytest
from redis import Redis
from support import Store, connect, wait_until

from service.metrics import counting
from service.metrics.definitions import BREAKERS, DURABILITY, REDIS_ERRORS
from service.metrics.memory import SUM, Slot
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.durability import Durability
from service.storage.redis_url import RedisUrl
from service.storage.script import Script

WRITE = Script("return redis.call('SADD', KEYS[1], 'x')")


@pytest.fixture
def slot() -> Iterator[Slot]:
    """Where this process counts meanwhile."""
    made, before = Slot.private(), counting.slot()
    counting.count_in(made)
    yield made
    counting.count_in(before)


def errors(slot: Slot) -> dict[str, float]:
    """How many there were of each kind."""
    return {key[1]: slot.numbers[place] for key, place in slot._places.items() if key[0] == REDIS_ERRORS.name}


def test_a_server_that_nobody_finds(slot: Slot) -> None:
    with closing(connect("redis://127.0.0.1:1")) as client, pytest.raises(StorageUnavailable):
        client.run(WRITE, ["set"], [])
    assert errors(slot) == {"connection": 1}


def test_a_silent_server_is_one_however_many_find_out_at_once(slot: Slot, own_store: Store) -> None:
    with closing(connect(own_store.url, timeout=0.3)) as client, ThreadPoolExecutor(8) as pool:
        together = Barrier(8)

        def ask(_: int) -> None:
            together.wait()
            with suppress(StorageUnavailable):
                client.run(WRITE, ["set"], [])

        list(pool.map(ask, range(8)))
        own_store.signal(SIGSTOP)
        list(pool.map(ask, range(8)))
        assert slot.numbers[slot.place(BREAKERS)] == 1
        list(pool.map(ask, range(8)))
        assert slot.numbers[slot.place(BREAKERS)] == 1
        found = errors(slot)
        assert found["timeout"] >= 2
        assert found["not_tried"] >= 7
        own_store.signal(SIGCONT)

        def works() -> bool:
            with suppress(StorageUnavailable):
                return bool(client.command("PING"))
            return False

        wait_until(works)
        assert slot.numbers[slot.place(BREAKERS)] == 0


def test_writes_that_are_refused_and_what_is_damaged(slot: Slot, redis: Redis) -> None:
    redis.set("text", "x")
    with pytest.raises(StorageUnavailable):
        redis.run(WRITE, ["text"], [])  # type: ignore[attr-defined]
    assert errors(slot) == {"other": 1}
    redis.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(StorageUnavailable):
            redis.run(WRITE, ["set"], [])  # type: ignore[attr-defined]
    finally:
        redis.config_set("min-replicas-to-write", 0)
    assert errors(slot) == {"other": 1, "writes_refused": 1}


def test_waiting_for_a_confirmation_is_measured_whether_it_comes_or_not(slot: Slot, own_store: Store) -> None:
    def waited() -> tuple[float, float]:
        place = slot.place(DURABILITY)
        return sum(slot.numbers[place : place + SUM]), slot.numbers[place + SUM]

    with closing(Client(RedisUrl.parse(own_store.url), 5.0, Durability.FSYNC)) as client:
        client.run(WRITE, ["set"], [])
        assert waited()[0] == 0, "which nobody is told"
        client.run(WRITE, ["set"], [], writes=True)
        assert waited()[0] == 1
    replica = closing(Client(RedisUrl.parse(own_store.url), 0.5, Durability.REPLICA))
    with replica as client, pytest.raises(StorageUnavailable):
        client.run(WRITE, ["set"], [], writes=True)
    assert waited()[0] == 2
    assert waited()[1] > 0.1
    assert errors(slot) == {"unconfirmed": 1}
