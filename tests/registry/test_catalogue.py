"""`check --explain`: every rule is explained, and its examples are true."""

import re

import pytest
import rules_page
from checking import problems, warnings
from support import REPOSITORY

from service.registry.lint.catalogue import Rule, address, rules
from service.web.pages import markdown

#: What no example can show: a file of four mebibytes, none, and what another file had.
NOT_SHOWN = {"size", "unreadable", "names-lost"}


#: Rules that are no function of the linter, and the file that decides them.
ELSEWHERE = {"unreadable": "cli/check_report.py", "names-lost": "registry/loss.py"}
#: The names of all functions of the linter.
FUNCTIONS = {
    name
    for file in (REPOSITORY / "service" / "registry" / "lint").rglob("*.py")
    for name in re.findall(r"^ *def (\w+)", file.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("name", rules())
def test_rule_is_function_of_its_name(name: str) -> None:
    if file := ELSEWHERE.get(name):
        assert name in (REPOSITORY / "service" / file).read_text("utf-8")
    else:
        function = name.replace("-", "_")
        assert FUNCTIONS & {function, f"{function}_"}, f"rule {name} has no function {function}"


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
