"""The service is broken at random while people vote: `make chaos` in short, and that it would see what is lost."""

from pathlib import Path

import pytest
from chaos.declared import Family, Merge
from chaos.ledger import Ledger, Outcome
from chaos.run import Plan, run
from chaos.town import KINDS

ACKNOWLEDGED, REFUSED, UNKNOWN = Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.UNKNOWN


def after(*changes: tuple[bool, Outcome]) -> tuple[Ledger, Family]:
    """A ledger after changes of one account's vote for one feature."""
    ledger, family = Ledger(), Family([["crm"]])
    for wanted, outcome in changes:
        ledger.change("alice", family, 0, wanted, outcome, ledger.possible("alice", family))
    return ledger, family


@pytest.mark.parametrize(
    ("changes", "possible"),
    [
        ([(True, ACKNOWLEDGED)], {True}),
        ([(True, ACKNOWLEDGED), (False, ACKNOWLEDGED)], {False}),
        ([(True, REFUSED)], {False}),
        ([(True, UNKNOWN)], {True, False}),
        ([(True, UNKNOWN), (False, ACKNOWLEDGED)], {False}),
        ([(True, ACKNOWLEDGED), (False, UNKNOWN)], {True, False}),
        ([(True, ACKNOWLEDGED), (True, UNKNOWN)], {True}),
    ],
)
@pytest.mark.parametrize("seen", [True, False])
def test_what_is_not_as_people_were_told_is_noticed(
    changes: list[tuple[bool, Outcome]], possible: set[bool], seen: bool
) -> None:
    ledger, family = after(*changes)
    ledger.look("alice", family, (seen,), ledger.possible("alice", family))
    assert bool(ledger.wrong) is (seen not in possible)
    assert ledger.possible("alice", family) == {(seen,)}


def test_an_unacknowledged_change_that_was_seen_may_be_rolled_back_and_no_other() -> None:
    ledger, family = after((True, ACKNOWLEDGED), (False, UNKNOWN))
    for seen in (False, True):
        ledger.look("alice", family, (seen,), ledger.possible("alice", family))
    assert (len(ledger.rolled_back), ledger.wrong) == (1, [])
    ledger.change("alice", family, 0, True, ACKNOWLEDGED, ledger.possible("alice", family))
    ledger.look("alice", family, (False,), ledger.possible("alice", family))
    assert (len(ledger.rolled_back), len(ledger.wrong)) == (1, 1)


def test_a_merge_keeps_the_vote_of_whoever_wanted_one_of_both() -> None:
    ledger, family = Ledger(), Family([["crm"], ["contacts"]], Merge.APART)

    def change(member: int, wanted: bool) -> None:
        ledger.change("alice", family, member, wanted, ACKNOWLEDGED, ledger.possible("alice", family))

    change(0, True)
    family.merge = Merge.UNDER_WAY
    change(1, False)  # before the merge it leaves the vote for the other one, after it that is taken back
    assert ledger.possible("alice", family) == {(True, False), (True,), (False,)}
    family.merge = Merge.DONE
    assert ledger.possible("alice", family) == {(True,), (False,)}
    ledger.look("alice", family, (False,), ledger.possible("alice", family))
    change(0, True)
    ledger.look("alice", family, (False,), ledger.possible("alice", family))
    assert len(ledger.wrong) == 1


SHORT = ["the store killed", "the store suspended", "a worker killed"]
PLANS = [
    pytest.param(Plan("embedded", 4, only=SHORT, lasts=0.5, between=(0.05, 0.3), tells=False), marks=pytest.mark.long),
    pytest.param(Plan("server", 4), marks=pytest.mark.long),
    *(pytest.param(Plan(kind, 20), marks=pytest.mark.nightly) for kind in KINDS),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.on}-{plan.faults}")
def test_nothing_that_is_promised_is_lost(plan: Plan, short_dir: Path) -> None:
    report = run(plan, short_dir)
    assert not report.broken, report.text()
    assert len(report.happened) == plan.faults and report.answers[ACKNOWLEDGED] > 20 and report.edits


@pytest.mark.nightly
def test_no_vote_that_the_only_replica_has_confirmed_is_lost_with_its_primary(short_dir: Path) -> None:
    """More is not promised: where there are two replicas, the one that has not confirmed a vote may be promoted."""
    only = ["the primary of votes killed, its replica promoted"]
    report = run(Plan("cluster", faults=3, only=only, tells=False), short_dir)
    assert not report.lost and not report.broken, report.text()
