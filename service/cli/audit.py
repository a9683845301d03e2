"""`module-registry audit`: what admins have done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from service.audit import store
from service.audit.model import Action, Entry, checked_since
from service.cli import tables
from service.cli.shared import ON_STORE, TEXT, format_option
from service.cli.store import opened_store
from service.problems import InvalidField

_COLUMNS = ("when", "who", "by", "what", "whom", "about", "before", "after", "outcome")


def _since(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    try:
        return checked_since(value)
    except InvalidField as error:
        raise click.BadParameter(str(error).removeprefix("since ")) from None


@click.command(epilog=ON_STORE)
@click.option(
    "--since",
    callback=_since,
    metavar="DAYS|YYYY-MM-DD",
    help="Only of the last so many days, of which today is one, or from a day on (UTC).",
)
@click.option("--who", type=TEXT, metavar="ID", help="Only by or about this account, pseudonym or user of a machine.")
@click.option("--what", type=click.Choice(list(map(str, Action))), help="Only what was done so.")
@format_option(*tables.STYLES, "json")
def audit(since: datetime | None, who: str | None, what: str | None, style: str) -> None:
    """List what admins have done, by page or by command, newest first.

    The last AUDIT_LENGTH acts are kept. Of whoever was erased a pseudonym is left. An act that is unconfirmed was
    begun, and may have been done: whoever did it was interrupted, or the store did not answer.
    """
    with opened_store() as client:
        entries = list(store.entries(client, who=who, what=Action(what) if what else None, since=since))
    empty = "nothing like this was done" if since or who or what else "no admin has done anything yet"
    tables.listing(style, _COLUMNS, list(map(_row, entries)), list(map(_facts, entries)), empty)


def _row(entry: Entry) -> tables.Row:
    whom = entry.whom.text if entry.whom else ""
    ended = f"{entry.outcome}: {entry.why}" if entry.why else str(entry.outcome)
    parts = (entry.who.text, entry.way, entry.what, whom, entry.about, entry.before, entry.after, ended)
    return (entry.at.isoformat(timespec="seconds"), *map(str, parts))


def _facts(entry: Entry) -> dict[str, Any]:
    facts = asdict(entry) | {"at": entry.at.isoformat(), "why": entry.why or None}
    facts["whom"] = entry.whom._asdict() if entry.whom else None
    return facts | {"who": entry.who._asdict()}
