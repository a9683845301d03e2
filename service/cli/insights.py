"""`module-registry insights`: what people want, as the page of admins shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import click

from service.cli import tables
from service.cli.output import can_say, say, say_document, say_json
from service.cli.shared import ON_STORE, format_option
from service.cli.store import loaded_registry, opened_store
from service.feedback.model import Status
from service.insights.figures import gather
from service.insights.model import Asked, Insights
from service.insights.representation import COLUMNS, as_json, rows
from service.insights.sheet import pieces

#: How many characters the longest bar has, and in how many parts a terminal can fill the last of them.
_BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"
#: How high a character of a sparkline can be, the lowest first.
_LEVELS = "▁▂▃▄▅▆▇█"

#: How many features are named that rise.
_MOST_RISING = 5


@click.command(epilog=ON_STORE)
@format_option("table", "json", "csv", "markdown")
def insights(style: str) -> None:
    """Say what people want: a ranking of coming-soon features, what rises, what was released, what is asked for.

    Votes are counted by whole days (UTC), of which today is one; a change is votes less retractions. A sparkline is the
    number of votes at the end of each of the last 30 days, from none at its foot to the most of them.
    """
    registry = loaded_registry()
    with opened_store() as client:
        figures = gather(client, None, registry)
    if style == "json":
        say_json(as_json(figures))
    elif style == "csv":
        for piece in pieces(COLUMNS, rows(figures)):
            say_document(piece)
    else:
        _say(figures, tables.STYLES[style], is_drawn=style == "table")


#: The columns of a table, with what each has of an item.
_Columns = dict[str, Callable[[Any], tables.Cell]]

_SLUG = attrgetter("slug")
_LABEL: _Columns = {"label": lambda item: item.label.en if item.label else ""}
_VOTES = {"votes": attrgetter("trend.votes")}
_WEEK = {"7 days": lambda item: tables.Change(item.trend.week)}
_MONTH = {"30 days": lambda item: tables.Change(item.trend.month)}


def _say(figures: Insights, table: Callable[[Sequence[str], Sequence[tables.Row]], None], *, is_drawn: bool) -> None:
    """Each part that has something, under a heading, and that there is nothing where there is not."""
    parts = [part for part in _parts(figures, is_drawn) if part[2]]
    for number, (title, columns, items) in enumerate(parts):
        if number:
            say()
        say(title if is_drawn else f"## {title}")
        say()
        table(list(columns), [[cell(item) for cell in columns.values()] for item in items])
    if not parts:
        say("nothing can be voted for or asked for", err=True)


def _parts(figures: Insights, is_drawn: bool) -> Iterator[tuple[str, _Columns, Sequence[Any]]]:
    """The title of each part, its columns, and what it has."""
    draws = is_drawn and can_say(_LEVELS + _EIGHTHS)
    most = max((item.trend.votes for item in figures.ranking), default=0)
    bar = {"": lambda item: _bar(item.trend.votes, most, draws=draws)} if is_drawn else {}
    line = {"last 30 days": lambda item: _sparkline(item.trend.standing)} if draws else {}
    stage = {"stage": lambda item: item.stage or ""}
    place = {"#": attrgetter("place"), "feature": _SLUG}
    ranked = place | _VOTES | bar | _WEEK | _MONTH | line | stage | _LABEL
    yield f"Coming soon, by votes ({figures.today})", ranked, figures.ranking
    before = {"7 before": lambda item: tables.Change(item.trend.week_before)}
    yield "Rising this week", {"feature": _SLUG} | _WEEK | before | _LABEL, figures.rising[:_MOST_RISING]
    asked: _Columns = {
        "module": _SLUG,
        **{status: partial(_of_status, status) for status in Status},
        "unread": attrgetter("waiting"),
        "oldest unread since": lambda item: f"{item.oldest:%Y-%m-%d}" if item.oldest else "",
    }
    yield "Requests", asked | _LABEL, figures.requests
    released: _Columns = {
        "module": _SLUG,
        "state": attrgetter("state.bucket"),
        "votes": attrgetter("votes"),
        "first vote": lambda item: item.first or "",
        "released": lambda item: item.released or "",
        "first waited": lambda item: _days(item.waited),
        "half waited": lambda item: _days(item.half_waited),
    }
    yield "Released", released | _LABEL, figures.released
    yield "Legacy votes", {"feature": _SLUG} | _VOTES | _WEEK | _MONTH | _LABEL, figures.legacy
    yield "Merged into another", {"feature": _SLUG, "into": attrgetter("into")} | _LABEL, figures.merged


def _of_status(status: Status, item: Asked) -> int:
    return item.by_status[status]


def _days(number: int | None) -> str:
    return "" if number is None else f"{number} d"


def _bar(votes: int, most: int, *, draws: bool) -> str:
    """A bar as long as the votes are of the most; what has any votes has some of one."""
    if not votes:
        return ""
    eighths = max(1, round(8 * _BAR * votes / most))
    if not draws:
        return "#" * max(1, eighths // 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _sparkline(values: Sequence[int]) -> str:
    """A character for each value, from none to the most of them."""
    most = max(values)
    return "".join(_LEVELS[round((len(_LEVELS) - 1) * value / most)] for value in values) if most else ""
