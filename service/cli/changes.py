"""`module-registry changes`: what an edit of a registry changes, for whom."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import click

from service.cli.changes_report import FORMATS, markdown_of_refused
from service.cli.changes_words import Report
from service.cli.files import read_named
from service.cli.output import say, say_error
from service.cli.shared import FOUND, code_of, format_option
from service.problems import InvalidRegistry, ModuleRegistryError, UnreadableRegistry
from service.registry.changes import Breaking, compare, given_up
from service.registry.loading import parse
from service.registry.model import Registry
from service.settings import Settings, registry_file


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@format_option(*FORMATS)
@click.option("--fail-on", type=click.Choice(["breaking"]), help="Exit with 3 where a change breaks clients.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day by which modules are due to be removed.  [default: today, UTC]",
)
@click.option("--votes/--no-votes", default=None, help="Whether to look at stored votes.  [default: if they can be]")
def changes(
    base: str, head: str | None, style: str, fail_on: str | None, today: datetime | None, votes: bool | None
) -> None:
    """Say what an edit of a registry changes, from BASE to HEAD (by default REGISTRY_FILE, or registry.yaml).

    Each is a file, or git:REVISION:PATH, such as git:main:registry.yaml, with the path from the top of the repository.
    Changes that break clients come first: a name that is gone or means something else, an endpoint that is gone or
    another, a module that cannot be chained any more, an artifact that it no longer produces. To remove a module breaks
    nobody once its removed_after has passed, if `removed` lists it.

    Votes are looked at in the store that REDIS_URL names, or else in that of a `serve` that runs on DATA_DIR; none is
    started for it. Where neither answers, one line on standard error says so (json has votes.looked_at, and a markdown
    comment says it too, since its readers do not see standard error); with --votes, that is an error. It
    also knows who has asked by former slugs, and those of deprecated modules, that lead nowhere after this edit.

    Exit code 0: compared. 1: a registry has problems, or --votes found no store. 2: a registry cannot be read. 3: what
    --fail-on names is there.
    """
    names = (base, head if head is not None else str(registry_file(os.environ)))
    before, after = _both(names, style)
    compared = compare(before, after, f"{today or datetime.now(UTC):%Y-%m-%d}")
    report = Report(*names, compared, given_up=given_up(before, after, compared))
    if votes or (votes is None and compared):
        try:
            report = _with_stored(report, before, after)
        except ModuleRegistryError as error:
            if votes:
                raise
            say(f"Votes were not looked at: {error.message}", err=True)
            report = replace(report, missed=True)
    FORMATS[style](report)
    if fail_on and report.changes.breaking:
        sys.exit(FOUND)


def _both(names: tuple[str, str], style: str) -> list[Registry]:
    """Both registries; or every problem of both is printed, and the command ends.

    A comment is made of standard output, so in markdown it has the verdict and the problems, too.
    """
    registries, refused = [], []
    for name in names:
        try:
            registries.append(parse(read_named(name), name))
        except (InvalidRegistry, UnreadableRegistry) as error:
            say_error(error)
            refused.append((name, error))
    if refused:
        if style == "markdown":
            markdown_of_refused(refused)
        sys.exit(max(code_of(error) for _, error in refused))
    return registries


def _with_stored(report: Report, base: Registry, head: Registry) -> Report:
    """The report with the votes and uses that the edit concerns, and what only the store knows to be used anew.

    Raises StorageUnavailable if there is no store to ask, and InvalidSetting.
    """
    # Here, so that comparing alone does not load redis.
    from service.history.uses import read
    from service.interest.forecast import votes_at_stake, votes_shared
    from service.storage.client import Client
    from service.storage.embedded import running_store

    settings, compared = Settings.from_env(os.environ), report.changes
    with closing(Client(running_store(settings), settings.redis_timeout)) as client:
        votes, shared = votes_at_stake(client, base, head, compared), votes_shared(client, head, compared)
        uses = {used.name: used for used in read(client, report.given_up)}
    said = {change.slug for change in compared.breaking if change.kind == "name-reused"}
    more = (Breaking("name-reused", slug, was, slug) for slug, (was, _) in shared.items() if slug not in said)
    return replace(
        report,
        changes=replace(compared, breaking=(*compared.breaking, *more)),
        votes=votes,
        uses=uses,
        shared={slug: number for slug, (_, number) in shared.items()},
    )
