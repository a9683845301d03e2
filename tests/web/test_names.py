"""Names never die: whatever is edited, each that was ever served is answered. What, is told in stories.yaml."""

import os
from collections import Counter
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from application import signed_out
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.problems import InvalidRegistry
from service.registry.changes import compare
from service.registry.loading import parse
from service.registry.model import Registry

Document = dict[str, Any]

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
