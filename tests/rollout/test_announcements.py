"""What workers say of themselves in Redis."""

import threading
import time

import pytest
from support import AnyClient, wait_until

from service.problems import StorageUnavailable
from service.rollout import announcements as rollout
from service.rollout.announcements import WORKERS_KEY, Announcement, Announcer, announce, announcements
from service.storage import periodic_task

ONE = Announcement("host-a", 7, "a" * 64, 1_700_000_000.5)
OTHER = Announcement("host-b", 7, "a" * 64, 1_700_000_000.0, "b" * 64, ("r.yaml:1:1: no: é\n",), 3)


def test_all_of_them_are_listed_until_they_say_nothing_more(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(redis, "2", OTHER)
    announce(redis, "1", ONE)
    assert announcements(redis) == [ONE, OTHER]
    monkeypatch.setattr(rollout, "LIFETIME", 0.05)
    announce(redis, "1", ONE)
    wait_until(lambda: announcements(redis) == [OTHER])
    assert redis.command("HKEYS", WORKERS_KEY) == ["2"]
    redis.command("HSET", WORKERS_KEY, "3", f"{int((time.time() + 3600) * 1000)} x")  # under a clock that was ahead
    assert announcements(redis) == [OTHER]


def test_what_makes_no_sense_is_the_stores_fault(redis: AnyClient) -> None:
    for said in ("x", "[]", "{}", '{"host": 1}', '{"problems": 1}', '{"problems": [], "more": 1}'):
        redis.command("HSET", WORKERS_KEY, "1", f"{int((time.time() + 30) * 1000)} {said}")
        with pytest.raises(StorageUnavailable):
            announcements(redis)


def test_news_are_said_at_once_the_same_again_and_an_end(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "_AGAIN", 3600.0)  # so that nothing is said again, however long this takes
    served = [ONE]
    announcer = Announcer(lambda: served[-1], redis)
    announcer.start()
    wait_until(lambda: announcements(redis) == [ONE])
    served.append(OTHER)
    wait_until(lambda: announcements(redis) == [OTHER] and announcer._said == OTHER)
    redis.command("DEL", WORKERS_KEY)
    announcer.say()
    assert announcements(redis) == []
    monkeypatch.setattr(rollout, "_AGAIN", -1.0)
    wait_until(lambda: announcements(redis) == [OTHER])
    periodic_task.end_all()  # as this process does as it ends
    served.append(ONE)
    assert "announcer" not in {thread.name for thread in threading.enumerate()}
    assert announcements(redis) == []
