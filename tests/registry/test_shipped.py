"""The registry that is shipped: what it says to people is complete, in the form of each language, and findable."""

from __future__ import annotations

import re
import unicodedata

import pytest
from support import REPOSITORY

from service.registry.loading import load
from service.registry.model import Module, ModuleState

MODULES = load(REPOSITORY / "registry.yaml").modules
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.slug)


@every_module
def test_it_says_what_people_get_and_who_answers_for_it(module: Module) -> None:
    assert module.description
    assert len(module.keywords) >= 3
    assert module.owner
    assert (module.stage is not None) == (module.state is ModuleState.COMING_SOON)
    if module.state in (ModuleState.ACTIVE, ModuleState.ALPHA_UNAVAILABLE):
        assert module.documentation


@every_module
def test_a_description_is_one_sentence_that_is_set_as_its_language_sets_it(module: Module) -> None:
    assert module.description
    for text in (module.description.fr, module.description.en):
        assert re.fullmatch(r"[A-ZÉ][^.]*\.", text)
        assert not set("'\"") & set(text)
    assert not re.search("(?<!\N{NO-BREAK SPACE})[:;!?»]|«(?!\N{NO-BREAK SPACE})", module.description.fr)
    assert not re.search("[«»\N{NO-BREAK SPACE}]", module.description.en)


@every_module
def test_a_keyword_adds_to_what_the_search_finds_anyhow(module: Module) -> None:
    anyhow = [plain(text) for text in (module.slug.replace("_", " "), module.label.fr, module.label.en)]
    words = [plain(keyword) for keyword in module.keywords]
    assert not [word for word in words if any(word in text for text in anyhow)]
    assert len(set(words)) == len(words)


def plain(text: str) -> str:
    """Lowercase text without accents."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
