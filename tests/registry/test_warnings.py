"""Warnings: what each of warned/ is warned of is written in it, and what is fine is not warned of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from checking import VALID, problems, warnings
from support import REPOSITORY
from test_examples import POSITIVE, expected

from service.registry.lint.catalogue import rules
from service.registry.lint.nodes import MAX_MISTAKES, applied
from service.registry.lint.rules import Document
from service.registry.lint.warnings import Similar, warned
from service.registry.loading import examine, parse

FOLDER = Path(__file__).parent
WARNED = sorted((FOLDER / "warned").glob("*.yaml"))


@pytest.mark.parametrize("path", WARNED, ids=lambda path: path.stem)
def test_a_file_is_warned_of_exactly_what_it_says(path: Path) -> None:
    examined = examine(path.read_bytes(), path.name, warnings=True)
    assert examined.problems == ()
    assert [f"{w.line}:{w.column} {w.rule}: {w.text}" for w in examined.warnings] == expected(path)


def test_every_warning_has_an_example() -> None:
    shown = {line.split(" ", 2)[1].rstrip(":") for path in WARNED for line in expected(path)}
    assert shown == {name for name, rule in rules().items() if rule.is_warning}


@pytest.mark.parametrize("path", [REPOSITORY / "registry.yaml", *POSITIVE], ids=lambda path: path.stem)
def test_sound_files_have_no_warning(path: Path) -> None:
    assert warnings(path.read_bytes()) == []


ENTRY = "modules:\n  - slug: crm\n    category: tools\n    label:\n      fr: {}\n      en: {}\n    coming_soon: true\n"


MEANT = yaml.load((FOLDER / "meant.yaml").read_text("utf-8"), yaml.CSafeLoader)


@pytest.mark.parametrize("label", MEANT, ids=lambda label: label["en"])
def test_what_is_meant_is_not_warned_of(label: dict[str, str]) -> None:
    assert warnings(ENTRY.format(label["fr"], label["en"])) == []


@pytest.mark.parametrize(
    "path", ["/api/crm", "/api/v2/CRM-fr", "/api/crms", "/api/tools/crm/run", "/api/crm-2", "/api/crm_extra"]
)
def test_a_path_that_has_the_words_of_the_slug_fits(path: str) -> None:
    text = ENTRY.format("A", "B").replace("coming_soon: true", f"api_endpoint: {path}")
    assert warnings(text) == []


def test_names_a_letter_apart_are_alike_unless_they_are_short_or_numbered() -> None:
    apart = [("sms_1", "sms_2"), ("seo10", "seo1"), ("crm", "crn"), ("mail", "email"), ("emails", "emile")]
    for name, other in apart:
        assert (Similar([name]).to(other), Similar([other]).to(name)) == (None, None)
    assert Similar(["tracking"]).to("tracking") is None
    misspelled = [("tracking", other) for other in ("trackings", "racking", "trakcing", "trucking", "tracking_")]
    for name, other in (*misspelled, ("lead", "leads"), ("crm", "crms"), ("sms", "smss")):
        assert (Similar([name]).to(other), Similar([other]).to(name)) == (name, other)


@pytest.mark.parametrize("slug", ["todo", "todos", "todo_lists", "crm", "todoist"])
def test_a_module_may_be_called_by_the_word_in_its_slug(slug: str) -> None:
    text = ENTRY.format("Gestion de TODO", "TODO lists").replace("crm", slug)
    assert len(warnings(text)) == (2 if slug in ("crm", "todoist") else 0)
    assert len(warnings(ENTRY.format("TODO", "Tasks").replace("crm", slug))) == 1


def test_a_module_that_will_go_may_be_called_like_its_successor_or_have_a_misspelled_slug() -> None:
    ends = "deprecated: { since: 2026-03-01, removed_after: 2026-09-01, because: { fr: A, en: B } }"
    two = ENTRY.format("A", "B") + ENTRY.format("A", "B").replace("crm", "contacts").removeprefix("modules:\n")
    assert [each.rule for each in warnings(two)] == ["same-label"]
    assert warnings(two + f"    {ends}\n") == []
    right = ENTRY.format("A", "B").replace("crm", "tracking")
    wrong = ENTRY.format("C", "D").replace("crm", "traking").removeprefix("modules:\n")
    assert [each.rule for each in warnings(right + wrong)] == ["close-slug"]
    assert warnings(f"{right}{wrong}    {ends}\n") == warnings(f"{right}    {ends}\n{wrong}") == []


def test_a_legacy_id_is_compared_with_slugs_former_ones_and_those_that_are_gone() -> None:
    gone = "removed:\n  - { slug: instagram, date: 2026-03-01, because: { fr: A, en: B } }\n"
    text = ENTRY.format("A", "B") + f"    formerly: [contacts]\n{gone}legacy_features: [instagram, pagespeed, "
    assert warnings(f"{text}company]\n") == []
    assert warnings(text.replace("contacts", "instagrams") + "company]\n") == []
    for close in ("contact", "instagran"):
        assert [each.rule for each in warnings(f"{text}{close}]\n")] == ["close-legacy"]


def test_text_is_looked_at_beside_errors_and_entries_are_not_compared() -> None:
    text = ENTRY.format("TODO", "B") + ENTRY.format("TODO", "B").removeprefix("modules:\n").replace("crm", "crn")
    assert {each.rule for each in warnings(text)} == {"left-to-do", "same-label"}
    broken = text.replace("tools", "tool", 1) + "    # registry: ignore[same-page]\n"
    examined = examine(broken.encode(), "registry.yaml", warnings=True)
    assert [each.rule for each in examined.problems] == ["enum"]
    assert [each.rule for each in examined.warnings] == ["left-to-do", "left-to-do"]


def test_what_an_anchor_repeats_and_teams_of_a_letter_are_meant() -> None:
    fields = "category: tools, coming_soon: true"
    text = "modules:\n" + "".join(
        f"  - {{ slug: m{number}, {fields}, label: {{ fr: A{number}, en: B{number} }}, {field} }}\n"
        for number, field in enumerate(
            [
                "description: &a { fr: Deux mots., en: Two words. }",
                "description: *a",
                "owner: a/b-c",
                "owner: a/b-c",
                "owner: a/b-d",
            ]
        )
    )
    assert warnings(text) == []
    assert {each.rule for each in warnings(text.replace("*a", "{ fr: Un mot., en: Two words. }"))} == {"pasted-text"}
    assert {each.rule for each in warnings(text.replace("b-c", "bees").replace("b-d", "bee"))} == {"close-owner"}


def test_days_are_compared_with_today_or_tomorrow_elsewhere() -> None:
    gone = "removed:\n  - { slug: yelp, date: 2026-03-01, because: { fr: A, en: B } }\n"
    linted = examine((ENTRY.format("A", "B") + gone).encode(), "registry.yaml").linted
    assert linted.root is not None
    document = Document(linted.root, linted.text, lambda _: 1)
    assert not [*warned(document, [], date(2026, 2, 28))]
    assert [each.rule for each in warned(document, [], date(2026, 2, 27))] == ["unlikely-day"]


def test_a_line_is_warned_once_of_directions_and_not_beside_its_error() -> None:
    assert [(each.line, each.column) for each in warnings(ENTRY.format("A\u202e\u202cB", "C\u2066"))] == [
        (5, 12),
        (6, 12),
    ]
    for fr, en in (("A\u202e", "B"), ('"A \\u202e"', "1")):
        text = ENTRY.format("A", "B") + f"    description: {{ fr: {fr}, en: {en} }}\n"
        examined = examine(text.encode(), "registry.yaml", warnings=True)
        assert examined.problems and not examined.warnings


def test_what_an_alias_repeats_is_one_warning() -> None:
    text = "modules:\n" + "".join(
        f"  - {{ slug: m{number}, category: tools, label: {label}, coming_soon: true, owner: none }}\n"
        for number, label in enumerate(["&a { fr: TODO, en: X }", "*a", "*a"])
    )
    assert sorted((each.line, each.rule) for each in warnings(text)) == [
        (2, "left-to-do"),
        (2, "name-of-nothing"),
        (3, "name-of-nothing"),
        (3, "same-label"),
        (4, "name-of-nothing"),
        (4, "same-label"),
    ]


@pytest.mark.parametrize("written", ["none", '"none"', "'n-a'", "aucune # yet"])
def test_a_name_of_nothing_is_mended_to_null(written: str) -> None:
    text = ENTRY.format("A", "B") + f"    feature_page: {written}\n"
    (warning,) = warnings(text)
    after = applied(text, warning.edits)
    assert warnings(after) == [] and "    feature_page: null" in after
    assert parse(after.encode(), "registry.yaml").modules[0].feature_page is None


def test_who_does_not_ask_for_warnings_gets_none() -> None:
    examined = examine(WARNED[0].read_bytes(), "registry.yaml")
    assert examined.registry is not None and examined.warnings == ()


def test_problems_come_first_and_warnings_take_the_room_that_is_left() -> None:
    fields = "coming_soon: true, category: {}, label: {{ fr: TODO {}, en: B }}"
    entries = "".join(f"  - {{ slug: m{n}, {fields.format('tool' if n < 3 else 'tools', n)} }}\n" for n in range(10))
    examined = examine(f"modules:\n{entries}".encode(), "registry.yaml", 5, warnings=True)
    assert (len(examined.problems), examined.others, len(examined.warnings), examined.other_warnings) == (3, 0, 2, 8)
    examined = examine(f"modules:\n{entries}".encode(), "registry.yaml", 2, warnings=True)
    assert (len(examined.problems), examined.others, len(examined.warnings), examined.other_warnings) == (2, 1, 0, 10)


def test_a_file_has_a_bounded_number_of_warnings() -> None:
    text = "modules: []\n" + "# \u202e\n" * (MAX_MISTAKES + 5)
    examined = examine(text.encode(), "registry.yaml", 1, warnings=True)
    assert examined.other_warnings + 1 == MAX_MISTAKES


def test_a_message_is_short_whatever_the_text_is() -> None:
    for fr in ("Ã©" * 90_000, "TODO " * 90_000, "<b " * 9_000 + "<b>", "a" * 90_000 + " #1", "A #" + "1" * 9_000):
        for each in (told := [*warnings(text := ENTRY.format(fr, "B")), *problems(text)]):
            assert len(each.text) <= 2_000
        assert told


def test_documents_of_the_product_have_no_warning() -> None:
    assert warnings(VALID) == []
