"""`module-registry wait-live`: whether a merge is live."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from service.cli.output import say
from service.cli.shared import FAILED
from service.cli.store import opened_store
from service.problems import others_counted
from service.registry.loading import parse, read_file
from service.registry.reload import revision_of
from service.settings import registry_file
from service.wording import pluralized
from service.workers.announcements import Announcement, announcements

#: Time between two looks, in seconds.
_INTERVAL = 0.2
#: How much of a revision is shown, in characters.
SHOWN = 12


@click.command("wait-live")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 86_400),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait; 0 looks once.",
)
@click.pass_context
def wait_live(ctx: click.Context, file: Path | None, timeout: float) -> None:
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
    if workers and _lag_behind(workers, revision) == []:
        say(f"live: {_counted(workers)} {'serve' if len(workers) > 1 else 'serves'} {revision[:SHOWN]}")
        return
    for line in _why_not(workers, revision):
        say(line, err=True)
    ctx.exit(FAILED)


def _lag_behind(workers: Sequence[Announcement], revision: str) -> list[Announcement]:
    return [worker for worker in workers if worker.revision != revision]


def _is_settled(workers: Sequence[Announcement], revision: str) -> bool:
    """Whether there is nothing to wait for: all serve it, or whoever does not has refused it."""
    return bool(workers) and all(each.refused == revision for each in _lag_behind(workers, revision))


def _why_not(workers: Sequence[Announcement], revision: str) -> Iterator[str]:
    if not workers:
        yield "not live: no worker lives on this store; start `module-registry serve`"
        return
    behind = _lag_behind(workers, revision)
    do = "does" if len(behind) == 1 else "do"
    yield f"not live: {len(behind)} of {_counted(workers)} {do} not serve {revision[:SHOWN]}"
    for worker in behind:
        yield f"{worker.host}, process {worker.pid}: serves {worker.revision[:SHOWN]}{_refusal(worker, revision)}"
    yield from dict.fromkeys(problem for worker in behind for problem in worker.problems)
    yield from (f"and {others_counted(worker.others)}" for worker in behind if worker.others)


def _refusal(worker: Announcement, revision: str) -> str:
    if worker.refused is None:
        return ", and has not seen another file"
    if worker.refused == revision:
        return ", and has refused this file"
    return f", and has refused {worker.refused[:SHOWN] or 'a file that cannot be read'}"


def _counted(workers: Sequence[Announcement]) -> str:
    hosts = len({worker.host for worker in workers})
    return f"{pluralized(len(workers), 'worker')} on {pluralized(hosts, 'host')}"
