"""What an edit of the registry changes, in words: a sentence each, in the style of a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from service.cli.markdown import LONGEST_VALUE
from service.registry.changes import TEXTS, Breaking, Changes, Edit, Leaving, Link, Value
from service.registry.loss import Loss
from service.wording import joined, pluralized, quoted


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
class Style:
    """How a format sets names, text that may hold anything, and what is to be copied into the file."""

    code: Callable[[str], str]
    text: Callable[[str], str]
    snippet: Callable[[str], str]


PLAIN = Style(str, partial(quoted, most=LONGEST_VALUE), "`{}`".format)


def not_believed(loss: Loss) -> str:
    """Why a service keeps the registry that it has.

    Slugs are harmless in Markdown but for their underscores, which GitHub leaves alone inside words.
    """
    return f"A running service does not put this into force: {loss.message}; {loss.hint}."


def breaks(number: int) -> str:
    """How many changes break clients, without a stop."""
    return {0: "No change breaks clients", 1: "1 change breaks clients"}.get(number, f"{number} changes break clients")


def breaking_words(change: Breaking, report: Report, style: Style) -> str:  # noqa: C901, PLR0912  # a case for each kind
    """What breaks clients, and why they mind."""
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


def _meant(change: Breaking, style: Style) -> str:
    return "was removed for good" if change.before == change.slug else f"once meant {style.code(change.before)}"


def _shared(change: Breaking, report: Report) -> str:
    """The votes that two features would have, where there are some."""
    _, votes = report.shared.get(change.slug, ("", 0))
    return f", and {pluralized(votes, 'vote')} would be shared" if votes else ""


def module_words(changes: Changes, style: Style) -> Iterator[str]:
    """What becomes of modules, and breaks nobody."""
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


def link_words(link: Link, arrow: str, style: Style) -> str:
    """Who hands what on to whom."""
    producers, consumers = (joined([*map(style.code, slugs)]) for slugs in (link.producers, link.consumers))
    return f"{producers} {arrow.format(style.code(link.artifact))} {consumers}"


def vote_words(report: Report, style: Style) -> Iterator[str]:
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


def _advice(leaving: Leaving, votes: Mapping[str, int] | None, style: Style) -> str:
    if votes is not None and leaving.feature not in votes:
        return ", and no votes are lost"
    known = f" with {pluralized(votes[leaving.feature], 'vote')}: " if votes is not None else ": if it has votes, "
    if leaving.successor is not None:
        # A former slug may not be a legacy id too, but what it has become may be one.
        return f"{known}add {style.code(leaving.successor)}, its successor, to legacy_features"
    if leaving.stays:
        return f"{known}add it to legacy_features"
    return f"{known}add it to legacy_features, or give its successor {style.snippet(f'formerly: [{leaving.feature}]')}"


def value_words(edit: Edit, value: Value, style: Style) -> str:
    """What a field has, or had."""
    if isinstance(value, str):
        return style.text(value) if edit.field in TEXTS else style.code(value)
    if isinstance(value, tuple):
        return style.code(f"[{', '.join(value)}]")
    return "none" if value is None else style.code(str(value).lower())
