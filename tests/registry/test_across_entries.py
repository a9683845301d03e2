"""Mistakes between the entries of the shipped file: one problem each, at its line, in words that name the other."""

from __future__ import annotations

import pytest
from checking import problems, replaced, unmarked
from whole_files import CRM, SHIPPED

END = "    deprecated: { since: 2026-03-01, removed_after: 2026-09-01, use: %s, because: { fr: Fin., en: End. } }\n"
GONE = "removed:\n  - { slug: %s, date: 2026-09-02, use: %s, because: { fr: Fin., en: End. } }\n"


def field(slug: str, line: str) -> tuple[str, str]:
    """One more line in an entry, below its slug."""
    return f"  - slug: {slug}\n", f"  - slug: {slug}\n    {line}\n"


#: What is there, what is written instead, with ¦ where the problem is, the rule, and words of the message.
ACROSS: list[tuple[str, str, str, str]] = [
    ("slug: whatsapp\n", "slug: ¦sms_campaign\n", "duplicate-slug", "already taken on line"),
    ("slug: linkedin\n", "slug: ¦crm\n", "duplicate-slug", "already taken on line 458"),
    ("/api/sort", "¦/api/filter", "duplicate-endpoint", "(filter)"),
    ("/api/import", "¦/api/scrap", "duplicate-endpoint", "(scrap)"),
    ("/api/sort", "¦/api/modules/sort", "own-route", "a route of the registry service itself"),
    ("/api/filter", "¦/api/features", "own-route", "choose another path"),
    ("needs: [leads]", "needs: [¦lead]", "artifact-missing", "did you mean leads?"),
    ("needs: [leads]", "needs: [¦leads_list]", "artifact-missing", "let a module produce it"),
    ("needs: [leads]", "needs: [¦scrap]", "artifact-missing", "scrap produces leads: write leads"),
    ("needs: [leads]", "needs: [leads, ¦coffee]", "artifact-missing", "coffee"),
    (*field("crm", "formerly: [¦sort]"), "formerly-in-use", "the slug of a module"),
    (*field("crm", "formerly: [¦company]"), "formerly-in-use", "among legacy_features"),
    (*field("crm", "¦formerly: [crm]"), "formerly-loop", "the module's own slug"),
    ("[company, monitoring, pagespeed]", "[company, ¦crm, monitoring]", "legacy-coming-soon", "on line 458"),
    ("[company, monitoring, pagespeed]", "[¦linkedin]", "legacy-coming-soon", "remove the legacy id"),
    (*field("sort", (END % "¦sort").strip()), "successor-unknown", "sort"),
    (*field("sort", (END % "¦sorting").strip()), "successor-unknown", "sorting"),
    (*field("sort", (END % "null").replace("2026-09", "¦2026-02").strip()), "days-in-order", "before since 2026-03-01"),
    (
        "legacy_features:",
        GONE % ("old_crm", "¦filterr") + "legacy_features:",
        "successor-unknown",
        "did you mean filter?",
    ),
    ("legacy_features:", GONE % ("old_crm", "¦old_crm") + "legacy_features:", "successor-unknown", "old_crm"),
]


@pytest.mark.parametrize(("old", "new", "rule", "words"), ACROSS)
def test_one_mistake_between_entries(old: str, new: str, rule: str, words: str) -> None:
    text, places = unmarked(replaced(SHIPPED, old, new))
    found = problems(text)
    print(*found, sep="\n")
    assert [(problem.rule, problem.line, problem.column) for problem in found] == [(rule, *places[0])]
    assert words in found[0].text


def test_where_several_need_what_one_misspells_nothing_is_certain() -> None:
    (found,) = problems(replaced(SHIPPED, "produces: [company_ids]", "produces: [company_id]"))
    assert found.hint.startswith("legal_ids produces company_id, which nobody needs: write company_ids there, or ")
    assert not found.fix


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("emails", "emial", "emails produces emial, which nobody needs: write emails there, or emial here"),
        (
            "reviews",
            "review",
            "did you mean review? reviews produces it, and nobody else needs it: or write reviews th",
        ),
        ("verified_emails", "verifed_emails", "verify_emails produces verifed_emails, which nobody needs: write"),
    ],
)
def test_what_its_producer_may_misspell_is_not_mended_where_it_is_needed(right: str, wrong: str, words: str) -> None:
    (found,) = problems(replaced(SHIPPED, f"produces: [{right}]", f"produces: [{wrong}]"))
    assert (found.rule, found.fix) == ("artifact-missing", ())
    assert words in found.hint


def test_the_name_of_a_module_is_no_misspelled_artifact_where_it_produces_something_else() -> None:
    (found,) = problems(
        replaced(SHIPPED, "needs: [emails]\n    produces: [verified", "needs: [legal_data]\n    produces: [verified")
    )
    assert (found.rule, found.hint) == ("artifact-missing", "legal_data produces company_data: write company_data")
    assert found.fix


def test_a_former_slug_of_two_modules_is_told_at_the_second() -> None:
    text = SHIPPED
    for slug in ("crm", "linkedin"):
        text = replaced(text, *field(slug, "formerly: [sales_desk]"))
    (problem,) = problems(text)
    assert (problem.rule, text[:CRM].count("\n") < problem.line) == ("formerly-in-use", True)
    assert "former slug of crm" in problem.message


def test_two_modules_that_are_each_other_s_former_selves_are_one_problem() -> None:
    text = replaced(replaced(SHIPPED, *field("crm", "formerly: [sort]")), *field("sort", "formerly: [crm]"))
    (problem,) = problems(text)
    assert (problem.rule, problem.message) == ("formerly-loop", "sort and crm are each other's former slugs")


def test_a_legacy_id_is_counted_among_all_items_of_its_list() -> None:
    found = problems(replaced(SHIPPED, "[company, monitoring, pagespeed]", "[company, 1, crm]"))
    assert [(one.rule, one.pointer) for one in found] == [
        ("yaml-misread", "/legacy_features/1"),
        ("legacy-coming-soon", "/legacy_features/2"),
    ]


def test_a_module_that_is_gone_and_still_there_is_told_where_it_stands() -> None:
    (problem,) = problems(replaced(SHIPPED, "legacy_features:", GONE % ("crm", "null") + "legacy_features:"))
    assert (problem.rule, problem.line) == ("removed-for-good", 458)
    assert "take it off removed if it is not gone" in problem.hint


def test_an_artifact_whose_only_producer_is_gone_is_told_where_it_is_needed() -> None:
    producer = SHIPPED[SHIPPED.index("  - slug: verify_emails\n") :].partition("\n\n")[0]
    found = problems(replaced(SHIPPED, producer, ""))
    assert {problem.rule for problem in found} == {"artifact-missing"}
    assert all("verified_emails" in problem.message for problem in found)
