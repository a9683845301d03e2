"""`make demo`: made-up people and wishes, the same each time, with a way in for everybody."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import demo
import pytest
from demo import DAYS, PEOPLE, fill
from support import REPOSITORY, AnyClient, clean_environ, connect

from service.accounts.sessions import Caller
from service.feedback import queue
from service.feedback import store as feedback
from service.feedback.model import Status as FeedbackStatus
from service.insights.figures import gather
from service.interest.keys import interest_key, trend_key
from service.interest.maintenance import tally
from service.registry.loading import load
from service.registry.model import Registry

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(REPOSITORY / "registry.yaml")


@pytest.fixture
def client(valkey_url: str, redis: object) -> AnyClient:
    """A client of an empty store."""
    with closing(connect(valkey_url)) as opened:
        yield opened


def test_the_votes_are_many_and_of_sixty_days(client: AnyClient, registry: Registry) -> None:
    today = date(2026, 3, 1)
    filled = fill(client, registry, today=today)
    counts = tally(client, registry.allowed_features, registry)
    assert filled[:2] == (PEOPLE + len(demo.CAST), sum(counts.values()))
    assert min(counts.values()) == 0 and max(counts.values()) > 200
    trends = {feature: client.hgetall(trend_key(feature)) for feature in counts}
    assert {feature: sum(map(int, trend.values())) for feature, trend in trends.items()} == counts
    days = {date.fromisoformat(day) for trend in trends.values() for day in trend}
    assert days <= {today - timedelta(ago) for ago in range(DAYS)} and len(days) > 50
    assert any(int(net) < 0 for trend in trends.values() for net in trend.values())  # some changed their minds
    assert any(client.sismember(interest_key(feature), demo.MEMBER.id) for feature in counts)


def test_the_requests_are_in_every_state_and_of_many_days(client: AnyClient, registry: Registry) -> None:
    filled = fill(client, registry, people=60)
    threads = queue.threads(client, Caller(demo.ADMIN.id), registry, limit="100").threads
    assert len(threads) == filled.requests > 30
    assert {thread.status for thread in threads} == set(FeedbackStatus)
    assert {thread.unread for thread in threads} == {True, False}
    assert max(thread.updated for thread in threads) - min(thread.updated for thread in threads) > timedelta(days=20)
    assert all(thread.created <= thread.messages[-1].at <= thread.updated for thread in threads)
    own = feedback.own_threads(client, Caller(demo.MEMBER.id), registry).threads
    on_demand = set(registry.buckets["on_demand"])
    assert len(on_demand - {thread.module for thread in own}) == 1  # the one to ask for
    assert any(thread.unread for thread in own)


def test_what_people_want_is_a_story(client: AnyClient, registry: Registry) -> None:
    """What rises is another than what is wanted most, and what was released had been waited for."""
    fill(client, registry)
    insights = gather(client, None, registry)
    most, second = insights.ranking[:2]
    assert most.trend.votes > 1.3 * second.trend.votes > 0
    assert insights.rising[0] not in (most, second)
    assert insights.rising[0].trend.week > 3 * insights.rising[0].trend.week_before
    assert len(insights.released) > 1 and all((each.half_waited or 0) > 20 for each in insights.released)
    assert all(each.trend.votes for each in insights.legacy) and insights.legacy
    assert insights.waiting > 10 and insights.waits_since


def test_it_says_how_to_sign_in_and_leaves_nothing_behind() -> None:
    process = subprocess.Popen(
        [sys.executable, "tests/demo.py", "--port", "0", "--workers", "1"],
        cwd=REPOSITORY,
        env=clean_environ(REDIS_URL="redis://127.0.0.1:1"),  # which it must leave alone
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        said = ""
        while "More links" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        links = dict(re.findall(r"as (\w+): +(\S+)", said))
        assert links.keys() == {account.id for account in demo.CAST}
        with urlopen(Request(links["admin"], method="POST")) as answer:
            assert b'"account":"admin"' in answer.read()
        [(folder, program)] = re.findall(r"DATA_DIR=(\S+) (\S+)", said)
        assert (REPOSITORY / program).is_file(), "which is typed as it stands there"
        assert Path(folder).is_dir()
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and not rest
    assert not Path(folder).parent.exists()
