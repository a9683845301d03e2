"""An edit of the registry, said in text, JSON or the Markdown of a pull-request comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from service.cli.changes_words import SAID, Report, Style, breaking_words, breaks, sections, use_words, vote_words
from service.cli.output import Styled, say, say_json
from service.cli.tables import LONGEST_VALUE, code_span, first_lines, markdown_row
from service.problems import InvalidRegistry, UnreadableRegistry
from service.registry.changes import FIELDS, Changes
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


def text(report: Report) -> None:
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
    loss = changes.loss
    return loss and f"A running service does not put this into force: {loss.message}; {loss.hint}."


def markdown(report: Report) -> None:
    """For a pull-request comment, in GitHub's Markdown; of long lists, the first lines."""
    for line in markdown_lines(report):
        say(line)


def markdown_lines(report: Report) -> Iterator[str]:
    """The comment's lines, without their ends."""
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


def markdown_of_refused(refused: Sequence[tuple[str, InvalidRegistry | UnreadableRegistry]]) -> None:
    """The same where a registry has problems, or cannot be read: each by its name, with why."""
    verdicts = [
        f"{code_span(name)} has {pluralized(len(error.problems) + error.others, 'problem')}"
        if isinstance(error, InvalidRegistry)
        else f"{code_span(name)} cannot be read"
        for name, error in refused
    ]
    problems = [f"- {code_span(line, _LONGEST_PROBLEM)}" for _, error in refused for line in error.lines()]
    verdict = f"**{joined(verdicts)}: what changes is not known.**"
    for line in ("## Module registry", "", verdict, "", *_first(problems, _MOST_BYTES)):
        say(line)


def document(report: Report) -> dict[str, Any]:
    """What the format `json` says, always with the same keys."""
    changes = report.changes
    breaking = [each._asdict() | {"message": breaking_words(each, report, _PLAIN)} for each in changes.breaking]
    others = [field for field in FIELDS if field not in _LISTED]
    return {
        "base": report.base,
        "head": report.head,
        "changed": bool(changes),
        "not_believed": _not_believed(changes),
        "breaking": breaking,
        "added": _facts(changes.added, "slug", "state.bucket"),
        "removed": _facts(changes.removed, "slug", "state.bucket"),
        "renamed": _facts(changes.renamed, "old", "new", "joins"),
        "moved": _edits(changes, "bucket"),
        "relabelled": _edits(changes, "label.fr", "label.en"),
        "endpoints": _edits(changes, "api_endpoint"),
        "feature_pages": _edits(changes, "feature_page"),
        "fields": _edits(changes, *others),
        "tombstones": {
            "added": [each.slug for each in changes.tombstones],
            "dropped": [each.slug for each in changes.tombstones_gone],
        },
        "graph": {"lost": _links(changes, gained=False), "gained": _links(changes, gained=True)},
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
            "messages": [*vote_words(report, _PLAIN)],
        },
        "uses": {
            "looked_at": report.uses is not None,
            "names": _facts((report.uses or {}).values(), "name", "since", "requests", "clients", "last"),
            "messages": [*use_words(report, _PLAIN)],
        },
    }


def _edits(changes: Changes, *fields: str) -> list[dict[str, Any]]:
    return [edit._asdict() for edit in changes.edits_of(*fields)]


def _links(changes: Changes, *, gained: bool) -> list[dict[str, Any]]:
    links = [link for link in changes.links if link.is_gained is gained]
    return _facts(links, "artifact", "producers", "consumers")


def _facts(items: Iterable[object], *names: str) -> list[dict[str, Any]]:
    """What each has by these names, of which JSON has the part behind the last point."""
    return [{name.rpartition(".")[2]: attrgetter(name)(item) for name in names} for item in items]


FORMATS: dict[str, Callable[[Report], None]] = {
    "text": text,
    "json": lambda report: say_json(document(report)),
    "markdown": markdown,
}
