"""Chromium, and the demo that it looks at: pages are opened by `Browsing`, which keeps what goes wrong in them."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import demo
from browser.pages import LOCALES, Listed
from clusters import free_ports
from demo_registry import as_yaml, document
from openid_provider import CLIENT_ID, SECRET
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Route,
    StorageState,
    expect,
)
from support import CHROMIUM, Serve, add_accounts, connect, socket_url
from support import launch as launch_serve

from service.accounts.sessions import Caller
from service.feedback.store import own_threads
from service.history.model import Kind
from service.history.store import read_page
from service.problems import AccountExists
from service.registry.loading.loader import load

#: The registry that pages are looked at with.
REGISTRY = as_yaml(document())

#: In milliseconds; generous: it only bounds how long a broken page takes to fail.
PATIENCE = 30_000

#: Browsers say by themselves what a signed-out visitor's /api/me answers, and a page that is missing or refuses.
_EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (401|403|404|410|422) ")


def launch(playwright: Playwright, **environ: str) -> Browser:
    """Debian's Chromium, without a window, with more variables in its environment."""
    arguments = ["--font-render-hinting=none", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=arguments, env={**os.environ, **environ})


def arrived(page: Page, url: str | re.Pattern[str]) -> None:
    """Wait until a page has come to an address, and then until it is read and loaded, which comes later."""
    expect(page).to_have_url(url)
    page.wait_for_load_state("load")


def held_back(page: Page, url: str | re.Pattern[str]) -> Callable[[], Route]:
    """Have some requests of a page wait; the function that is returned waits for the next of them."""
    held: list[Route] = []
    page.route(url, lambda route: held.append(route))

    def following() -> Route:
        while not held:
            page.wait_for_timeout(20)  # which lets it come
        return held.pop(0)

    return following


#: What notes, in each page, what its tests look at.
WATCH = Path(__file__).with_name("watch.js")

#: The page of a hundred people comes in about half a second.
SLOWLY = {"offline": False, "latency": 20, "downloadThroughput": 30_000, "uploadThroughput": 30_000}


@dataclass
class Demo:
    """A filled store with a `serve` on it, and a registry of its own that a test may edit."""

    serve: Serve
    registry: Path
    #: What a browser keeps of each account that has signed in.
    sessions: dict[str, StorageState] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.serve.url

    def link(self, account_id: str) -> str:
        """A sign-in link, for one use."""
        return demo.sign_in_link(self.serve.data_dir, self.url, account_id)

    def add(self, account_id: str, name: str, **fields: str) -> None:
        """Add an account, unless it is there."""
        with self.store() as client, suppress(AccountExists):
            add_accounts(client, account_id, name=name, **fields)

    def thread(self, account_id: str) -> str:
        """The id of the request of an account that was touched last."""
        with self.store() as client:
            return own_threads(client, Caller(account_id), load(self.registry)).threads[0].id

    def changed(self) -> str:
        """A module that has changed: the slug of the last release."""
        with self.store() as client:
            return next(each.slug for each in read_page(client, None, 100).events if each.kind is Kind.RELEASED)

    @contextmanager
    def store(self) -> Iterator[Any]:
        """A client of its store."""
        with closing(connect(socket_url(self.serve.data_dir))) as client:
            yield client


@contextmanager
def served_demo(
    registry_text: str = REGISTRY, *, people: int = demo.PEOPLE, port: int = 0, **settings: str
) -> Iterator[Demo]:
    """The demo on a port, or on a free one, with a registry in a file of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as name:
        folder = Path(name)
        registry, data_dir = folder / "registry.yaml", folder / "var"
        registry.write_text(registry_text, encoding="utf-8")
        demo.fill_folder(data_dir, load(registry), people=people)
        environ = {"REGISTRY_FILE": str(registry), "PLATFORM_URL": "https://platform.example"} | settings
        serve = launch_serve(folder, data_dir, "--port", str(port), **environ)
        try:
            yield Demo(serve.started(), registry)
        finally:
            serve.clean_up()


@contextmanager
def served_with_provider(issuer: str = "http://127.0.0.1:1", **settings: str) -> Iterator[Demo]:
    """The same, where people can sign in with an OpenID Connect provider; without one named, one that is down."""
    [port] = free_ports(1)
    own = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Example"}
    with served_demo(people=0, port=port, PUBLIC_URL=f"http://127.0.0.1:{port}", **own, **settings) as made:
        yield made


@dataclass
class Browsing:
    """Opens pages of the demo, each in a fresh profile, and keeps what goes wrong in them.

    `with_provider` is the demo where people sign in with a provider, for the pages that are about it. `problems` has
    every message of a console, error of a script, request to elsewhere, and violation of the policy.
    """

    browser: Browser
    demo: Demo
    with_provider: Callable[[], Demo]
    problems: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _waiting: set[Request] = field(default_factory=set)

    def profile(
        self, who: str | None = None, *, width: int = 1440, height: int = 900, **options: Any
    ) -> BrowserContext:
        """A fresh profile, signed in as an account of the demo where one is named; options as Playwright has them."""
        size: Any = {"width": width, "height": height}
        options = {"locale": "en-GB", "timezone_id": "Europe/Paris"} | options
        context = self.browser.new_context(
            base_url=self.demo.url, viewport=size, storage_state=self._session(who), **options
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(path=WATCH)
        context.on("console", self._keep_message)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._keep_request)
        context.on("requestfinished", lambda request: self._waiting.discard(request))
        context.on("requestfailed", lambda request: self._waiting.discard(request))
        self._contexts.append(context)
        return context

    def open(
        self, path: str, who: str | None = None, *, status: int = 200, slowly: bool = False, **options: Any
    ) -> Page:
        """A page, loaded and quiet, in a fresh profile; options as for `profile`.

        Where it comes `slowly`, it is shown part by part, as over a bad network.
        """
        page = self.profile(who, **options).new_page()
        if slowly:
            page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOWLY)
        self.go(page, path, status=status)
        return page

    def look_at(self, of: Listed, language: str, **options: Any) -> Page:
        """A page of the list, in a language."""
        usual = self.demo
        if of.provider:
            self.demo = self.with_provider()
        path = of.path.replace("{lang}", language)
        if "{token}" in path:
            path = path.replace("{token}", self.demo.link("member").partition("token=")[2])
        if "{thread}" in path:
            path = path.replace("{thread}", self.demo.thread("member"))
            if of.who == "member":  # who reads it for the first time sees a number go
                self.profile("member").request.post(path, form={"do": "read"})
        if "{changed}" in path:
            path = path.replace("{changed}", self.demo.changed())
        page = self.open(path, of.who, status=of.status, **({"locale": LOCALES[language]} | options))
        self.demo = usual
        if of.status >= 500:  # which a browser's console says, too
            self.forgive(f"a status of {of.status}")
        return page

    def go(self, page: Page, path: str, *, status: int = 200) -> None:
        """Have a page show a path of the demo, and wait until nothing is loading."""
        response = page.goto(path, wait_until="load")
        assert response and response.status == status, f"{path}: {response and response.status}"
        self.quiet(page)

    def quiet(self, page: Page) -> None:
        """Wait until a page has been answered whatever it asked for, to the last byte, and has shown it."""
        looks = 0
        while looks < 3:  # a script may ask once more when it has an answer
            page.wait_for_timeout(25)  # which Playwright counts, and not the page: its scripts may be off
            looks = 0 if self._waiting else looks + 1

    def _session(self, who: str | None) -> StorageState | None:
        if who is None:
            return None
        if who not in self.demo.sessions:
            context = self.browser.new_context()
            assert context.request.post(self.demo.link(who)).ok
            self.demo.sessions[who] = context.storage_state()
            context.close()
        return self.demo.sessions[who]

    def _keep_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.match(message.text):
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _keep_request(self, request: Request) -> None:
        self._waiting.add(request)
        if not request.url.startswith((self.demo.url, "data:")):
            self.problems.append(f"request to elsewhere: {request.url}")

    def forgive(self, what: str) -> None:
        """Drop the problems that a test has caused itself; there must have been some."""
        left = [problem for problem in self.problems if what not in problem]
        assert left != self.problems, f"nothing says {what!r}"
        self.problems[:] = left

    def close(self) -> None:
        """Close what was opened, after a last look at each page."""
        for context in self._contexts:
            for page in context.pages:
                seen = page.evaluate("window.seen?.violations ?? []")
                self.problems += [f"policy: {violation} ({page.url})" for violation in seen]
            context.close()
        self._contexts.clear()
        self._waiting.clear()
