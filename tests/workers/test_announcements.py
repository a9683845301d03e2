"""What workers say of themselves in Redis."""

from __future__ import annotations

import threading

import pytest
from support import AnyClient, wait_until

from service.problems import StorageUnavailable
from service.workers import announcements, announcer
from service.workers.announcements import WORKERS_KEY, Announcement, announce, withdraw
from service.workers.announcer import Announcer

ONE = Announcement("host-a", 7, "a" * 64, 1_700_000_000.5)
OTHER = Announcement("host-b", 7, "a" * 64, 1_700_000_000.0, "b" * 64, ("r.yaml:1:1: no: é\n",), 3)


def test_all_of_them_are_listed_until_they_withdraw_or_say_nothing_more(
    redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert announcements.announcements(redis) == []
    announce(redis, "2", OTHER)
    announce(redis, "1", ONE)
    announce(redis, "1", ONE)
    assert announcements.announcements(redis) == [ONE, OTHER]
    withdraw(redis, "1")
    assert announcements.announcements(redis) == [OTHER]
    monkeypatch.setattr(announcements, "LIFETIME", 0.05)
    announce(redis, "1", ONE)
    wait_until(lambda: announcements.announcements(redis) == [OTHER])
    assert redis.command("HKEYS", WORKERS_KEY) == ["2"]


def test_what_makes_no_sense_is_the_stores_fault(redis: AnyClient) -> None:
    for said in ("x", "[]", "{}", '{"host": 1}', '{"problems": 1}', '{"problems": [], "more": 1}'):
        redis.command("HSET", WORKERS_KEY, "1", f"99999999999999 {said}")
        with pytest.raises(StorageUnavailable):
            announcements.announcements(redis)


def test_what_is_new_is_said_at_once_and_an_end_as_well(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "_is_ending", threading.Event())  # this process goes on
    served = [ONE]
    one = Announcer(lambda: served[-1], redis)
    one.start()
    wait_until(lambda: announcements.announcements(redis) == [ONE])
    served.append(OTHER)
    wait_until(lambda: announcements.announcements(redis) == [OTHER])
    announcer.end_all()  # as this process does as it ends
    served.append(ONE)
    assert "announcer" not in {thread.name for thread in threading.enumerate()}
    assert announcements.announcements(redis) == []
    Announcer(lambda: ONE, redis).say()  # that of an app that was being made meanwhile
    assert announcements.announcements(redis) == []


def test_what_is_not_new_is_said_again_after_a_while_only(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Announcer(lambda: ONE, redis)
    one.say()
    redis.command("DEL", WORKERS_KEY)
    one.say()
    assert announcements.announcements(redis) == []
    monkeypatch.setattr(announcer, "_AGAIN", -1.0)
    one.say()
    assert announcements.announcements(redis) == [ONE]
