"""Accounts, votes and what admins do, in any order, against a plain model of what the documentation says.

On the real stack: HTTP through the application, whose every answer is held against the description, and a real store.
"""

import os
from dataclasses import dataclass, field

import pytest
from application import FEATURES, signed_in
from contract import Client
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis import Redis
from support import add_accounts

from service.accounts import store as accounts
from service.interest import consistency

#: How many sequences of up to so many steps the long version tries.
EXAMPLES, STEPS = int(os.environ.get("EXAMPLES", "10")), 50  # of 150 sequences, none differed

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

    @rule(account_id=SOMEBODY, feature=st.sampled_from([*FEATURES, "sms_campaign"]), wanted=st.booleans())
    def vote(self, account_id: str, feature: str, wanted: bool) -> None:
        client = self.client(account_id)
        answer = (client.post if wanted else client.delete)(f"/api/features/{feature}/interest")
        expected = self.refusal(account_id) or (204 if feature in FEATURES else 404)
        assert answer.status_code == expected
        if expected == 204:
            voted = self.people[account_id].voted
            voted.add(feature) if wanted else voted.discard(feature)

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

    def teardown(self) -> None:
        assert list(consistency.differences(self.redis)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("examples", "steps"), [(3, 10), pytest.param(EXAMPLES, STEPS, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_any_order_is_what_the_model_says(app: Flask, redis: Redis, examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Everything(app, redis), settings=settings(max_examples=examples, stateful_step_count=steps)
    )
