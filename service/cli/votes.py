"""`module-registry votes`: the rest of a feature's life, after the clicks."""

import tempfile
from contextlib import suppress
from typing import IO

import click

from service.cli import tables
from service.cli.output import ask, progress, say, say_document, say_json, say_row
from service.cli.shared import ON_STORE, Group, format_option, utf8, yes_option
from service.cli.store import loaded_registry, opened_store, operator
from service.insights.representation import VOTER_COLUMNS, voter_rows
from service.interest import maintenance, transfer
from service.interest.voters import check_known, walk
from service.problems import InvalidMerge, ModuleRegistryError, UnknownFeature
from service.registry.model import Registry
from service.wording import joined, pluralized, quoted


def _features(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """What a shell completes a feature by; nothing where the registry is not good."""
    with suppress(ModuleRegistryError):
        return [feature for feature in loaded_registry().allowed_features if feature.startswith(incomplete)]
    return []


votes = Group("votes", help="Count, merge, move and look after votes.", epilog=ON_STORE)


@votes.command()
@format_option(*tables.STYLES, "json")
@click.option(
    "--since", "days", type=click.IntRange(1, 3660), metavar="DAYS", help="Add the net change of the last DAYS days."
)
def tally(style: str, days: int | None) -> None:
    """Count the votes of every feature that can be voted for, most first.

    The net change is of whole days (UTC), of which today is one.
    """
    registry = loaded_registry()
    with opened_store() as client:
        counted = maintenance.count_votes(client, registry.allowed_features, registry)
        changes = maintenance.net_changes(client, counted, days) if days else {}
    counts = _sort_by_votes(counted.counts)
    columns = {"votes": counts} | ({f"last {pluralized(days, 'day')}": changes} if days else {})
    header = ["feature", *columns]
    rows: list[list[tables.Cell]] = [[id, *(numbers[id] for numbers in columns.values())] for id in counts]
    if style != "csv":  # a spreadsheet adds up by itself, and a program knows a feature by its id
        header.append("label")
        labels = {slug: module.label.en for slug, module in registry.by_slug.items()}
        rows = [[*row, labels.get(str(row[0]), "")] for row in rows]
        if rows:
            rows.append(["total", *map(counted.total, columns.values()), ""])
    document = {id: {"votes": votes, "change": changes[id]} for id, votes in counts.items()} if days else counts
    tables.listing(style, header, rows, document, "no feature can be voted for")


def _sort_by_votes(counts: dict[str, int]) -> dict[str, int]:
    """Return the features with the most votes first."""
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


@votes.command()
@click.argument("old", type=utf8, shell_complete=_features)
@click.argument("new", type=utf8, shell_complete=_features)
@yes_option
def merge(old: str, new: str, yes: bool) -> None:
    """Make two features one: NEW takes over OLD's votes, each voter once.

    From then on both ids mean NEW, in workers that run now, too. It is one atomic step, safe while people vote, and can
    run twice. It cannot be undone: who voted for which of the two is not kept.
    """
    registry = loaded_registry()
    if old == new:
        raise InvalidMerge(f"{old} cannot be merged into itself")
    if new not in registry.allowed_features:
        raise UnknownFeature(f"{new} is not a feature that can be voted for; its registry entry comes first")
    with opened_store() as client:
        counts = maintenance.tally(client, [old, new], registry)
        if old not in registry.allowed_features and not counts[old]:
            raise UnknownFeature(f"{old} has no votes and is not a feature that can be voted for")
        of_old, of_new = (pluralized(counts[feature], "vote") for feature in (old, new))
        if not yes:
            ask(f"Merge {old} ({of_old}) into {new} ({of_new}) for good?")
        moved, double = maintenance.merge(client, old, new, by=operator())
        total = maintenance.tally(client, [new], registry)[new]
    say(f"{pluralized(moved, 'vote')} moved from {old} to {new}, {double:,} of them by people who had both")
    say(f"{new} has {pluralized(total, 'vote')}")


@votes.command()
@click.argument("feature", required=False, type=utf8, shell_complete=_features)
def export(feature: str | None) -> None:
    """Write the votes of FEATURE, or of every feature, to standard output as JSON lines: one a vote.

    Votes for features that can no longer be voted for are among them. Votes of features that were merged are written
    for the one that has them now.
    """
    # Everything is exported as it is kept, so that it comes back the same; one feature, with its former ids.
    registry = loaded_registry() if feature else Registry(())
    with opened_store() as client:
        # By a former name, those of what it is called now.
        features = maintenance.ids_of(feature, registry)[:1] if feature else maintenance.stored_features(client)
        counts = maintenance.tally(client, features, registry)
        if feature and not any(counts.values()):
            check_known(client, feature, registry)
            say(f"{feature} has no votes", err=True)
        with progress("exported", sum(counts.values())) as bar:
            for line in transfer.lines(client, features, registry, by=operator(), about=feature or ""):
                say_document(f"{line}\n")
                bar.update(1)


@votes.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-", metavar="[FILE|-]")
def import_votes(file: IO[str]) -> None:
    """Record the votes of FILE (by default standard input), JSON lines as `votes export` writes them.

    The whole file is checked first: with a line that is wrong nothing is recorded. Votes that are there already are
    left as they are, so a second run adds nothing. A vote without a day is counted under today, and has none.
    """
    registry = loaded_registry()
    features: set[str] = set()
    number = new = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as checked:
        for vote in transfer.parse(file, file.name):
            number += 1
            checked.write(f"{vote}\n")
            features.add(vote.feature)
        checked.seek(0)
        with opened_store() as client, progress("imported", number) as bar:
            for taken, added in transfer.add(client, transfer.parse(checked, file.name), by=operator()):
                new += added
                bar.update(taken)
    say(f"{pluralized(number, 'vote')} read, {new:,} of them new")
    if unknown := sorted(features.difference(registry.allowed_features, registry.feature_renames)):
        say(f"not to be voted for now: {joined(list(map(quoted, unknown)))}", err=True)


@votes.command()
@format_option("table", "json", "csv")
@click.option("--delete", is_flag=True, help="Delete these votes for good, after a confirmation.")
@yes_option
def orphans(style: str, delete: bool, yes: bool) -> None:
    """Count the votes that no module and no feature that can be voted for stands for.

    The votes of a module that is active by now are none of them: its voters are owed the word that it shipped. To keep
    others counted, add the id to legacy_features, or give a successor that can be voted for `formerly: [id]`.
    """
    registry = loaded_registry()
    with opened_store() as client:
        counts = _sort_by_votes(maintenance.orphans(client, registry))
        if not delete:
            empty = "no votes but those of modules and of features that can be voted for"
            tables.listing(style, ("feature", "votes"), list(counts.items()), counts, empty)
            return
        number = pluralized(sum(counts.values()), "vote")
        if counts and not yes:
            ask(f"Delete {number} of {', '.join(counts)} for good?")
        for feature in counts:
            maintenance.discard(client, feature, by=operator())
    say(f"deleted {number}")


@votes.command()
@click.argument("feature", type=utf8, shell_complete=_features)
@format_option("table", "json", "csv")
def who(feature: str, style: str) -> None:
    """List the accounts that want FEATURE, a line each with name, and why, if they said: to tell them that it shipped.

    FEATURE is also the slug of a module that is active by now, or a former one. The format csv is for a mail merge,
    with e-mail address, language, and what FEATURE is called in both; accounts that are gone or suspended are left out.
    """
    registry, by = loaded_registry(), operator()
    with opened_store() as client:
        if style == "csv":
            check_known(client, feature, registry)  # before the header is written
            tables.csv(VOTER_COLUMNS, voter_rows(client, feature, registry, by=by))
            return
        people = sorted(walk(client, feature, registry, by=by))
    if style == "json":
        say_json(
            [
                {"account": voter.id, "name": voter.name, "day": voter.day or None, "reason": voter.reason.text or None}
                for voter in people
            ]
        )
        return
    if not people:
        say(f"{feature} has no votes", err=True)
    for voter in people:
        say_row((voter.id, voter.name, voter.reason.text))
