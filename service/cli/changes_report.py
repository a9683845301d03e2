"""An edit of the registry, said in text, JSON or the Markdown of a pull-request comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from service.cli.changes_words import (
    PLAIN,
    Report,
    Style,
    breaking_words,
    breaks,
    link_words,
    module_words,
    not_believed,
    value_words,
    vote_words,
)
from service.cli.markdown import code_span
from service.cli.output import Styled, say, say_json
from service.problems import InvalidRegistry, UnreadableRegistry
from service.registry.changes import FIELDS, Changes, Edit, Link
from service.wording import joined, pluralized

#: Lines of one list in a comment.
_LONGEST_LIST = 50
#: Bytes of all list items and table rows of a comment: GitHub refuses one of more than 65,536 characters, and a
#: workflow passes it in a variable of less than 128 KiB. What stands around them takes less than 4,000.
_MOST_BYTES = 60_000
#: Characters of a problem: a message that is longer is one about a long value.
_LONGEST_PROBLEM = 2_000
_NO_CHANGES = "No changes: clients, people and voters see the same."
#: Fields that have sentences of their own.
_SAID = ("bucket", "api_endpoint")
#: Fields that have lists of their own in JSON.
_LISTED = (*_SAID, "label.fr", "label.en", "feature_page")


def text(report: Report) -> None:
    """For people at a terminal."""
    say(Styled(f"{report.base} -> {report.head}", bold=True))
    if not report.changes:
        say(_NO_CHANGES)
        return
    style = PLAIN
    if report.changes.loss:
        say(Styled(not_believed(report.changes.loss), fg="red", bold=True))
    breaking = [breaking_words(change, report, style) for change in report.breaking]
    if breaking:
        say(Styled(f"{breaks(len(breaking))}:", fg="red", bold=True))
        for line in breaking:
            say(Styled("  BREAKING", fg="red"), f" {line}")
    edits = []
    for edit in _other_edits(report.changes):
        before, after = (value_words(edit, value, style) for value in (edit.before, edit.after))
        edits.append(f"{edit.slug}: {edit.field} {before} becomes {after}")
    for title, lines in (
        ("Votes", [*vote_words(report, style)]),
        ("Modules", [*module_words(report.changes, style)]),
        (
            "Graph",
            [f"{'+' if link.is_gained else '-'} {link_words(link, '--{}-->', style)}" for link in report.changes.links],
        ),
        ("Fields", edits),
    ):
        if lines:
            say(Styled(f"{title}:", bold=True))
            for line in lines:
                say(f"  {line}")


def markdown(report: Report) -> None:
    """For a pull-request comment, in GitHub's Markdown; of long lists, the first lines."""
    for line in markdown_lines(report):
        say(line)


def markdown_lines(report: Report) -> Iterator[str]:
    """The comment's lines, without their ends."""
    compared = f"From {code_span(report.base)} to {code_span(report.head)}."
    yield from ("## Module registry", "")
    if not report.changes:
        yield from (f"**{_NO_CHANGES}**", "", compared)
        return
    style = Style(code_span, code_span, code_span)
    if report.changes.loss:
        yield from (f"**{not_believed(report.changes.loss)}**", "")
    breaking = [breaking_words(change, report, style) for change in report.breaking]
    yield from (f"**{breaks(len(breaking))}.**", "", compared)
    table = ("| Module | Field | Before | After |", "| --- | --- | --- | --- |")
    links, room = report.changes.links, _MOST_BYTES
    for title, head, lines in (
        ("Breaking changes", (), [f"- **Breaking:** {line}" for line in breaking]),
        ("Votes", (), [f"- {line}" for line in vote_words(report, style)]),
        ("Modules", (), [f"- {line}" for line in module_words(report.changes, style)]),
        (
            "Graph",
            (),
            [f"- {'Gained' if each.is_gained else 'Lost'}: {link_words(each, '→ {} →', style)}" for each in links],
        ),
        ("Fields", table, [_row(edit, style) for edit in _other_edits(report.changes)]),
    ):
        if lines:
            yield from ("", f"### {title}", "", *head)
            whole = _first_lines(lines, room)
            yield from whole
            room -= _size(whole)
            if len(whole) < len(lines):
                yield from ("", f"… and {len(lines) - len(whole)} more: `module-registry changes` lists them all.")
        if title == "Votes" and report.missed:
            yield from ("", "_Votes were not looked at: no store could be reached from here._")


def markdown_of_refused(refused: Sequence[tuple[str, InvalidRegistry | UnreadableRegistry]]) -> None:
    """The same where a registry has problems, or cannot be read: each by its name, with why."""
    verdicts = [
        f"{code_span(name)} has {pluralized(len(error.problems) + error.others, 'problem')}"
        if isinstance(error, InvalidRegistry)
        else f"{code_span(name)} cannot be read"
        for name, error in refused
    ]
    said = [f"- {code_span(line, _LONGEST_PROBLEM)}" for _, error in refused for line in error.lines()]
    shown = _first_lines(said, _MOST_BYTES)
    more = [f"… and {len(said) - len(shown)} more."] if len(shown) < len(said) else []
    for line in (
        "## Module registry",
        "",
        f"**{joined(verdicts)}: what changes is not known.**",
        "",
        *shown,
        *(line for each in more for line in ("", each)),
    ):
        say(line)


def _first_lines(lines: Sequence[str], room: int) -> Sequence[str]:
    """As many of the lines as a comment may hold: a line that was cut could end within a code span."""
    sizes = accumulate(_size([line]) for line in lines[:_LONGEST_LIST])
    return lines[: sum(size <= room for size in sizes)]


def _size(lines: Sequence[str]) -> int:
    """What lines take with their ends, in bytes."""
    return sum(len(line.encode()) + 1 for line in lines)


def _row(edit: Edit, style: Style) -> str:
    values = [value_words(edit, value, style) for value in (edit.before, edit.after)]
    cells = [code_span(edit.slug), code_span(edit.field), *values]
    # A table is cut into cells before anything else is looked at: this bar does not cut (GFM 4.10).
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def as_json(report: Report) -> None:
    """One document, always with the same keys."""
    changes, style = report.changes, PLAIN
    votes = report.votes or {}

    def edits(*fields: str) -> list[dict[str, Any]]:
        return [edit._asdict() for edit in changes.edits_of(*fields)]

    document = {
        "base": report.base,
        "head": report.head,
        "changed": bool(changes),
        "not_believed": changes.loss and not_believed(changes.loss),
        "breaking": [each._asdict() | {"message": breaking_words(each, report, style)} for each in report.breaking],
        "added": [{"slug": module.slug, "bucket": module.state.bucket} for module in changes.added],
        "removed": [{"slug": module.slug, "bucket": module.state.bucket} for module in changes.removed],
        "renamed": [rename._asdict() for rename in changes.renamed],
        "moved": edits("bucket"),
        "relabelled": edits("label.fr", "label.en"),
        "endpoints": edits("api_endpoint"),
        "feature_pages": edits("feature_page"),
        "fields": edits(*(field for field in FIELDS if field not in _LISTED)),
        "tombstones": {
            "added": [each.slug for each in changes.tombstones],
            "dropped": [each.slug for each in changes.tombstones_gone],
        },
        "graph": {
            "lost": [_link_fields(link) for link in changes.links if not link.is_gained],
            "gained": [_link_fields(link) for link in changes.links if link.is_gained],
        },
        "reordered": changes.reordered,
        "allow_list": {
            "entering": list(changes.entering),
            "leaving": [each._asdict() for each in changes.leaving],
            "renamed": [{"old": rename.old, "new": rename.new} for rename in changes.vote_renames],
            "forgotten": [{"old": rename.old, "new": rename.new} for rename in changes.forgotten],
        },
        "votes": {
            "looked_at": report.votes is not None,
            "at_stake": [{"feature": feature, "votes": votes[feature]} for feature in sorted(votes)],
            "messages": [*vote_words(report, style)],
        },
    }
    say_json(document)


def _link_fields(link: Link) -> dict[str, Any]:
    return {"artifact": link.artifact, "producers": list(link.producers), "consumers": list(link.consumers)}


def _other_edits(changes: Changes) -> tuple[Edit, ...]:
    return changes.edits_of(*(field for field in FIELDS if field not in _SAID))


FORMATS: dict[str, Callable[[Report], None]] = {"text": text, "json": as_json, "markdown": markdown}
