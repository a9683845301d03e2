"""`module-registry votes`: counting, merging, moving, and telling people."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from redis import Redis
from support import OPERATOR, run

from service.accounts.store import Account, add
from service.interest.keys import RENAMES_KEY, interest_key, trend_key
from service.interest.maintenance import add_voters

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
def votes(redis: Redis, valkey_url: str, tmp_path: Path) -> Votes:
    """Run `module-registry votes ARGUMENTS` on the session's store, which is empty at first."""
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")

    def call(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return run("votes", *arguments, stdin=stdin or "", REDIS_URL=valkey_url, REGISTRY_FILE=str(file))

    return call


@pytest.fixture
def voted(redis: Redis) -> Redis:
    add_voters(redis, "crm", ["alice", "bob"])
    add_voters(redis, "jobs", ["alice", "élise"])
    add_voters(redis, "gone", ["zoe"])
    return redis


def test_tally_counts_every_allowed_feature_most_first(votes: Votes, voted: Redis) -> None:
    assert votes("tally").stdout == (
        "feature  votes  label\ncrm          2  CRM\nhiring       2  Hiring\ncompany      0\ntotal        4\n"
    )


def test_tally_as_markdown(votes: Votes, voted: Redis) -> None:
    assert votes("tally", "--format", "markdown").stdout == (
        "| feature | votes | label |\n| --- | ---: | --- |\n| `crm` | 2 | `CRM` |\n| `hiring` | 2 | `Hiring` |\n"
        "| `company` | 0 |  |\n| `total` | 4 |  |\n"
    )


def test_tally_since_some_days_adds_the_net_change_of_these_days(votes: Votes, voted: Redis) -> None:
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
    assert votes("tally", "--since", "8", "--format", "csv").stdout == (
        "feature,votes,last 8 days\ncrm,2,2\nhiring,2,105\ncompany,0,0\n"
    )
    changes = json.loads(votes("tally", "--since", "1", "--format", "json").stdout)
    assert changes["hiring"] == {"votes": 2, "change": 2}


def test_a_trend_that_holds_no_number_is_named(votes: Votes, voted: Redis) -> None:
    day = next(iter(voted.hgetall(trend_key("crm"))))
    voted.hset(trend_key("crm"), day, "many")
    done = votes("tally", "--since", "7")
    assert (done.returncode, done.stderr) == (1, "{votes}:trend:crm holds what is no number\n")


def test_tally_says_when_there_is_nothing_to_vote_for(votes: Votes, tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text("modules: []\n")
    done = votes("tally")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no feature can be voted for\n")
    assert votes("tally", "--format", "json").stdout == "{}\n"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("json", '{\n  "crm": 2,\n  "hiring": 2,\n  "company": 0\n}\n'),
        ("csv", "feature,votes\ncrm,2\nhiring,2\ncompany,0\n"),
    ],
)
def test_tally_for_machines(votes: Votes, voted: Redis, style: str, expected: str) -> None:
    assert votes("tally", "--format", style).stdout == expected


def everything(redis: Redis) -> dict[str, object]:
    """All votes and trends, whatever order they are kept in."""
    sets = {key: redis.smembers(key) for key in redis.scan_iter("{votes}:interest:*")}
    return sets | {key: redis.hgetall(key) for key in redis.scan_iter("{votes}:trend:*")}


def test_a_round_trip_loses_nothing(votes: Votes, voted: Redis) -> None:
    exported = votes("export").stdout
    assert {"feature": "jobs", "voter": "élise"} in [json.loads(line) for line in exported.splitlines()]
    before = everything(voted)
    voted.flushall()
    assert votes("import", stdin=exported).stdout == "5 votes read, 5 of them new\n"
    assert everything(voted) == before
    assert votes("import", "-", stdin=exported).stdout == "5 votes read, 0 of them new\n"
    assert everything(voted) == before


def test_a_round_trip_of_more_than_one_batch(votes: Votes, redis: Redis, tmp_path: Path) -> None:
    for start in range(0, 2500, 500):
        add_voters(redis, "crm", [f"v{number}" for number in range(start, start + 500)])
    file = tmp_path / "votes.jsonl"
    file.write_text(votes("export", "crm").stdout)
    assert len(file.read_text().splitlines()) == 2500
    redis.flushall()
    votes("import", str(file)).check_returncode()
    assert redis.scard(interest_key("crm")) == 2500


def test_export_of_one_feature(votes: Votes, voted: Redis) -> None:
    assert {json.loads(line)["voter"] for line in votes("export", "crm").stdout.splitlines()} == {"alice", "bob"}


def test_export_by_a_former_name_is_of_what_it_is_called_now(votes: Votes, voted: Redis) -> None:
    exported = [json.loads(line) for line in votes("export", "jobs").stdout.splitlines()]
    assert sorted((vote["feature"], vote["voter"]) for vote in exported) == [("hiring", "alice"), ("hiring", "élise")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("alice", "-:2: not JSON"),
        ('{"feature": "crm"}', "-:2: not a vote"),
        ("[]", "-:2: not a vote"),
        ('{"feature": "crm", "voter": 5}', "-:2: voter must be printable text, not 5"),
        ('{"feature": "", "voter": "bob"}', "-:2: feature must be printable text"),
        ('{"feature": "crm", "voter": "\\ud800"}', "-:2: voter must be printable text"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_imported(votes: Votes, redis: Redis, line: str, words: str) -> None:
    done = votes("import", stdin='{"feature": "crm", "voter": "bob"}\n' + line + "\n")
    assert done.returncode == 1
    assert words in done.stderr.replace("<stdin>", "-")
    assert everything(redis) == {}


def test_orphans_are_sets_that_no_allowed_feature_stands_for(votes: Votes, voted: Redis) -> None:
    assert votes("orphans").stdout == "feature  votes\ngone         1\n"
    voted.delete(interest_key("gone"))
    done = votes("orphans")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "no votes but those of modules and of features that can be voted for\n"


def test_votes_of_a_module_are_no_orphans_and_those_of_one_that_is_gone_are(
    votes: Votes, voted: Redis, tmp_path: Path
) -> None:
    (tmp_path / "registry.yaml").write_text(SHIPPED, encoding="utf-8")
    assert votes("orphans", "--format", "csv").stdout == "feature,votes\ncrm,2\ngone,1\n"
    assert votes("orphans", "--delete", "--yes").stdout == "deleted 3 votes\n"
    for name in ("talent", "hiring", "jobs"):
        assert votes("who", name).stdout == "alice\nélise\n"


def test_who_knows_modules_that_are_active_or_gone(votes: Votes, voted: Redis, tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(SHIPPED, encoding="utf-8")
    add_voters(voted, "talent", ["zoe"])
    for name in ("talent", "hiring", "jobs"):
        assert votes("who", name).stdout == "alice\nzoe\nélise\n"
    assert votes("who", "crm").stdout == "alice\nbob\n"
    voted.delete(interest_key("crm"))
    done = votes("who", "crm")
    assert (done.returncode, done.stderr) == (0, "crm has no votes\n")


def test_orphans_are_deleted_only_after_a_yes(votes: Votes, voted: Redis) -> None:
    refused = votes("orphans", "--delete", stdin="n\n")
    assert refused.returncode == 1
    assert "Delete 1 vote of gone for good?" in refused.stdout
    assert voted.exists(interest_key("gone")) == 1
    assert votes("orphans", "--delete", "--yes").stdout == "deleted 1 vote\n"
    assert voted.exists(interest_key("gone"), trend_key("gone")) == 0
    assert voted.scard(interest_key("crm")) == 2


def test_who_lists_accounts_with_their_names(votes: Votes, voted: Redis) -> None:
    add(voted, Account("alice", "active", name="Alice Martin"), by=OPERATOR)
    assert votes("who", "crm").stdout == "alice\tAlice Martin\nbob\n"
    assert votes("who", "hiring").stdout == "alice\tAlice Martin\nélise\n"


def test_who_for_machines(votes: Votes, voted: Redis) -> None:
    add(voted, Account("alice", "active", "member", "Martin, Alice", "alice@example.com", "fr"), by=OPERATOR)
    assert votes("who", "crm", "--format", "csv").stdout.splitlines() == [
        "id,name,email,locale,label_en,label_fr",
        'alice,"Martin, Alice",alice@example.com,fr,CRM,CRM',
    ], "bob has no account, so that there is nobody to write to"
    assert json.loads(votes("who", "crm", "--format", "json").stdout) == [
        {"account": "alice", "name": "Martin, Alice"},
        {"account": "bob", "name": ""},
    ]


@pytest.mark.parametrize("command", ["who", "export"])
def test_a_feature_that_is_none_is_refused_with_the_one_that_was_meant(
    votes: Votes, voted: Redis, command: str
) -> None:
    for typo, meant in (("hirring", "hiring"), ("gonne", "gone")):
        done = votes(command, typo)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"{typo} is no feature, and has no votes; did you mean {meant}?\n"
    assert "`votes tally` lists the features" in votes(command, "zzz").stderr


@pytest.mark.parametrize("command", ["who", "export"])
def test_a_feature_without_votes_is_said_and_no_mistake(votes: Votes, voted: Redis, command: str) -> None:
    voted.hset(RENAMES_KEY, "merged", "company")
    for feature in ("company", "merged"):
        done = votes(command, feature)
        assert (done.returncode, done.stderr) == (0, f"{feature} has no votes\n")


def test_a_shell_completes_features(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY)
    for line, found in (("votes who c", "crm company"), ("votes export h", "hiring"), ("votes merge crm h", "hiring")):
        completing = {"_MODULE_REGISTRY_COMPLETE": "bash_complete", "COMP_CWORD": str(len(line.split()))}
        done = run(REGISTRY_FILE=str(file), COMP_WORDS=f"module-registry {line}", **completing)
        assert sorted(done.stdout.split()) == sorted(f"plain,{feature}" for feature in found.split())
    file.write_text("modules: 1\n")
    done = run(REGISTRY_FILE=str(file), COMP_WORDS="module-registry votes who c", **completing | {"COMP_CWORD": "3"})
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_looking_changes_nothing(votes: Votes, voted: Redis) -> None:
    before = everything(voted)
    for arguments in (["tally"], ["orphans"], ["who", "hiring"], ["export", "hiring"]):
        votes(*arguments).check_returncode()
    assert everything(voted) == before
    assert not voted.exists("renames")


def test_merge_asks_first(votes: Votes, voted: Redis) -> None:
    done = votes("merge", "gone", "crm", stdin="n\n")
    assert done.returncode == 1
    assert "Merge gone (1 vote) into crm (2 votes) for good?" in done.stdout
    assert not voted.hexists("renames", "gone")


def test_merge_counts_each_voter_once_and_can_run_twice(votes: Votes, voted: Redis) -> None:
    add_voters(voted, "hiring", ["bob"])
    done = votes("merge", "crm", "hiring", "--yes")
    assert done.stdout == "2 votes moved from crm to hiring, 1 of them by people who had both\nhiring has 3 votes\n"
    again = votes("merge", "crm", "hiring", "--yes")
    assert again.stdout == "0 votes moved from crm to hiring, 0 of them by people who had both\nhiring has 3 votes\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("crm", "crm", "crm cannot be merged into itself"),
        ("crm", "nowhere", "nowhere is not a feature that can be voted for"),
        ("nowhere", "crm", "nowhere has no votes and is not a feature"),
    ],
)
def test_merges_that_make_no_sense_are_refused(votes: Votes, voted: Redis, old: str, new: str, words: str) -> None:
    done = votes("merge", old, new, "--yes")
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_is_not_there_is_said_in_one_line() -> None:
    done = run("votes", "tally", REDIS_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 1
    assert "Redis cannot be used at the moment" in done.stderr
    assert "Traceback" not in done.stderr
