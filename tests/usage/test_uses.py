"""Who still uses names that clients should give up, as it is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from support import AnyClient, ago, table, wait_until

from service.problems import StorageUnavailable
from service.storage import periodic_task
from service.usage import store
from service.usage.counting import Used, Uses
from service.usage.store import INTERVAL, Keeper, add, read, uses_key

TODAY = datetime.now(UTC).date()


def test_days_and_clients_are_kept_for_400_days_told_of_90(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for days in range(-150, 400):
        some = [("mails", "python", 2), ("feeds", "curl", 1)] if days in (-100, 0, 310, 396) else []
        add(redis, ["mails", "feeds", "posts"], some, TODAY + timedelta(days))
    last = TODAY + timedelta(399)
    add(redis, ["mails"], [("mails", "go", 5)], last)
    monkeypatch.setattr(store, "_today", lambda: last)
    assert read(redis, ["feeds", "mails", "posts", "nothing"]) == [
        Used("mails", ago(150), 9, {"go": 5, "python": 4}, str(last)),
        Used("feeds", ago(150), 2, {"curl": 2}, ago(-396)),
        Used("nothing", None, 0, {}, None),
        Used("posts", ago(150), 0, {}, None),
    ]
    kept = redis.hgetall(uses_key("mails")).keys() - {"since", "until"}
    assert kept == {*(f"{ago(-days)} python" for days in (0, 310, 396)), f"{last} go"}
    end = datetime.combine(last + timedelta(400), datetime.min.time(), UTC)
    assert redis.expiretime(uses_key("mails")) == end.timestamp()


def test_what_was_not_counted_for_a_day_is_counted_since_then(redis: AnyClient) -> None:
    """As of a module that is no longer deprecated, and then is again."""
    for days in (10, 9, 7, 6, 5, 4, 3):
        add(redis, ["mails"], [("mails", "curl", 1)], TODAY - timedelta(days))
    assert redis.hget(uses_key("mails"), "since") == ago(7)
    assert read(redis, ["mails"]) == [Used("mails", None, 7, {"curl": 7}, ago(3))]
    add(redis, [], [("mails", "curl", 1)], TODAY)
    assert read(redis, ["mails"]) == [Used("mails", ago(0), 8, {"curl": 8}, ago(0))]


def test_a_worker_adds_once_a_minute_and_at_its_end_also_what_it_could_not_add_before(redis: AnyClient) -> None:
    counted = Uses()
    keeper = Keeper(counted, lambda: ["mails"], AnyClient(redis.url, 5.0))
    assert INTERVAL == 60
    keeper.start()  # which adds at once what there is, and says that it counts
    wait_until(lambda: read(redis, ["mails"]) == [Used("mails", ago(0), 0, {}, None)])
    counted.count("mails", "curl/8.5.0")
    redis.set(uses_key("mails"), "")  # of another type: nothing can be added
    with pytest.raises(StorageUnavailable):
        keeper.add()
    redis.delete(uses_key("mails"))
    for _ in range(2):
        keeper.add()
        assert read(redis, ["mails"])[0].requests == 1
    counted.count("mails", "curl/8.5.0")
    for _ in range(2):
        periodic_task.end_all()  # as a worker does that is stopped
        assert read(redis, ["mails"])[0].requests == 2


def test_what_is_counted_meanwhile_stays(redis: AnyClient) -> None:
    counted = Uses()
    counted.count("mails", "curl/8.5.0")
    gathered = counted.gathered()
    counted.count("mails", "curl/8.5.0")
    counted.kept(gathered)
    assert counted.gathered() == [("mails", "curl", 1)]


@pytest.mark.parametrize(("kind", "user_agents"), table(__file__, "clients.yaml").items())
def test_a_client_is_of_one_of_eight_kinds(kind: str, user_agents: list[str]) -> None:
    for user_agent in user_agents:
        counted = Uses()
        counted.count("mails", user_agent)
        assert counted.gathered() == [("mails", kind, 1)]
