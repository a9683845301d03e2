"""The drill: a service is backed up while people vote and ask, destroyed, and restored elsewhere."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

import pytest
from saving import put_back, taken
from support import DOCUMENTED, OPERATOR, AnyClient, Serve, connect, empty, run, session_cookie, socket_url, wait_until

from service.accounts import store as accounts
from service.accounts.model import account_key
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.backup import reading
from service.feedback import queue
from service.feedback import store as feedback
from service.feedback.keys import thread_key
from service.interest import maintenance
from service.interest import store as interest
from service.interest.consistency import differences
from service.interest.keys import interest_key
from service.registry.loading.loader import load

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


#: By account and feature, the oldest first.
Changes = dict[tuple[str, str], list[Change]]


def prepare(store: AnyClient, *voters: str) -> None:
    """Accounts, votes that nobody takes back, and a request."""
    for name in (EARLY[0], *voters):
        accounts.add(store, Account(name, "active"), by=OPERATOR)
    for feature in FEATURES:
        maintenance.add_voters(store, feature, EARLY)
    feedback.open_thread(store, Caller(EARLY[0]), ON_DEMAND, "Before", REGISTRY)


@contextmanager
def voting(cast: Callable[[str, str, bool], None], *names: str) -> Iterator[Changes]:
    """People who change their votes at random while the block runs, and have begun to; `cast` waits for the answer."""
    changes: Changes = defaultdict(list)
    ending = Event()

    def vote(account: str) -> None:
        dice = random.Random(account)
        while not ending.is_set():
            feature, wanted, sent = dice.choice(FEATURES), dice.random() < 0.6, time.monotonic()
            cast(account, feature, wanted)
            changes[account, feature].append(Change(sent, time.monotonic(), wanted))

    with ThreadPoolExecutor() as pool:
        people = [pool.submit(vote, name) for name in names]
        try:
            wait_until(lambda: sum(map(len, list(changes.values()))) > 10 * len(names), 60)
            yield changes
        finally:
            ending.set()
    for person in people:
        person.result()


def check(store: AnyClient, changes: Changes, begin: float, end: float) -> None:
    """A backup that was made from `begin` to `end` has what it can have of these changes."""
    for feature in FEATURES:
        assert set(EARLY) <= store.smembers(interest_key(feature))
    for (account, feature), made in changes.items():
        before = [change.wanted for change in made if change.acknowledged <= begin]
        meanwhile = {change.wanted for change in made if change.acknowledged > begin and change.sent < end}
        assert store.sismember(interest_key(feature), account) in {*[False, *before][-1:], *meanwhile}, account
        assert store.exists(account_key(account))
    assert list(differences(store)) == []  # among others, trends whose sum is not the number of votes
    threads = {each.id: each.account.id for each in queue.threads(store, None, REGISTRY).threads}
    assert threads.keys() == {key.removeprefix(thread_key("")) for key in store.scan_iter(thread_key("*"))} > set()
    for each, account in threads.items():
        assert each in {own.id for own in feedback.own_threads(store, Caller(account), REGISTRY).threads}
    assert EARLY[0] in threads.values()


def test_what_was_acknowledged_before_is_there_while_people_vote(redis: AnyClient) -> None:
    prepare(redis, "ana", "bob")

    def cast(account: str, feature: str, wanted: bool) -> None:
        (interest.vote if wanted else interest.retract)(redis, Caller(account), feature, REGISTRY)

    with voting(cast, "ana", "bob") as changes:
        backups = [(time.monotonic(), taken(redis), time.monotonic()) for _ in range(3)]
    for begin, file, end in backups:
        empty(redis)
        put_back(redis, file)
        check(redis, changes, begin, end)


def test_a_request_that_comes_meanwhile_is_whole_or_none(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(redis, "ana")
    names, asked = reading._scan_names, []

    def names_and_asked(store: AnyClient, prefix: str) -> list[str]:
        before = list(names(store, prefix))
        if prefix == thread_key("") and not asked:
            asked.append(feedback.open_thread(redis, Caller("ana"), ON_DEMAND, "Meanwhile", REGISTRY)[0].id)
        return before

    monkeypatch.setattr(reading, "_scan_names", names_and_asked)
    begin, file = time.monotonic(), taken(redis)
    empty(redis)
    put_back(redis, file)
    check(redis, {}, begin, time.monotonic())
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
    monkeypatch.setattr(reading, "_read_run_id", lambda store: next(known))
    with pytest.raises(reading.Interrupted, match=r"^Another server"):
        list(reading.lines(redis))


@pytest.mark.long
def test_a_service_is_restored_elsewhere(serve: Callable[..., Serve], short_dir: Path, cluster_url: str) -> None:
    """Into an embedded store, on which a `serve` runs already."""
    settings = {"SECRET_KEY": KEY, "VOTE_RATE": "0", "REDIS_URL": cluster_url}  # each votes without a pause
    with closing(connect(cluster_url)) as store:
        empty(store)
        running = serve("--workers", "2", **settings)
        names = [f"voter{number}" for number in range(4)]
        prepare(store, *names)

        def cast(account: str, feature: str, wanted: bool) -> None:
            method, path = "POST" if wanted else "DELETE", f"/api/features/{feature}/interest"
            # A busy machine makes the store slow: 503.
            wait_until(lambda: running.ask(method, path, Cookie=session_cookie(KEY, account)) == 204, 60)

        with voting(cast, *names) as changes:
            begin = time.monotonic()
            made = run("backup", "registry.gz", folder=short_dir, REGISTRY_FILE=str(DOCUMENTED), **settings)
            end = time.monotonic()
        assert made.returncode == 0, made.stderr
        empty(store)
    running.clean_up()

    other = serve("--workers", "2", data_dir=short_dir / "other", SECRET_KEY=KEY)
    restored = run("restore", "registry.gz", "--yes", folder=short_dir, DATA_DIR=str(other.data_dir))
    assert restored.returncode == 0, restored.stderr
    with closing(connect(socket_url(other.data_dir))) as store:
        check(store, changes, begin, end)
    assert other.ask("POST", f"/api/features/{FEATURES[0]}/interest", Cookie=session_cookie(KEY, EARLY[0])) == 204
