"""What people want, for programs and spreadsheets: names that stay as they are, in English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from service.feedback.model import Status
from service.insights.model import Asked, Insights, Merged, Released, Trend, Wanted
from service.insights.sheet import Cell, text
from service.registry.model import Label
from service.storage.listing import left_out

#: The columns of the table that has everything: which part of it a row belongs to comes first.
COLUMNS = (
    *("part", "id", "label_en", "label_fr", "state", "stage", "place", "votes"),
    *("change_7_days", "change_7_days_before", "change_30_days", "first_vote"),
    *("released", "first_vote_waited_days", "half_of_votes_waited_days", "merged_into"),
    *(f"requests_{status}" for status in Status),
    *("requests_unread", "oldest_unread_since"),
)


def as_json(insights: Insights) -> dict[str, Any]:
    """Everything, as JSON has it: days are ISO days (UTC), times RFC 3339. `daily` has a number for each of `days`."""
    begin = {"today": insights.today, "days": list(insights.days), "total": _trend(insights.total)}
    return begin | _parts(insights) | left_out(insights.unreadable)


def _parts(insights: Insights) -> dict[str, list[dict[str, Any]]]:
    return {
        "coming_soon": list(map(_coming, insights.ranking)),
        "legacy": list(map(_wanted, insights.legacy)),
        "merged": list(map(_merged, insights.merged)),
        "released": list(map(_released, insights.released)),
        "requests": list(map(_asked, insights.requests)),
    }


def _label(label: Label | None) -> dict[str, str] | None:
    return None if label is None else asdict(label)


def _trend(trend: Trend) -> dict[str, Any]:
    return {
        "votes": trend.votes,
        "first_vote": trend.first,
        "change_7_days": trend.week,
        "change_7_days_before": trend.week_before,
        "change_30_days": trend.month,
        "daily": list(trend.daily),
    }


def _wanted(wanted: Wanted) -> dict[str, Any]:
    return {"id": wanted.slug, "label": _label(wanted.label), "place": wanted.place} | _trend(wanted.trend)


def _coming(wanted: Wanted) -> dict[str, Any]:
    return _wanted(wanted) | {"stage": wanted.stage}


def _released(released: Released) -> dict[str, Any]:
    return {
        "id": released.slug,
        "label": _label(released.label),
        "state": released.state.bucket,
        "votes": released.votes,
        "first_vote": released.first,
        "released": released.released,
        "first_vote_waited_days": released.waited,
        "half_of_votes_waited_days": released.half_waited,
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "id": asked.slug,
        "label": _label(asked.label),
        "state": asked.state and asked.state.bucket,
        **{f"requests_{status}": number for status, number in asked.by_status.items()},
        "requests_unread": asked.waiting,
        "oldest_unread_since": asked.oldest and asked.oldest.isoformat(),
    }


def rows(insights: Insights) -> Iterator[list[Cell]]:
    """Everything as rows of COLUMNS, but for the days of trends, which JSON alone has."""
    for part, listed in _parts(insights).items():
        for each in listed:
            label = each.pop("label") or {}
            known = {"part": part, **{f"label_{lang}": said for lang, said in label.items()}, **each}
            known["merged_into"] = each.get("into")
            cells = (known.get(column) for column in COLUMNS)
            yield [text(cell) if isinstance(cell, str) else cell for cell in cells]


def _merged(merged: Merged) -> dict[str, Any]:
    return {"id": merged.slug, "label": _label(merged.label), "into": merged.into}
