"""One person as an admin sees them."""

from __future__ import annotations

import pytest
from support import OPERATOR, AnyClient

from service.accounts import store
from service.accounts.model import Account
from service.accounts.sessions import Caller
from service.feedback import store as feedback
from service.interest.maintenance import add_voters, merge
from service.interest.wanted import wanted_by
from service.people.overview import MOST_THREADS, overview
from service.problems import UnknownAccount
from service.registry.model import Label, Module, Registry, Removed

LABEL = Label("Un nom", "A name")
SMS = [Module(slug=f"sms{each}", category="outreach", label=LABEL, is_on_demand=True) for each in range(12)]
REGISTRY = Registry(
    (
        Module(slug="crm", category="tools", label=LABEL, coming_soon=True, formerly=("clients",)),
        Module(slug="linkedin", category="tools", label=LABEL, api_endpoint="/api/linkedin"),
        *SMS,
    ),
    ("company",),
    (Removed("instagram", "2026-09-02", None, LABEL),),
)


def test_what_somebody_wants_is_found_under_every_name_once(redis: AnyClient) -> None:
    for feature in ("clients", "linkedin", "company", "orphan"):
        add_voters(redis, feature, ["alice", "bob"])
    add_voters(redis, "crm", ["bob"])
    assert wanted_by(redis, "alice", REGISTRY) == ["clients", "company", "linkedin"]
    merge(redis, "clients", "crm", by=OPERATOR)
    assert wanted_by(redis, "alice", REGISTRY) == ["company", "crm", "linkedin"]
    assert wanted_by(redis, "nobody", REGISTRY) == []


@pytest.mark.parametrize("status", ["active", "suspended"])
def test_a_person_is_shown_with_the_latest_requests_whatever_the_status(redis: AnyClient, status: str) -> None:
    alice = Account("alice", "active", "member", "Alice", "alice@example.com", "fr")
    store.add(redis, alice, by=OPERATOR)
    store.add(redis, Account("bob", "active"), by=OPERATOR)
    for module in SMS:
        feedback.open_thread(redis, Caller("alice"), module.slug, "Please", REGISTRY)
        feedback.open_thread(redis, Caller("bob"), module.slug, "Me too", REGISTRY)
    redis.hset("account:alice", "status", status)
    found = overview(redis, "alice", REGISTRY)
    assert (found.account.name, found.account.status) == ("Alice", status)
    assert [thread.module for thread in found.asked.threads] == [module.slug for module in SMS[::-1]][:MOST_THREADS]
    assert found.asked.next
    assert {thread.account.id for thread in found.asked.threads} == {"alice"}
    assert found.asked.threads[0].unread, "as admins see it"


def test_nobody_is_shown_who_is_not_there(redis: AnyClient) -> None:
    with pytest.raises(UnknownAccount):
        overview(redis, "nobody", REGISTRY)
