"""The form of a store: any other is refused by name and left as it is, and an empty one gets ours before anything."""

from collections.abc import Callable, Iterator
from contextlib import closing
from unittest.mock import Mock

import pytest
from redis.exceptions import ConnectionError as ConnectionLost
from support import DEADLINE, DOCUMENTED, AnyClient, Serve, Store, connect, everything, run, session_cookie, wait_until

from service.accounts.store import check_where_accounts_are
from service.doctor.examination import votes
from service.doctor.model import Level
from service.interest.consistency import refusal
from service.interest.keys import VOTES_KEYS, interest_key
from service.problems import StorageUnavailable, StoreOfAnotherForm
from service.settings.token_bucket import NO_LIMIT
from service.storage import form
from service.storage.form import FORM_KEY, key
from service.storage.script import Script

#: What is said of a store, by its title and what its form is called.
SAID = (
    "{} holds a store of {}, and this version of the service knows form 3: run the version that wrote it, or move it "
    "to an empty store by `module-registry backup` of that version and `module-registry restore` of this one."
)
NEWER = SAID.format("Redis", "form 4")
OLD_ACCOUNTS = "Redis has keys account:*, which are read no more, "

_ONE = Script("return 1", int)
Start = Callable[..., Serve]

#: What is told by a key of each form of before, and of this one where its version is gone: votes, requests and acts.
OLDER = {
    "before hash tags": ("SADD", "interest:{crm}", "alice"),
    "a trend alone": ("HSET", "trend:{crm}", "2026-11-26", "0"),
    "renames alone": ("HSET", "renames", "jobs", "crm"),
    "a version of before": ("SET", "{votes}:schema", "1"),
    "votes": ("SADD", "{votes}:interest:crm", "alice"),
    "requests": ("SADD", "{feedback}:slugs", "sms"),
    "acts": ("HSET", "{audit}:people", "p", "alice"),
    "no version": ("SADD", "{registry}:interest:crm", "alice"),
}


#: What else is refused, and what is said of it.
OTHERS = {
    "a later version": (("SET", FORM_KEY, "4"), NEWER),
    "old accounts alone": (("HSET", "account:alice", "status", "suspended"), OLD_ACCOUNTS),
}


@pytest.mark.parametrize("written", [*OLDER, *OTHERS])
@pytest.mark.parametrize("line", ["status", "votes tally", "accounts list", "backup b.gz"])
def test_commands_leave_stores_of_other_forms_alone(redis: AnyClient, valkey_url: str, written: str, line: str) -> None:
    redis.flushall()
    redis.set("of another application", "x")
    command, said = OTHERS.get(written) or (OLDER[written], SAID.format("Redis", "an older form"))
    redis.execute_command(*command)
    before, version = everything(redis), redis.get(FORM_KEY)
    done = run(*line.split(), REDIS_URL=valkey_url, REGISTRY_FILE=str(DOCUMENTED))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said) and done.stderr.count("\n") == 1
    assert (everything(redis), redis.get(FORM_KEY)) == (before, version)


def test_accounts_where_they_were_before_are_told(redis: AnyClient, valkey_url: str) -> None:
    redis.hset("account:b\x1bob", "status", "suspended")
    said = r"has keys account:\*, .* write \{registry\}:account:<id>, and"
    with pytest.raises(StoreOfAnotherForm, match=said) as raised:
        check_where_accounts_are(redis)
    finding = votes.looks(redis, NO_LIMIT)
    assert (finding.level, finding.seen) == (Level.PROBLEM, raised.value.message)


@pytest.mark.parametrize("valkey_url", ["embedded", pytest.param("cluster", marks=pytest.mark.long)], indirect=True)
def test_an_empty_store_gets_the_form_before_anything_else(redis: AnyClient) -> None:
    """What others keep there, and accounts, which the platform writes, make none of an older form."""
    redis.flushall()
    for name in ("accounts", "interesting", "rq:queue", "trends", "{other}:x", "{registry}:account:bob"):
        redis.hset(name, "status", "active")
    with closing(connect(redis.url)) as client:
        assert client.command("EXISTS", FORM_KEY) == 1
        assert client.command("GET", FORM_KEY) == str(form.VERSION)


def test_a_store_that_two_find_empty_at_once_is_no_older_one(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other was first, and has voted."""
    redis.flushall()
    scan_iter = type(redis._redis()).scan_iter

    def scanned(self: object, **options: object) -> object:
        if not redis._redis().exists(FORM_KEY):
            redis._redis().set(FORM_KEY, form.VERSION)
            redis._redis().sadd(interest_key("crm"), "ana")
        return scan_iter(self, **options)

    monkeypatch.setattr(type(redis._redis()), "scan_iter", scanned)
    with closing(connect(redis.url)) as client:
        assert client.run(_ONE, VOTES_KEYS, []) == 1


def test_an_empty_store_that_takes_no_writes_is_not_used(redis: AnyClient) -> None:
    """Or what is written once it does would stand there without a form."""
    redis.flushall()
    redis.config_set("min-replicas-to-write", 1)
    try:
        with closing(connect(redis.url)) as client:
            for _ in range(2):
                with pytest.raises(StorageUnavailable, match="takes no votes or other writes"):
                    client.command("EXISTS", "account:alice")
    finally:
        redis.config_set("min-replicas-to-write", 0)


def test_a_running_service_sees_another_form_or_an_empty_one(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks once, not at each call; and where that cannot be asked any more, what it knew holds."""
    asked = []
    get = type(redis._redis()).get
    monkeypatch.setattr(type(redis._redis()), "get", lambda self, name: asked.append(name) or get(self, name))
    for _ in range(3):
        assert redis.run(_ONE, VOTES_KEYS, []) == 1
    assert asked == [FORM_KEY]
    redis.set(FORM_KEY, "4")
    assert redis.run(_ONE, VOTES_KEYS, []) == 1
    monkeypatch.setattr(form, "AGAIN", 0.0)
    with closing(connect(redis.url)) as other:
        with pytest.raises(StoreOfAnotherForm, match=r"of form 4, and"):
            other.run(_ONE, VOTES_KEYS, [])
        assert str(refusal(other, NO_LIMIT)) == NEWER
        redis.set(FORM_KEY, form.VERSION)
        assert other.run(_ONE, VOTES_KEYS, []) == 1
        redis.flushall()
        redis.sadd(interest_key("crm"), "ana")  # as it may, for a while
        assert other.run(_ONE, VOTES_KEYS, []) == 1
        assert redis.get(FORM_KEY) == str(form.VERSION)
        for older in list(OLDER.values())[:-1]:  # as where Redis has begun anew with an old file
            redis.flushall()
            redis.execute_command(*older)
            with pytest.raises(StoreOfAnotherForm, match="of an older form"):
                other.run(_ONE, VOTES_KEYS, [])
            assert redis.get(FORM_KEY) is None
        monkeypatch.setattr(type(redis._redis()), "get", Mock(side_effect=ConnectionLost))
        assert other.run(_ONE, VOTES_KEYS, []) == 1


@pytest.fixture
def operator(own_store: Store) -> Iterator[AnyClient]:
    """A client of a store that has nothing, not even a form."""
    with closing(connect(own_store.url)) as client:
        client.flushdb()
        yield client


@pytest.mark.long
def test_serve_does_not_begin_on_a_store_of_another_form(serve: Start, own_store: Store, operator: AnyClient) -> None:
    """Nor, where the store was away at the start, does it write anything; documents are served all the while."""
    settings = {"REDIS_URL": own_store.url, "SECRET_KEY": "k" * 32}
    operator.hset("{registry}:account:alice", "status", "active")
    operator.sadd("interest:{crm}", "alice")
    before = everything(operator)
    refused = serve(wait=False, **settings)
    assert refused.process.wait(DEADLINE) == 1
    assert refused.log == [SAID.format("Redis", "an older form")]
    operator.delete("interest:{crm}")
    operator.set(FORM_KEY, form.VERSION)
    operator.hset("account:alice", "status", "active")
    refused = serve(wait=False, **settings)
    assert refused.process.wait(DEADLINE) == 1
    assert OLD_ACCOUNTS in refused.log[0]
    operator.sadd("interest:{crm}", "alice")
    operator.delete("account:alice", FORM_KEY, key("sign-in-address"))
    own_store.stop()
    running = serve(**settings)
    own_store.start()
    vote, cookie = "/api/features/linkedin/interest", session_cookie("k" * 32, "alice")
    said = f"[ERROR] {SAID.format('Redis', 'an older form')}"
    wait_until(lambda: running.ask("POST", vote, Cookie=cookie) == 503 and any(said in line for line in running.log))
    assert running.ask("GET", "/readyz?need=votes") == 503
    assert running.ask("GET", "/api/modules-registry") == 200
    assert everything(operator) == before
    operator.delete("interest:{crm}")
    wait_until(lambda: running.ask("POST", vote, Cookie=cookie) == 204)


@pytest.mark.long
def test_an_embedded_store_of_another_form_is_refused(serve: Start, own_store: Store, operator: AnyClient) -> None:
    operator.sadd("interest:{crm}", "alice")
    own_store.stop()
    refused = serve(wait=False, data_dir=own_store.data_dir)
    assert refused.process.wait(DEADLINE) == 1
    said = SAID.format("The embedded store", "an older form")
    assert refused.log == [said]
    done = run("status", DATA_DIR=str(own_store.data_dir))
    assert (done.returncode, done.stderr) == (1, f"{said}\n")


@pytest.mark.parametrize("version", ["9" * 5000, "", "x\x1b[31m", "\u0661", "3 ", "-1", "2"])
def test_what_is_no_version_that_is_known_is_refused_and_safe_to_show(redis: AnyClient, version: str) -> None:
    redis.set(FORM_KEY, version)
    with closing(connect(redis.url)) as client, pytest.raises(StoreOfAnotherForm) as refused:
        client.run(_ONE, VOTES_KEYS, [])
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < len(SAID) + 40
