"""Whom to tell that something shipped: all in turn, or a page at a time, in an order."""

from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from support import OPERATOR, acting, add_accounts

from service.accounts.sessions import Caller
from service.accounts.store import account_key
from service.audit import store as audit
from service.audit.model import Action
from service.interest import voters
from service.interest.keys import interest_key
from service.interest.maintenance import Told, add_voters, merge
from service.interest.reason import Given
from service.problems import InvalidField, UnknownFeature
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
    add_accounts(redis, "admin", role="admin")


def listed(
    redis: Redis,
    feature: str = "linkedin",
    limit: int = 50,
    between: Callable[[int], object] = lambda page: None,
    order: str = "id",
) -> list[str]:
    """The voters from the first page to the last, of which each is full, and what happens after each page."""
    found: list[str] = []
    cursor, number = None, 0
    while number == 0 or cursor:
        page = voters.page(redis, feature, REGISTRY, by=acting(ADMIN), order=order, cursor=cursor, limit=str(limit))
        assert len(page.voters) == limit or (page.next is None and len(page.voters) <= limit)
        found += [voter.id for voter in page.voters]
        cursor, number = page.next, number + 1
        between(number)
    return found


def test_each_has_what_is_known_of_the_account(redis: Redis) -> None:
    add_accounts(redis, "alice", name="Alice Petit", email="alice@example.com", locale="fr")
    add_accounts(redis, "bob", status="suspended")
    add_voters(redis, "linkedin", ["zoe", "bob", "alice"], {"alice": Told("2026-05-03", Given(5, "For leads"))})
    page = voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN))
    alice = ("alice", "Alice Petit", "alice@example.com", "fr", "active", "2026-05-03", (5, "For leads"))
    assert page == ([alice, ("bob", "", "", "", "suspended", "", NONE), ("zoe", "", "", "", "", "", NONE)], None, False)
    assert sorted(voters.walk(redis, "linkedin", REGISTRY, by=OPERATOR)) == page.voters
    redis.hset(account_key("alice"), mapping={"email": "a" * 300 + "@example.com", "locale": "de"})
    first, *_ = voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN)).voters
    assert first[:5] == ("alice", "Alice Petit", "", "", "active")


def test_what_the_registry_or_the_store_knows_is_a_feature_by_every_name_and_nothing_else(redis: Redis) -> None:
    for feature, votes in {"linkedin": ["alice"], "network": ["bob", "alice"], "forgotten": ["zoe"]}.items():
        add_voters(redis, feature, votes)
    merge(redis, "merged", "crm", by=OPERATOR)
    for feature in ("linkedin", "social", "network"):
        assert listed(redis, feature) == ["alice", "bob"], "a module that is active has the votes of all its names"
    merge(redis, "network", "linkedin", by=OPERATOR)
    assert listed(redis, "social") == ["alice", "bob"]
    for feature in ("crm", "company", "instagram", "forgotten", "merged"):
        assert listed(redis, feature) == (["zoe"] if feature == "forgotten" else [])
    for typo, meant in (("linkdin", "linkedin"), ("instagramm", "instagram"), ("zzz", None), ("\ud800", None)):
        with pytest.raises(UnknownFeature) as refused:
            voters.page(redis, typo.encode("utf-8", "replace").decode(), REGISTRY, by=acting(ADMIN))
        assert list((refused.value.suggestions or {}).values()) == [meant]
        assert not meant or f"did you mean {meant}?" in str(refused.value)


@pytest.mark.parametrize("cursor", ["", "0", "1.1.b", "after-", "after-6", "after-zz", "after-" + "00" * 4201, "\n"])
def test_a_cursor_is_that_of_a_page(redis: Redis, cursor: str) -> None:
    with pytest.raises(InvalidField, match="cursor"):
        voters.page(redis, "linkedin", REGISTRY, by=acting(ADMIN), cursor=cursor)


def test_voters_are_sorted_by_name_day_or_id_and_of_many_by_id(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"v{number:03}" for number in range(1200)]
    days = {"v007": "2026-11-02", "v003": "2026-11-02", "v005": "2026-10-31", "v050": "2026-05-03"}
    add_voters(redis, "linkedin", ids[:110], {id: Told(day) for id, day in days.items()})
    add_voters(redis, "social", ids[100:1100])
    add_voters(redis, "network", ids[1100:])
    add_accounts(redis, "v119", name="Élise")
    add_accounts(redis, "v050", name="Éloi", email="e@example.com")
    dated = ["v003", "v007", "v005", "v050"]
    ids.sort()
    assert listed(redis) == ids
    assert listed(redis, limit=100, order="name") == ["v119", "v050", *(id for id in ids if id not in ("v119", "v050"))]
    by_day = [*dated, *(id for id in ids if id not in dated)]
    assert listed(redis, limit=100, order="day") == by_day, "the latest first, last those from before days were kept"
    assert len(audit.page(redis, 9, what=Action.VOTERS_LISTED).entries) == 3, "a walk is one act"
    monkeypatch.setattr(voters, "MOST_SORTED", 1199)
    asked = {"by": acting(ADMIN), "order": "name", "cursor": "after-610a76303439", "is_recorded": False}
    found = voters.page(redis, "linkedin", REGISTRY, **asked)
    assert (found.voters[0], found.are_many) == (
        ("v050", "Éloi", "e@example.com", "", "active", days["v050"], NONE),
        True,
    )
    assert len(audit.page(redis, 9, what=Action.VOTERS_LISTED).entries) == 3


def test_whoever_stays_is_listed_once_while_others_come_and_go_and_sets_become_one(redis: Redis) -> None:
    """And while few become many, and few again."""
    stay = sorted(f"stay{each}" for each in range(400))
    for number, feature in enumerate(("linkedin", "social", "network")):
        add_voters(redis, feature, stay[number::3])

    def between(page: int) -> None:
        redis.sadd(interest_key("linkedin"), *(f"come{page}-{each}" for each in range(300 if page < 12 else 0)), "one")
        redis.srem(interest_key("linkedin"), *(f"come{page - 3}-{each}" for each in range(300)))
        if page == 2:
            merge(redis, "social", "linkedin", by=OPERATOR)

    assert [voter for voter in listed(redis, between=between) if voter in stay] == stay


@pytest.mark.parametrize("asked", ["all in turn", *voters.ORDERS])
def test_whoever_stays_is_listed_once_where_sets_become_one_while_they_are_read(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    names = ["linkedin", "social", "network"]
    for name in names:
        add_voters(redis, name, [f"{number}{name}" for number in range(200)])
    members, read = type(redis).members, []

    def members_and_merge(client: Redis, key: str) -> Iterator[str]:
        yield from members(client, key)
        if not read:
            read.append(key.removeprefix(interest_key("")))
            merge(redis, next(name for name in names if name not in read), read[0], by=OPERATOR)

    monkeypatch.setattr(type(redis), "members", members_and_merge)
    if asked == "all in turn":
        found = [voter.id for voter in voters.walk(redis, "linkedin", REGISTRY, by=OPERATOR)]
    else:
        found = listed(redis, order=asked)
    assert sorted(found) == sorted(f"{number}{name}" for name in names for number in range(200))
