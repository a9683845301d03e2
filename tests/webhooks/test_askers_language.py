"""What is sent about a request says the language of whoever asked, as it is when it is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from receiving import SECRET, refuse, take_it
from receiving import Receiver as Receiving
from support import DOCUMENTED, OPERATOR, AnyClient, run, wait_until

from service.accounts import store as accounts
from service.accounts.sessions import Caller, choose_locale
from service.accounts.store import Account, Status
from service.feedback.keys import thread_key
from service.feedback.store import change_status, open_thread
from service.people.kept import erase
from service.registry.loading import load
from service.registry.model import Registry
from service.webhooks import store
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import REQUESTS

ALICE = Caller("alice")

Ask = Callable[[], str]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(DOCUMENTED)


@pytest.fixture
def told(redis: AnyClient, receiving: Receiving, deliverer: Callable[..., Deliverer]) -> Callable[[], list[str | None]]:
    """The languages of what has been told: all that happens from now on, as soon as it is asked for."""
    made = deliverer(REQUESTS)
    made.round()

    def languages() -> list[str | None]:
        made.round()
        return [one.body["data"]["locale"] for one in receiving.received]

    return languages


@pytest.fixture
def ask(redis: AnyClient, registry: Registry) -> Ask:
    """Have alice ask for a module; returns the request's id."""
    accounts.add(redis, Account("alice", Status.ACTIVE, locale="fr-FR"), by=OPERATOR)
    return lambda: open_thread(redis, ALICE, registry.buckets["on_demand"][0], "Please", registry)[0].id


def test_it_is_that_of_the_account_at_that_moment(
    redis: AnyClient, registry: Registry, told: Callable[[], list[str | None]], ask: Ask
) -> None:
    thread = ask()
    assert told() == ["fr"]
    choose_locale(redis, ALICE, "en")
    etag = open_thread(redis, ALICE, registry.buckets["on_demand"][0], "Please", registry)[0].etag
    change_status(redis, thread, "declined", [etag], registry, by=OPERATOR)
    assert told() == ["fr", "en"]
    redis.command("HSET", "account:alice", "locale", "xx")
    ask()
    assert told() == ["fr", "en", None]


def test_of_who_is_gone_nothing_is_known(redis: AnyClient, told: Callable[[], list[str | None]], ask: Ask) -> None:
    ask()
    erase(redis, "alice", by=OPERATOR)
    assert told() == [None]


@pytest.mark.parametrize("what", ["account", "thread"])
def test_damage_holds_up_nothing(redis: AnyClient, told: Callable[[], list[str | None]], ask: Ask, what: str) -> None:
    key = "account:alice" if what == "account" else thread_key(ask())
    if what == "account":
        ask()
    redis.command("SET", key, "no hash")
    assert told() == [None]


def test_what_is_sent_again_says_what_is_so_by_then(
    redis: AnyClient, receiving: Receiving, told: Callable[[], list[str | None]], ask: Ask, valkey_url: str
) -> None:
    receiving.answer = refuse(500)
    ask()
    assert told() == ["fr"]
    taken = wait_until(lambda: store.take(redis, REQUESTS, store.state(redis, REQUESTS).holder or "", 1000))
    assert store.give_up(redis, REQUESTS, taken, "answered 500")
    receiving.answer = take_it
    choose_locale(redis, ALICE, "en")
    settings = {"REDIS_URL": valkey_url, "WEBHOOK_URL": receiving.url, "WEBHOOK_SECRET": SECRET}
    assert run("webhooks", "retry", **settings).returncode == 0
    assert [one.body["data"]["locale"] for one in receiving.received] == ["fr", "en"]
