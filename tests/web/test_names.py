"""Names never die: what clients are told of modules that will go, have another slug, or are gone; any edits."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from application import FOLDER, signed_in, signed_out, table
from contract import Client, problem
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.problems import InvalidRegistry
from service.registry.changes import compare
from service.registry.loading import parse
from service.registry.model import Registry
from service.web.documents import documents

pytestmark = pytest.mark.usefixtures("same_id")

REGISTRY = FOLDER / "names.yaml"
Document = dict[str, Any]
SUCCESSOR = '</api/modules/posts>; rel="successor-version"'
REASON = {"fr": "Un module lit tous les réseaux.", "en": "One module reads all networks."}


@pytest.fixture(scope="module")
def app(make_public_app: Callable[..., Flask]) -> Flask:
    return make_public_app(registry_file=REGISTRY)


@pytest.fixture
def client(app: Flask) -> Client:
    return signed_out(app)


def test_entries_say_which_modules_will_go_and_the_list_which_are_gone(client: Client) -> None:
    listed = client.get("/api/modules").json
    assert listed is not None
    end = {"since": "2026-03-01", "removed_after": "2026-09-01", "use": "posts", "because": REASON}
    assert [entry["deprecated"] for entry in listed["modules"]] == [end, None]
    assert listed["removed"] == [
        {"slug": "vine", "date": "2026-02-01", "use": "posts", "because": REASON},
        {"slug": "orkut", "date": "2026-02-02", "use": None, "because": REASON},
    ]
    plain = table("names.yaml")["modules"]
    del plain[0]["deprecated"]
    made = documents(parse(yaml.safe_dump({"modules": plain}).encode(), "registry.yaml"), "a revision", 0, "", ())
    buckets = "/api/modules-registry"
    assert made[buckets].identity.body == client.get(buckets).data, "the same, whatever will go or is gone"


def test_a_former_slug_leads_to_the_entry_for_good(client: Client) -> None:
    there = client.get("/api/modules/posts").headers["Cache-Control"]
    for slug, headers in (("feeds", {}), ("tweets", {"If-None-Match": "*"}), ("feeds", {"Accept-Encoding": "gzip"})):
        for method in ("GET", "HEAD"):
            response = client.open(f"/api/modules/{slug}", method=method, headers=headers)
            assert (response.status_code, response.data) == (308, b"")
            assert response.headers["Location"] == "/api/modules/posts"
            assert response.headers["Cache-Control"] == there


def test_a_removed_slug_is_gone_and_says_why_and_what_to_use(client: Client) -> None:
    gone = client.get("/api/modules/vine")
    assert gone.json == {
        "type": "urn:problem-type:module-registry:module-removed",
        "title": "Gone",
        "status": 410,
        "detail": "The module vine was removed on 2026-02-01: One module reads all networks.",
        "successor": "posts",
        "date": "2026-02-01",
        "because": REASON,
    }
    assert gone.headers["Link"] == SUCCESSOR
    assert gone.headers["Cache-Control"].startswith("public, max-age=")
    alone = client.get("/api/modules/orkut")
    assert (alone.status_code, alone.json and alone.json["successor"], "Link" in alone.headers) == (410, None, False)
    # RFC 9110, 13.2.1: a server ignores conditions where it would answer with another status than 2xx.
    for headers in ({}, {"If-None-Match": gone.headers["ETag"]}, {"If-None-Match": "*"}):
        for method, body in (("GET", gone.data), ("HEAD", b"")):
            answer = client.open("/api/modules/vine", method=method, headers=headers)
            assert (answer.status_code, answer.data, list(answer.headers)) == (410, body, list(gone.headers))


def test_a_deprecated_module_says_so_in_headers(client: Client) -> None:
    response = client.get("/api/modules/instagram")
    end = {"Deprecation": "@1772323200", "Sunset": "Tue, 01 Sep 2026 00:00:00 GMT", "Link": SUCCESSOR}
    assert {name: response.headers[name] for name in end} == end
    assert response.headers["Access-Control-Expose-Headers"] == "ETag, Registry-Revision, Deprecation, Sunset, Link"
    known = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/api/modules/instagram", headers=known).status_code == 304
    assert not end.keys() & {*client.get("/api/modules/posts").headers.keys()}


def test_of_a_slug_that_nobody_has_no_more_is_repeated_than_may_be_shown(shared_app: Flask, alice: Client) -> None:
    alice, slug = signed_in(shared_app, "alice"), "\x1b[31m" + "x" * 400
    answers = [alice.get(f"/{room}/modules/{quote(slug)}") for room in ("api", "fr")]
    answers.append(alice.delete(f"/api/me/shipped/{quote(slug)}"))
    for response in (*answers, alice.post("/api/feedback", json={"module": slug, "message": "x"})):
        said = problem(response)["detail"]
        assert response.status_code == 404
        assert said.startswith("No module has the slug '") and said.isprintable() and len(said) < 120


#: How many histories are tried, each of how many edits that may or may not pass.
HISTORIES, EDITS = int(os.environ.get("EXAMPLES", "4")), 100
BEGIN = date(2026, 3, 1)
BECAUSE = {"fr": "Une raison.", "en": "A reason."}

#: Breaking as they are, renames are merged by those who accept that clients see another slug.
RENAMES = {"slug-renamed", "slug-merged"}


def entry(slug: str, *formerly: str) -> Document:
    """A module of the registry."""
    label = {"fr": "F", "en": "E"}
    return {"slug": slug, "formerly": [*formerly], "category": "tools", "label": label, "coming_soon": True}


def gone(slug: str, day: date) -> Document:
    """What is left of a module that was removed."""
    return {"slug": slug, "date": day, "because": BECAUSE}


class Edit:
    """One edit of a document: what it does is chosen by numbers, so that most of them make sense at any time."""

    def __init__(self, document: Document, day: date, first: int, second: int) -> None:
        self.day, self.second = day, second
        self.modules: list[Document] = document["modules"]
        self.removed: list[Document] = document["removed"]
        self.module, self.other = (self.modules[number % len(self.modules)] for number in (first, second))
        self.slug = f"s{second % 14}"  # few, so that they come again

    def add(self) -> None:
        self.modules.append(entry(self.slug))

    def rename(self) -> None:
        self.module["formerly"].insert(0, self.module["slug"])
        self.rename_silently()

    def give_back(self) -> None:
        """Its first former slug becomes that of the module again."""
        *self.module["formerly"], self.module["slug"] = self.module["slug"], *self.module["formerly"]

    def rename_silently(self) -> None:
        self.module["slug"] = self.slug

    def merge(self) -> None:
        self.other["formerly"] += [self.module["slug"], *self.module["formerly"]]
        self.cut()

    def cut(self) -> None:
        self.modules.remove(self.module)

    def deprecate(self) -> None:
        after = self.day + timedelta(self.second % 5)
        self.module["deprecated"] = {"since": self.day, "removed_after": after, "because": BECAUSE}

    def bury(self) -> None:
        self.bury_without_former()
        self.removed += [gone(slug, self.day) for slug in self.module["formerly"]]

    def bury_without_former(self) -> None:
        self.cut()
        self.removed.append(gone(self.module["slug"], self.day))

    def forget_former(self) -> None:
        del self.module["formerly"][:1]

    def forget_removed(self) -> None:
        del self.removed[:1]

    def use_anew(self) -> None:
        """Something else gets the name of what is gone."""
        self.modules += [entry(each["slug"]) for each in self.removed[:1]]
        self.forget_removed()


KINDS = [name for name in vars(Edit) if not name.startswith("_")]
#: Those that most histories have several of.
OFTEN = ["add", "rename", "deprecate", "bury"]

#: Where every history begins.
FIRST: Document = {
    "modules": [entry("s0", "s10", "s11"), entry("s1"), entry("s2"), entry("s3", "s12")],
    "removed": [gone("s13", BEGIN)],
}


def edited(document: Document, base: Registry, day: date, passes: set[str], edit: tuple[str, int, int]) -> Registry:
    """What is in force after an edit of the document: it, if it passes what a pull request has to pass."""
    kind, *numbers = edit
    getattr(Edit(document, day, *numbers), kind)()
    try:
        head = parse(yaml.safe_dump(document).encode(), "registry.yaml")
    except InvalidRegistry:
        return base
    breaking = {each.kind for each in compare(base, head, day.isoformat()).breaking}
    return head if head.modules and breaking <= passes else base


NUMBERS = st.integers(0, 20)
STEPS = st.tuples(st.tuples(st.sampled_from(KINDS + OFTEN * 3), NUMBERS, NUMBERS), st.integers(0, 4))


@pytest.mark.long
@pytest.mark.parametrize("passes", [set(), RENAMES], ids=["nothing breaks", "but renames"])
def test_every_name_that_was_ever_served_is_answered(public_app: Flask, passes: set[str]) -> None:
    """As a document and as a page; what moved leads to what is there."""
    seen: Counter[int] = Counter()
    live, client = public_app.extensions["module_registry"].registry, signed_out(public_app)

    @settings(
        phases=[Phase.generate],  # to look for a shorter history takes minutes
        max_examples=HISTORIES,
        suppress_health_check=[HealthCheck.large_base_example, HealthCheck.too_slow],
    )
    @given(st.lists(STEPS, min_size=EDITS, max_size=EDITS))
    def histories(steps: list[tuple[tuple[str, int, int], int]]) -> None:
        day, document, registry = BEGIN, FIRST, parse(yaml.safe_dump(FIRST).encode(), "registry.yaml")
        served = {*registry.by_slug, *registry.renames, *registry.tombstones}
        for edit, days in steps:
            tried = deepcopy(document)
            head = edited(tried, registry, day, passes, edit)
            if head is not registry:
                document, registry = tried, head
            served |= {*registry.by_slug, *registry.renames, *registry.tombstones}
            day += timedelta(days)
        live.current = live._prepare(registry, "", 0.0)
        for path in [f"{room}/modules/{slug}" for slug in served for room in ("/api", "/en")]:
            response = client.get(path)
            assert response.status_code in (200, 308, 410), (path, document)
            assert response.status_code != 308 or client.get(response.headers["Location"]).status_code == 200
            seen[response.status_code] += 1

    before = live.current
    try:
        histories()
    finally:
        live.current = before
    assert seen[200] and seen[410]
    assert not passes or seen[308]
