"""What the views work with: the registry in force with its documents, the Redis client, and the site."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from traceback import walk_tb
from typing import TYPE_CHECKING, cast

from flask import Response, current_app
from werkzeug.exceptions import NotFound

from service.interest.own import Candidates
from service.metrics.counting import Memory
from service.problems import PageFailed
from service.registry.loading.reload import ReloadingRegistry
from service.registry.model import Module, Registry
from service.settings.token_bucket import TokenBucket
from service.storage.client import Client
from service.usage.counting import Uses
from service.web.bulkhead import Bulkhead
from service.web.documents import Document, documents
from service.web.site import Site
from service.webhooks.receiver import Receiver
from service.wording import shortened

if TYPE_CHECKING:
    from service.accounts.openid import OpenId  # whose libraries only those have who use it

#: How many of the documents that are made at their first request are kept: 10,000 modules have 20,000 pages.
MOST_KEPT = 500

#: How much of an error's text is shown, in characters.
_LONGEST_FAULT = 200

_logger = logging.getLogger(__name__)

#: Renders an error for browsers: its status, the last part of its problem type, and suggested modules.
ErrorPage = Callable[[int, str | None, object], Response]


def make_page(path: str, make: Callable[[], Document]) -> Document:
    """Make a public page. Raises PageFailed if that fails, and logs the traceback."""
    try:
        return make()
    except Exception as error:
        _logger.exception("The page %s cannot be made.", path, extra={"once": True})
        raise PageFailed(path, _reason(error)) from error


def _reason(error: Exception) -> str:
    """Say what failed and what to do. Of the modules that the failed code had at hand, the innermost is named."""
    values = [value for frame, _ in walk_tb(error.__traceback__) for value in frame.f_locals.values()]
    slugs = [value.slug for value in values if isinstance(value, Module)]
    fault = shortened(f"{type(error).__name__}: {error}", _LONGEST_FAULT)
    if slugs:
        return f"{fault}, at the module {slugs[-1]}; check its entry, or report this with the traceback in the log"
    return f"{fault}; report this with the traceback in the log"


class Snapshot:
    """One registry and the documents made of it, so that votes and the public document change at the same moment.

    Its file was `modified`, and it came into force `since`, so many seconds after 1970.
    """

    def __init__(
        self,
        registry: Registry,
        revision: str,
        modified: float,
        site: Site,
        pages: Callable[[Registry, Site], Mapping[str, Callable[[], Document]]],
    ) -> None:
        """`pages` has what makes each public page, by its path: nobody waits for them before this is in force."""
        self.registry, self.revision, self.modified, self.since = registry, revision, modified, time.time()
        made = documents(registry, revision, modified, site.cache_control, site.assets.protection)
        self.documents = made | site.assets.documents
        self._pages = pages(registry, site)
        self.page_error: PageFailed | None = None
        self._kept: deque[str] = deque()

    def document(self, path: str) -> Document:
        """A document that is always there; a page is made now if it has not been yet."""
        if path not in self.documents:
            self.documents[path] = self._pages[path]()
        return self.documents[path]

    def complete(self) -> None:
        """Make every public page that nobody has asked for yet. `page_error` is about the first that fails."""
        for path, make in self._pages.items():
            if path not in self.documents and self.page_error is None:
                try:
                    self.documents[path] = make_page(path, make)
                except PageFailed as error:
                    self.page_error = error

    def keep(self, path: str, document: Document) -> None:
        """Have a document answer for a path from now on, in place of the one that was kept first of too many."""
        self.documents[path] = document
        self._kept.append(path)
        if len(self._kept) > MOST_KEPT:
            self.documents.pop(self._kept.popleft(), None)


@dataclass(frozen=True, slots=True)
class State:
    """One app's own; `state()` finds that of the app at hand.

    `memory` has what the workers have counted, where /metrics may tell it.
    """

    registry: ReloadingRegistry[Snapshot]
    client: Client
    site: Site
    error_page: ErrorPage
    receiver: Receiver | None
    openid: OpenId | None
    bulkhead: Bulkhead
    audit_length: int
    vote_limit: TokenBucket
    feedback_limit: TokenBucket
    memory: Memory | None
    candidates: Candidates = field(default_factory=Candidates)
    uses: Uses = field(default_factory=Uses)

    @property
    def in_force(self) -> Snapshot:
        """The registry in force at this moment, with its documents. A view asks once."""
        return self.registry.current

    @property
    def provider(self) -> OpenId:
        """What signs in with a provider of identities. Raises NotFound where none is configured."""
        if self.openid is None:
            raise NotFound
        return self.openid


def state() -> State:
    """The state of the current app."""
    return cast(State, current_app.extensions["module_registry"])
