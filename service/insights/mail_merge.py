"""Whom to write to about a feature: a row for each voter who can be told, for a mail merge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.accounts.model import Status
from service.audit.model import Actor
from service.insights.sheet import text
from service.interest import voters
from service.interest.maintenance import ids_of
from service.registry.model import Label, Registry
from service.storage.client import Client

#: What is known of each, with the name of the feature in both languages, and why they want it, if they said.
COLUMNS = ("id", "name", "email", "locale", "label_en", "label_fr", "reason")


def rows(client: Client, feature: str, registry: Registry, *, by: Actor) -> Iterator[Sequence[str]]:
    """A row of COLUMNS for each voter of a feature, by any of its ids; that somebody asked for them is recorded.

    Accounts that are gone or suspended have none: nobody is there to be told, or they are not to hear from us. One
    without an address has, since the platform may know where to write to; one that begins like a formula is left out.

    Raises what `voters.walk` does, at the first row or a later one.
    """
    label = name_of(feature, registry)
    for voter in voters.walk(client, feature, registry, by=by):
        if voter.status in (Status.ACTIVE, Status.PENDING):
            # With an apostrophe before it, as texts have that begin like a formula, an address would be another's.
            email = voter.email if text(voter.email) == voter.email else ""
            yield voter.id, voter.name, email, voter.locale, label.en, label.fr, voter.reason.text


def name_of(feature: str, registry: Registry) -> Label:
    """What a feature is called: the label of its module, or else its id."""
    module = registry.by_slug.get(ids_of(feature, registry)[0])
    return module.label if module else Label(feature, feature)
