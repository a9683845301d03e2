"""Debian's Chromium, driven by Playwright, and a service for its pages."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from support import CHROMIUM, REPOSITORY, Serve, launch

#: What signs the sessions of that service.
KEY = "a secret key of a test"


@pytest.fixture(scope="session")
def running() -> Iterator[Serve]:
    """A service that serves the shipped registry for the whole session: a test takes back what it does there."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as name:
        settings = {"REGISTRY_FILE": str(REPOSITORY / "registry.yaml"), "SECRET_KEY": KEY}
        serve = launch(Path(name), Path(name) / "var", **settings)
        try:
            yield serve.started()
        finally:
            serve.clean_up()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: put chromium-headless-shell or chromium on PATH, or its path in CHROMIUM")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield launched
        launched.close()
