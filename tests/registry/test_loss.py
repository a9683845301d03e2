"""An edit that loses too many names is not believed."""

import pytest

from service.registry.loss import loss
from service.registry.model import Label, Module, Registry, Removed


def registry(slugs: range, formerly: range = range(0), removed: range = range(0)) -> Registry:
    modules = [Module(slug=f"m{number}", category="tools", label=Label("F", "E"), is_meta=True) for number in slugs]
    former = tuple(f"m{number}" for number in formerly)
    last = Module(slug="last", category="tools", label=Label("F", "E"), is_meta=True, formerly=former)
    tombstones = tuple(Removed(f"m{number}", "2026-03-01", None, Label("F", "E")) for number in removed)
    return Registry((*modules, last), removed=tombstones)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (11, 8, 0),  # three of twelve are a quarter
        (11, 7, 4),
        (10, 7, 3),
        (2, 0, 0),  # at least three
        (3, 0, 3),
        (52, 21, 31),
    ],
)
def test_more_than_a_quarter_and_at_least_three(before: int, after: int, lost: int) -> None:
    said = loss(registry(range(before)), registry(range(after)))
    assert (said.message.partition(" names")[0] if said else "") == (f"{lost} of {before + 1}" if lost else "")


def test_nothing_is_lost_that_leads_somewhere_or_is_listed_as_removed() -> None:
    base = registry(range(8))
    assert loss(base, registry(range(4), formerly=range(4, 8))) is None
    assert loss(base, registry(range(4), removed=range(4, 8))) is None
    assert loss(base, registry(range(4), removed=range(4, 7))) is None, "one is lost"


def test_many_tombstones_do_not_hide_lost_modules_nor_the_other_way_round() -> None:
    base = registry(range(8), removed=range(100, 200))
    assert loss(base, registry(range(4), removed=range(100, 200)))
    assert loss(base, registry(range(8), removed=range(100, 120)))


def test_the_message_names_some() -> None:
    lost = loss(registry(range(8)), registry(range(0)))
    assert lost and "8 of 9 names are gone and not listed in removed (m0, m1, m2 and 5 others)," in lost.message
