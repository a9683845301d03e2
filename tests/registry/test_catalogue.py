"""`check --explain`: every rule is explained, and its examples are true."""

import pytest
import rules_page
from checking import problems, warnings

from service.registry.lint.catalogue import Rule, address, rules
from service.web.pages import markdown

#: What no example can show: a file of four mebibytes, none, and what another file had.
NOT_SHOWN = {"size", "unreadable", "names-lost"}


@pytest.mark.parametrize(("name", "rule"), rules().items(), ids=list(rules()))
def test_the_wrong_example_breaks_that_rule_once_and_the_right_one_none(name: str, rule: Rule) -> None:
    if rule.is_warning:
        assert problems(rule.wrong.encode()) == []
        assert [warning.rule for warning in warnings(rule.wrong.encode())] == [name]
    elif name not in NOT_SHOWN:
        assert [problem.rule for problem in problems(rule.wrong.encode())] == [name]
    assert problems(rule.right.encode()) == warnings(rule.right.encode()) == []
    assert rule.title.endswith(".") and rule.why.strip()


def test_the_page_has_an_anchor_for_each_rule_that_check_leads_to() -> None:
    page = markdown.text(rules_page.PAGE.read_text("utf-8")).html
    for name in rules():
        where = address(name, "https://registry.example.com/en/docs/rules")
        assert where and page.count(f'id="{where.partition("#")[2]}"') == 1, name
