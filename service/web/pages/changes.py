"""What changed in the registry, as a page and as a feed (RFC 4287).

The page of a module takes its part from the same page, for its slug: `assets/changes.js`.
"""

import re
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from flask import Response
from markupsafe import Markup

from service.history.model import GROUPS, is_month, month_before
from service.history.store import changes, first_month
from service.problems import InvalidField
from service.registry.model import Registry
from service.web.documents import document, respond
from service.web.languages import LANGUAGES
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.forms import Filters
from service.web.public import public
from service.web.request_data import query
from service.web.state import state
from service.wording import joined

#: The path below /{lang}/.
PATH = "changes"

#: How many months the page offers.
_MOST_MONTHS = 36

#: What XML 1.0 (2.2) has no way to write.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What the name of a host may hold in a tag (RFC 4151, 2.1).
_NOT_IN_TAG = re.compile("[^a-z0-9.-]")


@pages.get(f"{LANG}/{PATH}")
def show_changes(lang: str) -> Response:
    """Events by day, newest first: those of one module, some kinds or one month, where the query names them.

    What none can have counts as not asked for.
    """
    client, registry = state().client, state().in_force.registry
    filters = Filters.asked("module", "kind", "month", kind=GROUPS)
    if not is_month(filters["month"]):
        filters["month"] = ""
    kinds, said = GROUPS.get(filters["kind"], ()), filters.said
    slug, month, cursor = said["module"], said["month"], said["cursor"]
    page = changes(client, registry, module=slug, kinds=kinds, month=month, cursor=cursor)
    days = [(day, list(events)) for day, events in groupby(page.events, lambda event: event.time.date().isoformat())]
    facts: dict[str, Any] = _facts(registry) | {"page": page, "days": days, "slug": slug}
    facts |= {"filters": filters, "months": _months(first_month(client))}
    languages = () if filters.query() else LANGUAGES
    if state().site.published:
        return respond(state().site.document("changes.html", lang, PATH, **facts))
    return personal("changes.html", lang, PATH, languages=languages, **facts)


def _months(first: str | None) -> list[str]:
    """This month and those before, the newest first: as far back as there are events, and this and the last one."""
    months = [datetime.now(UTC).date().isoformat()[:7]]
    while len(months) < 2 or (first and months[-1] > first and len(months) < _MOST_MONTHS):
        months.append(month_before(months[-1]))
    return months


@public.get("/changes.atom")
def feed() -> Response:
    """The latest events as a feed, in the language that the query names."""
    site, in_force, lang = state().site, state().in_force, query().get("lang", LANGUAGES[0])
    if lang not in LANGUAGES:
        raise InvalidField("lang", f"must be one of {joined(LANGUAGES)}")
    events = changes(state().client, in_force.registry).events
    updated = events[0].time if events else datetime.fromtimestamp(in_force.modified, UTC)
    # Its ids begin with a tag (RFC 4151) that is the same for as long as PUBLIC_URL is.
    host = _NOT_IN_TAG.sub("-", urlsplit(site.public_url or "").hostname or "localhost")
    facts: dict[str, Any] = {"events": events, "updated": updated, "tag": f"tag:{host},2026:/{PATH}/{lang}"}
    facts |= _facts(in_force.registry) | {"unmarked": _unmarked}
    body = _NOT_IN_XML.sub("", site.html("changes_atom.xml", lang, PATH, **facts)).encode()
    kind, headers = "application/atom+xml; charset=utf-8", site.assets.protection
    return respond(document(body, kind, None, site.cache_control, headers))


def _facts(registry: Registry) -> dict[str, Any]:
    """What the words of an event need: which slugs lead to a page."""
    return {"modules": registry.by_slug, "known": lambda slug: registry.find(slug) or slug in registry.tombstones}


def _unmarked(text: Markup) -> Markup:
    """Text without its elements. Not striptags, which makes blanks of those that must not break."""
    return Markup(re.sub("<[^>]*>", "", text))  # what it takes is escaped already
