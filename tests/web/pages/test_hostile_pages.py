"""Whatever the registry, accounts and messages say is text on every page, and is said as it was written."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from contract import Client
from flask import Flask
from markup import OWN, Element, add_account, desk_of, opened, page_of, send, shown
from redis import Redis
from support import AnyClient
from walking import plain

from service.accounts.store import account_key
from service.history import store as history
from service.history.model import Change, Kind
from service.interest.maintenance import add_voters
from service.registry.loading.loader import load
from service.registry.model import Label
from service.web.site import shown as shown_on_page
from service.wording import printable

REGISTRY = Path(__file__).with_name("hostile.yaml")
[MADE, *_] = load(REGISTRY).modules
assert MADE.description
NAME, TEXT = MADE.label.en, MADE.description.en


@pytest.fixture(scope="module")
def hostile(make_public_app: Callable[..., Flask]) -> Flask:
    """The app with that registry."""
    return make_public_app(registry_file=REGISTRY, platform_url="https://app.example.com")


@pytest.fixture
def admin(hostile: Flask, redis: Redis) -> Client:
    """An admin, there."""
    return add_account(hostile, redis, "alice", role="admin", name=NAME)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_values_are_text(admin: Client, redis: AnyClient, lang: str) -> None:
    sent = {"module": "asked", "message": TEXT}
    thread = admin.post("/api/feedback", json=sent).json["id"]
    label = Label(NAME, NAME)
    changes = [
        Change(Kind.MERGED, "made", label, TEXT, "made"),
        Change(Kind.RELABELLED, "made", label, Label(TEXT, TEXT), label),
        Change(Kind.ENDPOINT_CHANGED, "made", label, TEXT, TEXT),
        Change(Kind.STAGE_CHANGED, "made", label, TEXT, TEXT),
    ]
    assert history.record(redis, None, "a" * 64, "", changes)
    add_voters(redis, "made", ["alice"])
    assert admin.post("/api/features/coming/interest").status_code == 204
    paths = [
        *("", "graph", "roadmap", "account", "requests", "admin/", "admin/requests", f"requests/{thread}"),
        *(f"admin/requests/{thread}", "modules/made", "modules/coming", "modules/coming/vote", "modules/asked"),
        *("pipelines?modules=made,coming,asked", "changes", "changes?module=made"),
        *("admin/insights", "admin/insights/coming", "admin/insights/made", "admin/audit", "admin/people"),
    ]
    for path in paths:
        response = admin.get(f"/{lang}/{path}")
        page = page_of(response, kept=response.headers["Cache-Control"].startswith("public"))
        check(page)
        assert path in ("requests", "admin/") or any(NAME in said for said in texts(page)), path
        assert not re.search(r"&amp;(amp|lt|gt|#\d+);", response.text), f"{path} escapes twice"


def test_what_people_write_turns_and_breaks_nothing_around_it(app: Flask, bob: Client, redis: Redis) -> None:
    name, message = "<img src=x>\u202e\n" + "x" * 300, "<script>alert(1)</script>\n\"'></textarea>\u202e& fin"
    eve = add_account(app, redis, "eve")
    redis.hset(account_key("eve"), "name", name)
    fields = dict.fromkeys(("status", "role", "name", "email", "locale"), f"{name}\x1b[31m")
    redis.hset(account_key("ida"), mapping=fields)
    address = opened(eve, message)
    admins = ("/fr/admin/", "/fr/admin/requests", desk_of(address), "/fr/admin/people", "/fr/admin/person?id=ida")
    for client, path in ((eve, OWN), (eve, address), *((bob, path) for path in admins)):
        page = shown(client, path)
        check(page)
        assert any(said.startswith("<img src=x>\\u202e\\nx") for said in page.texts("bdi")), path
        assert "\x1b" not in page.text
    page = shown(eve, address)
    own = page.one("p.words[dir=auto]")
    assert "".join(map(str, own.children)) == message
    assert len(page.one("#account bdi").text) == 100
    again = page_of(send(eve, address, f"{message}{'é' * 10_000}  "), 422).one("main")
    assert again.one("form.reply").fields["message"].replace("\r", "").startswith(message)
    said = f"Le message compte 10 {len(message):03} caractères ; la limite est de 2 000."
    assert plain(again.one("#message-error").text) == said, "a line break is one, and blanks around it are none"
    assert send(eve, address, "é" * 12_000).status_code == 413


def texts(page: Element) -> list[str]:
    """What elements and attributes say."""
    return [element.text for element in page] + [value for element in page for value in element.attributes.values()]


def check(page: Element) -> None:
    """Fail where a value has become part of the markup, beside what no page has."""
    assert not page.all("img")
    for element in page:
        assert element.tag != "script" or element["src"].startswith("/assets/")
        assert not element.attributes.get("href", "").lower().startswith(("javascript:", "data:"))
        assert element.tag not in ("b", "svg") or element.text != "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467"),  # a family
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # Persian
        ("\u200da\u200d\u200db\u200d", "\\u200da\\u200d\\u200db\\u200d"),  # which join nothing
        ("a\u202e\u200db", "a\\u202e\\u200db"),
    ],
)
def test_joiners_are_shown_between_visible_characters_alone(text: str, expected: str) -> None:
    assert shown_on_page(text) == expected
    assert "\u200d" not in printable(text) and "\u200c" not in printable(text), "in a terminal and a CSV file"
