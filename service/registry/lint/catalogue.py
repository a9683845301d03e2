"""Every rule by its stable id: its title, its reason, and an example of either side."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml


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


@cache
def rules() -> dict[str, Rule]:
    """Return the catalogue, in its order: the file, one entry, across entries, warnings."""
    text = Path(__file__).with_name("catalogue.yaml").read_text("utf-8")
    return {name: Rule(**fields) for name, fields in yaml.load(text, Loader=yaml.CSafeLoader).items()}


def address(rule: str, page: str | None) -> str | None:
    """Return the address that explains a rule; None if the address of the page of rules is unknown."""
    from urllib.parse import quote  # the import takes milliseconds, and a plain check does not need it

    return page and f"{quote(page, safe=':/[]')}#s-{rule}"
