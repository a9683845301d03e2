"""`module-registry accounts`, on a store that REDIS_URL names."""

import json
import subprocess
from collections.abc import Callable

import pytest
from redis import Redis
from support import connect, run

from service.accounts.sign_in import announce_address
from service.storage.form import FORM_KEY

Accounts = Callable[..., subprocess.CompletedProcess[str]]

ALICE, BOB = "{registry}:account:alice", "{registry}:account:bob"
BOBS = {"status": "pending", "role": "admin", "name": "Bob Dé", "email": "bob@example.com", "locale": "fr"}
NO_TEXT = b"\xff".decode("utf-8", "surrogateescape")
PUBLIC = {"PUBLIC_URL": "https://registry.example.com/"}


@pytest.fixture
def accounts(redis: Redis, valkey_url: str) -> Accounts:
    return lambda *arguments, **settings: run("accounts", *arguments, **({"REDIS_URL": valkey_url} | settings))


def test_an_account_is_added_once_active_as_a_member_unless_more_is_given(accounts: Accounts, redis: Redis) -> None:
    done = accounts("add", "alice", "--generation-required")
    assert (done.returncode, done.stdout) == (0, "added alice (active)\n")
    account = redis.hgetall(ALICE)
    assert len(account.pop("generation")) >= 16
    assert account == {"status": "active", "role": "member", "name": "", "generation_required": "1"}
    accounts("add", "bob", *(part for name, value in BOBS.items() for part in (f"--{name}", value)))
    before = redis.hgetall(BOB)
    assert before == BOBS | {"generation": before["generation"]}
    done = accounts("add", "bob")
    assert (done.returncode, done.stderr, redis.hgetall(BOB)) == (1, "account bob exists already\n", before)
    assert accounts("sign-out", "bob").stdout == "signed bob out of every session begun here\n"
    after = redis.hgetall(BOB)
    assert after["generation"] != before["generation"]
    assert after == before | {"generation": after["generation"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        *[([id], "an account id is 1 to 128 printable characters") for id in ("", "a b", "a\nb", "x" * 129, NO_TEXT)],
        *[(["alice", "--name", name], "a name is printable characters") for name in ("two\nlines", "a\ttab", NO_TEXT)],
        *[
            (["alice", "--email", email], "an e-mail address is like alice@example.com, not ")
            for email in ("alice", "@example.com", "alice@", "a b@c.example", "a@b\n", "a@" + "b" * 253)
        ],
        *[(["alice", option, "emperor"], option) for option in ("--status", "--role", "--locale")],
    ],
)
def test_what_no_account_can_have_is_refused(accounts: Accounts, redis: Redis, arguments: list[str], said: str) -> None:
    done = accounts("add", *arguments)
    assert (done.returncode, done.stdout) == (2 if said.startswith("--") else 1, "")
    assert said in done.stderr
    assert redis.keys() in ([], [FORM_KEY])


@pytest.mark.parametrize("line", ["activate", "suspend", "set --role admin", "sign-out", "remove", "sign-in-link"])
def test_an_unknown_account_is_refused_and_not_made(accounts: Accounts, redis: Redis, line: str) -> None:
    done = accounts(*line.split(), "nobody", **PUBLIC)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "no account has the id nobody\n")
    assert redis.keys() in ([], [FORM_KEY])


@pytest.mark.parametrize(
    ("arguments", "changed", "said"),
    [
        (["activate"], {"status": "active"}, "bob is active"),
        (["suspend"], {"status": "suspended"}, "bob is suspended"),
        (["set", "--name", "Bob"], {"name": "Bob"}, "changed bob"),
        (["set", "--email", "bob@example.com", "--locale", "fr"], {"email": "bob@example.com", "locale": "fr"}, ""),
        (["set", "--name", "", "--role", "admin"], {"name": "", "role": "admin"}, "changed bob"),
    ],
)
def test_what_is_known_is_changed_and_nothing_else(
    accounts: Accounts, redis: Redis, arguments: list[str], changed: dict[str, str], said: str
) -> None:
    before = {"status": "pending", "role": "member", "name": "Rob"}
    redis.hset(BOB, mapping=before)
    done = accounts(*arguments, "bob")
    assert (done.returncode, done.stdout) == (0, f"{said or 'changed bob'}\n")
    assert redis.hgetall(BOB) == before | changed
    done = accounts("set", "bob")
    assert (done.returncode, "Say what to change: --name, " in done.stderr) == (2, True)


def test_accounts_are_listed_in_order_if_there_are_any(accounts: Accounts, redis: Redis) -> None:
    done = accounts("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "no accounts yet: `module-registry accounts add ID` adds one\n"
    assert accounts("list", "--format", "json").stdout == "[]\n"
    assert accounts("list", "--format", "csv").stdout == "id,status,role,name,email,locale\n"
    redis.hset(BOB, mapping=BOBS)
    redis.hset(ALICE, "status", "active")
    assert accounts("list").stdout == (
        "id     status   role    name    email            locale\n"
        "alice  active   member\n"
        "bob    pending  admin   Bob Dé  bob@example.com  fr\n"
    )
    assert accounts("list", "--format", "csv").stdout == (
        "id,status,role,name,email,locale\nalice,active,member,,,\nbob,pending,admin,Bob Dé,bob@example.com,fr\n"
    )
    assert json.loads(accounts("list", "--format", "json").stdout)[1] == {"id": "bob"} | BOBS


def test_removing_asks_first_with_the_number_of_votes_that_go(accounts: Accounts, redis: Redis) -> None:
    redis.hset(ALICE, "status", "active")
    for feature in ("linkedin", "long_forgotten"):
        redis.sadd(f"{{registry}}:interest:{feature}", "alice", "bob")
    for answer in ("n", "y"):
        done = accounts("remove", "alice", stdin=f"{answer}\n")
        assert "Remove alice with 2 votes for good?" in done.stdout
        assert done.returncode == (answer == "n")
        assert redis.exists(ALICE) == (answer == "n")
        assert redis.sismember("{registry}:interest:long_forgotten", "alice") == (answer == "n")
    redis.sadd("{registry}:interest:linkedin", "alice")  # of an account that the platform has deleted
    assert accounts("remove", "alice", "--yes").stdout == "removed alice, with 1 vote\n"
    assert redis.smembers("{registry}:interest:linkedin") == {"bob"}


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_link_has_public_url_and_generation(accounts: Accounts, redis: Redis, valkey_url: str, status: str) -> None:
    redis.hset(ALICE, "status", status)  # by the platform, without a generation
    for _ in range(2):
        address, _, token = accounts("sign-in-link", "alice", **PUBLIC).stdout.strip().partition("?token=")
        assert address == "https://registry.example.com/sign-in"
        assert len(token) >= 32
    for key in redis.keys("{registry}:sign-in-token:*"):
        assert redis.hmget(key, "account", "generation") == ["alice", redis.hget(ALICE, "generation")]
        assert 0 < redis.ttl(key) <= 15 * 60
    announce_address(connect(valkey_url), "http://127.0.0.1:8000")  # as a serve does that has no public URL
    assert accounts("sign-in-link", "alice").stdout.startswith("http://127.0.0.1:8000/sign-in?token=")


def test_where_there_is_no_link_it_is_said_why(accounts: Accounts, redis: Redis) -> None:
    for status, settings, said in (
        ("suspended", PUBLIC, "account alice is suspended: activate it first\n"),
        ("active", {"DATA_DIR": "/nonexistent"}, "PUBLIC_URL: is not set and no `module-registry serve` runs here"),
    ):
        redis.hset(ALICE, "status", status)
        done = accounts("sign-in-link", "alice", **settings)
        assert (done.returncode, done.stderr[: len(said)]) == (1, said)
    assert not redis.keys("{registry}:sign-in-token:*")
