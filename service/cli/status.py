"""`module-registry status`: the whole service at one look."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime

import click

from service.cli import tables
from service.cli.output import say, say_json
from service.cli.store import opened_store
from service.cli.wait_live import SHOWN
from service.history.model import Event, Value, representation
from service.history.store import read_page
from service.history.workers import Announcement, announcements
from service.interest import readiness
from service.interest.maintenance import tally
from service.problems import InvalidRegistry
from service.registry.loading import parse, read_file
from service.registry.model import Label
from service.registry.reload import revision_of
from service.settings import Settings, registry_file
from service.wording import pluralized, shortened

#: How many of the last changes are shown.
_CHANGES = 5


@click.command()
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(style: str) -> None:
    """Say what every worker serves, how the registry file, the store and the votes are, and what changed last.

    Works on the store of a running `serve`, on the one that REDIS_URL names, or on the one in DATA_DIR, and with the
    registry that REGISTRY_FILE names. A worker that was killed is listed for another half minute.
    """
    path = registry_file(os.environ)
    data = read_file(path)
    revision = revision_of(data)
    try:
        registry, problems = parse(data, str(path)), 0
    except InvalidRegistry as error:  # the workers serve another one then
        registry, problems = None, len(error.problems) + error.others
    with opened_store() as client:
        counts = tally(client, registry.allowed_features, registry) if registry else {}
        refusal = readiness.refusal(client, Settings.from_env(os.environ).vote_limit)
        workers = announcements(client)
        changes = read_page(client, None, _CHANGES).events
    kind = "embedded" if client.url.is_embedded else client.url.kind.value
    if style == "json":
        say_json(
            {
                "registry": {"file": str(path), "revision": revision, "problems": problems},
                "store": {"kind": kind, "votes": "unavailable" if refusal else "possible"},
                "votes": counts,
                "workers": [{**asdict(each), "since": _time(each.since)} for each in workers],
                "changes": list(map(representation, changes)),
            }
        )
        return
    holds = pluralized(len(registry.modules), "module") if registry else f"{pluralized(problems, 'problem')}: see check"
    say(f"registry  {path}: {holds}, revision {revision[:SHOWN]}")
    say(f"store     {kind}: {f'votes cannot be recorded: {refusal}' if refusal else 'votes can be recorded'}")
    if registry:
        say(f"votes     {sum(counts.values())} for {pluralized(len(counts), 'feature')}")
    say(f"workers   {len(workers) or 'none lives'}")
    if workers:
        rows = [_cells(each, revision) for each in workers]
        say()
        tables.table(["host", "process", "revision", "since", "the registry file"], rows)
    if changes:
        say()
        tables.table(["the last changes", "module", "what", "before", "after"], list(map(_change, changes)))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _cells(each: Announcement, revision: str) -> tables.Row:
    return [each.host, each.pid, each.revision[:SHOWN], _time(each.since), _state(each, revision)]


def _change(event: Event) -> tables.Row:
    time = event.time.isoformat(timespec="seconds")
    return [time, event.slug, event.kind, _value(event.before), _value(event.after)]


def _value(value: Value) -> str:
    return shortened(f"{value.fr} / {value.en}" if isinstance(value, Label) else value or "")


def _state(each: Announcement, revision: str) -> str:
    if each.revision == revision:
        return "served"
    return "refused" if each.refused == revision else "not served"
