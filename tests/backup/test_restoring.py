"""Restoring into a store in which the platform has accounts, or a `serve` has begun."""

import pytest
from random_stores import EVENT, OPENED
from saving import FORMAT_1, put_back, taken
from support import AnyClient, add_accounts, empty

from service.accounts.model import account_key
from service.accounts.sessions import Caller
from service.audit.store import PSEUDONYMS_KEY
from service.backup import format as form
from service.backup import restoring
from service.backup.subjects import Line
from service.feedback.keys import messages_key
from service.history.finding import compact
from service.history.store import EVENTS_KEY, REGISTRY_KEY, REVISIONS_KEY
from service.interest import maintenance
from service.interest import store as interest
from service.interest.consistency import differences
from service.interest.keys import RENAMES_KEY
from service.registry.model import Label, Module, Registry
from service.webhooks.store import QUEUES, REQUESTS

REGISTRY = Registry((Module(slug="sms", category="tools", label=Label("Un nom", "A name"), is_on_demand=True),))


def test_accounts_that_are_there_stay_as_they_are(redis: AnyClient) -> None:
    for name in ("ana", "bob"):
        add_accounts(redis, name, email=f"{name}@example.com")
    redis.hset(PSEUDONYMS_KEY, "eve", "0" * 12)  # who is being forgotten
    bob, file = redis.hgetall(account_key("bob")), taken(redis)
    empty(redis)
    redis.hset(account_key("ana"), mapping={"status": "suspended", "avatar": "x"})
    put_back(redis, file)
    assert redis.hkeys(PSEUDONYMS_KEY) == ["ana", "bob"]
    assert redis.hgetall(account_key("ana")) == {"status": "suspended", "avatar": "x"}
    assert redis.hgetall(account_key("bob")) == bob


def test_the_record_of_changes_gives_way(redis: AnyClient) -> None:
    """That of a `serve` which began on the empty store, so that what changed since the backup is told."""

    def recorded(number: int) -> None:
        redis.hset(REGISTRY_KEY, mapping={"revision": f"{number}" * 64, "form": compact(REGISTRY), "seen": number})
        redis.zadd(REVISIONS_KEY, {f"{number}" * 64: number})
        for key, event in ((EVENTS_KEY, EVENT), (REQUESTS.stream, OPENED)):
            redis.xadd(key, {"event": event}, id=f"{number}-1")

    recorded(5)
    file = taken(redis)
    empty(redis)
    recorded(6)
    put_back(redis, file)
    assert redis.hget(REGISTRY_KEY, "revision") == "5" * 64
    assert redis.zrange(REVISIONS_KEY, 0, -1) == ["5" * 64]
    assert [[id for id, _ in redis.xrange(queue.stream)] for queue in QUEUES] == [["5-1"], ["5-1"]]


def test_renames_come_back_in_any_order_and_make_no_circle(redis: AnyClient) -> None:
    """By which every script that follows them would hold the server for ever."""
    pairs = [("b", "c"), ("a", "b"), ("c", "d"), ("x", "y"), ("y", "z"), ("z", "y"), ("e", "e")]
    list(restoring.restore(redis, [{"renamed": old, "to": new} for old, new in pairs]))
    assert redis.hgetall(RENAMES_KEY) == {"b": "c", "a": "b", "c": "d"}
    assert maintenance.canonical(redis, ["a"]) == {"a": ("d", 0)}
    chain = [(f"f{number}", f"f{number + 1}") for number in range(20_000)]  # which each script would walk
    list(restoring.restore(redis, [{"renamed": old, "to": new} for old, new in reversed(chain)]))
    assert [redis.hget(RENAMES_KEY, f"f{number}") for number in (0, 19_899, 19_900)] == [None, None, "f19901"]


def test_a_step_restores_as_many_accounts_as_memory_is_meant_to_hold(redis: AnyClient) -> None:
    def steps(number: int, fields: int) -> list[int]:
        account = {"status": "active"} | {f"field{each}": "x" for each in range(1, fields)}
        return [*restoring.restore(redis, [{"account": f"a{each}", "fields": account} for each in range(number)])]

    assert steps(25, 2) == [20, 5]
    assert steps(5, 600) == [2, 2, 1]


LABEL = Label("Un nom", "A name")
NEWER = Registry((Module(slug="lead2", category="tools", label=LABEL, coming_soon=True, formerly=("lead",)),))
OF_LEAD = [{"trend": "lead", "days": {"2026-01-01": 2}}, {"votes": "lead", "of": ["ana", "bob"]}]
OF_BOTH = [*OF_LEAD, {"trend": "lead2", "days": {"2026-01-01": 2}}, {"votes": "lead2", "of": ["bob", "eve"]}]
OTHER_WAY = [{"renamed": "lead2", "to": "lead"}, *OF_LEAD]


@pytest.mark.parametrize("step", range(5))
@pytest.mark.parametrize(("lines", "number"), [(OF_LEAD, 2), (OF_BOTH, 3), (OTHER_WAY, 2)])
def test_no_vote_is_hidden_by_what_a_serve_renames_meanwhile(
    redis: AnyClient, lines: list[Line], number: int, step: int
) -> None:
    """Its registry is newer than the backup, and somebody asks it for features before that step of the restore."""
    redis.hset(account_key("ana"), "status", "active")
    restored = restoring.restore(redis, lines)
    for at in range(5):
        if at == step:
            interest.read(redis, Caller("ana"), NEWER)
        next(restored, None)
    assert interest.read(redis, Caller("ana"), NEWER).counts == {"lead2": number}
    assert list(differences(redis)) == []


def test_a_request_that_a_file_has_twice_is_there_once(redis: AnyClient) -> None:
    with FORMAT_1.open("rb") as file:
        lines = [line for line in form.lines(file, "format_1.gz") if "request" in line]
    list(restoring.restore(redis, [*lines, *lines]))
    [messages] = {redis.llen(key) for key in redis.scan_iter(messages_key(lines[0]["request"]))}
    assert messages == 6 * sum(line["request"] == lines[0]["request"] for line in lines if "message" in line)
