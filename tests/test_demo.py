"""`make demo`: made-up people and wishes, the same each time, with a way in for everybody."""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import demo
import pytest
from demo import DAYS, PEOPLE, fill
from demo_registry import utc_today
from support import REPOSITORY, AnyClient, clean_environ

from service.accounts.sessions import Caller
from service.feedback import store as feedback
from service.insights.figures import gather
from service.interest.keys import trend_key
from service.registry.loading.loader import load

pytestmark = pytest.mark.long


def test_what_people_want_is_a_story_of_sixty_days(redis: AnyClient) -> None:
    """What rises is another than what is wanted most, and what was released had been waited for."""
    registry, today = load(REPOSITORY / "registry.yaml"), utc_today()
    assert fill(redis, registry, today=today).accounts == PEOPLE + len(demo.CAST)
    trends = [redis.hgetall(trend_key(feature)) for feature in registry.allowed_features]
    days = {date.fromisoformat(day) for trend in trends for day in trend}
    assert days <= {today - timedelta(ago) for ago in range(DAYS)} and len(days) > 50
    assert any(int(net) < 0 for trend in trends for net in trend.values())  # some changed their minds
    insights = gather(redis, None, registry)
    most, second, *_, least = insights.ranking
    assert most.trend.votes > 1.3 * second.trend.votes > 200 and least.trend.votes == 0
    rising = insights.rising[0]
    assert rising not in (most, second) and rising.trend.week > 3 * rising.trend.week_before
    assert len(insights.released) > 1 and all((each.half_waited or 0) > 20 for each in insights.released)
    assert insights.legacy and insights.waiting > 10
    own = {thread.module for thread in feedback.own_threads(redis, Caller(demo.MEMBER.id), registry).threads}
    assert len(set(registry.buckets["on_demand"]) - own) == 1  # the one to ask for


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
        [registry] = re.findall(r"modules end: (\S+)", said)
        assert b'"deprecated":{' in urlopen(f"{links['admin'].partition('/sign-in')[0]}/api/modules").read()
        assert load(Path(registry)).removed
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and not rest
    assert not Path(folder).parent.exists()
