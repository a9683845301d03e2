"""Who asks and who answers."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from support import OPERATOR

from service.accounts.store import Account, add
from service.storage.client import Client


@pytest.fixture(autouse=True)
def people(redis: Redis) -> None:
    """Two members, Alice and Zoe, and an admin, Bob."""
    for account in (Account("alice", "active", name="Alice"), Account("zoe", "active", name="Zoe")):
        add(redis, account, by=OPERATOR)
    add(redis, Account("bob", "active", "admin", "Bob"), by=OPERATOR)


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script runs twice, as where a connection is lost with the first answer, and the second counts."""
    once = Client.run

    def run(self: Client, *args: Any, **options: Any) -> Any:
        once(self, *args, **options)
        return once(self, *args, **options)

    monkeypatch.setattr(Client, "run", run)
