"""Accounts as admins list and search them, a page at a time."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from support import OPERATOR, AnyClient, add_accounts, table

from service.accounts import store
from service.accounts.listing import LONGEST_SEARCH, Page, Search, page
from service.accounts.model import Account, account_key
from service.accounts.sessions import Caller
from service.problems import InvalidField

#: More than are read at once, on a Cluster as well.
MANY = 3_000

SEARCHES = table(__file__, "searches.yaml")
ADMIN = Caller("admin")
ANNA = Account("u-1", "active", "member", "Anna Élodie", "anna@example.com", "fr")
ALL = Search()
BORIS = Account("u-2", "pending", "member", "BORIS Straße", "b@example.org", "en")
ZOE = Account("zoe", "suspended", "admin", "", "")


@pytest.fixture(autouse=True)
def admin(redis: AnyClient) -> None:
    add_accounts(redis, "admin", role="admin")


def add_many(redis: AnyClient, number: int) -> set[str]:
    """Accounts as the platform writes them."""
    with redis.pipeline(transaction=False) as pipeline:
        for each in range(number):
            pipeline.hset(account_key(f"user-{each}"), mapping={"status": "active", "name": f"Person {each}"})
        pipeline.execute()
    return {f"user-{each}" for each in range(number)}


def walk(redis: AnyClient, search: Search = ALL, between: Callable[[Page], Any] = lambda page: None) -> Counter[str]:
    """How often each account is listed from the first page to the last, and what happens after each page."""
    counted: Counter[str] = Counter()
    cursor, is_first = None, True
    while is_first or cursor:
        shown = page(redis, ADMIN, search, cursor=cursor)
        counted.update(account.id for account in shown.accounts)
        cursor, is_first = shown.next, False
        between(shown)
    return counted


def test_an_account_is_shown_as_it_is_stored_and_sorted_by_name(redis: AnyClient) -> None:
    accent = Account("accent", "active", name="\N{COMBINING ACUTE ACCENT}")
    for account in (ZOE, BORIS, ANNA, accent):
        store.add(redis, account, by=OPERATOR)
    redis.hset(account_key("bare"), mapping={"status": "active"})
    redis.hset(account_key("none"), mapping={"name": "nobody"})
    redis.set(account_key("text"), "no account")
    bare, admin = Account("bare", "active"), Account("admin", "active", "admin")
    shown = page(redis, ADMIN, Search())
    assert shown == ([accent, admin, ANNA, bare, BORIS, ZOE], 6, None, 6)


@pytest.mark.parametrize("row", SEARCHES, ids=str)
def test_words_are_found_in_any_case_and_by_status_and_role(redis: AnyClient, row: dict[str, list[str]]) -> None:
    for account in (ZOE, BORIS, ANNA):
        store.add(redis, account, by=OPERATOR)
    assert walk(redis, Search(*row["search"])) == Counter(row["found"])


@pytest.mark.parametrize("number", [0, 49, 50, 600])
def test_a_few_are_all_sorted_by_name_whichever_page_they_are_on(redis: AnyClient, number: int) -> None:
    add_many(redis, number)
    redis.hset(account_key("user-7"), mapping={"status": "active", "name": "Person " + "7" * 200})
    pages: list[Page] = []
    walk(redis, between=pages.append)
    everybody = sorted(store.list_accounts(redis), key=lambda account: (account.name or account.id).lower())
    assert [account for shown in pages for account in shown.accounts] == everybody
    assert {shown.total for shown in pages} == {len(everybody)}


@pytest.mark.parametrize("number", [300, MANY])
def test_who_comes_and_goes_meanwhile_hides_nobody_else(redis: AnyClient, number: int) -> None:
    expected = add_many(redis, number)
    sizes: list[int] = []

    def between(shown: Page) -> None:
        sizes.append(len(shown.accounts))
        redis.hset(account_key(f"new-{len(sizes)}"), mapping={"status": "active"})
        redis.delete(account_key(f"user-{len(sizes) * 10 % 100}"))
        if number < MANY and shown.next:
            redis.delete(account_key(shown.accounts[-1].id))

    listed = walk(redis, between=between)
    assert {id for id in expected if redis.exists(account_key(id))} <= set(listed)
    assert number == MANY or set(listed.values()) == {1}


def test_many_are_listed_once_in_pages_and_searched_in_steps(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, sizes = add_many(redis, MANY) | {"admin"}, []
    redis.mset({f"other:{each}": 1 for each in range(3_000)})
    assert walk(redis, between=lambda shown: sizes.append(len(shown.accounts))) == Counter(expected)
    assert all(50 <= size < 120 for size in sizes[:-1]) and 0 < max(sizes) < 120
    assert {*walk(redis, Search("user-1"))} == {f"user-{each}" for each in range(MANY) if str(each).startswith("1")}
    # An id is found at once.
    monkeypatch.setattr("service.accounts.listing.PATIENCE", 0)
    shown = page(redis, ADMIN, Search("user-2777"))
    assert [account.id for account in shown.accounts] == ["user-2777"]
    assert shown.read < 200
    assert page(redis, ADMIN, Search("user-2777", "pending")).accounts == []
    assert {*walk(redis, Search("user-2777"))} == {"user-2777"}
    # A search that takes long says how far it came, and goes on.
    reads: list[int] = []
    assert walk(redis, Search("nobody"), between=lambda shown: reads.append(shown.read)) == Counter()
    assert len(reads) > 5
    assert reads == sorted(set(reads))
    assert reads[-1] == MANY + 1


def test_a_search_that_makes_no_sense_and_a_cursor_that_no_page_gave_are_refused(redis: AnyClient) -> None:
    with pytest.raises(InvalidField, match="q"):
        page(redis, ADMIN, Search("x" * (LONGEST_SEARCH + 1)))
    page(redis, ADMIN, Search("x" * LONGEST_SEARCH))
    page(redis, ADMIN, Search(), cursor=f"0.{2**64 - 1}")
    for cursor in ("0", "1.x", "1.0\n", "1.00000000.0.0", "after-", "after-6", "after-zz", f"0.{2**64}"):
        with pytest.raises(InvalidField, match="cursor"):
            page(redis, ADMIN, Search(), cursor=cursor)
