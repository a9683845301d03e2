"""What programs and spreadsheets get, as representation.yaml has it, and whom to write to.

A spreadsheet opens each table without running anything in it.
"""

import csv
import json
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis import Redis
from support import OPERATOR, acting, add_accounts, table

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import account_key
from service.audit import store as audit
from service.audit.model import Action, Outcome
from service.feedback.model import Status as Asking
from service.insights import representation, sheet
from service.insights.model import DAYS, Asked, Insights, Merged, Released, Trend, Wanted
from service.insights.representation import voter_rows
from service.interest.maintenance import Told, add_voters
from service.interest.reason import Given
from service.problems import NotAnAdmin, UnknownFeature
from service.registry.model import Label, Module, ModuleState, Registry
from service.usage.counting import Used
from service.wording import json_text, printable

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
    add_accounts(redis, "alice", name="Alice Petit", email="alice@example.com", locale="fr")
    add_accounts(redis, "bob", status="pending")
    add_accounts(redis, "carl", status="suspended", name="Carl", email="carl@example.com")
    add_accounts(redis, "dora", email="+d@example.com")
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
    add_accounts(redis, "x", role="admin")
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


def cells(value: str, lang: str, separator: str) -> list[list[str]]:
    """The rows of a table with a text, as programs read it that separate cells so."""
    written = "".join(sheet.pieces(("a", "b"), [(value, 7)], lang))
    assert written.startswith("\ufeff") and written.endswith("\r\n")
    return list(csv.reader(written.removeprefix("\ufeff").splitlines(), delimiter=separator))


@pytest.mark.parametrize("name", ["x;=1+1", "x,@SUM(1)", 'x;"=1+1";y', " =1+1", '"=1+1"', "x; -1", ",=1", ";；＝1"])
def test_no_cell_begins_like_a_formula_whatever_separates_cells(name: str) -> None:
    for lang, separator in product(("en", "fr"), ",;"):
        read = cells(name, lang, separator)
        assert not any(cell.lstrip(' "').startswith(DANGEROUS) for line in read for cell in line), (lang, separator)


@given(st.text() | st.sampled_from([f"{begin}1+1" for begin in DANGEROUS]), st.sampled_from(["en", "fr"]))
@example("Petit, Alice; R&D - Paris", "en")
def test_any_text_is_one_cell_again(value: str, lang: str) -> None:
    header, [cell, number] = cells(value, lang, {"en": ",", "fr": ";"}[lang])
    assert (header, number) == (["a", "b"], "7")
    assert not cell.startswith(DANGEROUS)
    assert cell.replace("'", "") == printable(value).replace("'", "")
    assert cell == value or "Petit" not in value


EXPECTED = table(__file__, "representation.yaml")
NAMED = Label("Un nom", "=A name")
RISING = Trend(5, "2026-01-02", (*[0] * (DAYS - 8), 1, 1, 0, 0, 0, 0, 0, 2))
STATUSES = {Asking.OPEN: 1, Asking.ANSWERED: 2, Asking.ACTIVATED: 3, Asking.DECLINED: 4}
INSIGHTS = Insights(
    today="2026-03-01",
    ranking=(Wanted("crm", NAMED, "planned", 1, RISING),),
    legacy=(Wanted("company", None, None, 1, Trend(0, None, (0,) * DAYS)),),
    merged=(Merged("jobs", NAMED, "hiring"),),
    released=(
        Released("linkedin", NAMED, ModuleState.ACTIVE, 7, "2026-01-03", "2026-02-03", 31, 12),
        Released("fax", NAMED, ModuleState.ON_DEMAND, 1, None, None, None, None),
    ),
    requests=(
        Asked("sms", NAMED, ModuleState.ON_DEMAND, STATUSES, 2, datetime(2026, 2, 1, 8, 30, tzinfo=UTC)),
        Asked("fax", None, None, dict.fromkeys(Asking, 0), 0, None),
    ),
    uses=(Used("mails", "2026-01-02", 4, {"python": 3, "curl": 1}, "2026-02-28"),),
)


def test_json_has_every_name_and_each_row_of_the_table_its_part() -> None:
    assert json.loads(json_text(representation.as_json(INSIGHTS))) == EXPECTED["json"]
    assert ",".join(representation.COLUMNS) == EXPECTED["columns"]
    told = [dict(zip(representation.COLUMNS, row, strict=True)) for row in representation.rows(INSIGHTS)]
    assert [{name: cell for name, cell in row.items() if cell is not None} for row in told] == EXPECTED["rows"]
