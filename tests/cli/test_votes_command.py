"""`module-registry votes`: counting, merging, moving, and telling people."""

import json
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from support import OPERATOR, AnyClient, without_audit

from service.accounts.store import Account, add
from service.interest import maintenance
from service.interest.keys import interest_key, trend_key
from service.interest.maintenance import Told, add_voters, merge
from service.interest.reason import Given
from service.interest.store import today

#: Votes are counted and moved in other ways there.
pytestmark = pytest.mark.parametrize(
    "valkey_url", ["embedded", pytest.param("cluster", marks=pytest.mark.long)], indirect=True
)

Votes = Callable[..., subprocess.CompletedProcess[str]]

REGISTRY = """
modules:
  - { slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }
  - { slug: hiring, category: signals, label: { fr: Recrutement, en: Hiring }, coming_soon: true, formerly: [jobs] }
legacy_features: [company]
"""

#: The same, where hiring has shipped under another name, and crm is gone.
SHIPPED = """
modules:
  - { slug: talent, category: signals, label: { fr: Talents, en: Talent }, api_endpoint: /api/talent,
      formerly: [hiring, jobs] }
legacy_features: [company]
removed:
  - { slug: crm, date: 2026-09-02, because: { fr: "Une raison.", en: "A reason." } }
"""


@pytest.fixture
def votes(command: Votes) -> Votes:
    """Run `module-registry votes ARGUMENTS`."""
    return partial(command, "votes")


@pytest.fixture
def voted(redis: AnyClient) -> AnyClient:
    """The store, where alice, bob, élise and zoe have voted."""
    add_voters(redis, "crm", ["alice", "bob"], {"alice": Told(today(), Given(7, "Leads"))})
    add_voters(redis, "jobs", ["alice", "élise"])
    add_voters(redis, "gone", ["zoe"])
    return redis


def test_tally_since_some_days_adds_the_net_change_of_these_days(votes: Votes, voted: AnyClient) -> None:
    today = date.fromisoformat(next(iter(voted.hgetall(trend_key("crm")))))
    for days, change in ((6, 3), (7, 100)):
        voted.hset(trend_key("hiring"), (today - timedelta(days=days)).isoformat(), change)
    assert votes("tally", "--since", "7").stdout.splitlines() == [
        "feature  votes  last 7 days  label",
        "crm          2            2  CRM",
        "hiring       2            5  Hiring",  # two of them under its former id
        "company      0            0",
        "total        4            7",
    ]
    since = "feature,votes,last 8 days\ncrm,2,2\nhiring,2,105\ncompany,0,0\n"
    assert votes("tally", "--since", "8", "--format", "csv").stdout == since
    changed = votes("tally", "--since", "1", "--format", "json").stdout
    assert json.loads(changed)["hiring"] == {"votes": 2, "change": 2}
    voted.hset(trend_key("crm"), today.isoformat(), "many")
    done = votes("tally", "--since", "7")
    assert (done.returncode, done.stderr) == (1, "{registry}:trend:crm holds what is no number\n")


def test_what_was_merged_counts_once_in_all(command: Votes, voted: AnyClient) -> None:
    merge(voted, "company", "crm", by=OPERATOR)
    *rows, total = command("votes", "tally").stdout.splitlines()[1:]
    assert [row.split()[:2] for row in rows] == [["company", "2"], ["crm", "2"], ["hiring", "2"]]
    assert total.split() == ["total", "4"]
    assert "votes     4 for 3 features" in command("status").stdout


@pytest.mark.parametrize("arguments", [["votes", "tally", "--since", "7"], ["status"]])
def test_canonical_ids_are_read_once(
    command: Votes, voted: AnyClient, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    canonical, calls = maintenance.canonical, list[object]()
    monkeypatch.setattr(maintenance, "canonical", lambda *args: calls.append(args) or canonical(*args))
    assert command(*arguments).returncode == 0
    assert len(calls) == 1


def test_a_round_trip_loses_nothing(votes: Votes, voted: AnyClient) -> None:
    many = [f"v{number}" for number in range(2500)]  # more than one batch
    for start in range(0, len(many), 500):
        add_voters(voted, "hiring", many[start : start + 500])
    before = without_audit(voted)
    exported = votes("export").stdout
    lines = sorted((vote["feature"], vote["voter"]) for vote in map(json.loads, exported.splitlines()))
    few = [("crm", "alice"), ("crm", "bob"), ("gone", "zoe"), ("jobs", "alice"), ("jobs", "élise")]
    assert lines == sorted([*few, *(("hiring", name) for name in many)])
    voted.flushall()
    for style, new in (((), "2,505"), (("-",), "0")):
        assert votes("import", *style, stdin=exported).stdout == f"2,505 votes read, {new} of them new\n"
        assert without_audit(voted) == before


def test_a_vote_of_a_day_to_come_is_refused_by_its_line(votes: Votes, redis: AnyClient) -> None:
    ahead = date.fromisoformat(today()) + timedelta(days=1)  # by a clock that is ahead
    lines = [{"feature": "crm", "voter": "bob", "day": str(ahead + timedelta(days=days))} for days in (0, 1)]
    refused = votes("import", stdin="\n".join(map(json.dumps, lines)))
    assert refused.stderr.startswith('<stdin>:2: day must be a day such as 2026-11-26, at most one day ahead, not "')
    assert (refused.returncode, redis.scard(interest_key("crm"))) == (1, 0)
    assert votes("import", stdin=json.dumps(lines[0])).stdout == "1 vote read, 1 of them new\n"


def test_votes_of_a_module_are_no_orphans_and_those_of_one_that_is_gone_are(
    votes: Votes, voted: AnyClient, file: Path
) -> None:
    file.write_text(SHIPPED, encoding="utf-8")
    assert votes("who", "crm").stdout == "alice\t\tLeads\nbob\n"
    assert votes("orphans", "--format", "csv").stdout == "feature,votes\ncrm,2\ngone,1\n"
    assert voted.exists(interest_key("gone"), trend_key("gone")) == 2
    assert votes("orphans", "--delete", "--yes").stdout == "deleted 3 votes\n"
    assert voted.exists(interest_key("gone"), trend_key("gone")) == 0
    done = votes("orphans")
    none = "no votes but those of modules and of features that can be voted for\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", none)
    add_voters(voted, "talent", ["zoe"])
    for name in ("talent", "hiring", "jobs"):
        assert votes("who", name).stdout == "alice\nzoe\nélise\n"


def test_who_lists_accounts_with_their_names(votes: Votes, voted: AnyClient) -> None:
    add(voted, Account("alice", "active", "member", "Martin, Alice", "alice@example.com", "fr"), by=OPERATOR)
    assert votes("who", "jobs").stdout == "alice\tMartin, Alice\nélise\n"
    assert votes("who", "crm").stdout == "alice\tMartin, Alice\tLeads\nbob\n"
    header, alice = votes("who", "crm", "--format", "csv").stdout.splitlines()
    assert header == "id,name,email,locale,label_en,label_fr,reason"
    # And bob, without an account, is left out.
    assert alice == 'alice,"Martin, Alice",alice@example.com,fr,CRM,CRM,Leads'
    named = json.loads(votes("who", "crm", "--format", "json").stdout)
    alice = {"account": "alice", "name": "Martin, Alice", "day": today(), "reason": "Leads"}
    assert named == [alice, {"account": "bob", "name": "", "day": None, "reason": None}]


def test_merge_counts_each_voter_once_and_can_run_twice(votes: Votes, voted: AnyClient) -> None:
    add_voters(voted, "hiring", ["bob"])
    for moved, both in ((2, 1), (0, 0)):
        said = f"{moved} votes moved from crm to hiring, {both} of them by people who had both\nhiring has 3 votes\n"
        assert votes("merge", "crm", "hiring", "--yes").stdout == said
