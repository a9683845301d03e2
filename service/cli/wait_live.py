"""`module-registry wait-live`: whether a merge is live."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from service.cli.exits import FAILED
from service.cli.output import say
from service.cli.store import opened_store
from service.history.workers import Announcement, announcements
from service.problems import others_counted
from service.registry.loading import parse, read_file
from service.registry.reload import revision_of
from service.settings import registry_file
from service.wording import pluralized

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
        found = announcements(client)
        while not _is_settled(found, revision) and time.monotonic() < ends:
            time.sleep(_INTERVAL)
            found = announcements(client)
    if found and _lag_behind(found, revision) == []:
        say(f"live: {_workers(found)} {'serve' if len(found) > 1 else 'serves'} {revision[:SHOWN]}")
        return
    for line in _why_not(found, revision):
        say(line, err=True)
    ctx.exit(FAILED)


def _lag_behind(found: Sequence[Announcement], revision: str) -> list[Announcement]:
    return [each for each in found if each.revision != revision]


def _is_settled(found: Sequence[Announcement], revision: str) -> bool:
    """Whether there is nothing to wait for: all serve it, or whoever does not has refused it."""
    return bool(found) and all(each.refused == revision for each in _lag_behind(found, revision))


def _why_not(found: Sequence[Announcement], revision: str) -> Iterator[str]:
    if not found:
        yield "not live: no worker lives on this store; start `module-registry serve`"
        return
    behind = _lag_behind(found, revision)
    do = "does" if len(behind) == 1 else "do"
    yield f"not live: {len(behind)} of {_workers(found)} {do} not serve {revision[:SHOWN]}"
    for each in behind:
        yield f"{each.host}, process {each.pid}: serves {each.revision[:SHOWN]}{_refusal(each, revision)}"
    said = set()
    for each in behind:
        for problem in each.problems:
            if problem not in said:
                said.add(problem)
                yield problem
        if each.others:
            yield f"and {others_counted(each.others)}"


def _refusal(each: Announcement, revision: str) -> str:
    if each.refused is None:
        return ", and has not seen another file"
    if each.refused == revision:
        return ", and has refused this file"
    return f", and has refused {each.refused[:SHOWN] or 'a file that cannot be read'}"


def _workers(found: Sequence[Announcement]) -> str:
    hosts = len({each.host for each in found})
    return f"{pluralized(len(found), 'worker')} on {pluralized(hosts, 'host')}"
