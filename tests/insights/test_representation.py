"""What programs and spreadsheets get: every name and value, as representation.yaml has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from support import table

from service.feedback.model import Status
from service.insights.model import DAYS, Asked, Insights, Merged, Released, Trend, Wanted
from service.insights.representation import COLUMNS, as_json, rows
from service.metrics.uses import Used
from service.registry.model import Label, ModuleState
from service.wording import json_text

EXPECTED = table(__file__, "representation.yaml")
LABEL = Label("Un nom", "=A name")
RISING = Trend(5, "2026-01-02", (*[0] * (DAYS - 8), 1, 1, 0, 0, 0, 0, 0, 2))
STATUSES = {Status.OPEN: 1, Status.ANSWERED: 2, Status.ACTIVATED: 3, Status.DECLINED: 4}
INSIGHTS = Insights(
    today="2026-03-01",
    ranking=(Wanted("crm", LABEL, "planned", 1, RISING),),
    legacy=(Wanted("company", None, None, 1, Trend(0, None, (0,) * DAYS)),),
    merged=(Merged("jobs", LABEL, "hiring"),),
    released=(
        Released("linkedin", LABEL, ModuleState.ACTIVE, 7, "2026-01-03", "2026-02-03", 31, 12),
        Released("fax", LABEL, ModuleState.ON_DEMAND, 1, None, None, None, None),
    ),
    requests=(
        Asked("sms", LABEL, ModuleState.ON_DEMAND, STATUSES, 2, datetime(2026, 2, 1, 8, 30, tzinfo=UTC)),
        Asked("fax", None, None, dict.fromkeys(Status, 0), 0, None),
    ),
    uses=(Used("mails", "2026-01-02", 4, {"python": 3, "curl": 1}, "2026-02-28"),),
)


def test_json_has_every_name() -> None:
    assert json.loads(json_text(as_json(INSIGHTS))) == EXPECTED["json"]


def test_each_row_of_the_table_has_its_part() -> None:
    assert ",".join(COLUMNS) == EXPECTED["columns"]
    table = [dict(zip(COLUMNS, row, strict=True)) for row in rows(INSIGHTS)]
    assert [{name: cell for name, cell in row.items() if cell is not None} for row in table] == EXPECTED["rows"]
