"""Accounts, votes, requests and what admins do, in any order, against a plain model of what the documentation says.

On the real stack: HTTP through the application, whose every answer is held against the description, and a real store.
"""

import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from application import FEATURES, signed_in
from contract import Client
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from redis import Redis
from support import add_accounts

from service.accounts import store as accounts
from service.interest import consistency

#: How many sequences of up to so many steps the long version tries.
EXAMPLES, STEPS = int(os.environ.get("EXAMPLES", "10")), 50  # of 150 sequences, none differed

#: The one module of the tests' registry that is asked for.
MODULE = "sms_campaign"

#: An admin whom nobody changes, so that somebody can always look.
ROOT = "root"

#: What each button of a person's page changes.
BUTTONS = {
    "activated": ("status", "active"),
    "suspended": ("status", "suspended"),
    "promoted": ("role", "admin"),
    "demoted": ("role", "member"),
}


@dataclass
class Person:
    """What the model knows of an account."""

    status: str
    role: str
    voted: set[str] = field(default_factory=set)


@dataclass
class Request:
    """What the model knows of an activation request."""

    account: str
    said: list[str]
    status: str = "open"

    @property
    def is_open(self) -> bool:
        return self.status in ("open", "answered")


#: People whom there were, also those who are gone, and whoever may act.
PEOPLE = [f"person{number}" for number in range(6)]
SOMEBODY, ANYBODY = st.sampled_from(PEOPLE), st.sampled_from([*PEOPLE, *[ROOT] * len(PEOPLE)])


class Everything(RuleBasedStateMachine):
    """The model, and the service beside it."""

    def __init__(self, app: Flask, redis: Redis) -> None:
        super().__init__()
        self.app, self.redis = app, redis
        redis.flushall()
        self.people: dict[str, Person] = {}
        self.requests: dict[str, Request] = {}
        self.clients: dict[str, Client] = {}
        self.make(ROOT, "active", "admin")
        self.make(PEOPLE[0], "active", "member")
        self.make(PEOPLE[1], "active", "admin")
        self.make(PEOPLE[2], "pending", "member")

    def make(self, account_id: str, status: str, role: str) -> None:
        add_accounts(self.redis, account_id, status=status, role=role)  # type: ignore[arg-type]
        self.people[account_id] = Person(status, role)

    def client(self, account_id: str) -> Client:
        if account_id not in self.clients:
            self.clients[account_id] = signed_in(self.app, account_id)
        return self.clients[account_id]

    def refusal(self, account_id: str, *, is_for_admins: bool = False) -> int | None:
        """The status that refuses somebody who changes something, if any does."""
        person = self.people.get(account_id)
        if person is None or person.status == "suspended":
            return 401
        if person.status == "pending" or (is_for_admins and person.role != "admin"):
            return 403
        return None

    @rule(
        account_id=SOMEBODY,
        status=st.sampled_from(["active", "active", "pending", "suspended"]),
        role=st.sampled_from(["member", "admin"]),
    )
    def add(self, account_id: str, status: str, role: str) -> None:
        if account_id not in self.people:
            self.make(account_id, status, role)

    @rule(account_id=SOMEBODY, feature=st.sampled_from([*FEATURES, MODULE]), wanted=st.booleans())
    def vote(self, account_id: str, feature: str, wanted: bool) -> None:
        client = self.client(account_id)
        answer = (client.post if wanted else client.delete)(f"/api/features/{feature}/interest")
        expected = self.refusal(account_id) or (204 if feature in FEATURES else 404)
        assert answer.status_code == expected
        if expected == 204:
            voted = self.people[account_id].voted
            voted.add(feature) if wanted else voted.discard(feature)

    @rule(account_id=SOMEBODY, text=st.sampled_from(["Please", "Really"]))
    def ask(self, account_id: str, text: str) -> None:
        answer = self.client(account_id).post("/api/feedback", json={"module": MODULE, "message": text})
        going_on = [each for each in self.requests.values() if each.account == account_id and each.is_open]
        expected = self.refusal(account_id) or (200 if going_on else 201)
        assert answer.status_code == expected
        if expected == 201:
            self.requests[answer.json["id"]] = Request(account_id, [text])
        elif expected == 200 and going_on[0].said[-1] != text:  # what was said last is not said again
            going_on[0].said.append(text)
            going_on[0].status = "open"

    @precondition(lambda self: self.requests)
    @rule(account_id=ANYBODY, data=st.data())
    def say(self, account_id: str, data: st.DataObject) -> None:
        thread_id = data.draw(st.sampled_from(sorted(self.requests)))
        request = self.requests[thread_id]
        answer = self.client(account_id).post(f"/api/feedback/{thread_id}/messages", json={"message": "More"})
        is_own = request.account == account_id
        is_admin = account_id in self.people and self.people[account_id].role == "admin"
        expected = self.refusal(account_id) or (201 if is_own or is_admin else 404)
        assert answer.status_code == expected
        if expected == 201:
            request.said.append("More" if is_own else "an admin's")
            if request.is_open:
                request.status = "open" if is_own else "answered"

    @precondition(lambda self: self.requests)
    @rule(
        account_id=ANYBODY,
        data=st.data(),
        becomes=st.sampled_from(["open", "answered", "activated", "declined"]),
        has_seen=st.booleans(),
    )
    def change(self, account_id: str, data: st.DataObject, becomes: str, has_seen: bool) -> None:
        thread_id = data.draw(st.sampled_from(sorted(self.requests)))
        request = self.requests[thread_id]
        path = f"/api/feedback/{thread_id}"
        seen = self.client(ROOT).get(path).headers["ETag"] if has_seen else '"0-own-sms_campaign"'
        answer = self.client(account_id).patch(path, json={"status": becomes}, headers={"If-Match": seen})
        others = [each for each in self.requests.values() if each.account == request.account and each is not request]
        stands_in_the_way = becomes in ("open", "answered") and any(other.is_open for other in others)
        expected = self.refusal(account_id, is_for_admins=True)
        expected = expected or (412 if not has_seen else 409 if stands_in_the_way else 200)
        assert answer.status_code == expected
        if expected == 200:
            request.status = becomes

    @rule(account_id=ANYBODY, other=SOMEBODY, button=st.sampled_from(sorted(BUTTONS)))
    def press(self, account_id: str, other: str, button: str) -> None:
        answer = self.client(account_id).post(f"/en/admin/person?id={other}", data={"do": button})
        changed, becomes = BUTTONS[button]
        expected = self.refusal(account_id, is_for_admins=True)
        if expected is None:
            locks_out = account_id == other and button in ("suspended", "demoted")
            expected = 409 if locks_out else 303 if other in self.people else 404
        assert answer.status_code == expected
        if expected == 303:
            setattr(self.people[other], changed, becomes)

    @rule(account_id=ANYBODY, other=SOMEBODY)
    def erase(self, account_id: str, other: str) -> None:
        answer = self.client(account_id).post(f"/en/admin/person/erase?id={other}", data={"typed": other})
        expected = self.refusal(account_id, is_for_admins=True) or (
            409 if account_id == other else 303 if other in self.people else 404
        )
        assert answer.status_code == expected
        if expected == 303:
            del self.people[other]
            self.requests = {id: each for id, each in self.requests.items() if each.account != other}

    @invariant()
    def everybody_sees_the_same_counts_and_their_own_votes(self) -> None:
        counts = {feature: sum(feature in each.voted for each in self.people.values()) for feature in FEATURES}
        for account_id in [*PEOPLE, ROOT]:
            person = self.people.get(account_id)
            answer = self.client(account_id).get("/api/features")
            if person is None or person.status == "suspended":
                assert answer.status_code == 401
            else:
                assert answer.json == {"voted": sorted(person.voted), "counts": counts}

    @invariant()
    def accounts_are_as_they_were_made(self) -> None:
        stored = {each.id: (each.status, each.role) for each in accounts.list_accounts(self.redis)}  # type: ignore[arg-type]
        assert stored == {account_id: (each.status, each.role) for account_id, each in self.people.items()}

    @invariant()
    def the_desk_has_every_request(self) -> None:
        threads: list[dict[str, Any]] = self.client(ROOT).get("/api/admin/feedback?limit=100").json["threads"]
        listed = {each["id"]: (each["account"]["id"], each["status"], each["message_count"]) for each in threads}
        assert listed == {id: (each.account, each.status, len(each.said)) for id, each in self.requests.items()}
        assert len(threads) == len(listed)

    def teardown(self) -> None:
        assert list(consistency.differences(self.redis)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("examples", "steps"), [(3, 10), pytest.param(EXAMPLES, STEPS, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_any_order_is_what_the_model_says(app: Flask, redis: Redis, examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Everything(app, redis), settings=settings(max_examples=examples, stateful_step_count=steps)
    )
