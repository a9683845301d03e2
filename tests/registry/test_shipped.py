"""The registry that is shipped: what it says to people is complete, in the form of each language, and findable."""

import re
import unicodedata

from support import REPOSITORY

from service.registry.loading import load
from service.registry.model import ModuleState

MODULES = load(REPOSITORY / "registry.yaml").modules


def test_it_says_what_people_get_and_who_answers_for_it() -> None:
    for module in MODULES:
        assert module.description and module.owner, module.slug
        assert len(module.keywords) >= 3, module.slug
        assert (module.stage is not None) == (module.state is ModuleState.COMING_SOON), module.slug
        is_documented = module.state in (ModuleState.ACTIVE, ModuleState.ALPHA_UNAVAILABLE)
        assert module.documentation or not is_documented, module.slug


def test_a_description_is_one_sentence_that_is_set_as_its_language_sets_it() -> None:
    for description in [module.description for module in MODULES if module.description]:
        for text in (description.fr, description.en):
            assert re.fullmatch(r"[A-ZÉ][^.]*\.", text)
            assert not set("'\"") & set(text)
        assert not re.search("(?<!\N{NO-BREAK SPACE})[:;!?»]|«(?!\N{NO-BREAK SPACE})", description.fr)
        assert not re.search("[«»\N{NO-BREAK SPACE}]", description.en)


def test_a_keyword_adds_to_what_the_search_finds_anyhow() -> None:
    for module in MODULES:
        anyhow = [plain(text) for text in (module.slug.replace("_", " "), module.label.fr, module.label.en)]
        words = [plain(keyword) for keyword in module.keywords]
        assert not [word for word in words if any(word in text for text in anyhow)]
        assert len(set(words)) == len(words)


def plain(text: str) -> str:
    """Lowercase text without accents."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
