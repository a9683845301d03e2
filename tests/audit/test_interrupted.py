"""What is recorded where somebody is killed, and how a command shows it."""

from __future__ import annotations

import json

import pytest
from support import OPERATOR, AnyClient, everything, run

from service import privacy
from service.accounts import store
from service.accounts.store import Account
from service.audit import store as audit
from service.audit.model import Action, Actor, Outcome


class Killed(BaseException):
    """The process is killed here."""


def test_who_is_killed_in_between_leaves_an_act_unconfirmed(
    redis: AnyClient, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> int:
        raise Killed

    store.add(redis, Account("zoe", "active"), by=OPERATOR)
    kinds = tuple(kind._replace(erase=die) if kind.name == "votes" else kind for kind in privacy.EVERYTHING)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(privacy, "EVERYTHING", kinds)
        privacy.erase(redis, "zoe", by=OPERATOR)
    assert store.find(redis, "zoe") is None
    entry = next(audit.entries(redis))
    assert (entry.what, entry.outcome) == (Action.PERSON_ERASED, Outcome.UNCONFIRMED)
    listed = run("audit", "--what", "person-erased", REDIS_URL=valkey_url)
    assert listed.stdout.splitlines()[-1].split()[-1] == "unconfirmed"
    assert any(privacy.erase(redis, "zoe", by=OPERATOR).values())  # what was left
    assert [each.outcome for each in audit.entries(redis, what=Action.PERSON_ERASED)] == ["done", "unconfirmed"]
    assert "zoe" not in str(everything(redis))


def test_the_command(redis: AnyClient, valkey_url: str) -> None:
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
