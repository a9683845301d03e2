"""Whom to write to, as a table that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis import Redis
from support import OPERATOR, acting

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account, account_key
from service.audit import store as audit
from service.audit.model import Action, Outcome
from service.insights import sheet
from service.insights.representation import voter_rows
from service.interest.maintenance import Told, add_voters
from service.interest.reason import Given
from service.problems import NotAnAdmin, UnknownFeature
from service.registry.model import Label, Module, Registry
from service.wording import printable

REGISTRY = Registry(
    (
        Module(slug="crm", category="tools", label=Label("CRM intégré", "Built-in CRM"), coming_soon=True),
        Module(slug="new", category="tools", label=Label("Nouveau", "New"), api_endpoint="/api/n", formerly=("old",)),
    ),
    ("company",),
)
#: What a cell begins with that a spreadsheet may run (OWASP, "CSV Injection").
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def rows(redis: Redis, feature: str = "crm") -> list[tuple[str, ...]]:
    return sorted(tuple(row) for row in voter_rows(redis, feature, REGISTRY, by=OPERATOR))


def test_each_who_can_be_told_has_a_row_once_by_any_name_of_the_feature(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active", "member", "Alice Petit", "alice@example.com", "fr"), by=OPERATOR)
    accounts.add(redis, Account("bob", "pending"), by=OPERATOR)
    accounts.add(redis, Account("carl", "suspended", "member", "Carl", "carl@example.com"), by=OPERATOR)
    accounts.add(redis, Account("dora", "active", email="+d@example.com"), by=OPERATOR)
    for feature in ("crm", "new", "old", "company"):
        add_voters(redis, feature, ["alice", "bob", "carl", "dora", "gone"], {"bob": Told("", Given(1, "=1+1"))})
    for feature, english, french in (
        ("crm", "Built-in CRM", "CRM intégré"),
        ("new", "New", "Nouveau"),
        ("old", "New", "Nouveau"),
        ("company", "company", "company"),
    ):
        assert rows(redis, feature) == [
            ("alice", "Alice Petit", "alice@example.com", "fr", english, french, ""),
            ("bob", "", "", "", english, french, "=1+1"),
            ("dora", "", "", "", english, french, ""),
        ]


def test_who_asks_is_recorded_once_and_refused_once_no_admin_any_more(redis: Redis) -> None:
    accounts.add(redis, Account("x", "active", "admin"), by=OPERATOR)
    add_voters(redis, "crm", voters := [f"v{number}" for number in range(1000)])
    for voter in voters:
        redis.hset(account_key(voter), "status", "active")
    told = voter_rows(redis, "crm", REGISTRY, by=acting(Caller("x")))
    next(told)
    [entry] = audit.page(redis, 10, what=Action.VOTERS_LISTED).entries
    assert (entry.who.account_id, entry.about, entry.outcome) == ("x", "crm", Outcome.DONE)
    assert rows(redis, "company") == []
    assert len(audit.page(redis, 10, what=Action.VOTERS_LISTED).entries) == 1, "where nobody is listed"
    with pytest.raises(UnknownFeature):
        rows(redis, "nothing")
    accounts.set_details(redis, "x", role="member", by=OPERATOR)
    with pytest.raises(NotAnAdmin):
        list(told)


def cells(value: str, lang: str, separator: str | None = None) -> list[list[str]]:
    """The rows of a table with a text, as programs read it that separate cells so."""
    separator = separator or {"en": ",", "fr": ";"}[lang]
    written = "".join(sheet.pieces(("a", "b"), [(value, 7)], lang))
    assert written.startswith("\ufeff") and written.endswith("\r\n")
    return list(csv.reader(written.removeprefix("\ufeff").splitlines(), delimiter=separator))


@pytest.mark.parametrize("name", ["x;=1+1", "x,@SUM(1)", 'x;"=1+1";y', " =1+1", '"=1+1"', "x; -1", ",=1", ";；＝1"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_cell_begins_like_a_formula_whatever_separates_cells(name: str, separator: str, lang: str) -> None:
    read = cells(name, lang, separator)
    assert not any(cell.lstrip(' "').startswith(DANGEROUS) for line in read for cell in line)


@given(st.text() | st.sampled_from([f"{begin}1+1" for begin in DANGEROUS]), st.sampled_from(["en", "fr"]))
@example("Petit, Alice; R&D - Paris", "en")
def test_any_text_is_one_cell_again(value: str, lang: str) -> None:
    header, [cell, number] = cells(value, lang)
    assert (header, number) == (["a", "b"], "7")
    assert not cell.startswith(DANGEROUS)
    assert cell.replace("'", "") == printable(value).replace("'", "")
    assert cell == value or "Petit" not in value
