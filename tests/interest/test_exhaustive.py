"""All sequences of votes, retractions, renames, merges and removals, on a real store, beside votes_model.py.

From each state that can be reached, each step is tried once, so every order of steps is: until nothing new is reached.
Before each step, votes under each name have a day and a reason of their own.
Steps of workers with different revisions of the registry are among them. Times, days and token buckets are made alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product
from typing import NamedTuple
from unittest.mock import patch

import pytest
from support import OPERATOR, AnyClient, add_accounts
from votes_model import DAYS, NAMES, REVISIONS, TODAY, VOTERS, Votes

from service.accounts import store as accounts
from service.accounts.model import account_key
from service.accounts.sessions import Caller
from service.interest import maintenance, store
from service.interest.keys import RENAMES_KEY, interest_key, reasons_key, trend_key, voted_key
from service.interest.reason import parsed
from service.problems import NotAuthenticated, NoVote, StorageUnavailable, UnknownFeature
from service.storage.script import Script

#: A step: its name in the model and in `Store`, and what it is given.
Step = tuple[str, ...]
STEPS: list[Step] = [
    *product(("vote", "retract", "explain"), REVISIONS, VOTERS, NAMES),
    *product(["read"], REVISIONS, VOTERS),
    *(("merge", *names) for names in permutations(NAMES, 2)),
    *product(["discard"], NAMES),
    *product(["remove", "add"], VOTERS),
    *(("remove", "alice", *names) for names in permutations(NAMES, 2)),
]


class Stored(NamedTuple):
    """What the store holds, but for the days of trends, of which each is the sum. Votes have a day and a reason."""

    renames: frozenset[tuple[str, str]]
    votes: frozenset[tuple[str, str, str, str]]
    trends: frozenset[tuple[str, int]]
    accounts: frozenset[str]

    @property
    def means(self) -> Votes:
        """The same in the model's words. Fails where a trend is not the count of its votes."""
        renames = dict(self.renames)
        kept = {}
        for name in NAMES:
            kept[name] = name
            while kept[name] in renames:
                kept[name] = renames[kept[name]]
        counts = {name: sum(one == name for one, *_ in self.votes) for name in NAMES}
        assert {**dict.fromkeys(NAMES, 0), **dict(self.trends)} == counts, "a trend adds up to the votes"
        wanted = {(name, voter): (day, reason) for name, voter, day, reason in self.votes}
        return Votes(kept, wanted, self.accounts)

    @property
    def before(self) -> Stored:
        """The same with days and reasons that differ by the name that votes are kept under, for the next step."""
        return self._replace(votes=frozenset((name, voter, DAYS[name], name) for name, voter, *_ in self.votes))

    @property
    def alike(self) -> object:
        """What it has in common with the states that differ in who is who."""
        people = sorted(
            (voter in self.accounts, sorted(n for n, one, *_ in self.votes if one == voter)) for voter in VOTERS
        )
        return self.renames, str(people)


class MergingMeanwhile(AnyClient):
    """A client that merges two features right after it has looked for keys the first time."""

    features: tuple[str, ...] = ()

    def scan(self, pattern: str) -> Iterator[str]:
        yield from list(super().scan(pattern))
        if self.features:
            (old, new), self.features = self.features, ()
            maintenance.merge(self, old, new, by=OPERATOR)


class Store:
    """The real functions under the model's names, on the real store."""

    def __init__(self, client: AnyClient) -> None:
        self.client = MergingMeanwhile(client.url, client.timeout)

    def vote(self, held: str, voter: str, name: str) -> None:
        with patch.object(store, "today", lambda: TODAY):
            store.vote(self.client, Caller(voter), name, REVISIONS[held])

    def explain(self, held: str, voter: str, name: str) -> None:
        store.explain(self.client, Caller(voter), name, "why", REVISIONS[held])

    def retract(self, held: str, voter: str, name: str) -> None:
        store.retract(self.client, Caller(voter), name, REVISIONS[held])

    def read(self, held: str, voter: str) -> object:
        seen = store.read(self.client, Caller(voter), REVISIONS[held])
        return seen.counts, seen.voted

    def merge(self, old: str, new: str) -> object:
        return tuple(maintenance.merge(self.client, old, new, by=OPERATOR) or ())

    def discard(self, name: str) -> None:
        maintenance.discard(self.client, maintenance.canonical(self.client, [name])[name][0], by=OPERATOR)

    def remove(self, voter: str, *merged: str) -> None:
        accounts.remove(self.client, voter, by=OPERATOR)
        self.client.features = merged
        maintenance.withdraw_all(self.client, voter)
        if self.client.features:  # there was nothing to withdraw
            list(self.client.scan(interest_key("*")))

    def add(self, voter: str) -> None:
        if accounts.find(self.client, voter) is None:
            add_accounts(self.client, voter)

    def does(self, step: Step) -> object:
        """Take a step; what it answered, or how it was refused."""
        name, *given = step
        try:
            return getattr(self, name)(*given)
        except (NotAuthenticated, UnknownFeature, NoVote, StorageUnavailable) as error:
            return type(error)

    def put(self, state: Stored) -> None:
        """Have the store hold a state, and nothing else; its votes were all cast on one day."""
        with self.client.pipeline(transaction=False) as pipeline:
            pipeline.flushall()
            if state.renames:
                pipeline.hset(RENAMES_KEY, mapping=dict(state.renames))
            for name, voter, day, reason in state.votes:
                pipeline.sadd(interest_key(name), voter)
                pipeline.hset(voted_key(name), voter, day).hset(reasons_key(name), voter, f"1 {reason}")
            for name, count in state.trends:
                pipeline.hset(trend_key(name), "2026-01-01", str(count))
            for voter in state.accounts:
                pipeline.hset(account_key(voter), "status", "active")
            pipeline.execute()

    def found(self) -> Stored:
        """What it holds now."""
        with self.client.pipeline(transaction=False) as pipeline:
            pipeline.hgetall(RENAMES_KEY)
            for voter in VOTERS:
                pipeline.exists(account_key(voter))
            for name in NAMES:
                pipeline.smembers(interest_key(name)).hgetall(trend_key(name))
                pipeline.hgetall(voted_key(name)).hgetall(reasons_key(name))
            renames, alice, bob, *kept = pipeline.execute()
        votes: set[tuple[str, str, str, str]] = set()
        trends = {}
        for name, voters, trend, days, reasons in zip(NAMES, *(kept[at::4] for at in range(4)), strict=True):
            assert days.keys() == voters >= reasons.keys(), "who has voted has a day, and nobody else"
            votes |= {(name, voter, days[voter], parsed(reasons.get(voter, "")).text) for voter in voters}
            trends[name] = sum(map(int, trend.values()))
        return Stored(
            frozenset(renames.items()),
            frozenset(votes),
            frozenset((name, total) for name, total in trends.items() if total),
            frozenset(voter for voter, there in zip(VOTERS, (alice, bob), strict=True) if there),
        )


BEGINNING = Stored(frozenset(), frozenset(), frozenset(), frozenset(VOTERS))


def search(client: AnyClient) -> tuple[int, int]:
    """Take each step from each state that can be reached: how many states and steps there were. Fails where they part.

    The way to the state and the step that fails are said.
    """
    real, steps, after = Store(client), 0, None
    ways: dict[Stored, tuple[Step, ...]] = {BEGINNING: ()}
    met, left = {BEGINNING.alike}, [BEGINNING]
    for state in left:
        for step in STEPS:
            if after != state:
                real.put(state)
            answer, after = real.does(step), real.found()
            name, *given = step
            expected, said = getattr(state.means, name)(*given)
            way = [*ways[state], step]
            assert answer == said, f"after {way}"
            assert after.means == expected, f"after {way}"
            steps += 1
            if after.alike not in met:
                met.add(after.alike)
                left.append(after.before)
                ways[after.before] = tuple(way)
    return len(left), steps


def test_whatever_happens_in_whichever_order_is_what_the_model_says(
    redis: AnyClient, capsys: pytest.CaptureFixture[str]
) -> None:
    states, steps = search(redis)
    with capsys.disabled():
        print(f"\nvotes: {states} states, {steps} steps")
    assert states > 100


#: Mistakes in the scripts: what stands there, and what is planted in its place.
MISTAKES = {
    "a chain of renames is followed one step only": ("    to = call('HGET', KEYS[1], id)\n", "    to = nil\n"),
    "who has voted votes again": ("if has == wanted then return false end", ""),
    "a retraction counts as a vote of the day": ("wanted and 1 or -1", "1"),
    "who voted for both counts twice in the trend": ("if double > 0 then", "if double > 1 then"),
    "a merge leaves the old votes": ("call('DEL', interest(from), trend(from))", "call('DEL', trend(from))"),
    "a merge is not remembered": ("call('HSET', KEYS[1], from, to)", ""),
    "a merge drops the votes of its target": (
        "interest(to), interest(to), interest(from)",
        "interest(to), interest(from)",
    ),
    "a rename takes another feature's votes along": ("ARGV[i] ~= new and canonical(ARGV[i]) == from", "false"),
    "votes go to the id that was asked for": ("change(canonical(feature),", "change(feature,"),
    "a reader causes no rename": ("rename(ARGV[i], ARGV[i + 1], 6, last, ARGV[4])", ""),
    "a removed account votes": ("is_among(status, voters)", "true"),
    "a discarded feature keeps its reasons": (", reasons(ARGV[1]))", ")"),
    "a day outlives its vote": ("redis.pcall('HDEL', voted(id), voter)", ""),
    "a reason outlives its vote": ("redis.pcall('HDEL', reasons(id), voter)", ""),
    "the latest day is kept": ("day < other", "day > other"),
    "the reason of the old name is kept": ("(old, new) return new", "(old, new) return old"),
    "of a smaller feature what was said of it wins": ("if small == to then", "if false then"),
    "a discarded feature keeps its trend": (
        "call('DEL', interest(ARGV[1]), trend(ARGV[1]),",
        "call('DEL', interest(ARGV[1]),",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_that_is_planted_is_found(redis: AnyClient, monkeypatch: pytest.MonkeyPatch, mistake: str) -> None:
    right, wrong = MISTAKES[mistake]
    scripts = [each for module in (store, maintenance) for each in vars(module).values() if isinstance(each, Script)]
    assert any(right in script.source for script in scripts)
    for script in scripts:
        planted = Script(script.source.replace(right, wrong))
        monkeypatch.setattr(script, "on_primary", planted.on_primary)
        monkeypatch.setattr(script, "source", planted.source)
        monkeypatch.setattr(script, "digest", planted.digest)
    with pytest.raises(AssertionError):
        search(redis)
