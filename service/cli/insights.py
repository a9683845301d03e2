"""`module-registry insights`: what people want, as the page of admins shows it."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import click

from service.cli import tables
from service.cli.changes_words import clients_of
from service.cli.output import say, say_json
from service.cli.shared import ON_STORE, format_option
from service.cli.store import loaded_registry, opened_store
from service.feedback.model import Status
from service.insights.figures import gather
from service.insights.model import Insights, Wanted
from service.insights.representation import COLUMNS, as_json, rows

#: How many characters the longest bar has.
_BAR = 24
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
        tables.csv(COLUMNS, rows(figures))
    else:
        _say(figures, style)


#: The headings of bars and curves, which no Markdown has.
_BARS, _CURVES = "", "last 30 days"

#: What a table has of an item, by the heading of its column.
_CELLS: dict[str, Callable[[Any], tables.Cell]] = {
    "#": attrgetter("place"),
    "feature": attrgetter("slug"),
    "module": attrgetter("slug"),
    "votes": lambda item: item.trend.votes if isinstance(item, Wanted) else item.votes,
    "7 days": lambda item: tables.Change(item.trend.week),
    "7 before": lambda item: tables.Change(item.trend.week_before),
    "30 days": lambda item: tables.Change(item.trend.month),
    _CURVES: lambda item: _sparkline(item.trend.standing),
    "stage": lambda item: item.stage or "",
    "label": lambda item: item.label.en if item.label else "",
    "clients": clients_of,
    "name": attrgetter("name"),
    "requests in 90 days": attrgetter("requests"),
    "last": lambda item: item.last or "",
    "counted since": lambda item: item.since or "",
    "unread": attrgetter("waiting"),
    "oldest unread since": lambda item: f"{item.oldest:%Y-%m-%d}" if item.oldest else "",
    "state": attrgetter("state.bucket"),
    "first vote": lambda item: item.first or "",
    "released": lambda item: item.released or "",
    "first waited": lambda item: "" if item.waited is None else f"{item.waited} d",
    "half waited": lambda item: "" if item.half_waited is None else f"{item.half_waited} d",
    "into": attrgetter("into"),
    **{status: partial(lambda status, item: item.by_status[status], status) for status in Status},
}
#: The part of Insights that a table has, its title and the headings of its columns, of which the last is the label.
_TABLES = (
    ("ranking", "Coming soon, by votes", ("#", "feature", "votes", _BARS, "7 days", "30 days", _CURVES, "stage")),
    ("rising", "Trending", ("feature", "7 days", "7 before")),
    ("requests", "Requests", ("module", *Status, "unread", "oldest unread since")),
    ("released", "Released", ("module", "state", "votes", "first vote", "released", "first waited", "half waited")),
    ("legacy", "Legacy votes", ("feature", "votes", "7 days", "30 days")),
    ("merged", "Merged into another module", ("feature", "into")),
    ("uses", "Who still uses these names", ("name", "requests in 90 days", "last", "counted since")),
)


def _say(figures: Insights, style: str) -> None:
    """Each part that has something, under a heading, and that there is nothing where there is not."""
    parts = {name: getattr(figures, name) for name, _, _ in _TABLES} | {"rising": figures.rising[:_MOST_RISING]}
    shown = [table for table in _TABLES if parts[table[0]]]
    for number, (name, title, headings) in enumerate(shown):
        if number:
            say()
        title = f"{title} ({figures.today})" if name == "ranking" else title
        say(f"## {title}" if style == "markdown" else title)
        say()
        _say_table(style, [*headings, "clients" if name == "uses" else "label"], parts[name])
    if not shown:
        say("nothing can be voted for or asked for", err=True)


def _say_table(style: str, headings: Sequence[str], items: Sequence[Any]) -> None:
    cells = dict(_CELLS)
    if _BARS in headings:
        cells[_BARS] = partial(_bar, max(item.trend.votes for item in items))
    columns = [heading for heading in headings if style == "table" or heading not in (_BARS, _CURVES)]
    tables.STYLES[style](columns, [[cells[heading](item) for heading in columns] for item in items])


def _bar(most: int, item: Wanted) -> str:
    """A bar as long as the votes are of the most; what has any votes has some of one."""
    return "█" * max(1, round(_BAR * item.trend.votes / most)) if item.trend.votes else ""


def _sparkline(values: Sequence[int]) -> str:
    """A character for each value, from none to the most of them."""
    most = max(values)
    return "".join(_LEVELS[round((len(_LEVELS) - 1) * value / most)] for value in values) if most else ""
