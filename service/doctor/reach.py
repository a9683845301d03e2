"""Whether PUBLIC_URL leads to this service, and whether clocks agree on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any

from service.doctor.access import apart
from service.doctor.model import About, Finding
from service.origins import is_this_machine
from service.outgoing import answered
from service.settings import Settings
from service.wording import joined, shortened

#: How long all of it may take, in seconds, and how much of the answer is read, in bytes.
_LIMIT, _MOST_READ = 10.0, 64 * 1024

_LOST = "People cannot vote, sign-in links lead nowhere, and a browser's vote is refused from any other address."


def public_url(settings: Settings, revisions: Collection[str]) -> Iterator[Finding]:
    """Whether /readyz there answers as a service does that has one of these registries in force."""
    url = settings.public_url
    if url is None:
        return
    about = About("public-url", "PUBLIC_URL")
    if url.startswith("http:") and not is_this_machine(url):
        means = "It may lead nowhere, or to another service."
        yield about.unseen(
            f"{url} is plain http to another machine, which is not asked", means, f"`curl -i {url}/readyz`"
        )
        return
    before = time.time()
    try:
        ends = time.monotonic() + _LIMIT
        with answered("GET", f"{url}/readyz", ends, {"Accept": "application/json"}) as response:
            after = time.time()
            body = response.read(_MOST_READ)
    except TimeoutError:
        yield about.problem(f"{url} did not answer within {_LIMIT:g} s", _LOST, _trace(url))
        return
    except (OSError, HTTPException, UnicodeError) as error:
        yield about.problem(f"{url} cannot be reached: {str(error) or type(error).__name__}", _LOST, _trace(url))
        return
    yield _answer(about, url, response.status, body, revisions)
    yield from _clock(response, before, after)


def _trace(url: str) -> str:
    return f"`curl -iv {url}/readyz` from here shows how far it gets: name, proxy, certificate, `serve`"


def _answer(about: About, url: str, status: int, body: bytes, revisions: Collection[str]) -> Finding:
    said = _said(body)
    if "revision" not in said or said.get("status") not in ("ready", "degraded"):
        text = shortened(" ".join(body.decode("utf-8", "replace").split()), 100)
        return about.problem(f"{url}/readyz answers {status}, and not as this service does: {text}", _LOST, _trace(url))
    revision = str(said["revision"])
    if not revisions:
        means = "It may be another service, or one on another store, and votes go there."
        return about.unseen(
            "what is to be in force there is not known", means, "mend the registry file here, or the store"
        )
    if revision not in revisions:
        return about.problem(
            f"the service there has the registry {revision[:12]} in force, and none of the workers on this store has",
            "It is another service, or one on another store: votes go there.",
            "compare PUBLIC_URL, REDIS_URL and DATA_DIR of both; `module-registry status` says who serves what here",
        )
    if said["status"] == "degraded":
        problems = said.get("problems")
        reasons = joined(list(map(str, problems)), 3) if isinstance(problems, list) else ""
        return about.warning(
            f"{url}/readyz says degraded: {reasons}",
            "Votes are answered 503, or an edit of the registry is not in force.",
            "as it says; `module-registry check` and `module-registry status` say more",
        )
    return about.well(f"{url} leads to this service, which is ready")


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _clock(response: HTTPResponse, before: float, after: float) -> Iterator[Finding]:
    """The Date of an answer says the time of whoever sent it, in whole seconds (RFC 9110, 6.6.1)."""
    about = About("clock", "PUBLIC_URL")
    try:
        there = parsedate_to_datetime(response.headers["Date"] or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        means = "The clock of the proxy or of this machine may be off."
        yield about.unseen("its answer has no Date", means, "have the proxy in front send one")
        return
    yield apart(about, max(there - after, 0.0) or min(there + 1 - before, 0.0))
