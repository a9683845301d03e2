"""A store that was backed up and destroyed is the same after it was restored, to the last key."""

import re
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import demo
import documentation
import pytest
from hypothesis import HealthCheck, given, settings
from random_stores import EVENT, OPENED, stores
from saving import FORMAT_4, LEFT_OUT, put_back, saved, taken, unordered
from support import REPOSITORY, AnyClient, connect, empty

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY
from service.backup import format as form
from service.backup import restoring
from service.backup.subjects import Line
from service.feedback import keys as feedback
from service.history import store as history
from service.interest.keys import interest_key, trend_key
from service.interest.store import today
from service.registry.loading.loader import load


@pytest.fixture
def store_of(request: pytest.FixtureRequest) -> Callable[[str], AnyClient]:
    """An empty store of a kind."""

    def opened(kind: str) -> AnyClient:
        client = connect(request.getfixturevalue(f"{kind}_url"), timeout=5.0)
        empty(client)
        request.addfinalizer(client.close)
        return client

    return opened


def check(source: AnyClient, target: AnyClient) -> None:
    before, file = saved(source), taken(source)
    empty(source)
    put_back(target, file)
    assert saved(target) == before


@pytest.mark.long
def test_a_whole_service(store_of: Callable[[str], AnyClient]) -> None:
    """It goes from each kind of store to the next one, and is the same in each."""
    kinds = [store_of(kind) for kind in ("embedded", "sentinel", "cluster", "server")]
    demo.fill(kinds[0], load(REPOSITORY / "registry.yaml"), people=60)
    for source, target in pairwise([*kinds, kinds[0]]):
        check(source, target)


@pytest.mark.parametrize(
    ("kind", "examples"),
    [
        ("embedded", 8),
        pytest.param("cluster", 10, marks=pytest.mark.long),
        pytest.param("embedded", 400, marks=pytest.mark.nightly),
        pytest.param("cluster", 400, marks=pytest.mark.nightly),
    ],
)
def test_any_store(store_of: Callable[[str], AnyClient], kind: str, examples: int) -> None:
    client = store_of(kind)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(stores())
    def round_trip(lines: list[Line]) -> None:
        empty(client)
        list(restoring.restore(client, lines))
        assert unordered(form.lines(taken(client), "again")) == unordered(lines), "each line is in the store"
        check(client, client)

    round_trip()


ACT = {"way": "command line", "who": "x", "what": "x"} | dict.fromkeys(("whom", "about", "before", "after"), "")


def test_what_is_large_comes_in_parts(redis: AnyClient) -> None:
    redis.sadd(interest_key("crm"), *(f"voter{number}" for number in range(2500)))
    redis.hset(trend_key("crm"), mapping={f"2020-01-{day:02}": 100 for day in range(1, 26)})
    redis.hset(trend_key("crm"), today(), 0)  # somebody has voted, and taken it back
    with redis.pipeline() as pipeline:
        for number in range(1100):
            pipeline.xadd(feedback.EVENTS_KEY, {"event": OPENED}, id=f"{number + 1}-0")
            pipeline.xadd(history.EVENTS_KEY, {"event": EVENT}, id=f"{number + 1}-0")
            pipeline.xadd(ENTRIES_KEY, ACT, id=f"{number + 1}-0")
        pipeline.xdel(history.EVENTS_KEY, "1100-0")
        pipeline.rpush(history.of_key("crm"), *(f"{number}-0" for number in range(1099, 999, -1)))
        pipeline.hset(history.RELEASED_KEY, "crm", "1")
        pipeline.hset(account_key("ana"), mapping={f"field{number}": f"{number}" for number in range(600)})
        pipeline.execute()
    check(redis, redis)


def test_every_key_is_saved_or_left_out_for_a_reason(redis: AnyClient) -> None:
    """As platform.md lists them: one that is not left out comes back."""
    table = documentation.page("platform.md")
    listed = {name.partition("<")[0] for name in re.findall("^\\| `([^`]*)` \\| ", table, re.MULTILINE) if ":" in name}
    assert listed > LEFT_OUT.keys()
    put_back(redis, BytesIO(FORMAT_4.read_bytes()))
    check(redis, redis)
    there = [key.decode() for key in saved(redis)]
    assert [name for name in sorted(listed - LEFT_OUT.keys()) if not any(key.startswith(name) for key in there)] == []
