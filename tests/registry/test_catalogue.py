"""`check --explain`: every rule is explained, and its examples are true."""

from __future__ import annotations

import pytest
from checking import problems
from test_examples import rules_of_the_code

from service.registry.check.catalogue import Rule, rules

#: What no example can show: a file of four mebibytes, none, and what another file had.
NOT_SHOWN = {"size", "unreadable", "names-lost"}


def test_every_rule_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    assert set(rules()) == rules_of_the_code() | {"unreadable", "names-lost"}


@pytest.mark.parametrize(("name", "rule"), rules().items(), ids=list(rules()))
def test_the_wrong_example_breaks_that_rule_once_and_the_right_one_none(name: str, rule: Rule) -> None:
    if name not in NOT_SHOWN:
        assert [problem.rule for problem in problems(rule.wrong.encode())] == [name]
    assert problems(rule.right.encode()) == []


@pytest.mark.parametrize("rule", rules().values(), ids=list(rules()))
def test_a_title_is_one_sentence_and_there_is_a_reason(rule: Rule) -> None:
    assert rule.title.endswith(".") and "\n" not in rule.title
    assert rule.why.strip()
