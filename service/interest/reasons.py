"""Why people want a feature, for admins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from service.accounts.listing import LONGEST_SEARCH
from service.accounts.model import account_key, shown_name
from service.interest.keys import reasons_key
from service.interest.maintenance import canonical, ids_of
from service.interest.reason import Given, parsed
from service.problems import InvalidField
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.times import moment
from service.wording import having

#: How many are shown: the newest, of those that were searched for.
MOST = 50


class Reason(NamedTuple):
    """Why an account wants a feature, and what the account is called, if it has a name."""

    account: str
    name: str
    given: Given

    @property
    def when(self) -> datetime:
        """When it was given (UTC)."""
        return moment(self.given.at)


class Reasons(NamedTuple):
    """The newest of the reasons that have a text, newest first; how many there are, and how many have the text."""

    shown: Sequence[Reason]
    number: int
    matching: int


def newest(client: Client, feature: str, registry: Registry, search: str = "") -> Reasons:
    """The reasons of a feature by any of its ids, as who asks is known to be an admin: those with each word of a text.

    They are read in small steps, so that people can vote meanwhile. Raises InvalidField, StorageUnavailable.
    """
    if len(search) > LONGEST_SEARCH:
        raise InvalidField("q", f"may have at most {LONGEST_SEARCH} characters")
    has_words, number = having(search), 0
    matching: dict[str, Given] = {}
    for account, given in _all(client, feature, registry).items():
        number += 1
        if has_words(given.text):
            matching[account] = given
    latest = nlargest(MOST, matching.items(), key=lambda each: each[1].at)
    names = _names(client, [account for account, _ in latest])
    shown = [Reason(account, name, given) for (account, given), name in zip(latest, names, strict=True)]
    return Reasons(shown, number, len(matching))


def _all(client: Client, feature: str, registry: Registry) -> dict[str, Given]:
    """By account: of votes that were cast under several ids, that of the current one."""
    given: dict[str, Given] = {}
    for id in dict(canonical(client, ids_of(feature, registry))):
        for account, kept in client.fields(reasons_key(id)):
            if reason := parsed(kept):
                given.setdefault(account, reason)
    return {account: reason for account, reason in given.items() if reason.text}


def _names(client: Client, accounts: Sequence[str]) -> Iterator[str]:
    names = client.commands([("HGET", account_key(account), "name") for account in accounts])
    return (shown_name(name or "") for name in names)
