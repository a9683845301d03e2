"""What people want, and whom to write to, for programs, spreadsheets and mail merges: names stay, in English."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.accounts import model as accounts
from service.audit.model import Actor
from service.feedback.model import Status
from service.insights.model import Insights
from service.insights.sheet import Cell, text
from service.interest.maintenance import ids_of
from service.interest.voters import walk
from service.registry.model import Label, Registry
from service.storage.client import Client
from service.storage.entries import left_out

#: The columns of the table that has everything: which part of it a row belongs to comes first.
COLUMNS = (
    *("part", "id", "label_en", "label_fr", "state", "stage", "place", "votes"),
    *("change_7_days", "change_7_days_before", "change_30_days", "first_vote"),
    *("released", "first_vote_waited_days", "half_of_votes_waited_days", "merged_into"),
    *(f"requests_{status}" for status in Status),
    *("requests_unread", "oldest_unread_since"),
    *("uses_90_days", "last_use", "counted_since"),
)

#: What is known of each voter, with the name of the feature in both languages, and why they want it, if they said.
VOTER_COLUMNS = ("id", "name", "email", "locale", "label_en", "label_fr", "reason")

#: Names in JSON, and where the value is found in the model.
_TREND = {
    "votes": "votes",
    "first_vote": "first",
    "change_7_days": "week",
    "change_7_days_before": "week_before",
    "change_30_days": "month",
    "daily": "daily",
}
_NAMED = {"id": "slug", "label": "label"}
_WANTED = _NAMED | {"place": "place"} | {name: f"trend.{field}" for name, field in _TREND.items()}

#: Each part in JSON, the list of the model that it is made of, and its names.
_PARTS = {
    "coming_soon": ("ranking", _WANTED | {"stage": "stage"}),
    "legacy": ("legacy", _WANTED),
    "merged": ("merged", _NAMED | {"into": "into"}),
    "released": (
        "released",
        _NAMED
        | {"state": "state.bucket", "votes": "votes", "first_vote": "first", "released": "released"}
        | {"first_vote_waited_days": "waited", "half_of_votes_waited_days": "half_waited"},
    ),
    "requests": (
        "requests",
        _NAMED
        | {"state": "state.bucket"}
        | {f"requests_{status}": f"by_status.{status}" for status in Status}
        | {"requests_unread": "waiting", "oldest_unread_since": "oldest"},
    ),
    "uses": (
        "uses",
        {"id": "name", "uses_90_days": "requests", "clients": "clients", "last_use": "last", "counted_since": "since"},
    ),
}


def as_json(insights: Insights) -> dict[str, Any]:
    """Everything, as JSON has it: days are ISO days (UTC), times RFC 3339. `daily` has a number for each of `days`."""
    total = {name: _value(insights.total, field) for name, field in _TREND.items()}
    begin = {"today": insights.today, "days": list(insights.days), "total": total}
    return begin | _parts(insights) | left_out(insights.unreadable)


def _parts(insights: Insights) -> dict[str, list[dict[str, Any]]]:
    return {
        part: [{name: _value(item, path) for name, path in names.items()} for item in getattr(insights, items)]
        for part, (items, names) in _PARTS.items()
    }


def _value(item: Any, path: str) -> Any:
    """What an item has at the end of a path of fields; None where one of them is None."""
    for field in path.split("."):
        if item is not None:
            item = item[field] if isinstance(item, Mapping) else getattr(item, field)
    return item


def rows(insights: Insights) -> Iterator[list[Cell]]:
    """Everything as rows of COLUMNS, but for the days of trends, which JSON alone has."""
    for part, items in _parts(insights).items():
        for each in items:
            label, oldest = each.get("label"), each.get("oldest_unread_since")
            known = {"part": part, "merged_into": each.get("into"), **each}
            known |= {"label_en": label and label.en, "label_fr": label and label.fr}
            known |= {"oldest_unread_since": oldest and oldest.isoformat()}
            yield [known.get(column) for column in COLUMNS]


def voter_rows(client: Client, feature: str, registry: Registry, *, by: Actor) -> Iterator[Sequence[str]]:
    """A row of VOTER_COLUMNS for each voter of a feature, by any of its ids; that somebody asked for them is recorded.

    Accounts that are gone or suspended have none: nobody is there to be told, or they are not to hear from us. One
    without an address has, since the platform may know where to write to; one that begins like a formula is left out.

    Raises what `voters.walk` does, at the first row or a later one.
    """
    label = name_of(feature, registry)
    for voter in walk(client, feature, registry, by=by):
        if voter.status in (accounts.Status.ACTIVE, accounts.Status.PENDING):
            # With an apostrophe before it, as texts have that begin like a formula, an address would be another's.
            email = voter.email if text(voter.email) == voter.email else ""
            yield voter.id, voter.name, email, voter.locale, label.en, label.fr, voter.reason.text


def name_of(feature: str, registry: Registry) -> Label:
    """What a feature is called: the label of its module, or else its id."""
    module = registry.by_slug.get(ids_of(feature, registry)[0])
    return module.label if module else Label(feature, feature)
