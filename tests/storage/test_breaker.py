"""A Redis that is silent, slow or refuses: who waits for it, what is said of it, and what is counted for /metrics."""

import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from signal import SIGCONT, SIGSTOP
from threading import Barrier, Event

import pytest
from redis import Redis
from support import AnyClient, Store, confirmed_soon, connect, wait_until

from service.metrics import counting
from service.metrics.counting import SUM, Slot
from service.metrics.definitions import BREAKERS, DURABILITY, REDIS_ERRORS
from service.problems import StorageUnavailable
from service.settings.durability import Durability
from service.settings.redis_url import RedisUrl
from service.storage.breaker import CircuitBreaker
from service.storage.client import Client
from service.storage.script import Script

READ = Script("return redis.call('GET', KEYS[1])")
WRITE = Script("return redis.call('SADD', KEYS[1], 'x')")


@pytest.fixture
def slot(monkeypatch: pytest.MonkeyPatch) -> Slot:
    monkeypatch.setattr(counting, "_slot", slot := Slot())
    return slot


def errors(slot: Slot) -> dict[str, float]:
    return {key[1]: slot.numbers[place] for key, place in slot._places.items() if key[0] == REDIS_ERRORS.name}


def refused(client: Client, script: Script = READ, *, writes: bool = False) -> str:
    with pytest.raises(StorageUnavailable) as told:
        client.run(script, ["key"], [], writes=writes)
    return str(told.value)


def told_at_once(client: Client) -> list[bool]:
    """Have eight threads ask a server that is known to be silent: whether each was told so without asking it."""
    together = Barrier(8)

    def ask(_: int) -> bool:
        together.wait()
        said = refused(client)
        together.wait()
        return "is being tried again" in said

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, range(8)))


def works(call: Callable[[], object]) -> bool:
    with suppress(StorageUnavailable):
        call()
        return True
    return False


@pytest.mark.parametrize("url", ["redis://{first}", "redis+sentinel://{all}/votes", "redis+cluster://{all}"])
def test_one_call_waits_for_a_silent_server_and_the_others_are_told_at_once(url: str) -> None:
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100)) for _ in range(3)]
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in listening]
        client = stack.enter_context(closing(connect(url.format(first=addresses[0], all=",".join(addresses)), 0.1)))
        refused(client)  # from here on it is known to be silent
        assert any(told_at_once(client))


def test_a_silent_server_is_counted_as_one_until_it_answers_again(slot: Slot, own_store: Store) -> None:
    with closing(connect(own_store.url, timeout=0.3)) as client:
        client.run(READ, ["key"], [])
        own_store.signal(SIGSTOP)
        assert not all(told_at_once(client))  # who asks at the same time finds out, too
        assert slot.numbers[slot.place(BREAKERS)] == 1
        assert any(told_at_once(client))
        assert slot.numbers[slot.place(BREAKERS)] == 1
        counted = errors(slot)
        assert counted["timeout"] >= 2 and counted["not_tried"] >= 1 and sum(counted.values()) == 16
        own_store.signal(SIGCONT)
        wait_until(lambda: works(lambda: client.command("PING")))
        assert slot.numbers[slot.place(BREAKERS)] == 0


def test_what_is_refused_and_what_is_damaged_is_counted(slot: Slot, redis: AnyClient) -> None:
    with closing(connect("redis://127.0.0.1:1")) as client:
        refused(client)
    redis.set("key", "x")
    refused(redis, WRITE)
    redis.config_set("min-replicas-to-write", 1)
    try:
        refused(redis, WRITE)
    finally:
        redis.config_set("min-replicas-to-write", 0)
    assert errors(slot) == {"connection": 1, "other": 1, "writes_refused": 1}


def test_waiting_for_a_confirmation_is_measured(slot: Slot, own_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    url, place = RedisUrl.parse(own_store.url), slot.place(DURABILITY)
    with closing(Client(url, 5.0, Durability.FSYNC)) as client:
        client.run(WRITE, ["set"], [])
        assert sum(slot.numbers[place : place + SUM]) == 0, "which nobody is told"
        client.run(WRITE, ["set"], [], writes=True)
    confirmed_soon(monkeypatch)
    with closing(Client(url, 5.0, Durability.REPLICA)) as client:
        refused(client, WRITE, writes=True)
    assert (sum(slot.numbers[place : place + SUM]), slot.numbers[place + SUM] > 0.04) == (2, True)
    assert errors(slot) == {"unconfirmed": 1}


def test_an_outage_is_said_when_it_begins_and_when_it_ends(own_store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with closing(Client(RedisUrl.parse(own_store.url), 5.0, logs_outages=True)) as client:
        client.command("PING")
        own_store.stop()
        for _ in range(50):
            refused(client)
        own_store.start()
        client.command("PING")
    first, last = caplog.messages
    assert " cannot be used: " in first
    assert re.search(" can be used again, after .* in which 50 calls were refused", last)


def test_that_only_writes_fail_is_said_once(redis: Redis, valkey_url: str, caplog: pytest.LogCaptureFixture) -> None:
    redis.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-sadd")
    url = RedisUrl.parse(f"unix://reader:secret@{valkey_url.removeprefix('unix://')}")
    with closing(Client(url, 5.0, logs_outages=True)) as client:
        for _ in range(20):
            assert client.run(READ, ["key"], []) is None
            refused(client, WRITE, writes=True)
        assert len(caplog.records) == 1
        redis.execute_command("ACL", "SETUSER", "reader", "+sadd")
        client.run(WRITE, ["set"], [], writes=True)
        assert "in which 20 calls were refused" in caplog.messages[-1]
    redis.execute_command("ACL", "DELUSER", "reader")


def test_once_a_call_has_taken_long_others_are_turned_away_where_enough_wait() -> None:
    breaker, going = CircuitBreaker(RedisUrl.parse("redis://host"), 5.0, 2, logs=False), Event()

    def ask(waits: Callable[[], object] = bool) -> None:
        with breaker:
            waits()

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: works(ask), range(2_000))), "calls are quick"
        calls = [pool.submit(ask, going.wait) for _ in range(2)]
        try:
            wait_until(lambda: not works(ask))
        finally:
            going.set()
        for call in calls:
            call.result()
    assert works(ask)
