"""`module-registry changes`: what an edit of a registry changes, for whom, in text, JSON or Markdown for a comment."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import Any

import click

from service.cli.changes_words import SAID, Report, Style, breaks, sections
from service.cli.files import read_named
from service.cli.output import Styled, say, say_error, say_json, say_lines
from service.cli.shared import FOUND, code_of, format_option
from service.cli.tables import LONGEST_VALUE, code_span, first_lines, markdown_row
from service.problems import InvalidRegistry, ModuleRegistryError, UnreadableRegistry
from service.registry.changes import FIELDS, Breaking, Changes, compare
from service.registry.loading.loader import parse
from service.registry.model import Registry
from service.settings.settings import Settings, registry_file
from service.wording import joined, pluralized, quoted

#: Lines of one list in a comment.
_LONGEST_LIST = 50
#: Bytes of all list items and table rows of a comment: GitHub refuses one of more than 65,536 characters, and a
#: workflow passes it in a variable of less than 128 KiB. What stands around them takes less than 4,000.
_MOST_BYTES = 60_000
#: Characters of a problem: a message that is longer is one about a long value.
_LONGEST_PROBLEM = 2_000
_NO_CHANGES = "No changes: clients, people and voters see the same."
#: Fields that have lists of their own in JSON.
_LISTED = (*SAID, "label.fr", "label.en", "feature_page")

_PLAIN = Style(
    str,
    partial(quoted, most=LONGEST_VALUE),
    "`{}`".format,
    "--{}-->",
    ("-", "+"),
    "{}: {} {} becomes {}".format,
)
_MARKDOWN = Style(
    code_span,
    code_span,
    code_span,
    "→ {} →",
    ("Lost:", "Gained:"),
    lambda slug, field, *values: markdown_row([code_span(slug), code_span(field), *values]),
)
#: What stands above and before the lines of a section in Markdown, where that is no plain list.
_HEADS = {"Fields": ("| Module | Field | Before | After |", "| --- | --- | --- | --- |")}
_MARKS = {"Fields": "", "Breaking changes": "- **Breaking:** "}


def _text(report: Report) -> None:
    """For people at a terminal."""
    say(Styled(f"{report.base} -> {report.head}", bold=True))
    if not report.changes:
        say(_NO_CHANGES)
    if not_believed := _not_believed(report.changes):
        say(Styled(not_believed, fg="red", bold=True))
    said = sections(report, _PLAIN)
    if breaking := said.pop("Breaking changes"):
        say(Styled(f"{breaks(len(breaking))}:", fg="red", bold=True))
    for line in breaking:
        say(Styled("  BREAKING", fg="red"), f" {line}")
    for title, lines in said.items():
        if lines:
            say(Styled(f"{title}:", bold=True))
        for line in lines:
            say(f"  {line}")


def _not_believed(changes: Changes) -> str | None:
    """Why a service keeps the registry that it has.

    Slugs are harmless in Markdown but for their underscores, which GitHub leaves alone inside words.
    """
    return f"A running service does not put this into force: {changes.loss.text}." if changes.loss else None


def markdown_lines(report: Report) -> Iterator[str]:
    """The lines of a pull-request comment, in GitHub's Markdown; of long lists, the first ones."""
    changes = report.changes
    verdict = f"{breaks(len(changes.breaking))}." if changes else _NO_CHANGES
    yield from ("## Module registry", "")
    if not_believed := _not_believed(changes):
        yield from (f"**{not_believed}**", "")
    yield from (f"**{verdict}**", "", f"From {code_span(report.base)} to {code_span(report.head)}.")
    if report.missed:
        yield from ("", "_Votes were not looked at: no store could be reached from here._")
    room = _MOST_BYTES
    for title, lines in sections(report, _MARKDOWN).items():
        marked = [f"{_MARKS.get(title, '- ')}{line}" for line in lines]
        shown = _first(marked, room, ": `module-registry changes` lists them all")
        room -= sum(len(line.encode()) + 1 for line in shown)
        if lines:
            yield from ("", f"### {title}", "", *_HEADS.get(title, ()), *shown)


def _first(lines: Sequence[str], room: int, where: str = "") -> list[str]:
    """The first lines of a list, as many as so many bytes hold, and how many more there are."""
    shown = [*first_lines(lines[:_LONGEST_LIST], room)]
    return shown if len(shown) == len(lines) else [*shown, "", f"… and {len(lines) - len(shown)} more{where}."]


def _refused_lines(refused: Sequence[tuple[str, InvalidRegistry | UnreadableRegistry]]) -> Iterator[str]:
    """The same where a registry has problems, or cannot be read: each by its name, with why."""
    verdicts = [
        f"{code_span(name)} has {pluralized(len(error.problems) + error.others, 'problem')}"
        if isinstance(error, InvalidRegistry)
        else f"{code_span(name)} cannot be read"
        for name, error in refused
    ]
    problems = [f"- {code_span(line, _LONGEST_PROBLEM)}" for _, error in refused for line in error.lines()]
    yield from ("## Module registry", "", f"**{joined(verdicts)}: what changes is not known.**", "")
    yield from _first(problems, _MOST_BYTES)


def document(report: Report) -> dict[str, Any]:
    """What the format `json` says, always with the same keys."""
    changes, said = report.changes, sections(report, _PLAIN)
    breaking = zip(changes.breaking, said["Breaking changes"], strict=True)
    lost, gained = ([link for link in changes.links if link.is_gained is kind] for kind in (False, True))
    return {
        "base": report.base,
        "head": report.head,
        "changed": bool(changes),
        "not_believed": _not_believed(changes),
        "breaking": [each._asdict() | {"message": message} for each, message in breaking],
        "added": _facts(changes.added, "slug", "state.bucket"),
        "removed": _facts(changes.removed, "slug", "state.bucket"),
        "renamed": _facts(changes.renamed, "old", "new", "joins"),
        "moved": _edits(changes, "bucket"),
        "relabelled": _edits(changes, "label.fr", "label.en"),
        "endpoints": _edits(changes, "api_endpoint"),
        "feature_pages": _edits(changes, "feature_page"),
        "fields": _edits(changes, *(field for field in FIELDS if field not in _LISTED)),
        "tombstones": {
            "added": [each.slug for each in changes.tombstones],
            "dropped": [each.slug for each in changes.tombstones_gone],
        },
        "graph": {
            "lost": _facts(lost, "artifact", "producers", "consumers"),
            "gained": _facts(gained, "artifact", "producers", "consumers"),
        },
        "reordered": changes.reordered,
        "allow_list": {
            "entering": changes.entering,
            "leaving": _facts(changes.leaving, "feature", "successor", "stays"),
            "renamed": _facts(changes.vote_renames, "old", "new"),
            "forgotten": _facts(changes.forgotten, "old", "new"),
        },
        "votes": {
            "looked_at": report.votes is not None,
            "at_stake": [{"feature": name, "votes": votes} for name, votes in sorted((report.votes or {}).items())],
            "messages": said["Votes"],
        },
        "uses": {
            "looked_at": report.uses is not None,
            "names": _facts((report.uses or {}).values(), "name", "since", "requests", "clients", "last"),
            "messages": said["Requests"],
        },
    }


def _edits(changes: Changes, *fields: str) -> list[dict[str, Any]]:
    return [edit._asdict() for edit in changes.edits_of(*fields)]


def _facts(items: Iterable[object], *names: str) -> list[dict[str, Any]]:
    """What each has by these names, of which JSON has the part behind the last point."""
    return [{name.rpartition(".")[2]: attrgetter(name)(item) for name in names} for item in items]


_FORMATS: dict[str, Callable[[Report], None]] = {
    "text": _text,
    "json": lambda report: say_json(document(report)),
    "markdown": lambda report: say_lines(markdown_lines(report)),
}


@click.command()
@click.argument("base")
@click.argument("head", required=False)
@format_option(*_FORMATS)
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
    report = Report(*names, compare(before, after, f"{today or datetime.now(UTC):%Y-%m-%d}"))
    if votes or (votes is None and report.changes):
        try:
            report = _with_stored(report, before, after)
        except ModuleRegistryError as error:
            if votes:
                raise
            say(f"Votes were not looked at: {error.message}", err=True)
            report = replace(report, missed=True)
    _FORMATS[style](report)
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
            say_lines(_refused_lines(refused))
        sys.exit(max(code_of(error) for _, error in refused))
    return registries


def _with_stored(report: Report, base: Registry, head: Registry) -> Report:
    """The report with the votes and uses that the edit concerns, and what only the store knows to be used anew.

    Raises StorageUnavailable if there is no store to ask, and InvalidSetting.
    """
    # Here, so that comparing alone does not load redis.
    from service.interest.maintenance import votes_at_stake, votes_shared
    from service.storage.client import Client
    from service.storage.embedded import running_store
    from service.usage.store import read

    settings, compared = Settings.from_env(os.environ), report.changes
    with closing(Client(running_store(settings), settings.redis_timeout)) as client:
        votes, shared = votes_at_stake(client, base, head, compared), votes_shared(client, head, compared)
        uses = {used.name: used for used in read(client, compared.given_up)}
    said = {change.slug for change in compared.breaking if change.kind == "name-reused"}
    more = (Breaking("name-reused", slug, was, slug) for slug, (was, _) in shared.items() if slug not in said)
    return replace(
        report,
        changes=replace(compared, breaking=(*compared.breaking, *more)),
        votes=votes,
        uses=uses,
        shared={slug: number for slug, (_, number) in shared.items()},
    )
