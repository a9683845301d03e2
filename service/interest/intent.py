"""A vote that somebody pressed for while signed out. It is the browser's to keep; here is what makes it count once."""

from __future__ import annotations

from service.storage.client import Client
from service.storage.form import key

#: How long somebody may take to sign in after they pressed, in seconds: an hour.
LIFETIME = 3600


def spent_key(intent_id: str) -> str:
    """What says that a vote which somebody pressed for was told to a page, for as long as it could be."""
    return key("vote-intent-spent", intent_id)


def spend(client: Client, intent_id: str) -> bool:
    """Use it up; returns whether that is the first time. Raises StorageUnavailable."""
    return client.command("SET", spent_key(intent_id), "1", "NX", "EX", LIFETIME) is not None
