"""`module-registry accounts`, on a store that REDIS_URL names."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest
from redis import Redis
from support import Serve, clean_environ, command, run, wait_until

from service.storage.schema import SCHEMA_KEY

Accounts = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def accounts(redis: Redis, valkey_url: str) -> Accounts:
    """Run `module-registry accounts ARGUMENTS`. It must never show a traceback."""

    def accounts(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        done = run("accounts", *arguments, REDIS_URL=valkey_url, **settings)
        assert "Traceback" not in done.stderr
        return done

    return accounts


def test_an_account_is_added_active_as_a_member(accounts: Accounts, redis: Redis) -> None:
    done = accounts("add", "alice")
    assert (done.returncode, done.stdout) == (0, "added alice (active)\n")
    account = redis.hgetall("account:alice")
    assert len(account.pop("generation")) >= 16
    assert account == {"status": "active", "role": "member", "name": ""}


def test_what_is_known_of_a_person_can_be_given(accounts: Accounts, redis: Redis) -> None:
    details = ["--name", "Bob Dé", "--email", "bob@example.com", "--locale", "fr"]
    accounts("add", "bob", "--status", "pending", "--role", "admin", *details)
    found = redis.hmget("account:bob", "status", "role", "name", "email", "locale")
    assert found == ["pending", "admin", "Bob Dé", "bob@example.com", "fr"]


def test_an_account_that_exists_is_left_alone(accounts: Accounts, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "pending"})
    done = accounts("add", "alice")
    assert (done.returncode, done.stderr) == (1, "account alice exists already\n")
    assert redis.hgetall("account:alice") == {"status": "pending"}


@pytest.mark.parametrize("account_id", ["", "a b", "a\nb", "x" * 129, b"\xff".decode("utf-8", "surrogateescape")])
def test_an_id_that_cannot_be_one_is_refused(accounts: Accounts, redis: Redis, account_id: str) -> None:
    done = accounts("add", account_id)
    assert done.returncode == 1
    assert "an account id is 1 to 128 printable characters" in done.stderr
    assert redis.keys() in ([], [SCHEMA_KEY])


@pytest.mark.parametrize("name", ["two\nlines", "a\ttab", b"\xff".decode("utf-8", "surrogateescape")])
def test_a_name_that_would_not_fit_into_a_list_is_refused(accounts: Accounts, redis: Redis, name: str) -> None:
    done = accounts("add", "alice", "--name", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("a name is printable characters")
    assert redis.keys() in ([], [SCHEMA_KEY])


@pytest.mark.parametrize("email", ["alice", "@example.com", "alice@", "a b@c.example", "a@b\n", "a@" + "b" * 253])
def test_what_is_no_email_address_is_refused(accounts: Accounts, redis: Redis, email: str) -> None:
    done = accounts("add", "alice", "--email", email)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("an e-mail address is like alice@example.com, not ")
    assert redis.keys() in ([], [SCHEMA_KEY])


@pytest.mark.parametrize("option", ["--status", "--role", "--locale"])
def test_an_unknown_choice_is_refused(accounts: Accounts, redis: Redis, option: str) -> None:
    done = accounts("add", "alice", option, "emperor")
    assert done.returncode == 2
    assert option in done.stderr
    assert redis.keys() in ([], [SCHEMA_KEY])


@pytest.mark.parametrize(("action", "status"), [("activate", "active"), ("suspend", "suspended")])
def test_an_account_changes_its_status_and_nothing_else(
    accounts: Accounts, redis: Redis, action: str, status: str
) -> None:
    redis.hset("account:alice", mapping={"status": "pending", "role": "admin", "name": "Alice"})
    done = accounts(action, "alice")
    assert (done.returncode, done.stdout) == (0, f"alice is {status}\n")
    assert redis.hgetall("account:alice") == {"status": status, "role": "admin", "name": "Alice"}


@pytest.mark.parametrize("line", ["activate", "suspend", "set --role admin", "sign-out", "remove", "sign-in-link"])
def test_an_unknown_account_is_refused_and_not_made(accounts: Accounts, redis: Redis, line: str) -> None:
    done = accounts(*line.split(), "nobody", PUBLIC_URL="https://registry.example.com")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "no account has the id nobody\n")
    assert redis.keys() in ([], [SCHEMA_KEY])


def test_signing_out_changes_the_generation_and_nothing_else(accounts: Accounts, redis: Redis) -> None:
    accounts("add", "alice", "--generation-required")
    before = redis.hgetall("account:alice")
    done = accounts("sign-out", "alice")
    assert (done.returncode, done.stdout) == (0, "signed alice out everywhere\n")
    after = redis.hgetall("account:alice")
    assert after.pop("generation") != before.pop("generation")
    assert after == before == {"status": "active", "role": "member", "name": "", "generation_required": "1"}


def test_a_link_gives_an_account_of_the_platform_a_generation(accounts: Accounts, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "active"})
    for _ in range(2):
        accounts("sign-in-link", "alice", PUBLIC_URL="https://registry.example.com").check_returncode()
    generations = {redis.hget(key, "generation") for key in redis.keys("sign-in-token:*")}
    assert generations == {redis.hget("account:alice", "generation")}


def test_accounts_are_listed_in_order(accounts: Accounts, redis: Redis) -> None:
    known = {"status": "pending", "role": "admin", "name": "Bob Dé", "email": "bob@example.com", "locale": "fr"}
    redis.hset("account:bob", mapping=known)
    redis.hset("account:alice", mapping={"status": "active"})
    assert accounts("list").stdout == (
        "id     status   role    name    email            locale\n"
        "alice  active   member\n"
        "bob    pending  admin   Bob Dé  bob@example.com  fr\n"
    )
    assert accounts("list", "--format", "csv").stdout == (
        "id,status,role,name,email,locale\nalice,active,member,,,\nbob,pending,admin,Bob Dé,bob@example.com,fr\n"
    )
    listed = json.loads(accounts("list", "--format", "json").stdout)
    assert listed[1] == {"id": "bob"} | known


def test_an_empty_list_says_so(accounts: Accounts) -> None:
    done = accounts("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "no accounts yet: `module-registry accounts add ID` adds one\n"
    assert accounts("list", "--format", "json").stdout == "[]\n"
    assert accounts("list", "--format", "csv").stdout == "id,status,role,name,email,locale\n"


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (["--name", "Bob"], {"name": "Bob"}),
        (["--role", "admin"], {"role": "admin"}),
        (["--email", "bob@example.com", "--locale", "fr"], {"email": "bob@example.com", "locale": "fr"}),
        (["--name", "", "--role", "admin"], {"name": "", "role": "admin"}),
    ],
)
def test_what_is_known_is_changed_and_nothing_else(
    accounts: Accounts, redis: Redis, options: list[str], changed: dict[str, str]
) -> None:
    before = {"status": "pending", "role": "member", "name": "Rob"}
    redis.hset("account:bob", mapping=before)
    done = accounts("set", "bob", *options)
    assert (done.returncode, done.stdout) == (0, "changed bob\n")
    assert redis.hgetall("account:bob") == before | changed


def test_set_without_anything_to_change_says_what_there_is(accounts: Accounts, redis: Redis) -> None:
    redis.hset("account:bob", mapping={"status": "pending"})
    done = accounts("set", "bob")
    assert done.returncode == 2
    assert "Say what to change: --name, --role, --email or --locale." in done.stderr


def test_removing_an_account_withdraws_all_its_votes(accounts: Accounts, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "active"})
    redis.hset("account:bob", mapping={"status": "active"})
    redis.sadd("{votes}:interest:linkedin", "alice", "bob")
    redis.sadd("{votes}:interest:long_forgotten", "alice")
    done = accounts("remove", "alice", "--yes")
    assert (done.returncode, done.stdout) == (0, "removed alice, with 2 votes\n")
    assert redis.keys("account:*") == ["account:bob"]
    assert {key: redis.smembers(key) for key in redis.keys("{votes}:interest:*")} == {
        "{votes}:interest:linkedin": {"bob"}
    }


@pytest.mark.parametrize("answer", ["y", "n"])
def test_removing_asks_first_with_the_number_of_votes_that_go(redis: Redis, valkey_url: str, answer: str) -> None:
    redis.hset("account:alice", mapping={"status": "active"})
    for feature in ("linkedin", "long_forgotten"):
        redis.sadd(f"{{votes}}:interest:{feature}", "alice", "bob")
    done = subprocess.run(
        command("accounts", "remove", "alice"),
        env=clean_environ(REDIS_URL=valkey_url),
        input=f"{answer}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Remove alice with 2 votes for good?" in done.stdout
    assert done.returncode == (answer == "n")
    assert redis.exists("account:alice") == (answer == "n")


def test_votes_that_an_account_has_left_behind_are_withdrawn(accounts: Accounts, redis: Redis) -> None:
    redis.sadd("{votes}:interest:linkedin", "alice", "bob")  # the platform has deleted account:alice
    assert accounts("remove", "alice", "--yes").stdout == "removed alice, with 1 vote\n"
    assert redis.smembers("{votes}:interest:linkedin") == {"bob"}


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_link_begins_with_the_public_url(accounts: Accounts, redis: Redis, status: str) -> None:
    redis.hset("account:alice", mapping={"status": status})
    done = accounts("sign-in-link", "alice", PUBLIC_URL="https://registry.example.com/")
    address, _, token = done.stdout.strip().partition("?token=")
    assert address == "https://registry.example.com/sign-in"
    assert len(token) >= 32
    [key] = redis.keys("sign-in-token:*")
    assert redis.hget(key, "account") == "alice"
    assert 0 < redis.ttl(key) <= 15 * 60


def test_a_suspended_account_gets_no_link(accounts: Accounts, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "suspended"})
    done = accounts("sign-in-link", "alice", PUBLIC_URL="https://registry.example.com")
    assert (done.returncode, done.stderr) == (1, "account alice is suspended: activate it first\n")
    assert not redis.keys("sign-in-token:*")


def test_without_an_address_there_is_no_link(accounts: Accounts, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "active"})
    done = accounts("sign-in-link", "alice", DATA_DIR="/nonexistent")
    assert done.returncode == 1
    assert done.stderr.startswith("PUBLIC_URL: ")
    assert not redis.keys("sign-in-token:*")


def test_a_store_that_does_not_answer_is_said(redis: Redis) -> None:
    done = run("accounts", "list", REDIS_URL="unix:///nowhere/valkey.sock")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Redis cannot be used")
    assert "Traceback" not in done.stderr


def test_a_link_begins_with_the_address_of_the_serve_on_this_store(
    accounts: Accounts, redis: Redis, valkey_url: str, serve: Callable[..., Serve]
) -> None:
    accounts("add", "alice").check_returncode()
    running = serve(REDIS_URL=valkey_url, SECRET_KEY="a key of the platform")
    assert accounts("sign-in-link", "alice").stdout.startswith(f"{running.url}/sign-in?token=")
    serve(REDIS_URL=valkey_url, SECRET_KEY="a key of the platform", PUBLIC_URL="https://registry.example.com")
    assert accounts("sign-in-link", "alice").stdout.startswith("https://registry.example.com/sign-in?token=")


@pytest.mark.long
def test_a_link_into_an_embedded_store_begins_with_the_address_of_the_serve_that_runs(
    serve: Callable[..., Serve],
) -> None:
    first = serve()
    settings = {"DATA_DIR": str(first.data_dir)}
    run("accounts", "add", "alice", **settings).check_returncode()
    assert run("accounts", "sign-in-link", "alice", **settings).stdout.startswith(f"{first.url}/sign-in?token=")
    first.kill()
    wait_until(lambda: not first.store)
    without = run("accounts", "sign-in-link", "alice", **settings)
    assert (without.returncode, without.stdout) == (1, "")
    assert "no `module-registry serve` runs here" in without.stderr
    second = serve()
    assert run("accounts", "sign-in-link", "alice", **settings).stdout.startswith(f"{second.url}/sign-in?token=")
