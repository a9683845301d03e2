"""What is published of a registry with a module of each kind, once, and an nginx that serves it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from nginx import Nginx
from publish.serving import SETTINGS, serving_files
from support import REPOSITORY, run

from service.publish.publishing import application
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.web.site import Published

#: A module whose slug could be the name of the file of all modules.
INDEX = "  - { slug: index, category: tools, label: { fr: Index, en: Index }, api_endpoint: /api/run-index }\n"


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with everything that an entry can say, moved modules, removed ones, and ones that will be."""
    text = (REPOSITORY / "tests" / "web" / "pages" / "varied.yaml").read_text("utf-8")
    file = tmp_path_factory.mktemp("registry") / "registry.yaml"
    file.write_text(text.replace("removed:\n", f"{INDEX}removed:\n"), "utf-8")
    return file


@pytest.fixture(scope="session")
def serving(registry: Path) -> Callable[..., Flask]:
    """The application whose answers are published; its settings."""

    def serve(published: Published | None = None, store: RedisUrl | None = None) -> Flask:
        settings = replace(Settings.from_env(SETTINGS), registry_file=registry)
        return application(settings, published or Published(), store)

    return serve


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, registry: Path) -> Path:
    """Where it is published."""
    folder = tmp_path_factory.mktemp("published") / "registry"
    done = run("publish", str(folder), REGISTRY_FILE=str(registry), **SETTINGS)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory, published: Path) -> Iterator[Nginx]:
    """An nginx that serves it, by the configuration that is published with it."""
    made = Nginx(tmp_path_factory.mktemp("nginx") / "nginx")
    with made.running(serving_files(made, published)):
        yield made
