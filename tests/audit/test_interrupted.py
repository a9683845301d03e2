"""What is recorded where somebody is killed or an answer is lost, and how a command shows it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from proxy import Proxy
from support import OPERATOR, REPOSITORY, AnyClient, clean_environ, connect, everything, run

from service.accounts import store
from service.accounts.store import Account, Status
from service.audit import store as audit
from service.audit.keys import ENTRIES_KEY
from service.audit.model import Action, Actor, Outcome
from service.people import kept
from service.storage.redis_url import RedisUrl

#: Erases a person, and is killed by itself when the account is gone and the votes are to go.
KILLED = """
import os, signal, sys
from service.accounts.kept import Kind
from service.audit.model import Actor
from service.people import kept
from service.storage.client import Client
from service.problems import AccountExists
from service.storage.redis_url import RedisUrl

def die(*_): os.kill(os.getpid(), signal.SIGKILL)

kept.EVERYTHING = tuple(kind._replace(erase=die) if kind.name == "votes" else kind for kind in kept.EVERYTHING)
kept.erase(Client(RedisUrl.parse(sys.argv[1]), 5.0), "zoe", by=Actor.command_line("root"))
"""


def test_who_is_killed_in_between_leaves_an_act_unconfirmed(redis: AnyClient, valkey_url: str) -> None:
    store.add(redis, Account("zoe", "active"), by=OPERATOR)
    done = subprocess.run([sys.executable, "-c", KILLED, valkey_url], env=clean_environ(), cwd=REPOSITORY, check=False)
    assert done.returncode == -signal.SIGKILL
    assert store.find(redis, "zoe") is None
    entry = next(audit.entries(redis))
    assert (entry.what, entry.outcome) == (Action.PERSON_ERASED, Outcome.UNCONFIRMED)
    listed = run("audit", "--what", "person-erased", REDIS_URL=valkey_url)
    assert listed.stdout.splitlines()[-1].split()[-1] == "unconfirmed"
    assert any(kept.erase(redis, "zoe", by=OPERATOR).values())  # what was left
    assert [each.outcome for each in audit.entries(redis, what=Action.PERSON_ERASED)] == ["done", "unconfirmed"]
    assert "zoe" not in str(everything(redis))


@pytest.mark.parametrize("valkey_url", ["embedded"], indirect=True)  # the proxy stands before a socket
def test_an_act_whose_answer_is_lost_is_recorded_once(redis: AnyClient, valkey_url: str) -> None:
    for account in (Account("ana", "active", "admin"), Account("zoe", "active")):
        store.add(redis, account, by=OPERATOR)
    ana = Actor.account("ana")
    with Proxy(RedisUrl.parse(valkey_url).urls[0].removeprefix("unix://").partition("?")[0]) as proxy:
        through = connect(proxy.url)
        for what, act in {
            Action.STATUS_CHANGED: lambda: store.set_status(through, "zoe", Status.SUSPENDED, by=ana),
            Action.SIGNED_OUT: lambda: store.renew_generation(through, "zoe", by=ana),
            Action.ACCOUNT_ADDED: lambda: store.add(through, Account("new", "active"), by=ana),
        }.items():
            store.set_details(through, "zoe", by=ana, locale="fr")  # so that the connection is open
            redis.delete(ENTRIES_KEY)
            answers = iter([None])  # the next one is lost, and the connection closed
            proxy.replies = lambda data, answers=answers: next(answers, data)
            act()
            assert next(answers, "lost") == "lost"
            assert [entry.what for entry in audit.entries(redis)] == [what]
        through.close()


def test_the_command(redis: AnyClient, valkey_url: str, tmp_path: Path) -> None:
    nothing = run("audit", REDIS_URL=valkey_url)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "no admin has done anything yet\n")
    run("accounts", "add", "ana", "--role", "admin", REDIS_URL=valkey_url).check_returncode()
    store.add(redis, Account("zoe", "active"), by=Actor.account("ana"))
    run("accounts", "suspend", "zoe", REDIS_URL=valkey_url).check_returncode()
    table = run("audit", REDIS_URL=valkey_url).stdout.splitlines()
    assert table[0].split() == ["when", "who", "by", "what", "whom", "about", "before", "after", "outcome"]
    assert table[1].split()[2:] == ["command", "line", "status-changed", "zoe", "active", "suspended", "done"]
    assert table[2].split()[1:] == ["ana", "account", "account-added", "zoe", "active", "done"]
    [suspended] = json.loads(run("audit", "--what", "status-changed", "--format", "json", REDIS_URL=valkey_url).stdout)
    assert (suspended["before"], suspended["after"], suspended["whom"]["account_id"]) == ("active", "suspended", "zoe")
    assert suspended["who"]["login"]
    csv = run("audit", "--who", "ana", "--since", "1", "--format", "csv", REDIS_URL=valkey_url).stdout.splitlines()
    assert len(csv) == 3
    none = run("audit", "--since", "2999-01-01", REDIS_URL=valkey_url)
    assert (none.stdout, none.stderr) == ("", "nothing like this was done\n")
    wrong = run("audit", "--since", "soon", REDIS_URL=valkey_url)
    assert wrong.returncode == 2
    assert "must be a day such as 2026-11-26" in wrong.stderr
