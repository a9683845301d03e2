"""Entries at the end of the file, or below a second modules: line: one problem, and they move or are joined."""

from __future__ import annotations

import pytest
import yaml
from checking import problems
from support import REPOSITORY
from test_mending import applied

SHIPPED = (REPOSITORY / "registry.yaml").read_text(encoding="utf-8")
LEGACY = "legacy_features: [company, monitoring, pagespeed]\n"
IN_LINES = SHIPPED.replace(LEGACY, "legacy_features:\n  - company\n  - monitoring\n  - pagespeed\n")
NEW = """  - slug: podcasts
    category: sources
    label: { fr: "Podcasts", en: "Podcasts" }
    coming_soon: true
"""
AT_THE_MARGIN = NEW.replace("\n  ", "\n")[2:]
DEEPER = "".join("  " + line for line in NEW.splitlines(True))
OTHER = NEW.replace("podcasts", "radio")
WHOLE = SHIPPED.replace("\n\n# No longer", f"\n\n{NEW}\n# No longer")
BOTH = SHIPPED.replace("\n\n# No longer", f"\n\n{NEW}\n{OTHER}\n# No longer")
REMOVED = "\nremoved:\n  - { slug: wifi, date: 2026-03-01, because: { fr: Finie., en: Over. } }\n"
ABOVE, SIGNALS = "the module podcasts stands below legacy_features", "  # Active: signals\n"
END = SHIPPED.count("\n") + 2

#: A file, the line of its problem, words of it, and what it is after its fix.
MISPLACED = {
    "below legacy_features": (f"{SHIPPED}\n{NEW}", END, ABOVE, WHOLE),
    "without a blank line": (SHIPPED + NEW, END - 1, ABOVE, WHOLE),
    "at the margin": (f"{SHIPPED}\n{AT_THE_MARGIN}", END, ABOVE, WHOLE),
    "deeper": (f"{SHIPPED}\n{DEEPER}", END, ABOVE, WHOLE),
    "two of them": (f"{SHIPPED}\n{NEW}\n{OTHER}", END, "2 modules, from podcasts on, stand below legacy", BOTH),
    "with a comment": (f"{SHIPPED}\n  # New\n{NEW}", END + 1, ABOVE, WHOLE),
    "below its items": (f"{IN_LINES}\n{NEW}", END + 3, ABOVE, WHOLE),
    "two below its items": (f"{IN_LINES}\n{NEW}{OTHER}", END + 3, "2 modules, from podcasts on", BOTH),
    "before removed": (f"{SHIPPED}\n{NEW}{REMOVED}", END, ABOVE, WHOLE + REMOVED),
    "below an empty removed": (f"{SHIPPED}removed: []\n{NEW}", END, "podcasts stands below removed", WHOLE),
    "below modules: again": (f"{SHIPPED}\nmodules:\n{NEW}", END, "put all entries under the first modules:", WHOLE),
    "modules: in the middle": (SHIPPED.replace(SIGNALS, f"modules:\n{SIGNALS}"), 142, "and divides the list", SHIPPED),
    "modules: before an entry": (
        SHIPPED.replace("\n  - slug: crm\n", "\nmodules:  # new\n  - slug: crm\n"),
        *(SHIPPED[: SHIPPED.index("  - slug: crm\n")].count("\n") + 1, "delete this line", SHIPPED),
    ),
    "modules: with another indentation": (SHIPPED + "modules:\n" + DEEPER, END - 1, "put all entries under", WHOLE),
}


@pytest.mark.parametrize(("text", "line", "words", "meant"), MISPLACED.values(), ids=list(MISPLACED))
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_it_is_one_problem_and_moves_to_the_others(
    text: str, line: int, words: str, meant: str, line_break: str
) -> None:
    text = text.replace("\n", line_break)
    found = problems(text)
    print(*found, sep="\n")
    assert [problem.line for problem in found] == [line]
    assert words in found[0].text
    after = applied(text, found[0].fix)
    assert problems(after) == []
    assert after.count("\n") == after.count(line_break)
    assert _without_removed(after) == _without_removed(meant)


def _without_removed(text: str) -> object:
    data = yaml.load(text, yaml.CSafeLoader)
    return data | {"removed": [str(one) for one in data.get("removed", ())]}


@pytest.mark.parametrize("text", [SHIPPED, IN_LINES])
def test_what_is_wrong_in_it_is_told_at_its_own_place(text: str) -> None:
    text = f"{text}\n{NEW.replace('sources', 'source')}"
    line = text.count("\n") - 3
    assert [(problem.line, problem.rule) for problem in problems(text)][1:] == [(line + 1, "enum")]


def test_several_lines_that_divide_a_list_are_a_problem_each() -> None:
    text = SHIPPED.replace(SIGNALS, f"modules:\n{SIGNALS}").replace(
        "  # Active: tools\n", "modules:\n  # Active: tools\n"
    )
    found = problems(text)
    assert [problem.rule for problem in found] == ["duplicate-key"] * 2
    assert problems(applied(text, [edit for problem in found for edit in problem.fix])) == []


def test_an_entry_is_not_moved_where_its_lines_are_not_indented_enough() -> None:
    (problem,) = problems(SHIPPED + "\n" + DEEPER.replace("      coming", "# new\n      coming"))
    assert problem.fix == ()


def test_entries_of_removed_stay_where_they_are() -> None:
    assert problems(SHIPPED + REMOVED) == []
    (problem,) = problems(SHIPPED + REMOVED.replace(" }\n", "\n"))
    assert "modules" not in problem.text


def test_a_list_that_is_there_twice_is_no_part_of_the_first() -> None:
    entries = SHIPPED[SHIPPED.index("modules:\n") : SHIPPED.index("# No longer")]
    (problem,) = problems(f"{SHIPPED}\n{entries}")
    assert problem.rule == "duplicate-key"
    assert problems(applied(f"{SHIPPED}\n{entries}", problem.fix)) == []
    (problem,) = problems(f"{SHIPPED}\n{entries}{NEW}")
    assert (problem.rule, problem.fix) == ("duplicate-key", ())
