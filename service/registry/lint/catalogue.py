"""Every rule by its stable id: what it asks, what it is for, and an example of either side."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml


class Rule(NamedTuple):
    """One rule; `wrong` and `right` are whole files. What breaks a warning's rule may be meant, and is in force.

    `says` and `hint` are the words for one value that breaks it, where these are always the same but for names.
    """

    title: str
    why: str
    wrong: str = ""
    right: str = ""
    is_warning: bool = False
    says: str = ""
    hint: str = "{form}"


@cache
def rules() -> dict[str, Rule]:
    """The catalogue, in its order: the file, one entry, across entries, warnings. Read when somebody asks for it."""
    text = Path(__file__).with_name("catalogue.yaml").read_text("utf-8")
    return {name: Rule(**fields) for name, fields in yaml.load(text, Loader=yaml.CSafeLoader).items()}


def address(rule: str, page: str | None) -> str | None:
    """Where a rule is explained, if it is known where the page of rules is served."""
    from urllib.parse import quote  # milliseconds that a plain check does not need

    return page and f"{quote(page, safe=':/[]')}#s-{rule}"
