"""An edit that loses too many names is not believed."""

import pytest

from service.registry.loss import loss
from service.registry.model import Label, Module, Registry, Removed


def registry(number: int, formerly: range = range(0), removed: range = range(0)) -> Registry:
    modules = [Module(slug=f"m{each}", category="tools", label=Label("F", "E"), is_meta=True) for each in range(number)]
    former = tuple(f"m{each}" for each in formerly)
    last = Module(slug="last", category="tools", label=Label("F", "E"), is_meta=True, formerly=former)
    tombstones = tuple(Removed(f"m{each}", "2026-03-01", None, Label("F", "E")) for each in removed)
    return Registry((*modules, last), removed=tombstones)


MANY = range(100, 200)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (registry(11), registry(8), ""),  # three of twelve are a quarter
        (registry(11), registry(7), "4 of 12"),
        (registry(10), registry(7), "3 of 11"),
        (registry(2), registry(0), ""),  # at least three
        (registry(3), registry(0), "3 of 4"),
        (registry(52), registry(21), "31 of 53"),
        # Nothing is lost that leads somewhere or is listed as removed.
        (registry(8), registry(4, formerly=range(4, 8)), ""),
        (registry(8), registry(4, removed=range(4, 8)), ""),
        (registry(8), registry(4, removed=range(4, 7)), ""),  # one is lost
        # Many tombstones do not hide lost modules, nor the other way round.
        (registry(8, removed=MANY), registry(4, removed=MANY), "4 of 9"),
        (registry(8, removed=MANY), registry(8, removed=MANY[:20]), "80 of 109"),
    ],
)
def test_more_than_a_quarter_and_at_least_three(before: Registry, after: Registry, lost: str) -> None:
    said = loss(before, after)
    assert (said.message.partition(" names")[0] if said else "") == lost


def test_the_message_names_some() -> None:
    lost = loss(registry(8), registry(0))
    assert lost and "8 of 9 names are gone and not listed in removed (m0, m1, m2 and 5 others)," in lost.message
