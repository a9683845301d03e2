"""What is kept of a person: `accounts data` names all of it, and `accounts remove` erases exactly that."""

import json
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import pytest
from support import OPERATOR, AnyClient, acting, everything, run

from service.accounts import sign_in, store
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.audit import store as audit
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY
from service.feedback import store as feedback
from service.feedback.keys import BUCKETS_KEY as MESSAGE_BUCKETS
from service.feedback.model import Thread
from service.interest import own
from service.interest import store as interest
from service.interest.keys import BUCKETS_KEY as VOTE_BUCKETS
from service.interest.keys import dismissed_key, trend_key
from service.interest.maintenance import Told, add_voters
from service.interest.reason import Given
from service.privacy import personal_data
from service.problems import UnknownAccount
from service.registry.model import Label, Module, Registry
from service.settings.token_bucket import TokenBucket
from service.wording import json_text

LABEL = Label("Un nom", "A name")
SMS, MAIL, CRM = (
    Module(slug="sms", category="outreach", label=LABEL, is_on_demand=True),
    Module(slug="mail", category="outreach", label=LABEL, is_on_demand=True, formerly=("letters",)),
    Module(slug="crm", category="tools", label=LABEL, api_endpoint="/api/crm"),
)
REGISTRY = Registry((SMS, MAIL, CRM))
#: Whose name and id are nowhere but in what is theirs.
ZOE = Account("zoe-4711", "active", "admin", "Zoé Unique")
OTHERS = [Account("ana", "active", "admin", "Ana"), Account("bob", "active", "member", "Bob")]


def asked(redis: AnyClient, account: Account, module: Module, text: str, *answers: tuple[Account, str]) -> Thread:
    """A request, and what admins have answered."""
    thread, _ = feedback.open_thread(redis, Caller(account.id), module.slug, text, REGISTRY)
    for admin, said in answers:
        feedback.add_message(redis, thread.id, said, REGISTRY, by=acting(Caller(admin.id)))
    return thread


@pytest.fixture
def bobs(redis: AnyClient) -> Thread:
    """In a store in which Zoé, a member who became an admin, has done all that can be done, and others as well, a
    request of Bob's."""
    ana, bob = OTHERS
    for account in (ZOE, ana, bob):
        store.add(redis, account, by=OPERATOR)
    told = {ZOE.id: Told("2026-05-03", Given(1, "For my clients"))}
    add_voters(redis, "crm", [ZOE.id, "bob"], told)
    add_voters(redis, "forgotten", [ZOE.id], told)
    add_voters(redis, "linkedin", [ZOE.id, "bob"])
    for account in (ZOE, bob):
        own.dismiss(redis, Caller(account.id), "crm", REGISTRY)
        sign_in.make_token(redis, account.id, by=OPERATOR)
    sign_in.redeem(redis, sign_in.make_token(redis, ZOE.id, by=OPERATOR))
    asked(redis, ZOE, SMS, "For me, please")
    closed = asked(redis, ZOE, MAIL, "Both, please", (ana, "Why?"))
    asked(redis, bob, MAIL, "And mail")
    seen = feedback.thread(redis, None, closed.id, REGISTRY)
    feedback.change_status(redis, seen.id, "declined", [seen.etag], REGISTRY, by=acting(None))
    return asked(redis, bob, SMS, "For Bob", (ZOE, "Soon"), (ZOE, "Sooner"), (ana, "Indeed"))


def test_it_says_what_there_is(redis: AnyClient, bobs: Thread) -> None:
    redis.hset(f"{{registry}}:account:{ZOE.id}", "platform_plan", "gold")
    data = personal_data.kept(redis, ZOE.id)
    assert all(data[kind.name] for kind in personal_data.EVERYTHING), (
        "a kind that is added to the list is added here, too"
    )
    assert len(data["account"].pop("generation")) > 16
    known = {"id": ZOE.id, "status": "active", "role": "admin", "name": "Zoé Unique"}
    assert data["account"] == known | {"platform_plan": "gold"}
    assert sorted(link["used"] for link in data["sign_in_links"]) == [False, True]
    now, most = datetime.now(UTC), timedelta(seconds=sign_in.LIFETIME)
    assert all(now < datetime.fromisoformat(link["expires"]) <= now + most for link in data["sign_in_links"])
    assert [vote["feature"] for vote in data["votes"]] == ["crm", "forgotten", "linkedin"]
    assert list(data["dismissed"]) == ["crm"]
    mail, sms = sorted(data["requests"]["asked"], key=itemgetter("module"))
    for each, module, status in ((mail, "mail", "declined"), (sms, "sms", "open")):
        assert (each["module"], each["status"], each["name"]) == (module, status, "Zoé Unique")
    said = [("Zoé Unique", "Both, please"), ("Ana", "Why?"), ("Zoé Unique", "For me, please")]
    assert [(each["name"], each["text"]) for each in mail["messages"] + sms["messages"]] == said
    answered = [(each["request"], each["module"], each["text"]) for each in data["requests"]["answered"]]
    assert answered == [(bobs.id, "sms", "Soon"), (bobs.id, "sms", "Sooner")]
    json_text(data)


def test_what_is_named_is_erased_and_nothing_else_key_by_key(redis: AnyClient, bobs: Thread) -> None:
    places: dict[str, set[str | None]] = {}
    for place in personal_data.kept(redis, ZOE.id)["stored_in"]:
        places.setdefault(place["key"], set()).add(place["part"])
    votes = [vote["feature"] for vote in personal_data.kept(redis, ZOE.id)["votes"]]
    before = everything(redis)
    personal_data.erase(redis, ZOE.id, by=OPERATOR)
    after = everything(redis)

    # That somebody was erased is recorded, and names nobody.
    for key in (ENTRIES_KEY, OUTCOMES_KEY):
        assert before.pop(key, None) != after.pop(key)
    # Trends name nobody: each has one vote less.
    for feature in votes:
        trend = before.pop(trend_key(feature)), after.pop(trend_key(feature))
        assert sum(map(int, trend[0].values())) - sum(map(int, trend[1].values())) == 1
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == set(places)
    for key in changed:
        if places[key] == {None}:
            assert key not in after
        else:
            assert parts(before[key], after.get(key)) == places[key], key
    assert not any(text in f"{after}{everything(redis)}" for text in (ZOE.id, ZOE.name))


def parts(before: Any, after: Any) -> set[str]:
    """What has changed in a key that holds something of others, too: members, fields, or ids of messages."""
    if isinstance(before, dict):
        return {name for name in before if before[name] != (after or {}).get(name)}
    if isinstance(before, set):
        return before - (after or set())
    if before and isinstance(before[0], tuple):  # a sorted set
        return {member for member, _ in before} - {member for member, _ in after or []}
    assert len(before) == len(after)
    return {before[at - at % 6] for at in range(len(before)) if before[at] != after[at]}


def test_token_buckets_are_named_and_erased_but_not_what_a_user_of_a_machine_did_who_is_called_the_same(
    redis: AnyClient,
) -> None:
    limit, buckets = TokenBucket.of(5, 0.001), [VOTE_BUCKETS, MESSAGE_BUCKETS]
    for account in (ZOE, Account(OPERATOR.name, "active")):
        store.add(redis, account, by=OPERATOR)
        interest.vote(redis, Caller(account.id), "linkedin", Registry((), ("linkedin",)), limit=limit)
        feedback.open_thread(redis, Caller(account.id), "sms", "Please", REGISTRY, limit=limit)
    places = personal_data.kept(redis, ZOE.id)["stored_in"]
    assert [place for place in places if place["key"] in buckets] == [{"key": key, "part": ZOE.id} for key in buckets]
    personal_data.erase(redis, ZOE.id, by=OPERATOR)
    assert [redis.zrange(key, 0, -1) for key in buckets] == [[OPERATOR.name]] * 2
    [act] = personal_data.kept(redis, OPERATOR.name)["acts"]
    assert act["on_this_person"]


def test_what_the_platform_has_left_of_an_account_is_named_and_erased(redis: AnyClient, bobs: Thread) -> None:
    redis.delete(f"{{registry}}:account:{ZOE.id}")
    personal_data.data(redis, ZOE.id, by=OPERATOR)
    assert audit.pseudonym_of(redis, ZOE.id) is None, "the record does not keep whose data it was"
    data = personal_data.kept(redis, ZOE.id)
    assert data["account"] is None
    assert len(data["votes"]) == 3
    personal_data.erase(redis, ZOE.id, by=OPERATOR)
    assert ZOE.id not in str(everything(redis))
    for account_id in (ZOE.id, "nobody"):
        with pytest.raises(UnknownAccount):
            personal_data.erase(redis, account_id, by=OPERATOR)


def test_a_time_that_is_none_keeps_nobody_from_being_erased(redis: AnyClient, bobs: Thread) -> None:
    redis.hset(dismissed_key(ZOE.id), "crm", "soon")
    assert personal_data.kept(redis, ZOE.id)["dismissed"] == {"crm": "soon"}
    personal_data.erase(redis, ZOE.id, by=OPERATOR)
    assert ZOE.id not in str(everything(redis))


def test_the_commands(redis: AnyClient, bobs: Thread, valkey_url: str) -> None:
    expected = personal_data.kept(redis, ZOE.id)
    done = run("accounts", "data", ZOE.id, REDIS_URL=valkey_url)
    printed = json.loads(done.stdout)
    for data in (expected, printed):
        for link in data["sign_in_links"]:
            del link["expires"]
    assert printed == expected
    removed = run("accounts", "remove", ZOE.id, stdin="y\n", REDIS_URL=valkey_url)
    assert "with 3 votes and 2 requests for good?" in removed.stdout
    assert removed.stdout.endswith(f"removed {ZOE.id}, with 3 votes and 2 requests\n")
    done = run("accounts", "data", ZOE.id, REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"no account has the id {ZOE.id}\n")
