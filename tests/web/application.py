"""What the tests of the application share: a registry and callers."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from contract import Client, platform_cookie
from flask import Flask
from itsdangerous import TimestampSigner
from support import DEADLINE, Serve
from werkzeug.test import TestResponse

FOLDER = Path(__file__).parent

#: Small, and not in the order of the alphabet.
REGISTRY = (FOLDER / "registry.yaml").read_text(encoding="utf-8")

#: When its file was modified, in seconds since 1970: 2026-01-02 03:04:05 UTC.
MODIFIED = 1767323045

#: What may be voted for in it.
FEATURES = ["company", "hiring", "linkedin", "scrap"]

#: Where one votes, and what a browser sends.
VOTE = "/api/features/linkedin/interest"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

#: What somebody asks for.
ASKED = {"module": "sms_campaign", "message": "Please"}

#: How often one may vote and write, where a test sees the limits: a token comes after 1,000 s.
LIMITS = {"vote_burst": 2, "vote_rate": 0.001, "feedback_burst": 2, "feedback_rate": 0.001}


#: What fixtures are that make an app of some settings, sign an account in, make a link for one, and start a `serve`.
MakeApp, SignIn = Callable[..., Flask], Callable[..., Client]
MakeLink, Start = Callable[..., str], Callable[..., Serve]


def table(name: str) -> Any:
    """A table of examples, of some name beside the tests."""
    return yaml.safe_load((FOLDER / name).read_bytes())  # the parser in C takes no half of a character


def editors_rename(file: Path, text: str) -> None:
    """Replace a file as editors do, at once."""
    other = file.with_suffix(".tmp")
    other.write_text(text, encoding="utf-8")
    other.replace(file)


def filled(given: Any, known: Mapping[str, object]) -> Any:
    """The same with what is known in place of its name in braces; `{x*9}` stands for so many of something."""
    if isinstance(given, dict):
        return {filled(name, known): filled(value, known) for name, value in given.items()}
    if isinstance(given, list):
        return [filled(value, known) for value in given]
    if not isinstance(given, str):
        return given
    given = re.sub(r"\{([^{}]+)\*(\d+)\}", lambda many: many[1] * int(many[2]), given)
    return re.sub(r"\{(\w+)\}", lambda name: str(known.get(name[1], name[0])), given)


def signed_out(app: Flask) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    return client


def signed_in(app: Flask, account_id: Any, **session: Any) -> Client:
    """Signed in by the platform, which may put more into the session."""
    client = signed_out(app)
    client.set_cookie("session", platform_cookie(app, _user_id=account_id, **session))
    return client


@contextmanager
def signed_later(seconds: int) -> Iterator[None]:
    """Cookies are signed by a clock that is so far ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: int(time.time()) + seconds)
        yield


def token_of(link: str) -> str:
    """The token that a sign-in link carries."""
    return parse_qs(urlsplit(link).query)["token"][0]


def state(client: Client) -> dict[str, Any]:
    """What GET /api/features answers to a client."""
    response = client.get("/api/features")
    assert response.status_code == 200
    return dict(response.json or {})


def counts(**votes: int) -> dict[str, int]:
    """The counts of the tests' registry, with these votes and no others."""
    return dict.fromkeys(FEATURES, 0) | votes


def check_limit(response: TestResponse, policy: str) -> None:
    """Fail unless it says what there was too much of, and when to go on."""
    assert response.status_code == 429
    wait = int(response.headers["Retry-After"])
    assert 990 < wait <= 1000
    assert response.headers["RateLimit-Policy"] == f'"{policy}";q=2;w=2000'
    assert response.headers["RateLimit"] == f'"{policy}";r=0;t={wait}'
    assert response.headers["Cache-Control"] == "no-store"


class Slow(BytesIO):
    """A body that is on its way until it is let through."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.asked, self.arrived = Event(), Event()

    def readinto(self, buffer: Any) -> int:
        self.asked.set()
        assert self.arrived.wait(DEADLINE)
        return super().readinto(buffer)

    def read(self, size: int | None = -1) -> bytes:
        self.asked.set()
        assert self.arrived.wait(DEADLINE)
        return super().read(size)
