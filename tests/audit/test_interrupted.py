"""What is recorded where somebody is killed, an answer is lost, or acts follow each other in any order."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proxy import Proxy
from support import OPERATOR, REPOSITORY, AnyClient, clean_environ, connect, everything, run

from service.accounts import store
from service.accounts.store import Account, Role, Status
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


class _Losing:
    """Loses the next answer of the store, and closes the connection."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, data: bytes) -> bytes | None:
        if self.lost:
            return data
        self.lost += 1
        return None


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
            proxy.replies = losing = _Losing()
            act()
            proxy.replies = lambda data: data
            assert losing.lost == 1
            assert [entry.what for entry in audit.entries(redis)] == [what]
        through.close()


PEOPLE = ("ana", "bob", "zoe")
ACTS = st.lists(
    st.tuples(
        st.sampled_from([*Status, *Role, "en", "fr", "add", "erase", "sign out"]),
        st.sampled_from(PEOPLE),
        st.sampled_from([OPERATOR, Actor.account("root")]),
    ),
    max_size=25,
)


@given(acts=ACTS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_acts_leave_entries_that_follow_from_each_other(
    redis: AnyClient, acts: list[tuple[str, str, Actor]]
) -> None:
    """As many as there were changes; what one says was before is what the one before it has left."""
    redis.flushall()
    store.add(redis, Account("root", "active", "admin"), by=OPERATOR)
    changes = 1
    for what, account_id, by in acts:
        was = store.find(redis, account_id)
        if what == "add" and was is None:
            store.add(redis, Account(account_id, "pending"), by=by)
            changes += 1
        elif was is not None and what == "erase":
            kept.erase(redis, account_id, by=by)
            changes += 1
        elif was is not None and what == "sign out":
            store.renew_generation(redis, account_id, by=by)
            changes += 1
        elif was is not None and what in list(Status):
            store.set_status(redis, account_id, Status(what), by=by)
            changes += was.status != what
        elif was is not None and what != "add":
            field = "role" if what in list(Role) else "locale"
            store.set_details(redis, account_id, by=by, **{field: what})  # type: ignore[arg-type]
            changes += getattr(was, field) != what

    entries = list(audit.entries(redis))[::-1]
    assert len(entries) == changes
    assert {entry.outcome for entry in entries} == {"done"}
    left: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        assert entry.whom
        who, what = entry.whom.pseudonym, entry.what.removesuffix("-changed")
        if entry.what == Action.ACCOUNT_ADDED:
            status, *role = entry.after.split()
            left[who] = {"status": status, "role": role[0] if role else "member", "locale": ""}
        elif what in ("status", "role", "locale"):
            assert left[who][what] == entry.before
            left[who][what] = entry.after
    for entry in entries:  # and the last one is how it is now
        if entry.whom and entry.whom.account_id:
            found = store.find(redis, entry.whom.account_id)
            assert found
            assert {name: getattr(found, name) for name in ("status", "role", "locale")} == left[entry.whom.pseudonym]


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
