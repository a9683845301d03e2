"""`module-registry insights`: what people want, as the page of admins shows it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import click

from service.cli import tables
from service.cli.output import can_say, say, say_document, say_json
from service.cli.shared import format_option
from service.cli.store import opened_store
from service.feedback.model import Status
from service.insights.figures import gather
from service.insights.model import Asked, Insights, Merged, Released, Wanted
from service.insights.representation import COLUMNS, as_json, rows
from service.insights.sheet import pieces
from service.registry.loading import load
from service.registry.model import Label
from service.settings import Settings

#: How many characters the longest bar has, and in how many parts a terminal can fill the last of them.
_BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"
#: How high a character of a sparkline can be, the lowest first.
_LEVELS = "▁▂▃▄▅▆▇█"

#: How many features are named that rise.
_MOST_RISING = 5


@click.command()
@format_option("table", "json", "csv", "markdown")
def insights(style: str) -> None:
    """Say what people want: a ranking of coming-soon features, what rises, what was released, what is asked for.

    Votes are counted by whole days (UTC), of which today is one; a change is votes less retractions. A sparkline is the
    number of votes at the end of each of the last 30 days, from none at its foot to the most of them.

    Works on the store of a running `serve`, on the one that REDIS_URL names, or on the one in DATA_DIR, and with the
    registry that REGISTRY_FILE names.
    """
    registry = load(Settings.from_env(os.environ).registry_file)
    with opened_store() as client:
        found = gather(client, None, registry)
    if style == "json":
        say_json(as_json(found))
    elif style == "csv":
        for piece in pieces(COLUMNS, rows(found)):
            say_document(piece)
    else:
        _say(found, tables.STYLES[style], is_drawn=style == "table")


def _say(found: Insights, table: Callable[[Sequence[str], Sequence[tables.Row]], None], *, is_drawn: bool) -> None:
    """Each part that has something, under a heading, and that there is nothing where there is not."""
    draws = is_drawn and can_say(_LEVELS + _EIGHTHS)
    mark = "" if is_drawn else "## "
    header = ("#", "feature", "votes", *(("",) if is_drawn else ()), "7 days", "30 days")
    header += ("last 30 days",) if draws else ()
    most = max((one.trend.votes for one in found.ranking), default=0)

    def ranked(one: Wanted) -> tables.Row:
        bar = (_bar(one.trend.votes, most, draws=draws),) if is_drawn else ()
        line = (_sparkline(one.trend.standing),) if draws else ()
        trend = one.trend
        return (
            one.place,
            one.slug,
            trend.votes,
            *bar,
            tables.Change(trend.week),
            tables.Change(trend.month),
            *line,
            one.stage or "",
            _en(one.label),
        )

    parts: list[tuple[str, Sequence[str], list[tables.Row]]] = [
        (f"Coming soon, by votes ({found.today})", (*header, "stage", "label"), list(map(ranked, found.ranking))),
        (
            "Rising this week",
            _RISING,
            list(map(_rising, found.rising))[:_MOST_RISING],
        ),
        ("Requests", ("module", *Status, "unread", "oldest unread since", "label"), list(map(_asked, found.requests))),
        ("Released", _RELEASED, list(map(_released, found.released))),
        ("Legacy votes", ("feature", "votes", "7 days", "30 days", "label"), list(map(_legacy, found.legacy))),
        ("Merged into another", ("feature", "into", "label"), list(map(_merged, found.merged))),
    ]
    told = [part for part in parts if part[2]]
    for number, (title, columns, of) in enumerate(told):
        if number:
            say()
        say(mark + title)
        say()
        table(columns, of)
    if not told:
        say("nothing can be voted for or asked for", err=True)


_RISING = ("feature", "7 days", "7 before", "label")


def _rising(one: Wanted) -> tables.Row:
    return one.slug, tables.Change(one.trend.week), tables.Change(one.trend.week_before), _en(one.label)


_RELEASED = ("module", "state", "votes", "first vote", "released", "first waited", "half waited", "label")


def _released(one: Released) -> tables.Row:
    waits = ("" if days is None else f"{days} d" for days in (one.waited, one.half_waited))
    return one.slug, one.state.bucket, one.votes, one.first or "", one.released or "", *waits, one.label.en


def _asked(one: Asked) -> tables.Row:
    oldest = f"{one.oldest:%Y-%m-%d}" if one.oldest else ""
    return one.slug, *(one.by_status[status] for status in Status), one.waiting, oldest, _en(one.label)


def _legacy(one: Wanted) -> tables.Row:
    return one.slug, one.trend.votes, *_changes(one), _en(one.label)


def _changes(one: Wanted) -> tuple[tables.Change, tables.Change]:
    return tables.Change(one.trend.week), tables.Change(one.trend.month)


def _merged(one: Merged) -> tables.Row:
    return one.slug, one.into, _en(one.label)


def _en(label: Label | None) -> str:
    return label.en if label else ""


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
