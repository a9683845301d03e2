"""How many threads wait for a slow Redis at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from support import wait_until

from service.problems import StorageUnavailable
from service.storage.breaker import WaitingRoom


def test_nobody_is_turned_away_while_calls_are_quick() -> None:
    room = WaitingRoom("Redis", 2)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: _enter_and_leave(room), range(2_000)))


def test_once_a_call_has_taken_long_the_others_are_turned_away_where_enough_wait() -> None:
    room = WaitingRoom("Redis", 2)
    going = threading.Event()

    def hold() -> None:
        with room:
            going.wait()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold)
        wait_until(lambda: not _entered_with_another(room, pool))
        going.set()
        first.result()
    assert _enter_and_leave(room)


def _entered_with_another(room: WaitingRoom, pool: ThreadPoolExecutor) -> bool:
    """Whether there is room for this thread, and for another at the same time."""
    try:
        with room:
            return pool.submit(_enter_and_leave, room).result()
    except StorageUnavailable:
        return False


def _enter_and_leave(room: WaitingRoom) -> bool:
    try:
        with room:
            return True
    except StorageUnavailable:
        return False
