"""What people want, for admins: the ranking and what goes with it, who wants a feature, and downloads of both."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import chain
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from flask import Response

from service.accounts.listing import LONGEST_SEARCH
from service.insights.figures import gather
from service.insights.model import NO_PERIOD, Merged, Period, Released, Wanted
from service.insights.representation import COLUMNS, VOTER_COLUMNS, as_json, name_of, rows, voter_rows
from service.insights.sheet import pieces
from service.interest import voters
from service.interest.store import today
from service.registry.schema import is_name
from service.web.pages.blueprint import LANG, Refusal, download, lead_to, pages, personal
from service.web.pages.forms import Filters, attempt
from service.web.pages.person import Person, for_admins
from service.web.responses import json_bytes
from service.web.session import actor, caller
from service.web.state import state

_PAGE = f"{LANG}/admin/insights"
_FEATURE = f"{_PAGE}/<feature>"

#: How many features the page ranks, and how many it names that rise; downloads have all.
MOST_RANKED, MOST_RISING = 100, 5

#: What of a trend the ranking is sorted by where the address says so, instead of votes.
SORTS = ("week", "month", "period")

#: Of a line, how much room there is above its highest point, in pixels: half of its own width.
_STROKE = 1.0


@pages.get(_PAGE)
@for_admins
def show_insights(me: Person, lang: str) -> Response:
    """What to build next, and why; sorted as the query says. A period that is none is told beside its fields."""
    registry, filters = state().in_force.registry, Filters.asked("sort", "from", "to", sort=SORTS)
    filters["cursor"] = ""  # this list has one page
    asked = attempt(lambda: Period.checked(filters["from"], filters["to"], today()))
    period, refusal = (NO_PERIOD, asked) if isinstance(asked, Refusal) else (asked, None)
    insights = gather(state().client, me.caller, registry, period)
    by = attrgetter(f"trend.{filters['sort'] or 'votes'}")
    ranked = sorted(insights.ranking, key=by, reverse=True)[:MOST_RANKED]
    facts: dict[str, Any] = {"insights": insights, "ranked": ranked, "charts": CHARTS, "filters": filters}
    facts |= {"rising": insights.rising[:MOST_RISING], "modules": registry.by_slug, "period": period, "me": me}
    return personal("insights.html", lang, "admin/insights", refusal=refusal, **facts)


@pages.get(f"{_PAGE}.csv")
def insights_csv(lang: str) -> Response:
    """All of it as a table for the spreadsheets of a language."""
    insights = gather(state().client, caller(), state().in_force.registry)
    return _sheet(pieces(COLUMNS, rows(insights), lang), f"insights-{insights.today}")


@pages.get(f"{_PAGE}.json")
def insights_json(lang: str) -> Response:
    """All of it for programs: the same in each language."""
    insights = gather(state().client, caller(), state().in_force.registry)
    response = Response(json_bytes(as_json(insights)), content_type="application/json")
    return download(response, f"insights-{insights.today}.json")


@pages.get(_FEATURE)
@for_admins
def show_feature(me: Person, lang: str, feature: str) -> Response:
    """How the votes of a feature came, and who wants it, by any of its ids, sorted as the query says."""
    client, registry = state().client, state().in_force.registry
    filters = Filters.asked("sort", "from", "to", "by", "q", by=voters.ORDERS)
    order, cursor = filters["by"] or "name", filters.said["cursor"]
    page = voters.page(client, feature, registry, by=actor(), order=order, cursor=cursor, is_recorded=False)
    module = None if feature in registry.allowed_features else registry.find(feature)
    if module is not None and module.slug != feature:
        return lead_to(f"/{lang}/admin/insights/{module.slug}{filters.query()}")
    insights = gather(client, me.caller, registry)
    known = chain[Wanted | Merged | Released](insights.ranking, insights.legacy, insights.merged, insights.released)
    facts: dict[str, Any] = {"feature": feature, "label": name_of(feature, registry), "page": page}
    facts |= {"known": next((each for each in known if each.slug == feature), None), "filters": filters}
    facts |= {"insights": insights, "charts": CHARTS, "modules": registry.by_slug, "order": order, "me": me}
    facts["why"] = voters.reasons(client, feature, registry, filters["q"][:LONGEST_SEARCH])
    return personal("insights-feature.html", lang, f"admin/insights/{quote(feature, safe='')}", **facts)


@pages.post(f"{_FEATURE}/mail-merge.csv")
def write_to(lang: str, feature: str) -> Response:
    """Whom to write to. By POST, since it hands out addresses: no link does it."""
    people = voter_rows(state().client, feature, state().in_force.registry, by=actor())
    name = f"{feature}-voters" if is_name(feature) else "voters"
    return _sheet(pieces(VOTER_COLUMNS, people, lang), name)


def _sheet(text: Iterator[str], name: str) -> Response:
    """A table, whole before its first byte is sent: what ends too early would look like all of it to whoever gets it,
    as servers end an answer in the middle like any other. That of a million people takes some 100 MB for a moment.
    """
    table = BytesIO()
    table.writelines(piece.encode() for piece in text)
    return download(Response(table.getvalue(), content_type="text/csv; charset=utf-8"), f"{name}.csv")


def _line(values: Sequence[int], width: float, height: float) -> str:
    """Values as the data of a <path>, evenly from left to right; the most of them is at the top, 0 at the bottom.

    All such shapes stand on a line for none, so that what is twice as high is twice as much.
    """
    most, step = max(*values, 1), width / max(len(values) - 1, 1)
    room = height - 2 * _STROKE
    points = [
        f"{number * step:.4g} {height - _STROKE - room * value / most:.4g}" for number, value in enumerate(values)
    ]
    return f"M{'L'.join(points)}"


def _columns(values: Sequence[int], width: float, height: float) -> tuple[str, float]:
    """Values as columns, as the data of a <path>, those below zero downwards; and how high zero is."""
    most, least = max(*values, 0), min(*values, 0)
    unit = height / max(most - least, 1)
    zero, step = most * unit if most > least else height, width / len(values)
    shapes = [
        f"M{number * step + step / 8:.4g} {zero:.4g}v{-value * unit:.4g}h{step * 3 / 4:.4g}v{value * unit:.4g}z"
        for number, value in enumerate(values)
        if value
    ]
    return "".join(shapes), zero


#: What draws the shapes of `insights-parts.html`, whose colours are in `assets/admin.css`.
CHARTS = {"line": _line, "columns": _columns}
