"""The application on a real store."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from application import MODIFIED, REGISTRY, MakeApp, MakeLink, SignIn, signed_in, signed_out
from contract import Client
from flask import Flask
from redis import Redis
from small_provider import SmallProvider, running
from support import DEADLINE, OPERATOR, add_accounts

from service.accounts import sign_in as links
from service.accounts import store
from service.http import tracing
from service.metrics import counting
from service.metrics.counting import Memory
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.web.app import create_app


@pytest.fixture(scope="session")
def registry_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("registry") / "registry.yaml"
    path.write_text(REGISTRY, encoding="utf-8")
    os.utime(path, (MODIFIED, MODIFIED))
    return path


@contextmanager
def _maker(valkey_url: str, registry_file: Path) -> Iterator[MakeApp]:
    with ExitStack() as stack:

        def make(memory: Memory | None = None, **settings: Any) -> Flask:
            defaults = {
                "redis_url": valkey_url,
                "redis_timeout": DEADLINE,  # a busy machine's disk may keep a store waiting for longer than a second
                "secret_key": "a secret key",
                "registry_file": registry_file,
            }
            chosen = defaults | settings
            parsed = RedisUrl.parse(str(chosen["redis_url"]))
            app = create_app(Settings(**chosen | {"redis_url": parsed}), memory=memory)
            app.test_client_class = Client
            stack.callback(app.extensions["module_registry"].client.close)
            return app

        yield make


@pytest.fixture
def make_app(valkey_url: str, registry_file: Path) -> Iterator[MakeApp]:
    """Make an app with some settings of one's own. Its test clients check every response."""
    with _maker(valkey_url, registry_file) as make:
        yield make


@pytest.fixture(scope="session")
def make_public_app(embedded_url: str, registry_file: Path) -> Iterator[MakeApp]:
    """Make an app that many tests may share, as they look at nothing of a person's."""
    with _maker(embedded_url, registry_file) as make:
        yield make


@pytest.fixture(scope="session")
def make_once(make_public_app: MakeApp) -> MakeApp:
    """The app of some settings, made once: making one takes longer than most of what is asked of it."""
    return cache(make_public_app)


@pytest.fixture(scope="module")
def memory() -> Iterator[Memory]:
    """In a slot of which this process counts meanwhile."""
    made, before = Memory(1), counting.slot()
    counting.count_in(made.claim())
    yield made
    counting.count_in(before)


@pytest.fixture(scope="module")
def small() -> Iterator[SmallProvider]:
    with running() as made:
        yield made


@pytest.fixture
def provider(small: SmallProvider) -> SmallProvider:
    """A provider of identities that does all as it should."""
    small.reset()
    return small


@pytest.fixture
def same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request has the same id, so that answers can be compared."""
    monkeypatch.setattr(tracing, "getrandbits", lambda bits: 0)


@pytest.fixture
def app(valkey_url: str, make_once: MakeApp) -> Flask:
    """The app of tests that change nothing but what is stored."""
    return make_once(redis_url=valkey_url)


@pytest.fixture
def client(app: Flask, redis: Redis) -> Client:
    """Nobody, on an empty store."""
    return signed_out(app)


@pytest.fixture
def sign_in(app: Flask, redis: Redis) -> SignIn:
    """Sign in as a new account of some id and status, by a cookie of the platform's."""

    def sign_in(account_id: str = "alice", status: str = "active", **more: str) -> Client:
        add_accounts(redis, account_id, status=status, **more)
        return signed_in(app, account_id)

    return sign_in


@pytest.fixture
def alice(sign_in: SignIn) -> Client:
    """An active account."""
    return sign_in()


@pytest.fixture
def link(redis: Redis) -> MakeLink:
    """A sign-in link for an account, which is made unless it exists."""

    def link(account_id: str = "alice", status: str = "active") -> str:
        if store.find(redis, account_id) is None:
            add_accounts(redis, account_id, status=status)
        return f"/sign-in?token={links.make_token(redis, account_id, by=OPERATOR)}"

    return link
