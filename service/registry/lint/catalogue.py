"""Every rule by its stable id: its title, its reason, an example of either side, and the function that decides it."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

_Check = TypeVar("_Check", bound=Callable[..., Any])

#: The functions that report breaks of each rule, by its id. A test ensures that each rule has exactly one.
CHECKS: dict[str, list[Callable[..., Any]]] = defaultdict(list)


class Rule(NamedTuple):
    """A rule of the catalogue. `wrong` and `right` are whole files.

    A file that breaks the rule of a warning is still valid. `says` and `hint` are templates for the message about one
    value, which `Case` fills in.
    """

    title: str
    why: str
    wrong: str = ""
    right: str = ""
    is_warning: bool = False
    says: str = ""
    hint: str = "{form}"


def rule(name: str) -> Callable[[_Check], _Check]:
    """Register the function that reports breaks of a rule. The function is called as the rule, with underscores."""

    def register(check: _Check) -> _Check:
        CHECKS[name].append(check)
        return check

    return register


@cache
def rules() -> dict[str, Rule]:
    """Return the catalogue, in its order: the file, one entry, across entries, warnings."""
    text = Path(__file__).with_name("catalogue.yaml").read_text("utf-8")
    return {name: Rule(**fields) for name, fields in yaml.load(text, Loader=yaml.CSafeLoader).items()}


def address(rule: str, page: str | None) -> str | None:
    """Return the address that explains a rule; None if the address of the page of rules is unknown."""
    from urllib.parse import quote  # the import takes milliseconds, and a plain check does not need it

    return page and f"{quote(page, safe=':/[]')}#s-{rule}"
