"""What people wished for: as an admin sees it, and what of it has shipped, until they say that they have seen it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from support import OPERATOR, AnyClient, add_accounts, everything, table

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.feedback import store as feedback
from service.history.store import RELEASED_KEY
from service.insights.person import news
from service.interest import own
from service.interest.keys import dismissed_key, voted_key
from service.interest.maintenance import add_voters, merge
from service.interest.own import Candidates, Shipped, dismiss, votes_of
from service.interest.store import read, vote
from service.problems import AccountNotActive, NotAuthenticated
from service.registry.model import Label, Module, Registry

ALICE = Caller("alice")
LABEL = Label("Un nom", "A name")
CRM, LINKEDIN, SCRAP, PAGESPEED, FINANCE, SMS, HIRING = (
    Module(slug="crm", category="tools", label=LABEL, api_endpoint="/api/crm"),
    Module(slug="linkedin", category="sources", label=LABEL, api_endpoint="/api/linkedin", formerly=("social",)),
    Module(slug="scrap", category="sources", label=LABEL, api_endpoint="/api/scrap"),
    Module(slug="pagespeed", category="signals", label=LABEL, api_endpoint="/api/pagespeed"),
    Module(slug="finance", category="enrich", label=LABEL, api_endpoint="/api/finance", alpha_unavailable=True),
    Module(slug="sms", category="outreach", label=LABEL, is_on_demand=True),
    Module(slug="hiring", category="signals", label=LABEL, coming_soon=True),
)
REGISTRY = Registry((CRM, LINKEDIN, SCRAP, PAGESPEED, FINANCE, SMS, HIRING), ("company", "pagespeed"))


@pytest.fixture(autouse=True)
def alice(redis: AnyClient) -> None:
    add_accounts(redis, "alice")


def wants(redis: AnyClient, who: str, *features: str) -> None:
    """Have some accounts, by the words of a text, want features."""
    for feature in features:
        add_voters(redis, feature, who.split())


def told(redis: AnyClient, registry: Registry = REGISTRY, who: Caller = ALICE) -> list[str]:
    """The slugs of what has shipped for an account."""
    return [each.slug for each in news(redis, who, registry, Candidates()).shipped]


@pytest.mark.parametrize("steps", table(__file__, "shipped.yaml").values(), ids=table(__file__, "shipped.yaml"))
def test_what_has_shipped_is_told_until_it_is_dismissed(redis: AnyClient, steps: list[list[Any]]) -> None:
    add_accounts(redis, "bob", status="pending")
    for who, what, *names in steps:
        if who == "merged":
            merge(redis, what, *names, by=OPERATOR)
        elif who == "released":
            redis.command("HSET", RELEASED_KEY, what, *names)
        elif what == "want":
            wants(redis, who, *names)
        elif what == "dismisses":
            dismiss(redis, Caller(who), *names, REGISTRY)
        else:
            assert told(redis, who=Caller(who)) == names


def test_a_release_has_its_time_and_a_dismissal_outlives_a_rename_and_its_end(redis: AnyClient) -> None:
    wants(redis, "alice", "linkedin", "crm")
    redis.command("HSET", RELEASED_KEY, "social", 1_764_146_400_124)
    first, second = news(redis, ALICE, REGISTRY, Candidates()).shipped
    released = datetime(2025, 11, 26, 8, 40, tzinfo=UTC)
    assert (first, second) == (Shipped("linkedin", LABEL, None, released), Shipped("crm", LABEL, None, None))
    dismiss(redis, ALICE, "social", REGISTRY)
    assert list(redis.hgetall(dismissed_key("alice"))) == ["linkedin", "social"]
    for slug, formerly in (("network", ("linkedin", "social")), ("social", ())):
        assert told(redis, Registry((replace(LINKEDIN, slug=slug, formerly=formerly),))) == []


def test_what_one_wants_has_the_name_of_now_where_a_rename_was_taken_back(redis: AnyClient) -> None:
    renamed = Registry((replace(HIRING, slug="jobs", formerly=("hiring",)),))
    vote(redis, ALICE, "jobs", renamed)
    vote(redis, ALICE, "hiring", Registry((HIRING,)))
    read(redis, ALICE, renamed)  # which moves them
    for registry, name in ((renamed, "jobs"), (Registry((HIRING,)), "hiring")):
        assert [(each.feature, each.label) for each in votes_of(redis, "alice", registry)] == [(name, LABEL)]


def test_what_was_merged_into_what_is_no_module_any_more_is_told_by_its_own_name(redis: AnyClient) -> None:
    wants(redis, "alice", "crm")
    merge(redis, "crm", "hiring", by=OPERATOR)
    merge(redis, "hiring", "scrap", by=OPERATOR)
    assert told(redis, replace(REGISTRY, modules=(CRM,))) == ["crm"]


def test_of_what_is_not_to_be_told_nothing_is_kept(redis: AnyClient) -> None:
    wants(redis, "alice", "hiring", "finance", "pagespeed", "sms")
    wants(redis, "bob carl dora nobody", "crm")
    for account_id, status in (("bob", "suspended"), ("carl", "pending")):
        add_accounts(redis, account_id, status=status)
    before = everything(redis)
    for slug in ("crm", "hiring", "finance", "pagespeed", "sms"):
        dismiss(redis, ALICE, slug, REGISTRY)
    for account_id in ("nobody", "bob", "carl"):
        with pytest.raises((NotAuthenticated, AccountNotActive)):
            dismiss(redis, Caller(account_id), "crm", REGISTRY)
    assert everything(redis) == before


@pytest.mark.parametrize(
    ("key", "text"),
    [(RELEASED_KEY, "soon"), (RELEASED_KEY, "9" * 30), (dismissed_key("alice"), "-1"), (voted_key("crm"), "May")],
)
def test_a_time_that_is_none_is_not_told(redis: AnyClient, key: str, text: str) -> None:
    wants(redis, "alice", "crm")
    redis.command("HSET", key, "alice" if key == voted_key("crm") else "crm", text)
    assert news(redis, ALICE, REGISTRY, Candidates()).shipped == [Shipped("crm", LABEL, None, None)]


def test_a_page_asks_for_modules_that_have_votes_and_looks_for_these_once_in_a_while(
    redis: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tuple(replace(CRM, slug=f"m{number}", formerly=(f"o{number}",)) for number in range(3000))
    registry, candidates = Registry(modules), Candidates()
    wants(redis, "alice", "m7")
    assert candidates.of(redis, registry) == ["m7", "m7 o7"]
    wants(redis, "bob", "o2999")
    assert candidates.of(redis, registry) == ["m7", "m7 o7"]
    assert told(redis, registry) == ["m7"]
    monkeypatch.setattr(own, "_BELIEVED", -1.0)
    assert Candidates().of(redis, registry) == ["m7", "m7 o7", "o2999", "m2999 o2999"]


def test_what_somebody_wants_is_found_under_every_name_once(redis: AnyClient) -> None:
    wants(redis, "alice bob", "social", "scrap", "company", "orphan")
    wants(redis, "bob", "linkedin")
    for _ in range(2):
        assert [vote.feature for vote in votes_of(redis, "alice", REGISTRY)] == ["company", "linkedin", "scrap"]
        merge(redis, "social", "linkedin", by=OPERATOR)
    assert votes_of(redis, "nobody", REGISTRY) == []


def test_a_person_is_shown_with_the_latest_requests_whatever_the_status(redis: AnyClient) -> None:
    stubs = [replace(SMS, slug=f"sms{each}") for each in range(12)]
    add_accounts(redis, "bob")
    for stub in stubs:
        for who in ("alice", "bob"):
            feedback.open_thread(redis, Caller(who), stub.slug, "Please", Registry(tuple(stubs)))
    accounts.set_status(redis, "alice", "suspended", by=OPERATOR)
    asked = feedback.threads_of(redis, "alice", Registry(tuple(stubs)), most=10)
    assert [thread.module for thread in asked.threads] == [stub.slug for stub in stubs[::-1]][:10]
    assert asked.next
    assert {thread.account.id for thread in asked.threads} == {"alice"}
    assert asked.threads[0].unread, "as admins see it"
