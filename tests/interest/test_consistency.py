"""What a damaged store holds is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis
from support import OPERATOR, Serve, connect, socket_url, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account
from service.interest.consistency import differences
from service.interest.keys import interest_key, trend_key
from service.interest.maintenance import add_voters, discard, merge, withdraw


def test_a_store_that_only_this_service_has_written_to_agrees_with_itself(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    add_voters(redis, "linkedin", ["alice", "bob"])
    add_voters(redis, "podcasts", ["bob"])
    add_voters(redis, "gone", ["bob"])
    merge(redis, "podcasts", "linkedin", by=OPERATOR)
    withdraw(redis, "alice", ["linkedin"])
    add_voters(redis, "retracted", ["bob"])
    withdraw(redis, "bob", ["retracted"])
    discard(redis, "gone", by=OPERATOR)
    assert list(differences(redis)) == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda r: r.srem(interest_key("linkedin"), "bob"), "linkedin has 1 votes, and by its trend 2"),
        (lambda r: r.delete(interest_key("linkedin")), "linkedin has no votes, and by its trend 2"),
        (lambda r: r.delete(trend_key("linkedin")), "linkedin has 2 votes, and by its trend 0"),
        (lambda r: r.sadd(interest_key("linkedio"), "bob"), "linkedio has 1 votes, and by its trend 0"),
        (lambda r: r.hset(trend_key("linkedin"), "2026-01-01", "x"), "linkedin has 2 votes, and by its trend a sum"),
        (lambda r: r.hset(trend_key("linkedin"), "3026-01-01", "0"), "the trend of linkedin has the day '3026-01-01'"),
        (lambda r: r.hset(trend_key("linkedin"), "2026-1-01", "0"), "the trend of linkedin has the day '2026-1-01'"),
        (
            lambda r: r.sadd(interest_key("linkedin"), "user 86"),
            "linkedin has a vote of 'user 86', which is no account",
        ),
        (lambda r: r.sadd(interest_key("linkedin"), b"al\xe9ce"), r"linkedin has a vote of 'al\\xe9ce', which is no"),
        (lambda r: r.hset("account:user 86", "status", "active"), "an account has the id 'user 86', which is no"),
        (lambda r: r.hset("account:alice", "status", "acuive"), "account alice has the status 'acuive'"),
        (lambda r: r.hset("account:alice", "role", "kaiser"), "account alice has the role 'kaiser'"),
        (lambda r: r.sadd(interest_key("Linked in"), "bob"), "{votes}:interest:Linked in is of the feature"),
        (lambda r: r.hset(trend_key("9"), "2026-01-01", "0"), "{votes}:trend:9 is of the feature '9', which is no"),
    ],
)
def test_what_cannot_have_come_about_is_named(redis: Redis, damage: Callable[[Redis], None], sentence: str) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    add_voters(redis, "linkedin", ["alice", "bob"])
    damage(redis)
    assert any(found.startswith(sentence) for found in differences(redis))


@pytest.mark.parametrize(
    ("key", "kind"), [(interest_key("a"), "string"), (trend_key("a"), "string"), ("account:a", "list")]
)
def test_a_key_of_another_type_is_named_and_the_others_are_compared(redis: Redis, key: str, kind: str) -> None:
    redis.set(key, "x") if kind == "string" else redis.rpush(key, "x")
    redis.sadd(interest_key("linkedin"), "bob")
    redis.hset("account:zoe", "status", "acuive")
    assert set(differences(redis)) == {
        f"the key {key} is a {kind}, and should be a {'set' if key == interest_key('a') else 'hash'}",
        "linkedin has 1 votes, and by its trend 0",
        "account zoe has the status 'acuive'",
    }


@pytest.mark.long
def test_serve_names_the_first_twenty_and_counts_the_others(serve: Callable[..., Serve]) -> None:
    running = serve()
    client = connect(socket_url(running.data_dir), timeout=5.0)
    client.sadd(interest_key("linkedin"), "al\x1b[31mice")
    for number in range(24):
        client.sadd(interest_key(f"feature_{number}"), "alice")
    client.close()
    assert "agree" not in running.stderr.read_text()
    running.stop()
    again = serve()
    log = wait_until(lambda: "more places" in again.stderr.read_text() and again.stderr.read_text())
    lines = [line for line in log.splitlines() if "does not agree with itself" in line]
    assert len(lines) == 21
    assert "in 6 more places" in lines[-1]
    assert "\x1b" not in log
