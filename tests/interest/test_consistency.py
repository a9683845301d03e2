"""What a damaged store holds is named."""

from threading import Event
from typing import Any

import pytest
from redis import Redis
from support import OPERATOR, add_accounts, table

from service.cli.serve import compare
from service.interest.consistency import differences
from service.interest.keys import interest_key
from service.interest.maintenance import add_voters, discard, merge, withdraw_all
from service.settings.redis_url import RedisUrl

DAMAGE: list[dict[str, Any]] = table(__file__, "damage.yaml")


def test_a_store_that_only_this_service_has_written_to_agrees_with_itself(redis: Redis) -> None:
    add_accounts(redis, "alice")
    add_voters(redis, "linkedin", ["alice", "bob"])
    add_voters(redis, "podcasts", ["bob"])
    add_voters(redis, "gone", ["bob"])
    merge(redis, "podcasts", "linkedin", by=OPERATOR)
    add_voters(redis, "retracted", ["carl"])
    for account_id in ("alice", "carl"):
        withdraw_all(redis, account_id)
    discard(redis, "gone", by=OPERATOR)
    assert list(differences(redis)) == []


@pytest.mark.parametrize("row", DAMAGE, ids=lambda row: row["said"])
def test_what_cannot_have_come_about_is_named(redis: Redis, row: dict[str, Any]) -> None:
    add_accounts(redis, "alice")
    add_voters(redis, "linkedin", ["alice", "bob"])
    redis.command(*row["do"])
    redis.sadd(interest_key("podcasts"), "bob")
    found = set(differences(redis))
    assert {row["said"], "podcasts has 1 votes, and by its trend 0"} <= found, "all is compared"


def test_serve_names_the_first_twenty_and_counts_the_others(
    redis: Redis, valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis.sadd(interest_key("linkedin"), "al\x1b[31mice")
    for number in range(24):
        redis.sadd(interest_key(f"feature_{number}"), "alice")
    compare(RedisUrl.parse(valkey_url), Event())
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 21
    assert said[-1].endswith("does not agree with itself in 6 more places.")
    assert all(one.isprintable() for one in said)
