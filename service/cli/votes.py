"""`module-registry votes`: the rest of a feature's life, after the clicks."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from typing import IO

import click

from service.accounts.store import find
from service.cli.output import ask, progress, say, say_document, say_row
from service.cli.store import opened_store
from service.interest import maintenance, transfer
from service.problems import InvalidMerge, UnknownFeature
from service.registry.loading import load
from service.registry.model import Registry
from service.settings import Settings
from service.wording import joined, json_text, pluralized, printable, quoted


def _registry() -> Registry:
    return load(Settings.from_env(os.environ).registry_file)


def _sendable(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Refuse bytes that are no text, which no store could be asked for."""
    if value is not None and any("\ud800" <= one <= "\udfff" for one in value):
        raise UnknownFeature(f"{value} is not UTF-8 text, and so no feature")
    return value


@click.group()
def votes() -> None:
    """Count, merge, move and look after votes.

    Works on the store of a running `serve`, on the one that REDIS_URL names, or on the one in DATA_DIR, and with the
    registry that REGISTRY_FILE names.
    """


def _write(style: str, counts: dict[str, int]) -> None:
    """A table of features and their votes, most first."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    if style == "json":
        say_document(json_text(dict(rows), indent=2) + "\n")
    elif style == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            [("feature", "votes"), *((printable(name), count) for name, count in rows)]
        )
        say_document(text.getvalue())
    else:
        width = max((len(feature) for feature in counts), default=0)
        for feature, count in rows:
            say(f"{feature:{width}}  {count:>7}")


_style = click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)


@votes.command()
@_style
def tally(style: str) -> None:
    """Count the votes of every feature that can be voted for, most first."""
    registry = _registry()
    with opened_store() as client:
        _write(style, maintenance.tally(client, registry.allowed_features, registry))


@votes.command()
@click.argument("old", callback=_sendable)
@click.argument("new", callback=_sendable)
@click.option("--yes", is_flag=True, help="Do not ask.")
def merge(old: str, new: str, yes: bool) -> None:
    """Make two features one: NEW takes over OLD's votes, each voter once.

    From then on both ids mean NEW, in workers that run now, too. It is one atomic step, safe while people vote, and can
    run twice. It cannot be undone: who voted for which of the two is not kept.
    """
    registry = _registry()
    if old == new:
        raise InvalidMerge(f"{old} cannot be merged into itself")
    if new not in registry.allowed_features:
        raise UnknownFeature(f"{new} is not a feature that can be voted for; its registry entry comes first")
    with opened_store() as client:
        counts = maintenance.tally(client, [old, new], registry)
        if old not in registry.allowed_features and not counts[old]:
            raise UnknownFeature(f"{old} has no votes and is not a feature that can be voted for")
        question = (
            f"Merge {old} ({pluralized(counts[old], 'vote')}) into {new} ({pluralized(counts[new], 'vote')}) for good?"
        )
        if not yes:
            ask(question)
        merged = maintenance.merge(client, old, new)
        total = maintenance.tally(client, [new], registry)[new]
    say(f"{pluralized(merged.moved, 'vote')} moved from {old} to {new}, {merged.double} of them by people who had both")
    say(f"{new} has {pluralized(total, 'vote')}")


@votes.command()
@click.argument("feature", required=False, callback=_sendable)
def export(feature: str | None) -> None:
    """Write the votes of FEATURE, or of every feature, to standard output as JSON lines: one a vote.

    Votes for features that can no longer be voted for are among them. Votes of features that were merged are written
    for the one that has them now.
    """
    # Everything is exported as it is kept, so that it comes back the same; one feature, with its former ids.
    registry = _registry() if feature else Registry(())
    with opened_store() as client:
        features = [feature] if feature else maintenance.stored_features(client)
        counts = maintenance.tally(client, features, registry)
        if feature and not counts[feature]:
            say(f"{feature} has no votes", err=True)
        with progress("exported", sum(counts.values())) as bar:
            for line in transfer.lines(client, features, registry):
                say_document(f"{line}\n")
                bar.update(1)


@votes.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-", metavar="[FILE|-]")
def import_votes(file: IO[str]) -> None:
    """Record the votes of FILE (by default standard input), JSON lines as `votes export` writes them.

    The whole file is checked first: with a line that is wrong nothing is recorded. Votes that are there already are
    left as they are, so a second run adds nothing.
    """
    known = _registry()
    unknown: set[str] = set()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as checked:
        number = 0
        for vote in transfer.parse(file, file.name):
            checked.write(json.dumps(vote._asdict()) + "\n")
            number += 1
            if vote.feature not in known.allowed_features and vote.feature not in known.feature_renames:
                unknown.add(vote.feature)
        checked.seek(0)
        new = 0
        with (
            opened_store() as client,
            progress("imported", number) as bar,
        ):
            for taken, added in transfer.add(client, transfer.parse(checked, file.name)):
                new += added
                bar.update(taken)
    say(f"{pluralized(number, 'vote')} read, {new} of them new")
    if unknown:
        say(f"not to be voted for now: {joined(sorted(map(quoted, unknown)))}", err=True)


@votes.command()
@_style
@click.option("--delete", is_flag=True, help="Delete these votes for good, after a confirmation.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def orphans(style: str, delete: bool, yes: bool) -> None:
    """Count the votes of features that can no longer be voted for.

    To keep them counted, add the id to legacy_features, or give a successor that can be voted for `formerly: [id]`.
    """
    registry = _registry()
    with opened_store() as client:
        found = maintenance.orphans(client, registry)
        if not delete:
            _write(style, found)
            return
        if found and not yes:
            ask(f"Delete {pluralized(sum(found.values()), 'vote')} of {', '.join(found)} for good?")
        for feature in found:
            maintenance.discard(client, feature)
    say(f"deleted {pluralized(sum(found.values()), 'vote')}")


@votes.command()
@click.argument("feature", callback=_sendable)
def who(feature: str) -> None:
    """List the accounts that want FEATURE, a line each with name: to tell them that it shipped."""
    registry = _registry()
    with opened_store() as client:
        people = sorted(maintenance.voters(client, feature, registry))
        if not people:
            say(f"{feature} has no votes", err=True)
        for voter in people:
            account = find(client, voter)
            say_row((voter, account.name if account else ""))
