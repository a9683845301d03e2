"""The drill: a service is backed up while people vote and ask, destroyed, and restored elsewhere."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest
from saving import put_back, taken
from support import DOCUMENTED, OPERATOR, AnyClient, Serve, connect, empty, run, session_cookie, socket_url, wait_until

from service.accounts import store as accounts
from service.accounts.model import account_key
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.backup import reading
from service.feedback import store as feedback
from service.feedback.keys import of_key, queue_key, thread_key
from service.interest import maintenance
from service.interest import store as interest
from service.interest.consistency import differences
from service.interest.keys import interest_key
from service.registry.loading import load

REGISTRY = load(DOCUMENTED)
FEATURES = REGISTRY.allowed_features[:3]
ON_DEMAND = next(module.slug for module in REGISTRY.modules if module.is_on_demand)
EARLY = [f"early{number}" for number in range(20)]
KEY = "a secret key of the platform"


class Change(NamedTuple):
    """A vote or its retraction: when it was sent, when it was acknowledged, and which."""

    sent: float
    acknowledged: float
    wanted: bool


#: Sends a vote or a retraction of an account, and returns once it is acknowledged.
Cast = Callable[[str, str, bool], None]


class Voter(Thread):
    """Changes its votes at random until told to end, and remembers each change of each feature."""

    def __init__(self, account: str, cast: Cast) -> None:
        super().__init__(daemon=True)
        self.account, self._cast, self.ending = account, cast, Event()
        self.changes: dict[str, list[Change]] = {feature: [] for feature in FEATURES}

    def run(self) -> None:
        dice = random.Random(self.account)
        while not self.ending.is_set():
            feature, wanted, sent = dice.choice(FEATURES), dice.random() < 0.6, time.monotonic()
            self._cast(self.account, feature, wanted)
            self.changes[feature].append(Change(sent, time.monotonic(), wanted))

    def possible(self, feature: str, begin: float, end: float) -> set[bool]:
        """What a backup that was made from `begin` to `end` may say of a feature."""
        before = [change for change in self.changes[feature] if change.acknowledged <= begin]
        meanwhile = [change for change in self.changes[feature] if change.acknowledged > begin and change.sent < end]
        return {before[-1].wanted if before else False, *(change.wanted for change in meanwhile)}


def prepare(store: AnyClient, voters: list[str]) -> str:
    """Accounts, votes that nobody takes back, and a request."""
    for name in (*EARLY[:2], *voters):
        accounts.add(store, Account(name, "active"), by=OPERATOR)
    for feature in FEATURES:
        maintenance.add_voters(store, feature, EARLY)
    return feedback.open_thread(store, Caller(EARLY[0]), ON_DEMAND, "Before", REGISTRY)[0].id


@contextmanager
def voting(names: list[str], cast: Cast) -> Iterator[list[Voter]]:
    """People who vote while the block runs, and have begun to."""
    voters = [Voter(name, cast) for name in names]
    for voter in voters:
        voter.start()
    try:
        wait_until(lambda: all(sum(map(len, voter.changes.values())) > 10 for voter in voters), 60)
        yield voters
    finally:
        for voter in voters:
            voter.ending.set()
            voter.join()


def check(store: AnyClient, voters: list[Voter], thread: str, begin: float, end: float) -> None:
    for feature in FEATURES:
        members = store.smembers(interest_key(feature))
        assert set(EARLY) <= members
        for voter in voters:
            assert (voter.account in members) in voter.possible(feature, begin, end), (voter.account, feature)
            assert store.exists(account_key(voter.account))
    assert list(differences(store)) == []  # among others, trends whose sum is not the number of votes
    threads = {key.removeprefix(thread_key("")) for key in store.scan_iter(thread_key("*"))}
    assert thread in threads
    for each in threads:
        account, status = store.hmget(thread_key(each), "account", "status")
        assert store.zscore(of_key(account), each) is not None
        assert store.zscore(queue_key(f"{status}:{ON_DEMAND}"), each) is not None


def test_what_was_acknowledged_before_is_there_while_people_vote(redis: AnyClient) -> None:
    names = ["ana", "bob"]
    thread = prepare(redis, names)
    clients = {name: connect(redis.url) for name in names}

    def cast(account: str, feature: str, wanted: bool) -> None:
        change = interest.vote if wanted else interest.retract
        change(clients[account], Caller(account), feature, REGISTRY)

    with voting(names, cast) as voters:
        backups = [(time.monotonic(), taken(redis), time.monotonic()) for _ in range(3)]
    for client in clients.values():
        client.close()
    for begin, file, end in backups:
        empty(redis)
        put_back(redis, file)
        check(redis, voters, thread, begin, end)


def test_a_request_that_comes_during_the_walk_is_whole_or_not_there(
    redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = prepare(redis, ["ana"])
    names, asked = reading._names, []

    def names_and_asked(store: AnyClient, prefix: str) -> list[str]:
        before = list(names(store, prefix))
        if prefix == thread_key("") and not asked:
            asked.append(feedback.open_thread(redis, Caller("ana"), ON_DEMAND, "Meanwhile", REGISTRY)[0].id)
        return before

    monkeypatch.setattr(reading, "_names", names_and_asked)
    begin, file = time.monotonic(), taken(redis)
    empty(redis)
    put_back(redis, file)
    check(redis, [], thread, begin, time.monotonic())
    assert redis.exists(thread_key(asked[0]))


def test_features_that_are_merged_meanwhile_have_it_begin_anew(redis: AnyClient) -> None:
    """Or the votes of one that was read before the merge, and of the other after it, would be lost."""
    maintenance.add_voters(redis, "crm", ["ana"])
    maintenance.add_voters(redis, "zzz", ["bob"])
    lines = reading.lines(redis)
    next(lines)
    maintenance.merge(redis, "zzz", "crm", by=OPERATOR)
    with pytest.raises(reading.Interrupted, match=r"^Features were merged"):
        list(lines)


def test_a_server_that_was_started_anew_has_it_begin_anew(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk through the keys of one server means nothing to another."""
    known = iter(["one", "two"])
    monkeypatch.setattr(reading, "_server", lambda raw: next(known))
    with pytest.raises(reading.Interrupted, match=r"^Another server"):
        list(reading.lines(redis))


@pytest.mark.long
def test_a_service_is_destroyed_and_restored_elsewhere(
    serve: Callable[..., Serve], short_dir: Path, cluster_url: str
) -> None:
    """Into an embedded store, on which a `serve` runs already."""
    settings = {"SECRET_KEY": KEY, "VOTE_RATE": "0", "REDIS_URL": cluster_url}  # each votes without a pause
    store = connect(cluster_url)
    empty(store)
    running = serve("--workers", "2", **settings)
    names = [f"voter{number}" for number in range(4)]
    thread = prepare(store, names)

    def cast(account: str, feature: str, wanted: bool) -> None:
        method, cookie = "POST" if wanted else "DELETE", session_cookie(KEY, account)

        def acknowledged() -> bool:
            status = running.ask(method, f"/api/features/{feature}/interest", Cookie=cookie)
            assert status in (204, 503)  # as where a busy machine makes the store slow
            return status == 204

        wait_until(acknowledged, 60)

    with voting(names, cast) as voters:
        begin = time.monotonic()
        made = run("backup", "registry.gz", folder=short_dir, REGISTRY_FILE=str(DOCUMENTED), **settings)
        end = time.monotonic()
    assert made.returncode == 0, made.stderr
    empty(store)
    store.close()
    running.clean_up()

    other = serve("--workers", "2", data_dir=short_dir / "other", SECRET_KEY=KEY)
    restored = run("restore", "registry.gz", "--yes", folder=short_dir, DATA_DIR=str(other.data_dir))
    assert restored.returncode == 0, restored.stderr
    with closing(connect(socket_url(other.data_dir))) as store:
        check(store, voters, thread, begin, end)
    assert other.ask("POST", f"/api/features/{FEATURES[0]}/interest", Cookie=session_cookie(KEY, EARLY[0])) == 204
