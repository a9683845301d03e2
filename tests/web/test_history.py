"""Names never die: after any edits that `check` and `changes` let pass, each is answered, and no vote is lost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from contract import Client
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from redis import Redis
from support import OPERATOR

from service.accounts.sessions import Caller
from service.accounts.store import Account, account_key, add
from service.cli.changes_words import Report
from service.interest import maintenance, store
from service.interest.forecast import votes_shared
from service.problems import InvalidRegistry
from service.registry.changes import compare
from service.registry.loading import parse
from service.registry.model import Registry

Document = dict[str, Any]

#: How many histories of so many edits are tried.
HISTORIES, EDITS = int(os.environ.get("EXAMPLES", "4")), 20
VOTERS = [f"voter{number}" for number in range(5)]
BEGIN = date(2026, 3, 1)
#: Few, so that they come again.
SLUGS = [f"s{number}" for number in range(14)]
BECAUSE = {"fr": "Une raison.", "en": "A reason."}
STATES: list[Document] = [{"coming_soon": True}, {"coming_soon": True}, {"is_on_demand": True}, {"is_meta": True}]

#: Breaking as they are, renames are merged by those who accept that clients see another slug.
RENAMES = {"slug-renamed", "slug-merged"}


def entry(slug: str, state: Document) -> Document:
    return {"slug": slug, "category": "tools", "label": {"fr": f"F {slug}", "en": f"E {slug}"}, **state}


def names_of(module: Document) -> list[str]:
    return [module["slug"], *module.get("formerly", [])]


class Edit:
    """One edit of a document: what it does is chosen by numbers, so that most of them make sense at any time."""

    def __init__(self, document: Document, day: date, first: int, second: int) -> None:
        self.document, self.day, self.second = document, day, second
        self.modules: list[Document] = document["modules"]
        self.module = self.modules[first % len(self.modules)] if self.modules else entry("none", {})
        self.other = self.modules[second % len(self.modules)] if self.modules else self.module
        self.slug = SLUGS[second % len(SLUGS)]

    def add(self) -> None:
        self.modules.append(entry(self.slug, STATES[self.second % len(STATES)]))

    def rename(self) -> None:
        self.module["formerly"] = names_of(self.module)
        self.module["slug"] = self.slug

    def give_back(self) -> None:
        """Its first former slug becomes that of the module again."""
        names = names_of(self.module)
        self.module |= {"slug": names[-1], "formerly": names[:-1]}

    def rename_silently(self) -> None:
        self.module["slug"] = self.slug

    def merge(self) -> None:
        self.other["formerly"] = [*self.other.get("formerly", []), *names_of(self.module)]
        self.modules.remove(self.module)

    def cut(self) -> None:
        self.modules.remove(self.module)

    def deprecate(self) -> None:
        after = self.day + timedelta(self.second % 5)
        self.module["deprecated"] = {"since": self.day, "removed_after": after, "because": BECAUSE}

    def bury(self) -> None:
        self.bury_without_former()
        for slug in names_of(self.module)[1:]:
            self.document["removed"].append({"slug": slug, "date": self.day, "because": BECAUSE})

    def bury_without_former(self) -> None:
        self.modules.remove(self.module)
        self.document["removed"].append({"slug": self.module["slug"], "date": self.day, "because": BECAUSE})

    def forget_former(self) -> None:
        self.module["formerly"] = self.module.get("formerly", [])[1:]

    def forget_removed(self) -> None:
        self.document["removed"] = self.document["removed"][1:]

    def use_anew(self) -> None:
        former = [slug for module in self.modules for slug in module.get("formerly", [])]
        gone = [each["slug"] for each in self.document["removed"]]
        for slug in [*former, *gone][self.second % 3 :][:1]:
            self.modules.append(entry(slug, {"coming_soon": True}))
            self.document["removed"] = [each for each in self.document["removed"] if each["slug"] != slug]
            for module in self.modules[:-1]:
                module["formerly"] = [old for old in module.get("formerly", []) if old != slug]

    def release(self) -> None:
        if self.module.pop("coming_soon", None):
            self.module["api_endpoint"] = f"/api/{self.module['slug']}"

    def announce(self) -> None:
        if self.module.pop("is_on_demand", None):
            self.module["coming_soon"] = True

    def keep_votes(self) -> None:
        legacy: list[str] = self.document["legacy_features"]
        legacy.remove(self.slug) if self.slug in legacy else legacy.append(self.slug)

    def reverse(self) -> None:
        self.modules.reverse()


KINDS = [name for name in vars(Edit) if not name.startswith("_")]
#: Those that most histories have several of.
OFTEN = ["add", "rename", "deprecate", "bury"]

#: Where every history begins.
FIRST: Document = {
    "modules": [
        entry("s0", {"coming_soon": True, "formerly": ["s10", "s11"]}),
        entry("s1", {"coming_soon": True}),
        entry("s2", {"coming_soon": True}),
        entry("s3", {"is_on_demand": True, "formerly": ["s12"]}),
        entry("s4", {"is_meta": True}),
    ],
    "legacy_features": ["s4"],
    "removed": [{"slug": "s13", "date": BEGIN, "because": BECAUSE}],
}


class History:
    """A registry from edit to edit, every slug that it ever served, and a model of the votes."""

    def __init__(self, client: Redis, passes: set[str]) -> None:
        self.client, self.passes = client, passes
        self.day, self.document, self.served = BEGIN, FIRST, set[str]()
        self.registry = parse(yaml.safe_dump(FIRST).encode(), "registry.yaml")
        #: Who wants a feature, by each of the ids that it ever had: those share one set.
        self.voters: dict[str, set[str]] = {}
        self._unite(self.registry)

    def edit(self, kind: str, first: int, second: int) -> bool:
        """Do one edit, if it passes what a pull request has to pass; whether it did."""
        document = deepcopy(self.document)
        change = Edit(document, self.day, first, second)
        if change.module not in change.modules and kind not in ("add", "keep_votes"):
            return False
        getattr(change, kind)()
        if document == self.document:
            return False
        try:
            head = parse(yaml.safe_dump(document).encode(), "registry.yaml")
        except InvalidRegistry:
            return False
        found = compare(self.registry, head, self.day.isoformat())
        report = Report("base", "head", found, shared=votes_shared(self.client, head, found))
        if {each.kind for each in report.breaking} - self.passes:
            return False
        self._unite(head)
        self.document, self.registry = document, head
        return True

    def _unite(self, head: Registry) -> None:
        """Former slugs and the current one are one feature, whose votes are those of all."""
        self.served |= {*head.by_slug, *head.renames, *head.tombstones}
        for module in head.modules:
            names = (module.slug, *module.formerly)
            together = set().union(*(self.voters.get(name, set()) for name in names))
            before = {id(self.voters[name]) for name in names if name in self.voters}
            self.voters |= {name: together for name, each in self.voters.items() if id(each) in before}
            self.voters |= dict.fromkeys(names, together)

    def vote(self, voter: int, feature: int) -> None:
        """Have somebody vote for something that can be voted for, by any of its ids."""
        ids = [*self.registry.allowed_features, *self.registry.feature_renames]
        if ids:
            wanted, who = ids[feature % len(ids)], VOTERS[voter % len(VOTERS)]
            store.vote(self.client, Caller(who), wanted, self.registry)
            self.voters.setdefault(wanted, set()).add(who)

    def _names(self, voters: set[str]) -> set[str]:
        """Every id that the feature of these voters ever had."""
        return {name for name, each in self.voters.items() if each is voters}

    def check_votes(self) -> None:
        """Counts are those of the model, and so is what is stored of features that cannot be voted for any more."""
        counts = store.read(self.client, Caller(VOTERS[0]), self.registry).counts
        assert [*counts] == [*self.registry.allowed_features]
        for feature, count in counts.items():
            voters = self.voters.get(feature, set())
            # An id that is kept without a module has no former ids: votes for those are stored, and not counted here.
            if self.registry.find(feature) or self._names(voters) <= {feature}:
                assert count == len(voters), feature
        for name, expected in self.voters.items():
            module = self.registry.find(name)
            ids = self._names(expected) if module is None else {module.slug}
            stored = {voter for each in ids for voter in maintenance.voters(self.client, each, self.registry)}
            assert stored == expected, name


def check_names(app: Flask, history: History, seen: Counter[int]) -> None:
    """Every slug that was ever served is answered, as a document and as a page; what moved leads to what is there."""
    live = app.extensions["module_registry"].registry
    live.current = live._prepare(history.registry, "", 0.0)
    client = app.test_client()
    assert isinstance(client, Client)
    for slug in history.served:
        for path in (f"/api/modules/{slug}", f"/en/modules/{slug}"):
            response = client.get(path)
            assert response.status_code in (200, 308, 410), (path, history.document)
            assert response.status_code != 308 or client.get(response.headers["Location"]).status_code == 200
            seen[response.status_code] += 1


NUMBERS = st.integers(0, 20)
STEPS = st.tuples(
    st.sampled_from(KINDS + OFTEN * 3), NUMBERS, NUMBERS, st.integers(0, 4), st.lists(st.integers(0, 60), max_size=3)
)


@pytest.mark.long
@pytest.mark.parametrize("passes", [set(), RENAMES], ids=["nothing breaks", "but renames"])
def test_every_name_is_answered_and_no_vote_is_lost(
    make_app: Callable[..., Flask], redis: Redis, passes: set[str]
) -> None:
    app = make_app()
    seen: Counter[int] = Counter()
    for voter in VOTERS:
        add(redis, Account(voter, "active"), by=OPERATOR)

    @settings(
        phases=[Phase.generate],  # to look for a shorter history takes minutes
        max_examples=HISTORIES,
        suppress_health_check=[HealthCheck.large_base_example, HealthCheck.too_slow],
    )
    @given(st.lists(STEPS, min_size=5 * EDITS, max_size=5 * EDITS))
    def histories(steps: list[tuple[str, int, int, int, list[int]]]) -> None:
        for key in set(redis.scan_iter()) - set(map(account_key, VOTERS)):
            redis.delete(key)
        history = History(redis, passes)
        done = 0
        for kind, first, second, days, votes in steps:
            done += history.edit(kind, first, second)
            history.check_votes()
            for number in votes:
                history.vote(number, number // 5)
            history.day += timedelta(days)
            if done == EDITS:
                break
        history.check_votes()
        check_names(app, history, seen)

    histories()
    assert seen[200] and seen[410]
    assert not passes or seen[308]
