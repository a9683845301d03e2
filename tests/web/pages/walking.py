"""Walks over pages, as YAML has them: where people go, what they type and press, and what pages then say.

A walk is a list of steps. In each, `who` acts: one of PEOPLE or of `accounts`, or nobody; the last one, if it is not
said. They go `at` a path, `press` a button of the page that they see, after they have filled in what is `typed`, or
`post` without a page what is `sent`. It leads to `leads`, where a name in braces stands for an id that is known from
there on; after a form, the page there is shown. Then `says` has the texts of its parts, named as in a stylesheet, or
behind an @ an attribute of each; `values` more attributes of one part, `links` the links in it; `has` and `lacks` are
texts of the main part, and `offers` links there. No-break spaces count as blanks. `redis` has commands that come
before, `events` what has changed by then, `app` is the fixture of another app, `limited` says of what there was too
much, and `public` that all may keep the page.
"""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from application import check_limit, filled, signed_in, signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, Element, add_account, page_of
from redis import Redis
from werkzeug.test import TestResponse

from service.accounts.store import account_key
from service.history.store import EVENTS_KEY, of_key

PEOPLE: dict[str, dict[str, str]] = {
    "alice": {},
    "bob": {"role": "admin", "name": "Bob"},
    "carol": {"role": "admin"},
    "paul": {"status": "pending"},
}

_LABELS = {"fr": "LinkedIn", "en": "LinkedIn"}
_CHANGE: dict[str, Any] = {"slug": "linkedin", "labels": _LABELS, "before": None, "revision": "a" * 64}


class Walk:
    """One walk; `app_of` has an app by the name of its fixture. Each person has a browser, and sees a page of it."""

    def __init__(self, app_of: Callable[[str], Flask], redis: Redis) -> None:
        self._app_of, self._redis = app_of, redis
        self._app, self._who = "app", "nobody"
        self._clients: dict[tuple[str, str], Client] = {}
        self._seen: dict[str, tuple[str, Element]] = {}
        self._ids: dict[str, str] = {}

    def take(self, step: dict[str, Any]) -> None:
        """Take a step, and see that it comes out as it says."""
        step = filled(step, self._ids)
        for command in step.get("redis", ()):
            self._redis.execute_command(*shlex.split(command))
        for at, change in step.get("events", {}).items():
            recorded = _CHANGE | change
            self._redis.xadd(EVENTS_KEY, {"event": json.dumps(recorded)}, id=f"{at}-0")
            self._redis.lpush(of_key(recorded["slug"]), f"{at}-0")
        self._app, self._who = step.get("app", self._app), step.get("who", self._who)
        for account_id, fields in step.get("accounts", {}).items():
            add_account(self._app_of(self._app), self._redis, account_id, **fields)
        client, headers = self._client(), BROWSER | step.get("headers", {})
        address, response = self._sent(client, headers, step)
        status = step.get("status", 303 if "at" not in step else 302 if "leads" in step else 200)
        assert response.status_code == status
        if "limited" in step:
            check_limit(response, step["limited"])
        if "leads" in step:
            self._match(step["leads"], response.headers["Location"])
        if status == 303:
            address, status = urljoin(address, response.headers["Location"]).partition("#")[0], 200
            response = client.get(address, headers=headers)
        if status != 302:
            is_public = response.headers["Cache-Control"].startswith("public")
            assert is_public or "public" not in step
            self._seen[self._who] = address, page_of(response, status, kept=is_public)
            self._check(self._seen[self._who][1], step)

    def _client(self) -> Client:
        if (self._app, self._who) not in self._clients:
            app, who = self._app_of(self._app), self._who
            if who in PEOPLE and not self._redis.exists(account_key(who)):
                add_account(app, self._redis, who, **PEOPLE[who])
            self._clients[self._app, who] = signed_out(app) if who == "nobody" else signed_in(app, who)
        return self._clients[self._app, self._who]

    def _sent(self, client: Client, headers: dict[str, str], step: dict[str, Any]) -> tuple[str, TestResponse]:
        """Where a step goes, and what is answered there."""
        if "at" in step:
            return step["at"], client.get(step["at"], headers=headers)
        if "post" in step:
            return step["post"], client.post(step["post"], data=step.get("sent", {}), headers=headers)
        address, page = self._seen[self._who]
        pairs = [(form, button) for form in page.all("main form") for button in form.all("button")]
        [(form, button)] = [pair for pair in pairs if plain(pair[1].text) == step["press"]]
        typed = {name: text.replace("\n", "\r\n") for name, text in step.get("typed", {}).items()}
        assert typed.keys() <= {field["name"] for field in form if "name" in field.attributes}
        pressed = {button["name"]: button["value"]} if "name" in button.attributes else {}
        action, method = urljoin(address, form.attributes.get("action", "")), form.attributes.get("method", "get")
        fields = {"data" if method == "post" else "query_string": form.fields | typed | pressed}
        return action, client.open(action, method=method.upper(), headers=headers, **fields)

    def _check(self, page: Element, step: dict[str, Any]) -> None:
        for name, said in step.get("says", {}).items():
            selector, _, attribute = name.partition("@")
            texts = [plain(part[attribute] if attribute else part.text) for part in page.all(selector)]
            assert texts == list(map(plain, said if isinstance(said, list) else [said])), f"{name} says {texts}"
        for name, values in step.get("values", {}).items():
            [part] = page.all(name)
            for attribute, value in values.items():
                self._match(value, part.attributes.get(attribute))
        for name, links in step.get("links", {}).items():
            assert [_plain_links(part) for part in page.all(name)] == [links], name
        main = page.one("main")
        text, offered = plain(main.text), _plain_links(main)
        assert [words for words in step.get("has", ()) if words not in text] == [], text
        assert [words for words in step.get("lacks", ()) if words in text] == [], text
        assert step.get("offers", {}).items() <= offered.items(), offered

    def _match(self, expected: str | None, text: str | None) -> None:
        """Fail unless a text is as expected; a name in braces gets what stands in its place."""
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[\\w{}-]+)", re.escape(expected or ""))
        matched = re.fullmatch(pattern, plain(text or ""))
        assert matched and (expected is None) == (text is None), f"{text} is not {expected}"
        self._ids |= matched.groupdict()


def plain(text: str) -> str:
    """A text with blanks in place of no-break spaces."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)


def _plain_links(part: Element) -> dict[str, str]:
    return {plain(text): address for text, address in part.links.items()}
