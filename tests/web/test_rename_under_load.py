"""A rename in registry.yaml while people vote, against a service with two workers."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

from contract import platform_cookie
from flask import Flask
from support import OPERATOR, Serve, connect, socket_url, wait_until

from service.accounts.store import Account, add
from service.interest.keys import interest_key

KEY = "shared with the platform"
BEFORE = "modules: [{ slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }]\n"
AFTER = BEFORE.replace("slug: crm", "slug: contacts, formerly: [crm]")
PEOPLE = 120


def ask(url: str, method: str, path: str, cookie: str) -> tuple[int, bytes]:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, path, headers={"Cookie": f"session={cookie}"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_rename_under_load_loses_and_doubles_nothing(serve: Callable[..., Serve], short_dir: Path) -> None:
    file = short_dir / "registry.yaml"
    file.write_text(BEFORE)
    service = serve("--workers", "2", REGISTRY_FILE=str(file), SECRET_KEY=KEY)
    client = connect(socket_url(service.data_dir), 5.0)
    app = Flask("platform")
    app.secret_key = KEY
    cookies = []
    for number in range(PEOPLE):
        add(client, Account(f"p{number}", "active"), by=OPERATOR)
        cookies.append(platform_cookie(app, _user_id=f"p{number}"))

    def features(cookie: str) -> dict[str, int]:
        counts: dict[str, int] = json.loads(ask(service.url, "GET", "/api/features", cookie)[1])["counts"]
        return counts

    def acknowledged(method: str, cookie: str) -> bool:
        """Whether a vote is answered 204 at last: a machine that is busy with other tests may refuse it at first."""
        status = ask(service.url, method, "/api/features/crm/interest", cookie)[0]
        assert status in (204, 503)
        return status == 204

    def act(number: int) -> None:
        """Vote before, while or after the edit comes into force; every third person takes the vote back."""
        if number == PEOPLE // 3:
            edited = file.with_suffix(".tmp")
            edited.write_text(AFTER)
            edited.replace(file)
        if number > PEOPLE * 2 // 3:
            wait_until(lambda: "contacts" in features(cookies[number]))
        wait_until(lambda: acknowledged("POST", cookies[number]))
        if number % 3 == 0:
            wait_until(lambda: acknowledged("DELETE", cookies[number]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(PEOPLE)))
    expected = {f"p{number}" for number in range(PEOPLE) if number % 3}
    wait_until(lambda: features(cookies[0]) == {"contacts": len(expected)})
    assert client.smembers(interest_key("contacts")) == expected
    assert client.exists(interest_key("crm")) == 0
    client.close()
