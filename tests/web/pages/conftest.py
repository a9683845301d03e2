"""One app for the tests of pages, on the store that is emptied between them, and who looks at its pages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from application import LIMITS, REGISTRY, signed_out
from contract import Client
from flask import Flask
from markup import VARIED, add_account
from redis import Redis
from support import DOCUMENTED


@pytest.fixture(scope="session")
def varied_app(make_public_app: Callable[..., Flask]) -> Flask:
    """The app with that registry, where the platform has an address."""
    return make_public_app(registry_file=VARIED, platform_url="https://app.example.com")


@pytest.fixture(scope="session")
def documented(make_public_app: Callable[..., Flask]) -> Flask:
    """The app with the modules of the documentation."""
    return make_public_app(registry_file=DOCUMENTED)


@pytest.fixture(scope="session")
def named(make_public_app: Callable[..., Flask]) -> Flask:
    """The app of a site with a name, where people sign in elsewhere."""
    sign_in_url = "https://app.example.com/login?to={next}&x=y"
    help_of = {"sign_in_help_fr": "Écrivez à Claire.", "sign_in_help_en": "Write to Claire."}
    return make_public_app(public_url="https://r.example", sign_in_url=sign_in_url, site_name="<Atelier>", **help_of)


@pytest.fixture
def varied(varied_app: Flask) -> Client:
    """Nobody, there."""
    return signed_out(varied_app)


@pytest.fixture
def with_registry(make_app: Callable[..., Flask], redis: Redis, tmp_path: Path) -> Callable[..., Flask]:
    """Make an app with a registry of some text."""

    def with_registry(text: str) -> Flask:
        file = tmp_path / "registry.yaml"
        file.write_text(text, encoding="utf-8")
        return make_app(registry_file=file)

    return with_registry


@pytest.fixture
def without_modules(with_registry: Callable[..., Flask]) -> Flask:
    """The app with an empty registry."""
    return with_registry("modules: []\n")


@pytest.fixture
def two_on_demand(with_registry: Callable[..., Flask]) -> Flask:
    """The app with two modules on demand."""
    sms, mail = ("{ fr: Campagne de SMS, en: SMS }", "{ fr: Campagne d’e-mails, en: E-mail campaign }")
    entry = "  - {{ slug: {}, category: outreach, label: {}, is_on_demand: true }}\n"
    return with_registry("modules:\n" + entry.format("sms, formerly: [texts]", sms) + entry.format("mail", mail))


@pytest.fixture
def professionals(with_registry: Callable[..., Flask]) -> Flask:
    """The app where LinkedIn has another slug."""
    return with_registry(REGISTRY.replace("slug: linkedin", "slug: professionals\n    formerly: [linkedin]"))


@pytest.fixture(scope="session")
def without_store(make_public_app: Callable[..., Flask]) -> Flask:
    """The app while its store does not answer."""
    return make_public_app(redis_url="redis://127.0.0.1:1")


@pytest.fixture(scope="session")
def limited(make_public_app: Callable[..., Flask]) -> Flask:
    """The app where one may vote and write twice."""
    return make_public_app(**LIMITS)


@pytest.fixture
def bob(app: Flask, redis: Redis) -> Client:
    """An admin."""
    return add_account(app, redis, "bob", role="admin", name="Bob")
