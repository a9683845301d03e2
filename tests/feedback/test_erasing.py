"""What is left of an account that was removed: nothing."""

from __future__ import annotations

import pytest
from redis import Redis
from support import OPERATOR, acting, everything

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.audit import store as audit
from service.feedback import privacy, store
from service.feedback.keys import of_key
from service.feedback.privacy import erase
from service.problems import StorageUnavailable
from service.registry.model import Label, Module, Registry
from service.storage.client import Client

MODULES = tuple(
    Module(slug=f"stub{number}", category="tools", label=Label("Bouchon", "Stub"), is_on_demand=True)
    for number in range(5)
)
REGISTRY = Registry(MODULES)
ALICE, BOB, ZOE = Caller("alice"), Caller("bob"), Caller("zoe")


def remove(redis: Redis, account_id: str) -> int:
    accounts.remove(redis, account_id, by=OPERATOR)
    erased = erase(redis, account_id)
    audit.forget(redis, account_id)
    return erased


def test_an_admins_answers_stay_without_the_name(redis: Redis) -> None:
    thread, _ = store.open_thread(redis, ALICE, "stub0", "Please", REGISTRY)
    answered = store.add_message(redis, thread.id, "Bob will see to it", REGISTRY, by=acting(BOB))
    assert remove(redis, "bob") == 0
    found = store.thread(redis, ALICE, thread.id, REGISTRY)
    assert [(message.author, message.name, message.text) for message in found.messages] == [
        ("member", "Alice", "Please"),
        ("admin", "", "Bob will see to it"),
    ]
    assert found.etag != answered.etag
    assert "'bob'" not in str(everything(redis))


def test_what_a_crash_has_left_is_erased_by_another_run(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    store.open_thread(redis, ZOE, "stub0", "Please", REGISTRY)
    for module in MODULES:
        store.open_thread(redis, ALICE, module.slug, "Please", REGISTRY)
    monkeypatch.setattr(privacy, "_BATCH", 2)
    asked = Client.run
    steps = iter([True, False])

    def crashing(self: Client, *args: object, **kwargs: object) -> object:
        if next(steps):
            return asked(self, *args, **kwargs)  # type: ignore[arg-type]
        raise StorageUnavailable("gone")

    monkeypatch.setattr(Client, "run", crashing)
    with pytest.raises(StorageUnavailable):
        erase(redis, "alice")
    monkeypatch.setattr(Client, "run", asked)
    assert redis.zcard(of_key("alice")) == 3
    assert remove(redis, "alice") == 3
    assert erase(redis, "alice") == 0
    assert len(store.own_threads(redis, ZOE, REGISTRY).threads) == 1
    assert "alice" not in str(everything(redis))
