"""What admins do is recorded: once, with what was before and after it, and without a word about a person."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from support import OPERATOR, AnyClient, acting, everything, run

from service import problems
from service.accounts import sign_in, store
from service.accounts.actor import intended
from service.accounts.sessions import Caller
from service.accounts.store import Account, Status, account_key
from service.audit import store as audit
from service.audit.model import Action, Actor, Entry, Outcome, checked_cursor, checked_since
from service.audit.store import AUDIT_KEYS, ENTRIES_KEY, OUTCOMES_KEY
from service.feedback import store as feedback
from service.interest import maintenance, transfer, voters
from service.interest.transfer import Vote
from service.privacy import personal_data
from service.registry.model import Label, Module, Registry
from service.storage.client import Client
from service.storage.script import Script

LABEL = Label("Un nom", "A name")
REGISTRY = Registry(
    (
        Module(slug="sms", category="tools", label=LABEL, is_on_demand=True),
        Module(slug="crm", category="tools", label=LABEL),
    )
)
ANA, ZOE = Actor.account("ana-1"), Account("zoe-2", "active", "member", "Zoé Unique", "zoe@example.com", "fr")


@pytest.fixture(autouse=True)
def people(redis: AnyClient) -> None:
    for account in (Account(ANA.name, "active", "admin", "Ana"), ZOE, Account("eve-3", "pending", "admin")):
        store.add(redis, account, by=OPERATOR)
    maintenance.add_voters(redis, "crm", [ZOE.id])
    maintenance.add_voters(redis, "old", [ZOE.id, "bob"])
    redis.delete(ENTRIES_KEY, OUTCOMES_KEY)


def entries(redis: AnyClient) -> list[Entry]:
    """Oldest first."""
    return list(audit.entries(redis))[::-1]


def told(redis: AnyClient) -> list[str]:
    """Each entry as `who what whom about: before > after`."""
    return [
        " ".join(filter(None, (each.who.text, each.what, each.whom and each.whom.text, each.about)))
        + (f": {each.before} > {each.after}" if each.before or each.after else "")
        for each in entries(redis)
    ]


def thread_of(redis: AnyClient) -> feedback.Thread:
    return feedback.open_thread(redis, Caller(ZOE.id), "sms", "My words", REGISTRY)[0]


Act = Callable[[AnyClient, Actor], object]

#: What each act leaves, without who, one entry after the other; and the act.
ACTS: dict[str, Act] = {
    "account-added new-4:  > pending admin": lambda redis, by: store.add(
        redis, Account("new-4", "pending", "admin", "New"), by=by
    ),
    "status-changed zoe-2: active > suspended": lambda redis, by: store.set_status(
        redis, ZOE.id, Status.SUSPENDED, by=by
    ),
    "name-changed zoe-2\nrole-changed zoe-2: member > admin\nemail-changed zoe-2\nlocale-changed zoe-2: fr > en": (
        lambda redis, by: store.set_details(
            redis, ZOE.id, by=by, name="Zoé Other", role="admin", email="z@example.com", locale="en"
        )
    ),
    "signed-out zoe-2": lambda redis, by: store.renew_generation(redis, ZOE.id, by=by),
    "link-made zoe-2": lambda redis, by: sign_in.make_token(redis, ZOE.id, by=by),
    "data-exported zoe-2": lambda redis, by: personal_data.data(redis, ZOE.id, by=by),
    "request-answered zoe-2 THREAD: open > answered": lambda redis, by: feedback.add_message(
        redis, thread_of(redis).id, "Their words", REGISTRY, by=by
    ),
    "request-changed zoe-2 THREAD: open > declined": lambda redis, by: feedback.change_status(
        redis, (thread := thread_of(redis)).id, "declined", [thread.etag], REGISTRY, by=by
    ),
    "votes-merged: old > crm": lambda redis, by: maintenance.merge(redis, "old", "crm", by=by),
    "votes-deleted old: 2 > 0": lambda redis, by: maintenance.discard(redis, "old", by=by),
    "voters-listed crm": lambda redis, by: list(voters.walk(redis, "crm", REGISTRY, by=by)),
    "votes-imported:  > 1": lambda redis, by: list(transfer.add(redis, [Vote("crm", "bob")] * 2, by=by)),
    "votes-exported crm": lambda redis, by: list(transfer.lines(redis, ["crm"], REGISTRY, by=by, about="crm")),
}

#: Those that take several steps.
STEPS = ("data-exported", "voters-listed", "votes-imported", "votes-exported")


@pytest.mark.parametrize("by", [Actor.command_line("root"), ANA], ids=["once", "sent twice"])
@pytest.mark.parametrize("lines", ACTS)
def test_an_act_is_recorded(redis: AnyClient, monkeypatch: pytest.MonkeyPatch, lines: str, by: Actor) -> None:
    """Once, also where each script is sent twice, as an answer is lost; what makes something of it has the first."""
    once = Client.run

    def twice(self: Client, script: Script, *args: Any, **options: Any) -> object:
        first, again = once(self, script, *args, **options), once(self, script, *args, **options)
        return first if isinstance(first, int) else again

    if by is ANA:
        monkeypatch.setattr(Client, "run", twice)
    ACTS[lines](redis, by)
    assert [re.sub("[0-9a-f]{16}", "THREAD", line) for line in told(redis)] == [
        f"{by.name} {line}" for line in lines.splitlines()
    ]
    assert {entry.outcome for entry in entries(redis)} == {"done"}
    assert {"act" in fields for _, fields in redis.xrange(ENTRIES_KEY)} == {lines.startswith(STEPS)}
    stored = str(redis.xrange(ENTRIES_KEY)) + str(redis.hgetall(OUTCOMES_KEY))
    for personal in (ANA.name, ZOE.id, "Zoé", "example.com", "words"):
        assert personal not in stored


@pytest.mark.parametrize("lines", ACTS)
def test_who_is_no_active_admin_does_nothing(redis: AnyClient, lines: str) -> None:
    thread_of(redis)
    stored = everything(redis)
    for by, refusal in (
        (Actor.account("zoe-2"), problems.NotAnAdmin),
        (Actor.account("eve-3"), problems.AccountNotActive),
        (Actor.account("ana-1", "ended"), problems.NotAuthenticated),
        (Actor.account("nobody"), problems.NotAuthenticated),
    ):
        if lines.startswith("request-answered") and by.name == "zoe-2":
            continue  # a member says it in their own request, which is none of an admin's acts
        with pytest.raises(refusal):
            ACTS[lines](redis, by)
        assert everything(redis) == stored


def test_what_changes_nothing_is_not_recorded(redis: AnyClient) -> None:
    store.set_status(redis, ZOE.id, Status.ACTIVE, by=ANA)
    store.set_details(redis, ZOE.id, by=ANA, name=ZOE.name, role="member", email=ZOE.email, locale="fr")
    redis.hdel(account_key(ZOE.id), "role")  # which counts as a member's
    store.set_details(redis, ZOE.id, by=ANA, role="member")
    thread = thread_of(redis)
    feedback.change_status(redis, thread.id, "open", [thread.etag], REGISTRY, by=ANA)
    feedback.add_message(redis, thread.id, "And", REGISTRY, by=acting(Caller(ZOE.id)))
    maintenance.discard(redis, "nothing", by=OPERATOR)
    maintenance.merge(redis, "old", "crm", by=OPERATOR)
    redis.delete(ENTRIES_KEY)
    maintenance.merge(redis, "old", "crm", by=OPERATOR)
    with pytest.raises(problems.UnknownAccount):
        personal_data.erase(redis, "nobody", by=ANA)
    with pytest.raises(problems.UnknownAccount):
        store.set_status(redis, "nobody", Status.ACTIVE, by=ANA)
    assert entries(redis) == []
    assert "nobody" not in str(everything(redis))


def test_whoever_was_erased_is_a_pseudonym(redis: AnyClient) -> None:
    store.set_details(redis, ZOE.id, by=ANA, role="admin")
    store.set_details(redis, "eve-3", by=Actor.account(ZOE.id), locale="en")
    pseudonym = entries(redis)[1].who.pseudonym
    acts = personal_data.kept(redis, ZOE.id)["acts"]
    assert [(act["what"], act["by_this_person"], act["on_this_person"]) for act in acts] == [
        ("locale-changed", True, False),
        ("role-changed", False, True),
    ]
    personal_data.erase(redis, ZOE.id, by=ANA)
    assert told(redis) == [
        f"ana-1 role-changed {pseudonym}: member > admin",
        f"{pseudonym} locale-changed eve-3:  > en",
        f"ana-1 person-erased {pseudonym}",
    ]
    assert ZOE.id not in str(everything(redis))
    assert [entry.id for entry in audit.entries(redis, who=pseudonym)] == [each.id for each in entries(redis)][::-1]


def test_the_oldest_go_with_their_outcomes(redis: AnyClient) -> None:
    few = ANA._replace(keeps=5)
    for number in range(407):
        with intended(redis, few if number < 7 else ANA, Action.VOTES_EXPORTED, about=str(number)):
            pass
        if number == 6:
            assert [entry.about for entry in entries(redis)] == ["2", "3", "4", "5", "6"]
            assert redis.hlen(OUTCOMES_KEY) == 5
    store.set_details(redis, ZOE.id, by=few, name="X")  # 200 at most in one step
    assert 205 <= redis.xlen(ENTRIES_KEY) <= 206
    store.set_details(redis, ZOE.id, by=few, name="Y")
    store.set_details(redis, ZOE.id, by=few, name="Z")
    assert redis.xlen(ENTRIES_KEY) == 5


def test_how_it_ended(redis: AnyClient) -> None:
    with pytest.raises(problems.InvalidMerge), intended(redis, ANA, Action.VOTES_MERGED, whom=ZOE.id):
        raise problems.InvalidMerge("no")
    with pytest.raises(ZeroDivisionError), intended(redis, ANA, Action.VOTES_MERGED):
        raise ZeroDivisionError
    with pytest.raises(problems.StorageUnavailable), intended(redis, ANA, Action.VOTES_MERGED):
        raise problems.StorageUnavailable("it did not answer")
    with intended(redis, ANA, Action.VOTES_IMPORTED, before="as it was") as act:
        act.after = "3"
    assert [(entry.outcome, entry.why, entry.before, entry.after) for entry in entries(redis)] == [
        ("failed", "InvalidMerge", "", ""),
        ("failed", "unexpected", "", ""),
        ("unconfirmed", "", "", ""),
        ("done", "", "as it was", "3"),
    ]


@pytest.mark.parametrize("key", AUDIT_KEYS)
def test_what_cannot_be_recorded_is_not_done(redis: AnyClient, key: str) -> None:
    redis.delete(key)
    redis.set(key, "of another type")
    stored = everything(redis)
    acts = [
        act for lines, act in ACTS.items() if lines.startswith(("status-changed", "votes-imported", "votes-merged"))
    ]
    for act in (*acts, lambda redis, by: personal_data.erase(redis, ZOE.id, by=by)):
        with pytest.raises(problems.StorageUnavailable):
            act(redis, ANA)
    assert everything(redis) == stored


def test_pages_and_filters_go_as_far_as_the_record_does(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set_status(redis, "eve-3", Status.ACTIVE, by=Actor.command_line("root"))
    for number in range(5):
        store.set_details(redis, ZOE.id, by=ANA, name=f"Zoé {number}")
    first = audit.page(redis, 4)
    second = audit.page(redis, 4, cursor=checked_cursor(first.next))
    found = [*first.entries, *second.entries]
    assert [entry.what for entry in found] == ["name-changed"] * 5 + ["status-changed"]
    assert (len({entry.id for entry in found}), second.next) == (6, None)
    monkeypatch.setattr(audit, "_LOOKED", 3)  # in one step
    for who, number in {ANA.name: 5, ZOE.id: 5, "eve-3": 1, "root": 1, "no": 0}.items():
        exactly = audit.page(redis, number or 1, who=who)
        assert (len(exactly.entries), exactly.next) == (number, None)
    for day in ("0001-01-01", "1970-01-01", "1"):  # before all calendars of the store: since ever
        assert len(list(audit.entries(redis, since=checked_since(day)))) == 6


def test_a_beginning_that_makes_no_sense_and_a_cursor_that_no_page_gave_are_refused() -> None:
    for value in ("", "0", "-1", "3661", "yesterday", "2026-02-30", "1e3"):
        with pytest.raises(problems.InvalidField):
            checked_since(value)
    for value in ("", "1", "1-", "a-b", "1-1 ", "12345678901234567-0", "0-0", "00-0"):
        with pytest.raises(problems.InvalidField):
            checked_cursor(value)


class Killed(BaseException):
    """The process is killed here."""


def test_a_killed_act_is_unconfirmed(redis: AnyClient, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> int:
        raise Killed

    kinds = tuple(kind._replace(erase=die) if kind.name == "votes" else kind for kind in personal_data.EVERYTHING)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(personal_data, "EVERYTHING", kinds)
        personal_data.erase(redis, ZOE.id, by=OPERATOR)
    assert store.find(redis, ZOE.id) is None
    entry = next(audit.entries(redis))
    assert (entry.what, entry.outcome) == (Action.PERSON_ERASED, Outcome.UNCONFIRMED)
    listed = run("audit", "--what", "person-erased", REDIS_URL=valkey_url)
    assert listed.stdout.splitlines()[-1].split()[-1] == "unconfirmed"
    assert any(personal_data.erase(redis, ZOE.id, by=OPERATOR).values())  # what was left
    assert [each.outcome for each in audit.entries(redis, what=Action.PERSON_ERASED)] == ["done", "unconfirmed"]
    assert ZOE.id not in str(everything(redis))


def test_the_command(redis: AnyClient, valkey_url: str) -> None:
    def audit_of(*options: str) -> tuple[int, str, str]:
        done = run("audit", *options, REDIS_URL=valkey_url)
        return done.returncode, done.stdout, done.stderr

    assert audit_of() == (0, "", "no admin has done anything yet\n")
    store.add(redis, Account("new-4", "active"), by=ANA)
    store.set_status(redis, "new-4", Status.SUSPENDED, by=Actor.command_line("root"))
    header, *rows = (line.split() for line in audit_of()[1].splitlines())
    assert header == ["when", "who", "by", "what", "whom", "about", "before", "after", "outcome"]
    suspended = ["root", "command", "line", "status-changed", "new-4", "active", "suspended", "done"]
    assert [row[1:] for row in rows] == [suspended, [ANA.name, "account", "account-added", "new-4", "active", "done"]]
    [told] = json.loads(audit_of("--what", "status-changed", "--format", "json")[1])
    assert (told["who"]["login"], told["whom"]["account_id"], told["after"]) == ("root", "new-4", "suspended")
    assert len(audit_of("--who", ANA.name, "--since", "1", "--format", "csv")[1].splitlines()) == 2
    assert audit_of("--since", "2999-01-01") == (0, "", "nothing like this was done\n")
    code, _, said = audit_of("--since", "soon")
    assert (code, "must be a day such as 2026-11-26" in said) == (2, True)
