"""`module-registry status`, `wait-live` and `doctor`: the whole service at one look, whether a merge is live, and what
would lose votes or let somebody in."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from service.cli import tables
from service.cli.output import say, say_json, say_lines
from service.cli.shared import FAILED, FOUND, ON_STORE, format_option
from service.cli.store import opened_store
from service.doctor.examination import examined
from service.doctor.model import Level
from service.history.model import Event, representation
from service.history.store import read_page
from service.interest import consistency
from service.interest.maintenance import Tally, count_votes
from service.registry.loading.loader import examine, parse, read_file
from service.registry.loading.reload import revision_of
from service.registry.model import Label
from service.rollout.announcements import Announcement, announcements
from service.settings.settings import Settings, registry_file
from service.wording import pluralized, shortened

#: Time between two looks, in seconds.
_INTERVAL = 0.2
#: How much of a revision is shown, in characters.
_SHOWN = 12
#: How many of the last changes are shown.
_CHANGES = 5
#: How wide the level of a finding is, in characters.
_WIDEST = max(map(len, Level))


@click.command(epilog=ON_STORE)
@format_option("table", "json")
def status(style: str) -> None:
    """Say what every worker serves, how the registry file, the store and the votes are, and what changed last.

    A worker that was killed is listed for another half minute.
    """
    path = registry_file(os.environ)
    data = read_file(path)
    revision = revision_of(data)
    examined = examine(data, str(path))
    registry, problems = examined.registry, len(examined.linted.diagnostics)  # with some, workers serve another one
    with opened_store() as client:
        votes = count_votes(client, registry.allowed_features, registry) if registry else Tally({}, {})
        refusal = consistency.refusal(client, Settings.from_env(os.environ).vote_limit)
        workers = announcements(client)
        changes = read_page(client, None, _CHANGES).events
    kind = "embedded" if client.url.is_embedded else client.url.kind.value
    if style == "json":
        document = {
            "registry": {"file": str(path), "revision": revision, "problems": problems},
            "store": {"kind": kind, "votes": "unavailable" if refusal else "possible"},
            "votes": votes.counts,
            "workers": [asdict(worker) | {"since": _time(worker.since)} for worker in workers],
            "changes": list(map(representation, changes)),
        }
        say_json(document)
        return
    holds = pluralized(len(registry.modules), "module") if registry else f"{pluralized(problems, 'problem')}: see check"
    say(f"registry  {path}: {holds}, revision {revision[:_SHOWN]}")
    say(f"store     {kind}: {f'votes cannot be recorded: {refusal}' if refusal else 'votes can be recorded'}")
    if registry:
        say(f"votes     {votes.total(votes.counts)} for {pluralized(len(votes.counts), 'feature')}")
    say(f"workers   {len(workers) or 'none lives'}")
    _say_table(_WORKERS, [_worker_row(worker, revision) for worker in workers])
    _say_table(_LAST_CHANGES, list(map(_change_row, changes)))


_WORKERS = ("host", "process", "revision", "since", "the registry file")
_LAST_CHANGES = ("the last changes", "module", "what", "before", "after")


def _say_table(header: Sequence[str], rows: Sequence[tables.Row]) -> None:
    if rows:
        say()
        tables.table(header, rows)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _worker_row(worker: Announcement, revision: str) -> tables.Row:
    state = "refused" if worker.refused == revision else "not served"
    served = "served" if worker.revision == revision else state
    return [worker.host, worker.pid, worker.revision[:_SHOWN], _time(worker.since), served]


def _change_row(event: Event) -> tables.Row:
    values = [
        f"{each.fr} / {each.en}" if isinstance(each, Label) else each or "" for each in (event.before, event.after)
    ]
    return [event.time.isoformat(timespec="seconds"), event.slug, event.kind, *map(shortened, values)]


@click.command("wait-live")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--timeout", type=click.FloatRange(0, 86_400), default=60, metavar="SECONDS", help="How long to wait; 0 looks once."
)
def wait_live(file: Path | None, timeout: float) -> None:
    """Wait until every worker of every host on this store serves exactly FILE.

    FILE is REGISTRY_FILE, or registry.yaml, where none is named. Workers say what they serve in the store, which is
    that of a running `serve`, or the one that REDIS_URL names. One that was killed counts for another half minute.

    The exit code is 0 once all of them do. It is 1 where some do not in time, or none lives, with a list of who does
    not and why; at once where they have refused this very file, or it has problems, which are listed then. It is 2 if
    FILE cannot be read.
    """
    path = file or registry_file(os.environ)
    data = read_file(path)
    parse(data, str(path))  # with a problem in it, it would be waited for in vain
    revision = revision_of(data)
    ends = time.monotonic() + timeout
    with opened_store() as client:
        workers = announcements(client)
        while not _is_settled(workers, revision) and time.monotonic() < ends:
            time.sleep(_INTERVAL)
            workers = announcements(client)
    behind = [worker for worker in workers if worker.revision != revision]
    hosts = len({worker.host for worker in workers})
    counted = f"{pluralized(len(workers), 'worker')} on {pluralized(hosts, 'host')}"
    if workers and not behind:
        say(f"live: {counted} {'serve' if len(workers) > 1 else 'serves'} {revision[:_SHOWN]}")
        return
    say_lines(_why_not(behind, counted, revision), err=True)
    raise click.exceptions.Exit(FAILED)


def _is_settled(workers: Sequence[Announcement], revision: str) -> bool:
    """Whether there is nothing to wait for: all serve it, or whoever does not has refused it."""
    return bool(workers) and all(revision in (worker.revision, worker.refused) for worker in workers)


def _why_not(behind: Sequence[Announcement], counted: str, revision: str) -> Iterator[str]:
    """How many do not serve a revision, what they serve, and the problems of a file that they have refused."""
    if not behind:
        yield "not live: no worker lives on this store; start `module-registry serve`"
        return
    yield f"not live: {len(behind)} of {counted} {'do' if len(behind) > 1 else 'does'} not serve {revision[:_SHOWN]}"
    for worker in behind:
        if worker.refused is None:
            refusal = "has not seen another file"
        elif worker.refused == revision:
            refusal = "has refused this file"
        else:
            refusal = f"has refused {worker.refused[:_SHOWN] or 'a file that cannot be read'}"
        yield f"{worker.host}, process {worker.pid}: serves {worker.revision[:_SHOWN]}, and {refusal}"
    yield from dict.fromkeys(problem for worker in behind for problem in worker.problems)
    yield from (f"and {pluralized(worker.others, 'other problem')}" for worker in behind if worker.others)


@click.command()
@format_option("text", "json")
@click.option(
    "--fail-on",
    type=click.Choice(["problem", "not-seen", "warning"]),
    default="warning",
    help="From which level on the exit code is 3; each has those before it in it.",
)
@click.option("--data", "with_data", is_flag=True, help="Read all that is stored, too, and compare it with itself.")
def doctor(style: str, fail_on: str, with_data: bool) -> None:
    """Look at the real servers and the configuration for what would lose votes or let somebody in.

    Run it with the settings of `serve`, and as its user. It asks the store of a running `serve`, the one that REDIS_URL
    names (every server that sentinels know, or of a Cluster), or the one in DATA_DIR, and PUBLIC_URL. Each finding says
    what was seen, what it means, and what mends it. What could not be seen is said, and does not count as well.

    The exit code is 0 if all is well, 3 if there is a problem, something that could not be seen, or a warning
    (--fail-on leaves some out), and 1 if a setting makes no sense.
    """
    findings = list(examined(Settings.from_env(os.environ), with_data=with_data))
    counts = Counter(each.level for each in findings)
    if style == "json":
        said = {level.replace(" ", "_"): counts[level] for level in Level}
        say_json({"findings": findings, "counts": said})
    else:
        for each in sorted(findings, key=lambda each: [*Level].index(each.level)):
            say(f"{each.level:{_WIDEST}}  {each.check}  {each.about}: {each.seen}")
            if each.mends:
                say(f"{'':{_WIDEST}}  means: {each.means}")
                say(f"{'':{_WIDEST}}  mend:  {each.mends}")
                say()
        bad = f"{pluralized(counts[Level.PROBLEM], 'problem')}, {counts[Level.UNSEEN]} not seen"
        rest = f"{pluralized(counts[Level.WARNING], 'warning')} and {counts[Level.WELL]} well"
        say(f"{bad}, {rest}{'' if with_data else '; what is stored was not read (--data)'}")
    if any(each.level.is_as_bad_as(Level(fail_on.replace("-", " "))) for each in findings):
        raise click.exceptions.Exit(FOUND)
