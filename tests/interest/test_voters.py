"""Whom to tell that something shipped, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from redis import Redis
from support import NO_ADMINS, OPERATOR, acting

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account, account_key
from service.audit import store as audit
from service.audit.model import Action
from service.interest import voters
from service.interest.keys import interest_key
from service.interest.maintenance import Told, add_voters, merge
from service.interest.reason import Given
from service.problems import InvalidField, ModuleRegistryError, UnknownFeature
from service.registry.model import Label, Module, Registry, Removed

LABEL = Label("É", "E")
REGISTRY = Registry(
    (
        Module(slug="crm", category="tools", label=LABEL, coming_soon=True),
        Module(slug="linkedin", category="tools", label=LABEL, api_endpoint="/api/l", formerly=("social", "network")),
    ),
    ("company",),
    (Removed("instagram", "2026-09-02", None, LABEL),),
)
ADMIN = Caller("admin")
#: No reason.
NONE = Given()


@pytest.fixture(autouse=True)
def admin(redis: Redis) -> None:
    accounts.add(redis, Account("admin", "active", "admin"), by=OPERATOR)


def walk(
    redis: Redis, feature: str = "linkedin", limit: int = 100, between: Callable[[int], None] = lambda page: None
) -> Counter[str]:
    """How often each voter is listed from the first page to the last, and what happens after each page."""
    found: Counter[str] = Counter()
    cursor, number = None, 0
    while number == 0 or cursor:
        page = voters.page(redis, feature, REGISTRY, by=acting(ADMIN), cursor=cursor, limit=str(limit))
        assert len(page.voters) <= limit
        found.update(voter.id for voter in page.voters)
        cursor, number = page.next, number + 1
        between(number)
    return found


def test_each_has_what_is_known_of_the_account(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active", "member", "Alice Petit", "alice@example.com", "fr"), by=OPERATOR)
    accounts.add(redis, Account("bob", "suspended"), by=OPERATOR)
    add_voters(redis, "linkedin", ["zoe", "bob", "alice"], {"alice": Told("2026-05-03", Given(5, "For leads"))})
    page = voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN))
    alice = ("alice", "Alice Petit", "alice@example.com", "fr", "active", "2026-05-03", (5, "For leads"))
    assert page == ([alice, ("bob", "", "", "", "suspended", "", NONE), ("zoe", "", "", "", "", "", NONE)], None)
    assert list(voters.walk(redis, "linkedin", REGISTRY, by=OPERATOR)) == page.voters
    redis.hset(account_key("alice"), mapping={"email": "a" * 300 + "@example.com", "locale": "de"})
    first, *_ = voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN)).voters
    assert first[:5] == ("alice", "Alice Petit", "", "", "active")


def test_what_the_registry_or_the_store_knows_is_a_feature_by_every_name_and_nothing_else(redis: Redis) -> None:
    for feature, votes in {"linkedin": ["alice"], "network": ["bob", "alice"], "forgotten": ["zoe"]}.items():
        add_voters(redis, feature, votes)
    merge(redis, "merged", "crm", by=OPERATOR)
    for feature in ("linkedin", "social", "network"):
        assert set(walk(redis, feature)) == {"alice", "bob"}, "a module that is active has the votes of all its names"
    merge(redis, "network", "linkedin", by=OPERATOR)
    assert walk(redis, "social") == Counter(["alice", "bob"]), "once where two ids mean one set"
    for feature in ("crm", "company", "instagram", "forgotten", "merged"):
        assert set(walk(redis, feature)) == ({"zoe"} if feature == "forgotten" else set())
    for typo, meant in (("linkdin", "linkedin"), ("instagramm", "instagram"), ("zzz", None), ("\ud800", None)):
        with pytest.raises(UnknownFeature) as refused:
            voters.page(redis, typo.encode("utf-8", "replace").decode(), REGISTRY, by=acting(ADMIN))
        assert list((refused.value.suggestions or {}).values()) == [meant]
        assert not meant or f"did you mean {meant}?" in str(refused.value)


@pytest.mark.parametrize(("account", "refusal"), NO_ADMINS)
def test_it_is_for_admins_whatever_is_asked(
    redis: Redis, account: Account | None, refusal: type[ModuleRegistryError]
) -> None:
    add_voters(redis, "linkedin", ["alice"])
    if account:
        accounts.add(redis, account, by=OPERATOR)
    for feature, asked in (("linkedin", {}), ("nowhere", {"limit": "0"}), ("linkedin", {"cursor": "x"})):
        with pytest.raises(refusal):
            voters.page(redis, feature, REGISTRY, by=acting(Caller("x")), **asked)


def test_a_limit_is_a_number_up_to_100_and_a_cursor_that_of_a_page(redis: Redis) -> None:
    add_voters(redis, "linkedin", ["alice"])
    for limit in ("0", "101", "-1", "x", "", "1e2", "٣"):
        with pytest.raises(InvalidField, match="limit"):
            voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN), limit=limit)
    for cursor in ("0", "1", "1.1", "1.1.x", "1.1.f", "1.1.m", "1.1.fz", "1.1.f" + "00" * 4097, "\n"):
        with pytest.raises(InvalidField, match="cursor"):
            voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN), cursor=cursor)
    for cursor in ("9.9.b", "1.9.m5", "1.1.m99999999999999999999", "2.1.f00"):  # of something else
        assert voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN), cursor=cursor).next is None


@pytest.mark.parametrize("number", [300, 512, 513, 1000])
@pytest.mark.parametrize("prefix", ["", "voter-é-"])
def test_every_voter_is_listed_once_and_no_page_is_too_long(redis: Redis, number: int, prefix: str) -> None:
    """Few and many voters, and ids that the server keeps as numbers and as texts."""
    expected = {f"{prefix}{each}" for each in range(number)}
    add_voters(redis, "linkedin", sorted(expected))
    add_voters(redis, "social", ["bob"])
    assert walk(redis, limit=50) == Counter([*expected, "bob"])
    assert len(audit.page(redis, 9, what=Action.VOTERS_LISTED).entries) == 1, "a walk is one act"


@pytest.mark.parametrize("number", [400, 1000])
def test_whoever_stays_is_listed_while_others_come_and_go(redis: Redis, number: int) -> None:
    """And while few become many, and few again."""
    stay = {f"stay{each}" for each in range(number)}
    add_voters(redis, "linkedin", sorted(stay))

    def between(page: int) -> None:
        redis.sadd(interest_key("linkedin"), *(f"come{page}-{each}" for each in range(300 if page < 12 else 0)), "one")
        redis.srem(interest_key("linkedin"), *(f"come{page - 3}-{each}" for each in range(300)))

    assert stay <= set(walk(redis, between=between))


@pytest.mark.parametrize("moment", range(1, 6))
def test_whoever_stays_is_listed_while_sets_become_one(redis: Redis, moment: int) -> None:
    for feature, first in (("linkedin", "m"), ("social", "a"), ("network", "z")):
        add_voters(redis, feature, [f"{first}{each}" for each in range(150)])

    def between(page: int) -> None:
        if page == moment:  # each of the three sets is on two pages
            merge(redis, "social", "linkedin", by=OPERATOR)

    assert len(walk(redis, between=between)) == 450
