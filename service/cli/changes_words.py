"""What an edit of the registry changes, in words: a sentence each, in sections, in the style of a format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from service.registry.changes import FIELDS, Breaking, Changes, Edit, Leaving, Link, Value
from service.usage.counting import DAYS, Used
from service.wording import joined, pluralized

#: Fields that have sentences of their own.
SAID = ("bucket", "api_endpoint")

#: What breaks clients, and why they mind.
_BREAKING: dict[str, str] = {
    "slug-removed": "{slug} is removed{endpoint}, and {after} looks like it: "
    "if it was renamed, give {after} {formerly}",
    "slug-removed-early": "{slug} is removed{endpoint} too early: it was to be there until {after}",
    "slug-renamed": "{slug} is renamed to {after}{gone}: clients hold the old slug",
    "slug-merged": "{slug} is merged into {after}{gone}: clients hold the old slug",
    "former-slug-dropped": "{before}, a former slug of {slug}, leads to {after} by now: clients may still hold it",
    "tombstone-dropped": "{slug} is no longer listed as removed: who asks for it is told nothing",
    "name-reused": "{slug} {meant} and is used anew{shared}: choose another slug",
    "endpoint-changed": "{slug}: endpoint {before} becomes {after}",
    "endpoint-vanished": "{slug}: endpoint {before} vanishes",
    "pipelinable-withdrawn": "{slug} can no longer be chained in a pipeline",
    "artifact-withdrawn": "{slug} no longer produces {before}, which other modules may rely on",
}
#: The same where nothing comes after it.
_WITHOUT_AFTER: dict[str, str] = {
    "slug-removed": "{slug} is removed{endpoint}: clients hold it as a stable identifier",
    "slug-removed-early": "{slug} is removed{endpoint} unannounced: say that it is deprecated, and remove it later",
    "former-slug-dropped": "{before}, a former slug of {slug}, leads nowhere any more: clients may still hold it",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What to say. `votes` are those at stake, by feature; None if they were not looked at.

    `missed` says that they should have been looked at, and could not be. `shared` are slugs that are used anew, each
    with the votes that the feature that had it would share with the other. `uses` says who has asked by the names that
    are given up; None if that was not looked at.
    """

    base: str
    head: str
    changes: Changes
    votes: Mapping[str, int] | None = None
    missed: bool = False
    uses: Mapping[str, Used] | None = None
    shared: Mapping[str, int] = field(default_factory=dict)


class Style(NamedTuple):
    """How a format sets names, text that may hold anything, and what is to be copied into the file."""

    code: Callable[[str], str]
    text: Callable[[str], str]
    snippet: Callable[[str], str]
    link: str
    """An artifact between who gives and who takes it."""
    gained: tuple[str, str]
    """How a link is marked that is lost, and one that is gained."""
    edit: Callable[[str, str, str, str], str]
    """A line of a module's slug, a field, what it had and what it has."""


def sections(report: Report, style: Style) -> dict[str, list[str]]:
    """All that changes, by title, what breaks clients first; some sections are empty."""
    changes = report.changes
    return {
        "Breaking changes": [_breaking_words(change, report, style) for change in changes.breaking],
        "Requests": [*_use_words(report, style)],
        "Votes": [*_vote_words(report, style)],
        "Modules": [*_module_words(changes, style)],
        "Graph": [_link_words(link, style) for link in changes.links],
        "Fields": [_edit_words(edit, style) for edit in changes.edits_of(*FIELDS) if edit.field not in SAID],
    }


def breaks(number: int) -> str:
    """How many changes break clients, without a stop."""
    return {0: "No change breaks clients", 1: "1 change breaks clients"}.get(number, f"{number} changes break clients")


def _breaking_words(change: Breaking, report: Report, style: Style) -> str:
    """What breaks clients, and why they mind."""
    slug, before, after = (style.code(name or "") for name in (change.slug, change.before, change.after))
    endpoint = style.code(change.endpoint) if change.endpoint else ""
    shared = report.shared.get(change.slug)
    words = _BREAKING if change.after else _BREAKING | _WITHOUT_AFTER
    return words[change.kind].format(
        slug=slug,
        before=before,
        after=after,
        endpoint=endpoint and f" with its endpoint {endpoint}",
        gone=endpoint and f", with its endpoint {endpoint} gone",
        formerly=style.snippet(f"formerly: [{change.slug}]"),
        meant="was removed for good" if change.before == change.slug else f"once meant {before}",
        shared=f", and {pluralized(shared, 'vote')} would be shared" if shared else "",
    )


def _module_words(changes: Changes, style: Style) -> Iterator[str]:
    """What becomes of modules, and breaks nobody."""
    code = style.code
    for module in changes.added:
        yield f"{code(module.slug)} ({style.text(module.label.en)}) is added to {code(module.state.bucket)}"
    for slug, _, before, after in changes.edits_of("bucket"):
        frozen = "; its endpoint answers 503" if after == "alpha_unavailable" else ""
        yield f"{code(slug)} moves from {code(str(before))} to {code(str(after))}{frozen}"
    for slug, _, before, after in changes.edits_of("api_endpoint"):
        if before is None:
            yield f"{code(slug)}: endpoint {code(str(after))} is added"
    for slug, _, before, after in changes.edits_of("deprecated.removed_after"):
        if before is None:
            yield f"{code(slug)} is deprecated, and may be removed after {after}"
        elif after is None:
            yield f"{code(slug)} is no longer deprecated"
    for tombstone in changes.tombstones:
        instead = f", and {code(tombstone.use)} is to be used instead" if tombstone.use else ""
        yield f"{code(tombstone.slug)} is listed as removed{instead}"
    if changes.reordered:
        yield "The modules are listed in another order"


def _link_words(link: Link, style: Style) -> str:
    """Who hands what on to whom."""
    producers, consumers = (joined([*map(style.code, slugs)]) for slugs in (link.producers, link.consumers))
    return f"{style.gained[link.is_gained]} {producers} {style.link.format(style.code(link.artifact))} {consumers}"


def _use_words(report: Report, style: Style) -> Iterator[str]:
    """Who has asked by names that are given up. It is never said that nobody uses one."""
    for name in report.changes.given_up:
        code, used = style.code(name), (report.uses or {}).get(name)
        if used is None or used.since is used.last is None:
            why = "no store was asked" if used is None else "this store has not counted it"
            yield f"whether {code} is still asked for is not known: {why}"
            continue
        number = pluralized(used.requests, "request") if used.requests else "no request"
        clients = clients_of(used)
        last = f", the last on {_day(used.last)}" if used.last else ""
        since = f"counting since {_day(used.since)}" if used.since else "not counted any more"
        yield (
            f"{number} by {code} reached the service in {DAYS} days{clients and f': {clients}'}{last} ({since}; "
            f"clients that read the whole list are not seen: see {style.code('code-references')})"
        )


def clients_of(used: Used) -> str:
    """How many requests there were of each kind of client."""
    return ", ".join(f"{number:,} by {client}" for client, number in used.clients.items())


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%-d %B %Y}"


def _vote_words(report: Report, style: Style) -> Iterator[str]:
    """What happens to the allow-list, with the votes where they are known."""
    code, votes = style.code, report.votes or {}
    for leaving in report.changes.leaving:
        yield f"{code(leaving.feature)} leaves the allow-list{_advice(leaving, report.votes, style)}"
    for rename in report.changes.vote_renames:
        count = votes.get(rename.old, 0)
        moving = f": {pluralized(count, 'vote')} {'moves' if count == 1 else 'move'} to it" if count else ""
        yield f"{code(rename.old)} means {code(rename.new)} in votes{moving}"
    for rename in report.changes.forgotten:
        yield f"{code(rename.old)}, once the id of {code(rename.new)}, no longer works in votes"
    for feature in report.changes.entering:
        count = votes.get(feature, 0)
        yield f"{code(feature)} enters the allow-list" + (
            f" with {pluralized(count, 'vote')} from before" * bool(count)
        )


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


def _edit_words(edit: Edit, style: Style) -> str:
    before, after = (_value_words(edit.field, value, style) for value in (edit.before, edit.after))
    return style.edit(edit.slug, edit.field, before, after)


def _value_words(field: str, value: Value, style: Style) -> str:
    """What a field has, or had."""
    if isinstance(value, str):
        return style.text(value) if field.endswith((".fr", ".en")) else style.code(value)
    if isinstance(value, tuple):
        return style.code(f"[{', '.join(value)}]")
    return "none" if value is None else style.code(str(value).lower())
