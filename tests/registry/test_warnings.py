"""Warnings: what each of warned/ is warned of is written in it, and what is fine is not warned of."""

from datetime import date
from pathlib import Path

import pytest
from checking import problems, warnings
from support import DOCUMENTED, REPOSITORY, table
from test_examples import POSITIVE, expected

from service.registry.lint.catalogue import rules
from service.registry.lint.document import Document
from service.registry.lint.nodes import MAX_MISTAKES
from service.registry.lint.warnings import find_warnings
from service.registry.loading.loader import examine, load
from service.registry.model import ModuleState

WARNED = sorted((Path(__file__).parent / "warned").glob("*.yaml"))


@pytest.mark.parametrize("path", WARNED, ids=lambda path: path.stem)
def test_a_file_is_warned_of_exactly_what_it_says(path: Path) -> None:
    examined = examine(path.read_bytes(), path.name, warnings=True)
    assert examined.problems == ()
    assert [f"{w.line}:{w.column} {w.rule}: {w.text}" for w in examined.warnings] == expected(path)


def test_every_warning_has_an_example() -> None:
    shown = {line.split(" ", 2)[1].rstrip(":") for path in WARNED for line in expected(path)}
    assert shown == {name for name, rule in rules().items() if rule.is_warning}


@pytest.mark.parametrize("path", [REPOSITORY / "registry.yaml", DOCUMENTED, *POSITIVE], ids=lambda path: path.stem)
def test_sound_files_have_no_warning(path: Path) -> None:
    examined = examine(path.read_bytes(), path.name, warnings=True)
    assert examined.problems == examined.warnings == ()


def test_the_shipped_registry_says_what_people_get_and_who_answers_for_it() -> None:
    for module in load(REPOSITORY / "registry.yaml").modules:
        assert module.description and module.owner, module.slug
        assert len(module.keywords) >= 3, module.slug
        assert (module.stage is not None) == (module.state is ModuleState.COMING_SOON), module.slug
        is_documented = module.state in (ModuleState.ACTIVE, ModuleState.ALPHA_UNAVAILABLE)
        assert module.documentation or not is_documented, module.slug


MEANT = table(__file__, "meant.yaml")
ENTRY = "modules:\n  - slug: crm\n    category: tools\n    label:\n      fr: {}\n      en: {}\n    coming_soon: true\n"


@pytest.mark.parametrize("label", MEANT, ids=lambda label: label["en"])
def test_what_is_meant_is_not_warned_of(label: dict[str, str]) -> None:
    assert warnings(ENTRY.format(label["fr"], label["en"])) == []


def test_text_is_looked_at_beside_errors_and_entries_are_not_compared() -> None:
    text = ENTRY.format("TODO", "B") + ENTRY.format("TODO", "B").removeprefix("modules:\n").replace("crm", "crn")
    assert {each.rule for each in warnings(text)} == {"left-to-do", "same-label"}
    broken = text.replace("tools", "tool", 1) + "    # registry: ignore[same-page]\n"
    assert [each.rule for each in problems(broken)] == ["enum"]
    assert [each.rule for each in warnings(broken)] == ["left-to-do", "left-to-do"]


def test_days_are_compared_with_today_or_tomorrow_elsewhere() -> None:
    gone = "removed:\n  - { slug: yelp, date: 2026-03-01, because: { fr: A, en: B } }\n"
    linted = examine((ENTRY.format("A", "B") + gone).encode(), "registry.yaml").linted
    document = Document(linted.root, linted.text, lambda _: 1)
    assert not [*find_warnings(document, True, date(2026, 2, 28))]
    assert [each.rule for each in find_warnings(document, True, date(2026, 2, 27))] == ["unlikely-day"]


@pytest.mark.parametrize(("fr", "en"), [("A\u202e", "B"), ('"A \\u202e"', "1")])
def test_an_error_of_directions_is_no_warning_as_well(fr: str, en: str) -> None:
    text = ENTRY.format("A", "B") + f"    description: {{ fr: {fr}, en: {en} }}\n"
    assert problems(text) and not warnings(text)


def test_who_does_not_ask_for_warnings_gets_none() -> None:
    examined = examine(WARNED[0].read_bytes(), "registry.yaml")
    assert examined.registry is not None and examined.warnings == ()


def test_problems_come_first_and_warnings_take_the_room_that_is_left() -> None:
    fields = "coming_soon: true, category: {}, label: {{ fr: TODO {}, en: B }}"
    entries = "".join(f"  - {{ slug: m{n}, {fields.format('tool' if n < 3 else 'tools', n)} }}\n" for n in range(10))
    for most, listed in ((5, (3, 0, 2)), (2, (2, 1, 0))):
        examined = examine(f"modules:\n{entries}".encode(), "registry.yaml", most, warnings=True)
        assert (len(examined.problems), examined.others, len(examined.warnings)) == listed
        assert len(examined.linted.warnings) == 10


def test_a_file_has_a_bounded_number_of_warnings() -> None:
    text = "modules: []\n" + "# \u202e\n" * (MAX_MISTAKES + 5)
    examined = examine(text.encode(), "registry.yaml", 1, warnings=True)
    assert (len(examined.linted.warnings), len(examined.warnings)) == (MAX_MISTAKES, 1)


def test_a_message_is_short_whatever_the_text_is() -> None:
    for fr in ("Ã©" * 90_000, "TODO " * 90_000, "<b " * 9_000 + "<b>", "a" * 90_000 + " #1", "A #" + "1" * 9_000):
        for each in (told := [*warnings(text := ENTRY.format(fr, "B")), *problems(text)]):
            assert len(each.text) <= 2_000
        assert told
