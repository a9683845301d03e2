"""Who asks and who answers. Everything here holds on every kind of store."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from support import OPERATOR, on_a_cluster_too

from service.accounts.store import Account, add
from service.storage.client import Client

__all__ = ["on_a_cluster_too"]


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
