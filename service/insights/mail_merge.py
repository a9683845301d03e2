"""Whom to write to about a feature: a row for each voter who can be told, for a mail merge.

However many they are: they are read in small steps, and of each no more is remembered than that there was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from service.accounts.model import Status
from service.audit.model import Actor
from service.insights.sheet import address, text
from service.interest import voters
from service.interest.maintenance import ids_of
from service.interest.voters import Voter
from service.registry.model import Label, Registry
from service.storage.client import Client

#: What is known of each, with the name of the feature in both languages, for the text of the mail.
COLUMNS = ("id", "name", "email", "locale", "label_en", "label_fr")


def rows(client: Client, feature: str, registry: Registry, *, by: Actor) -> Iterator[Sequence[str]]:
    """A row of COLUMNS for each voter of a feature, by any of its ids; that somebody asked for them is recorded.

    Accounts that are gone or suspended have none: nobody is there to be told, or they are not to hear from us. One
    without an address has, since the platform may know where to write to. Nobody comes twice.

    What is refused is refused by this call, before the first row is asked for. Raises what `voters.page` does, and
    StorageUnavailable at any row.
    """
    people = voters.walk(client, feature, registry, by=by)
    first = next(people, None)
    return _rows([] if first is None else chain([first], people), name_of(feature, registry))


def name_of(feature: str, registry: Registry) -> Label:
    """What a feature is called: the label of its module, or else its id."""
    module = registry.by_slug.get(ids_of(feature, registry)[0])
    return module.label if module else Label(feature, feature)


def _rows(people: Iterable[Voter], label: Label) -> Iterator[Sequence[str]]:
    called = text(label.en), text(label.fr)
    for voter in people:
        if voter.status in (Status.ACTIVE, Status.PENDING):
            yield text(voter.id), text(voter.name), address(voter.email), voter.locale, *called
