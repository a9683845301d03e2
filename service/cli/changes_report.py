"""An edit of the registry, said in text, JSON or the Markdown of a pull-request comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import accumulate
from typing import Any

from service.cli.markdown import LONGEST_VALUE, code_span
from service.cli.output import Styled, say, say_json
from service.problems import InvalidRegistry, UnreadableRegistry
from service.registry.changes import FIELDS, TEXTS, Changes
from service.registry.differences import Breaking, Edit, Leaving, Value
from service.registry.links import Link
from service.registry.loss import Loss
from service.wording import joined, pluralized, quoted

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


@dataclass(frozen=True, slots=True)
class Report:
    """What to say. `votes` are those at stake, by feature; None if they were not looked at.

    `missed` says that they should have been looked at, and could not be. `shared` are slugs that are used anew, each
    with the feature that had it and the votes that both would have.
    """

    base: str
    head: str
    changes: Changes
    votes: Mapping[str, int] | None = None
    missed: bool = False
    shared: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def breaking(self) -> tuple[Breaking, ...]:
        """What breaks clients, and names that only the store knows to be used anew."""
        said = {each.slug for each in self.changes.breaking if each.kind == "name-reused"}
        others = {slug: before for slug, (before, _) in self.shared.items() if slug not in said}
        return (
            *self.changes.breaking,
            *(Breaking("name-reused", slug, before, slug) for slug, before in others.items()),
        )


@dataclass(frozen=True, slots=True)
class _Style:
    """How a format sets names, text that may hold anything, and what is to be copied into the file."""

    code: Callable[[str], str]
    text: Callable[[str], str]
    snippet: Callable[[str], str]


_PLAIN = _Style(str, partial(quoted, most=LONGEST_VALUE), "`{}`".format)


def text(report: Report) -> None:
    """For people at a terminal."""
    say(Styled(f"{report.base} -> {report.head}", bold=True))
    if not report.changes:
        say(_NO_CHANGES)
        return
    style = _PLAIN
    if report.changes.loss:
        say(Styled(_not_believed(report.changes.loss), fg="red", bold=True))
    breaking = [_breaking(change, report, style) for change in report.breaking]
    if breaking:
        say(Styled(f"{_breaks(len(breaking))}:", fg="red", bold=True))
        for line in breaking:
            say(Styled("  BREAKING", fg="red"), f" {line}")
    edits = [
        f"{edit.slug}: {edit.field} {_value(edit, edit.before, style)} becomes {_value(edit, edit.after, style)}"
        for edit in _other_edits(report.changes)
    ]
    for title, lines in (
        ("Votes", [*_votes(report, style)]),
        ("Modules", [*_modules(report.changes, style)]),
        (
            "Graph",
            [f"{'+' if link.is_gained else '-'} {_link(link, '--{}-->', style)}" for link in report.changes.links],
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
    style = _Style(code_span, code_span, code_span)
    if report.changes.loss:
        yield from (f"**{_not_believed(report.changes.loss)}**", "")
    breaking = [_breaking(change, report, style) for change in report.breaking]
    yield from (f"**{_breaks(len(breaking))}.**", "", compared)
    table = ("| Module | Field | Before | After |", "| --- | --- | --- | --- |")
    links, room = report.changes.links, _MOST_BYTES
    for title, head, lines in (
        ("Breaking changes", (), [f"- **Breaking:** {line}" for line in breaking]),
        ("Votes", (), [f"- {line}" for line in _votes(report, style)]),
        ("Modules", (), [f"- {line}" for line in _modules(report.changes, style)]),
        (
            "Graph",
            (),
            [f"- {'Gained' if each.is_gained else 'Lost'}: {_link(each, '→ {} →', style)}" for each in links],
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


def _row(edit: Edit, style: _Style) -> str:
    values = [_value(edit, value, style) for value in (edit.before, edit.after)]
    cells = [code_span(edit.slug), code_span(edit.field), *values]
    # A table is cut into cells before anything else is looked at: this bar does not cut (GFM 4.10).
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def as_json(report: Report) -> None:
    """One document, always with the same keys."""
    changes, style = report.changes, _PLAIN
    votes = report.votes or {}

    def edits(*fields: str) -> list[dict[str, Any]]:
        return [asdict(edit) for edit in changes.edits_of(*fields)]

    document = {
        "base": report.base,
        "head": report.head,
        "changed": bool(changes),
        "not_believed": changes.loss and _not_believed(changes.loss),
        "breaking": [asdict(each) | {"message": _breaking(each, report, style)} for each in report.breaking],
        "added": [{"slug": module.slug, "bucket": module.state.bucket} for module in changes.added],
        "removed": [{"slug": module.slug, "bucket": module.state.bucket} for module in changes.removed],
        "renamed": [asdict(rename) for rename in changes.renamed],
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
            "leaving": [asdict(each) for each in changes.leaving],
            "renamed": [{"old": rename.old, "new": rename.new} for rename in changes.vote_renames],
            "forgotten": [{"old": rename.old, "new": rename.new} for rename in changes.forgotten],
        },
        "votes": {
            "looked_at": report.votes is not None,
            "at_stake": [{"feature": feature, "votes": votes[feature]} for feature in sorted(votes)],
            "messages": [*_votes(report, style)],
        },
    }
    say_json(document)


FORMATS: dict[str, Callable[[Report], None]] = {"text": text, "json": as_json, "markdown": markdown}


def _not_believed(loss: Loss) -> str:
    """Slugs are harmless in Markdown but for their underscores, which GitHub leaves alone inside words."""
    return f"A running service does not put this into force: {loss.message}; {loss.hint}."


def _breaks(number: int) -> str:
    return {0: "No change breaks clients", 1: "1 change breaks clients"}.get(number, f"{number} changes break clients")


def _breaking(change: Breaking, report: Report, style: _Style) -> str:
    slug, before, after = style.code(change.slug), style.code(change.before), style.code(change.after or "")
    endpoint = f" with its endpoint {style.code(change.endpoint)}" if change.endpoint else ""
    match change.kind:
        case "slug-removed" if change.after:
            snippet = style.snippet(f"formerly: [{change.slug}]")
            return f"{slug} is removed{endpoint}, and {after} looks like it: if it was renamed, give {after} {snippet}"
        case "slug-removed":
            return f"{slug} is removed{endpoint}: clients hold it as a stable identifier"
        case "slug-removed-early" if change.after:
            return f"{slug} is removed{endpoint} too early: it was to be there until {change.after}"
        case "slug-removed-early":
            return f"{slug} is removed{endpoint} unannounced: say that it is deprecated, and remove it later"
        case "slug-renamed":
            return f"{slug} is renamed to {after}{endpoint and f', {endpoint[1:]} gone'}: clients hold the old slug"
        case "slug-merged":
            return f"{slug} is merged into {after}{endpoint and f', {endpoint[1:]} gone'}: clients hold the old slug"
        case "former-slug-dropped":
            goes = f"leads to {after} by now" if change.after else "leads nowhere any more"
            return f"{before}, a former slug of {slug}, {goes}: clients may still hold it"
        case "tombstone-dropped":
            return f"{slug} is no longer listed as removed: who asks for it is told nothing"
        case "name-reused":
            return f"{slug} {_meant(change, style)} and is used anew{_shared(change, report)}: choose another slug"
        case "endpoint-changed":
            return f"{slug}: endpoint {before} becomes {after}"
        case "endpoint-vanished":
            return f"{slug}: endpoint {before} vanishes"
        case "pipelinable-withdrawn":
            return f"{slug} can no longer be chained in a pipeline"
        case "artifact-withdrawn":
            return f"{slug} no longer produces {before}, which other modules may rely on"


def _meant(change: Breaking, style: _Style) -> str:
    return "was removed for good" if change.before == change.slug else f"once meant {style.code(change.before)}"


def _shared(change: Breaking, report: Report) -> str:
    """The votes that two features would have, where there are some."""
    _, votes = report.shared.get(change.slug, ("", 0))
    return f", and {pluralized(votes, 'vote')} would be shared" if votes else ""


def _modules(changes: Changes, style: _Style) -> Iterator[str]:
    code = style.code
    for module in changes.added:
        yield f"{code(module.slug)} ({style.text(module.label.en)}) is added to {code(module.state.bucket)}"
    for edit in changes.edits_of("bucket"):
        frozen = "; its endpoint answers 503" if edit.after == "alpha_unavailable" else ""
        yield f"{code(edit.slug)} moves from {code(str(edit.before))} to {code(str(edit.after))}{frozen}"
    for edit in changes.edits_of("api_endpoint"):
        if edit.before is None:
            yield f"{code(edit.slug)}: endpoint {code(str(edit.after))} is added"
    for edit in changes.edits_of("deprecated.removed_after"):
        if edit.before is None:
            yield f"{code(edit.slug)} is deprecated, and may be removed after {edit.after}"
        elif edit.after is None:
            yield f"{code(edit.slug)} is no longer deprecated"
    for tombstone in changes.tombstones:
        instead = f", and {code(tombstone.use)} is to be used instead" if tombstone.use else ""
        yield f"{code(tombstone.slug)} is listed as removed{instead}"
    if changes.reordered:
        yield "The modules are listed in another order"


def _link(link: Link, arrow: str, style: _Style) -> str:
    """Who hands what on to whom."""
    producers, consumers = (joined([*map(style.code, slugs)]) for slugs in (link.producers, link.consumers))
    return f"{producers} {arrow.format(style.code(link.artifact))} {consumers}"


def _link_fields(link: Link) -> dict[str, Any]:
    return {"artifact": link.artifact, "producers": list(link.producers), "consumers": list(link.consumers)}


def _votes(report: Report, style: _Style) -> Iterator[str]:
    """What happens to the allow-list, with the votes where they are known."""
    votes, code = report.votes, style.code
    for leaving in report.changes.leaving:
        yield f"{code(leaving.feature)} leaves the allow-list{_advice(leaving, votes, style)}"
    for rename in report.changes.vote_renames:
        count = votes.get(rename.old, 0) if votes is not None else 0
        moving = f": {pluralized(count, 'vote')} {'moves' if count == 1 else 'move'} to it" if count else ""
        yield f"{code(rename.old)} means {code(rename.new)} in votes{moving}"
    for rename in report.changes.forgotten:
        yield f"{code(rename.old)}, once the id of {code(rename.new)}, no longer works in votes"
    for feature in report.changes.entering:
        kept = votes.get(feature, 0) if votes is not None else 0
        back = f" with {pluralized(kept, 'vote')} from before" if kept else ""
        yield f"{code(feature)} enters the allow-list{back}"


def _advice(leaving: Leaving, votes: Mapping[str, int] | None, style: _Style) -> str:
    if votes is not None and leaving.feature not in votes:
        return ", and no votes are lost"
    known = f" with {pluralized(votes[leaving.feature], 'vote')}: " if votes is not None else ": if it has votes, "
    if leaving.successor is not None:
        # A former slug may not be a legacy id too, but what it has become may be one.
        return f"{known}add {style.code(leaving.successor)}, its successor, to legacy_features"
    if leaving.stays:
        return f"{known}add it to legacy_features"
    return f"{known}add it to legacy_features, or give its successor {style.snippet(f'formerly: [{leaving.feature}]')}"


def _other_edits(changes: Changes) -> tuple[Edit, ...]:
    return changes.edits_of(*(field for field in FIELDS if field not in _SAID))


def _value(edit: Edit, value: Value, style: _Style) -> str:
    if isinstance(value, str):
        return style.text(value) if edit.field in TEXTS else style.code(value)
    if isinstance(value, tuple):
        return style.code(f"[{', '.join(value)}]")
    return "none" if value is None else style.code(str(value).lower())
