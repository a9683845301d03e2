"""Whoever asked for an activation, as far as webhooks say something of them: their language."""

from __future__ import annotations

from service.accounts.store import Locale, account_key
from service.feedback.keys import thread_key
from service.storage.client import Client
from service.storage.script import Script

_FIELD = Script.load("webhooks/field", returns=str | None)


def locale_of(client: Client, thread_id: str) -> Locale | None:
    """The language of the account that a thread belongs to, at this moment; None where it is not known.

    Nor is it where thread or account are gone. Raises StorageUnavailable.
    """
    account_id = client.run(_FIELD, [thread_key(thread_id)], ["account"])
    return Locale.of(client.run(_FIELD, [account_key(account_id)], ["locale"])) if account_id else None
