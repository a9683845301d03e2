"""What people want, for admins: the ranking and what goes with it, who wants a feature, and downloads of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

from flask import Response

from service.insights import mail_merge
from service.insights.figures import gather
from service.insights.model import Insights, Merged, Released, Wanted
from service.insights.representation import COLUMNS, as_json, rows
from service.insights.sheet import DIALECTS, pieces
from service.interest import voters
from service.web.actor import actor
from service.web.pages import charts
from service.web.pages.admin import admin
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.people import account_path, shown
from service.web.pages.redirects import found, to_sign_in
from service.web.query import query
from service.web.responses import json_bytes, no_store
from service.web.session import caller
from service.web.state import state

_PAGE = f"{LANG}/admin/insights"
_FEATURE = f"{_PAGE}/<feature>"

#: How many features the page ranks, and how many it names that rise; downloads have all.
MOST_RANKED, MOST_RISING = 100, 5

#: How much of a table is kept in memory, in bytes: that of some 40,000 people.
_IN_MEMORY = 4 * 2**20

#: How much of it is sent at once, in bytes.
_PIECE = 64 * 1024

#: What a feature is called as a file.
_NAME = re.compile(r"[a-z0-9_]{1,64}")


@pages.get(_PAGE)
def show_insights(lang: str) -> Response:
    """What to build next, and why."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    here = state()
    insights = gather(here.client, me.caller, here.in_force.registry)
    facts: dict[str, Any] = {"insights": insights, "ranked": insights.ranking[:MOST_RANKED], "charts": charts}
    facts |= {"rising": insights.rising[:MOST_RISING], "modules": here.in_force.registry.by_slug}
    return personal("insights.html", lang, "admin/insights", languages=(), me=me, **facts)


@pages.get(f"{_PAGE}.csv")
def insights_csv(lang: str) -> Response:
    """All of it as a table for the spreadsheets of a language."""
    here = state()
    insights = gather(here.client, caller(), here.in_force.registry)
    return _sheet(pieces(COLUMNS, rows(insights), DIALECTS[lang]), f"insights-{insights.today}")


@pages.get(f"{_PAGE}.json")
def insights_json(lang: str) -> Response:
    """All of it for programs: the same in each language."""
    here = state()
    insights = gather(here.client, caller(), here.in_force.registry)
    response = Response(json_bytes(as_json(insights)), content_type="application/json")
    return _download(response, f"insights-{insights.today}.json")


@pages.get(_FEATURE)
def show_feature(lang: str, feature: str) -> Response:
    """How the votes of a feature came, and who wants it, by any of its ids."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    here, asked = state(), query()
    registry = here.in_force.registry
    page = voters.look(here.client, me.caller, feature, registry, cursor=asked.get("cursor"))
    module = None if feature in registry.allowed_features else registry.find(feature)
    if module is not None and module.slug != feature:
        return found(f"/{lang}/admin/insights/{module.slug}")
    path = f"admin/insights/{quote(feature, safe='')}"
    insights = gather(here.client, me.caller, registry)
    facts: dict[str, Any] = {"feature": feature, "label": mail_merge.name_of(feature, registry), "page": page}
    facts |= {"one": _of(insights, feature), "insights": insights, "charts": charts, "modules": registry.by_slug}
    facts |= {"is_first": "cursor" not in asked, "account_path": account_path, "shown": shown}
    return personal("insights-feature.html", lang, path, languages=(), me=me, **facts)


@pages.post(f"{_FEATURE}/mail-merge.csv")
def write_to(lang: str, feature: str) -> Response:
    """Whom to write to, row by row as they are read. By POST, since it hands out addresses: no link does it."""
    here = state()
    found = mail_merge.rows(here.client, feature, here.in_force.registry, by=actor())
    name = f"{feature}-voters" if _NAME.fullmatch(feature) else "voters"
    return _sheet(pieces(mail_merge.COLUMNS, found, DIALECTS[lang]), name)


def _of(insights: Insights, feature: str) -> Wanted | Merged | Released | None:
    """What is known of a feature; nothing of one that only votes are left of."""
    known: list[Wanted | Merged | Released] = [*insights.ranking, *insights.legacy]
    known += [*insights.merged, *insights.released]
    return next((one for one in known if one.slug == feature), None)


def _sheet(text: Iterator[str], name: str) -> Response:
    """A table, whole before its first byte is sent: what ends too early would look like all of it to whoever gets it,
    as servers end an answer in the middle like any other. A large one waits in a file that has no name.
    """
    with ExitStack() as stack:
        file = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
        for piece in text:
            file.write(piece.encode())
        size = file.tell()
        file.seek(0)
        kept = stack.pop_all()
    response = Response(_read(file, kept), content_type="text/csv; charset=utf-8")
    response.content_length = size
    return _download(response, f"{name}.csv")


def _read(file: IO[bytes], kept: ExitStack) -> Iterator[bytes]:
    with kept:
        while piece := file.read(_PIECE):
            yield piece


def _download(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return no_store(response)
