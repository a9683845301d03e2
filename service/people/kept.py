"""Everything that is kept of a person, in one list, which is walked to show it and to erase it.

Whatever else comes to be kept of people belongs into it. Events of the registry, trends and what workers say name
nobody.
"""

from __future__ import annotations

from typing import Any

from service.accounts.kept import ACCOUNT, SIGN_IN_LINKS
from service.feedback.kept import REQUESTS
from service.interest.kept import DISMISSED, VOTES
from service.storage.client import Client

#: In the order in which it is erased. The account goes first: from then on it cannot vote or ask, so that nothing is
#: left behind.
EVERYTHING = (ACCOUNT, SIGN_IN_LINKS, VOTES, DISMISSED, REQUESTS)


def data(client: Client, account_id: str) -> dict[str, Any]:
    """All of it by its kind, and under `stored_in` where it is. Raises StorageUnavailable."""
    kept = {kind.name: kind.read(client, account_id) for kind in EVERYTHING}
    places = [place._asdict() for each in kept.values() for place in each.places]
    return {name: each.value for name, each in kept.items()} | {"stored_in": places}


def erase(client: Client, account_id: str) -> dict[str, int]:
    """Erase all of it; returns how much there was of each kind. Can run again after a crash.

    Raises StorageUnavailable.
    """
    return {kind.name: int(kind.erase(client, account_id)) for kind in EVERYTHING}
