"""One person as an admin sees them: who they are, what they want, and what they have asked for."""

from __future__ import annotations

from typing import NamedTuple

from service.accounts import store
from service.accounts.model import Account
from service.feedback import queue
from service.feedback.model import Page
from service.interest.wanted import wanted_by
from service.problems import UnknownAccount
from service.registry.model import Registry
from service.storage.client import Client
from service.wording import printable, shortened

#: How many of a person's requests are shown, those touched last.
MOST_THREADS = 10


class Overview(NamedTuple):
    """An account, the features that it wants, by the ids that its votes are kept under, and its latest requests."""

    account: Account
    wanted: list[str]
    asked: Page


def overview(client: Client, account_id: str, registry: Registry) -> Overview:
    """What an admin, as who asks is known to be, sees of a person. Raises UnknownAccount, StorageUnavailable."""
    account = store.find(client, account_id)
    if account is None:
        raise UnknownAccount(f"no account has the id {printable(shortened(account_id))}")
    asked = queue.threads_of(client, account_id, registry, MOST_THREADS)
    return Overview(account, wanted_by(client, account_id, registry), asked)
