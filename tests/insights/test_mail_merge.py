"""Whom to write to, as a table that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from support import OPERATOR, acting

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account, account_key
from service.audit import store as audit
from service.audit.model import Action, Outcome
from service.insights import mail_merge, sheet
from service.insights.mail_merge import name_of
from service.interest.maintenance import add_voters
from service.problems import NotAnAdmin, UnknownFeature
from service.registry.model import Label, Module, Registry

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
    return sorted(tuple(row) for row in mail_merge.rows(redis, feature, REGISTRY, by=OPERATOR))


def test_each_who_can_be_told_has_a_row(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active", "member", "Alice Petit", "alice@example.com", "fr"), by=OPERATOR)
    accounts.add(redis, Account("bob", "pending"), by=OPERATOR)
    accounts.add(redis, Account("carl", "suspended", "member", "Carl", "carl@example.com"), by=OPERATOR)
    add_voters(redis, "crm", ["alice", "bob", "carl", "gone"])
    assert rows(redis) == [
        ("alice", "Alice Petit", "alice@example.com", "fr", "Built-in CRM", "CRM intégré"),
        ("bob", "", "", "", "Built-in CRM", "CRM intégré"),
    ]


def test_released_former_and_legacy_features_have_voters_as_well(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    for feature in ("new", "old", "company"):
        add_voters(redis, feature, ["alice"])
    assert rows(redis, "old") == rows(redis, "new") == [("alice", "", "", "", "New", "Nouveau")], "once each"
    assert rows(redis, "company") == [("alice", "", "", "", "company", "company")]
    assert name_of("old", REGISTRY).en == "New"


def test_who_asks_is_recorded_once_and_refused_before_the_first_row_or_once_no_admin_any_more(redis: Redis) -> None:
    accounts.add(redis, Account("x", "active", "admin"), by=OPERATOR)
    add_voters(redis, "crm", [f"v{number}" for number in range(1000)])
    found = mail_merge.rows(redis, "crm", REGISTRY, by=acting(Caller("x")))
    for _ in range(2):
        [entry] = audit.page(redis, 10, what=Action.VOTERS_LISTED).entries
        assert (entry.who.account_id, entry.about, entry.outcome) == ("x", "crm", Outcome.DONE)
        list(found)
    assert rows(redis, "company") == []
    assert len(audit.page(redis, 10, what=Action.VOTERS_LISTED).entries) == 1, "where nobody is listed"
    with pytest.raises(UnknownFeature):
        mail_merge.rows(redis, "nothing", REGISTRY, by=OPERATOR)
    for number in range(1000):
        redis.hset(account_key(f"v{number}"), "status", "active")
    found = mail_merge.rows(redis, "crm", REGISTRY, by=acting(Caller("x")))
    next(found)
    accounts.set_details(redis, "x", role="member", by=OPERATOR)
    with pytest.raises(NotAnAdmin):
        list(found)
    with pytest.raises(NotAnAdmin):
        mail_merge.rows(redis, "crm", REGISTRY, by=acting(Caller("x")))


def test_no_cell_begins_like_a_formula(redis: Redis) -> None:
    add_voters(redis, "crm", ["alice"])
    for begin in DANGEROUS:
        known = {"name": f"{begin}1+1", "email": f"{begin}1@example.com", "locale": "=fr"}
        redis.hset(account_key("alice"), mapping={"status": "active", **known})
        [row] = rows(redis)
        assert not any(cell.startswith(DANGEROUS) for cell in row)
        assert begin.strip() in row[1] and "1@example.com" in row[2].replace('"', "")


@pytest.mark.parametrize("name", ["x;=1+1", "x,@SUM(1)", 'x;"=1+1";y', " =1+1", '"=1+1"', "x; -1", ",=1", ";；＝1"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_nor_does_a_cell_of_a_program_that_separates_them_by_the_other(name: str, separator: str) -> None:
    assert sheet.text("Petit, Alice; R&D - Paris") == "Petit, Alice; R&D - Paris"
    for lang in ("en", "fr"):
        [piece] = sheet.pieces(("a", "b"), [(sheet.text(name), "z")], sheet.DIALECTS[lang])
        lines = csv.reader(piece.splitlines(), delimiter=separator)
        assert not any(cell.lstrip(' "').startswith(DANGEROUS) for line in lines for cell in line)


def test_an_address_that_begins_like_a_formula_stays_that_of_the_same_mailbox() -> None:
    assert sheet.address("=alice+x@example.com") == '"=alice+x"@example.com'
    assert sheet.address("alice@example.com") == "alice@example.com"
    assert sheet.address("") == ""
    assert sheet.address('=a"b@example.com') == "'=a\"b@example.com"


@given(st.text(), st.sampled_from(["en", "fr"]))
def test_any_text_is_one_cell_again(value: str, lang: str) -> None:
    [piece] = sheet.pieces(("a", "b"), [(sheet.text(value), 7)], sheet.DIALECTS[lang])
    assert piece.startswith("\ufeff") and piece.endswith("\r\n")
    found = list(csv.reader(piece.removeprefix("\ufeff").splitlines(), delimiter=sheet.DIALECTS[lang].separator))
    assert found == [["a", "b"], [sheet.text(value), "7"]]
    assert not sheet.text(value).startswith(DANGEROUS)
