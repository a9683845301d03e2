"""The votes of a rename on a Redis Cluster move in many steps: wherever one stops, and whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from clusters import Cluster
from support import wait_until
from test_renames import AFTER, NO_RENAMES, registry

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account, Status, add
from service.interest import cluster as protocol
from service.interest import store, upkeep
from service.interest.cluster_scripts import DECIDING_KEYS, MERGE, MOVING_KEY, lease_key
from service.interest.scripts import interest_key, trend_key
from service.problems import NotAuthenticated, StorageUnavailable
from service.settings import cluster_servers
from service.storage.client import run_script
from service.storage.cluster import ClusterClient

BOTH = registry(old=(), new=(), other=())


class Died(BaseException):
    """A worker was killed."""


class Interrupted(ClusterClient):
    """A client that does something of the test's before it sends its n-th command."""

    def __init__(self, cluster: Cluster, before: int, interrupt: Callable[[], object]) -> None:
        super().__init__(cluster_servers(cluster.url), 5.0)
        self._left = before
        self._interrupt = interrupt

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            self._interrupt()
        return super().execute_command(*args, **options)


def die() -> None:
    raise Died


#: More commands than a small move has.
ALL = range(1, 16)


@pytest.fixture
def client(on_cluster: ClusterClient) -> ClusterClient:
    """Votes for two features, one voter having both."""
    for voter in ("alice", "bob", "carol"):
        add(on_cluster, Account(voter, Status.ACTIVE))
    for voter, feature in [("alice", "old"), ("bob", "old"), ("bob", "new"), ("carol", "new")]:
        store.vote(on_cluster, Caller(voter), feature, BOTH)
    return on_cluster


def add_many(client: ClusterClient, count: int) -> list[str]:
    """More voters for the old feature; returns who they are."""
    many = [f"v{number}" for number in range(count)]
    for start in range(0, count, 500):
        upkeep.add_voters(client, "old", many[start : start + 500])
    return many


def trend(client: ClusterClient, feature: str) -> int:
    return sum(map(int, client.hvals(trend_key(feature))))


def assert_moved(client: ClusterClient, *expected: str) -> None:
    """These want the new feature, and nothing is left of the move but what says that it took place."""
    assert client.smembers(interest_key("new")) == set(expected)
    assert trend(client, "new") == len(expected)
    leftovers = [interest_key("old"), trend_key("old"), MOVING_KEY, lease_key("old")]
    assert [key for key in leftovers if client.exists(key)] == []


def test_the_keys_of_these_tests_are_on_different_shards(client: ClusterClient, cluster: Cluster) -> None:
    holders = {}
    for index in range(3):
        with cluster.server(index) as server:
            for key in server.scan_iter():
                holders[key] = index
    assert len({holders[interest_key("old")], holders[interest_key("new")]}) == 2
    assert len({*holders.values()}) == 3


@pytest.mark.parametrize("point", ALL)
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_move_that_stopped_anywhere_is_finished_by_the_next_request(
    client: ClusterClient, cluster: Cluster, point: int, by_hand: bool
) -> None:
    doomed = Interrupted(cluster, point, die)
    with suppress(Died):
        upkeep.merge(doomed, "old", "new") if by_hand else store.read(doomed, Caller("alice"), AFTER)
    doomed.close()
    # Someone who knows of no rename retracts: this must hold whether or not the votes have moved.
    store.retract(client, Caller("alice"), "old", BOTH)
    assert store.read(client, Caller("bob"), AFTER) == store.Interest(["new"], {"new": 2, "other": 0})
    assert_moved(client, "bob", "carol")


@pytest.mark.parametrize("point", ALL)
@pytest.mark.parametrize("meanwhile", ["finished", "used", "moved on", "deleted"])
def test_a_slow_mover_harms_nothing(client: ClusterClient, cluster: Cluster, point: int, meanwhile: str) -> None:
    """While it stands still, others finish the move, and go on from there."""

    def others() -> None:
        store.read(client, Caller("alice"), AFTER)
        if meanwhile == "used":
            store.retract(client, Caller("bob"), "new", AFTER)
        elif meanwhile == "moved on":
            upkeep.merge(client, "new", "other")
            store.retract(client, Caller("bob"), "new", AFTER)
        elif meanwhile == "deleted":
            upkeep.discard(client, "new")

    slow = Interrupted(cluster, point, others)
    upkeep.merge(slow, "old", "new")
    slow.close()
    if slow._left > 0:
        others()
    expected = {"finished": {"alice", "bob", "carol"}, "deleted": set()}.get(meanwhile, {"alice", "carol"})
    kept = "other" if meanwhile == "moved on" else "new"
    assert set(upkeep.voters(client, "old", NO_RENAMES)) == expected
    assert upkeep.stored_features(client) == ([kept] if expected else [])
    assert trend(client, kept) == len(expected)


def test_a_merge_says_what_moved_also_if_someone_else_did_it(client: ClusterClient, cluster: Cluster) -> None:
    for point in ALL:
        client.flushall()
        upkeep.add_voters(client, "old", ["alice", "bob"])
        upkeep.add_voters(client, "new", ["bob"])
        slow = Interrupted(cluster, point, lambda: upkeep.homes(client, ["old"]))
        assert upkeep.merge(slow, "old", "new") == (2, 1)
        slow.close()


def test_a_merge_counts_what_is_still_on_its_way_to_its_origin(client: ClusterClient, cluster: Cluster) -> None:
    upkeep.add_voters(client, "older", ["dave"])
    doomed = Interrupted(cluster, 3, die)  # decided, and no more
    with pytest.raises(Died):
        store.read(doomed, Caller("alice"), registry(old=("older",)))
    doomed.close()
    assert client.hgetall(MOVING_KEY) == {"older": "old"}
    assert upkeep.merge(client, "old", "new") == (3, 1)


def test_a_move_to_a_feature_that_has_moved_on_ends_where_that_is(client: ClusterClient) -> None:
    """Two that move at once, of which the second overtakes the first."""
    for pair in (("old", "new"), ("new", "other")):
        run_script(client, MERGE, DECIDING_KEYS, pair)
    protocol._move(client, "new", "other", store.today())
    assert client.hgetall(MOVING_KEY) == {"old": "new"}
    assert store.read(client, Caller("alice"), BOTH).counts == dict.fromkeys(("old", "new", "other"), 3)
    assert upkeep.stored_features(client) == ["other"]
    assert trend(client, "other") == 3


@pytest.mark.parametrize("point", range(5, 16))  # from the decision on
def test_votes_that_were_taken_are_not_taken_again_further_on(
    client: ClusterClient, cluster: Cluster, point: int
) -> None:
    doomed = Interrupted(cluster, point, die)
    with suppress(Died):
        upkeep.merge(doomed, "old", "new")
    doomed.close()
    run_script(client, MERGE, DECIDING_KEYS, ["new", "other"])
    protocol._move(client, "new", "other", store.today())
    assert protocol._move(client, "old", "new", store.today()) == (2, 1)  # not 2, by finding there what it brought
    assert upkeep.stored_features(client) == ["other"]
    assert trend(client, "other") == 3


@pytest.mark.parametrize("by_hand", [True, False])
def test_many_votes_are_copied_by_one_and_the_others_wait_no_longer_than_they_must(
    client: ClusterClient, cluster: Cluster, by_hand: bool
) -> None:
    many = add_many(client, 3500)
    refused: list[str] = []

    def others() -> None:
        assert len(list(client.scan_iter("staging:*"))) == 1
        with pytest.raises(StorageUnavailable, match="being moved"):
            store.read(client, Caller("alice"), AFTER)
        assert len(list(client.scan_iter("staging:*"))) == 1
        refused.append("alice")

    mover = Interrupted(cluster, 12, others)  # after the first batch
    if by_hand:
        assert upkeep.merge(mover, "old", "new") == (len(many) + 2, 1)
    else:
        assert store.read(mover, Caller("bob"), AFTER).counts["new"] == len(many) + 3
    mover.close()
    assert refused
    assert_moved(client, "alice", "bob", "carol", *many)


def test_when_who_copied_many_votes_has_died_another_takes_over(client: ClusterClient, cluster: Cluster) -> None:
    many = add_many(client, 1500)
    doomed = Interrupted(cluster, 12, die)
    with pytest.raises(Died):
        store.read(doomed, Caller("bob"), AFTER)
    doomed.close()
    (staging,) = client.scan_iter("staging:*")
    assert 0 < client.ttl(staging) <= 120  # voters' ids do not stay
    assert 0 < client.ttl(lease_key("old")) <= 5
    client.pexpire(lease_key("old"), 1)
    wait_until(lambda: not client.exists(lease_key("old")))
    assert store.read(client, Caller("bob"), AFTER).counts["new"] == len(many) + 3


def test_a_lease_ends_by_itself_wherever_its_holder_dies(client: ClusterClient, cluster: Cluster) -> None:
    leases = []
    for point in ALL:
        client.flushall()
        add(client, Account("bob", Status.ACTIVE))
        add_many(client, 1500)
        doomed = Interrupted(cluster, point, die)
        with suppress(Died):
            store.read(doomed, Caller("bob"), AFTER)
        doomed.close()
        leases += [client.ttl(lease_key("old"))] * client.exists(lease_key("old"))
    assert leases
    assert all(0 < seconds <= 5 for seconds in leases)


def test_a_copy_that_has_expired_is_made_again(client: ClusterClient, cluster: Cluster) -> None:
    def expire() -> None:
        for key in client.scan_iter("staging:*"):
            client.delete(key)

    for point in ALL:
        client.flushall()
        upkeep.add_voters(client, "old", ["alice", "bob"])
        mover = Interrupted(cluster, point, expire)
        assert upkeep.merge(mover, "old", "new") == (2, 0)
        mover.close()
        assert_moved(client, "alice", "bob")


@pytest.mark.parametrize("act", [store.vote, store.retract])
@pytest.mark.parametrize("point", range(1, 6))
def test_a_vote_that_meets_the_mark_goes_where_the_votes_went(
    client: ClusterClient, cluster: Cluster, act: Callable[..., None], point: int
) -> None:
    """A worker with the old registry has found out where the votes are; then they move; then it votes."""
    voter = "carol" if act is store.vote else "alice"
    worker = Interrupted(cluster, point, lambda: upkeep.merge(client, "old", "new"))
    act(worker, Caller(voter), "old", BOTH)
    worker.close()
    upkeep.merge(client, "old", "new")
    assert_moved(client, *({"alice", "bob", "carol"} if act is store.vote else {"bob", "carol"}))


def test_a_read_that_meets_the_mark_counts_where_the_votes_went(client: ClusterClient, cluster: Cluster) -> None:
    class Overtaken(ClusterClient):
        """Between its finding out where the votes are and its counting them, they move."""

        def read_all(self, commands: Sequence[tuple[str, ...]]) -> list[Any]:
            upkeep.merge(client, "old", "new")
            return super().read_all(commands)

    reader = Overtaken(cluster_servers(cluster.url), 5.0)
    assert store.read(reader, Caller("bob"), BOTH) == store.Interest(["new", "old"], {"old": 3, "new": 3, "other": 0})
    reader.close()


def test_an_account_that_is_removed_while_it_votes_leaves_no_vote(client: ClusterClient, cluster: Cluster) -> None:
    for point in range(1, 8):
        if accounts.find(client, "dave") is None:
            add(client, Account("dave", Status.ACTIVE))

        def remove() -> None:
            accounts.remove(client, "dave")
            upkeep.withdraw_all(client, "dave")

        worker = Interrupted(cluster, point, remove)
        with suppress(NotAuthenticated):
            store.vote(worker, Caller("dave"), "old", BOTH)
        worker.close()
        present = accounts.find(client, "dave") is not None
        assert ("dave" in upkeep.voters(client, "old", NO_RENAMES)) == present
        assert present == (point > 4)


def test_suspended_is_out_at_once_and_nothing_is_written(client: ClusterClient) -> None:
    accounts.set_status(client, "alice", Status.SUSPENDED)
    before = {*client.scan_iter()}
    for act in (store.vote, store.retract):
        with pytest.raises(NotAuthenticated):
            act(client, Caller("alice"), "old", AFTER)
    with pytest.raises(NotAuthenticated):
        store.read(client, Caller("alice"), AFTER)
    assert {*client.scan_iter()} == before


def test_many_requests_find_the_same_move_at_once(client: ClusterClient) -> None:
    for number in range(40):
        client.flushall()
        upkeep.add_voters(client, "old", [f"v{voter}" for voter in range(number)])
        for name in ("alice", "bob"):
            add(client, Account(name, Status.ACTIVE))
        with ThreadPoolExecutor(8) as pool:
            reads = [pool.submit(store.read, client, Caller("alice"), AFTER) for _ in range(8)]
            assert {read.result().counts["new"] for read in reads} == {number}
        assert trend(client, "new") == number


def test_listing_voters_while_they_move_misses_nobody(client: ClusterClient) -> None:
    many = {f"v{number}" for number in range(5000)}
    for start in range(0, len(many), 1000):
        upkeep.add_voters(client, "old", sorted(many)[start : start + 1000])
    listing = upkeep.voters(client, "old", NO_RENAMES)
    first = [next(listing) for _ in range(10)]
    upkeep.merge(client, "old", "other")
    assert {*first, *listing} == many | {"alice", "bob"}


@pytest.mark.parametrize("point", range(1, 4))
def test_what_is_merged_while_orphans_are_counted_is_no_orphan(
    client: ClusterClient, cluster: Cluster, point: int
) -> None:
    upkeep.add_voters(client, "gone", ["zoe"])
    counter = Interrupted(cluster, point, lambda: upkeep.merge(client, "gone", "new"))
    assert set(upkeep.orphans(counter, BOTH)) <= {"gone"}
    counter.close()
