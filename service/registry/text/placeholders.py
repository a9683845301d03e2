"""Values that stand for one that was to be filled in, as templates and examples have them."""

from __future__ import annotations

import re

#: As shells, templates, build tools and documentation write them, and `__name__`, for want of any other sign.
_FORMS = (
    *(r"\$\{[^{}]*\}", r"\$\([^()]*\)", r"\$[A-Za-z_]\w*", r"#?\{\{?[^{}]+\}\}?", r"<[^<>@]+>"),
    *(r"%[A-Za-z_]\w*%", r"@[A-Za-z_]\w*@", r"(?<!\w)__[A-Za-z]\w*?__(?!\w)", r"\b(?i:your)[ _-]\w+"),
)
_PLACEHOLDER = re.compile("|".join(_FORMS))

#: What is said of two braces, which YAML takes for a mapping in a mapping.
UNFILLED_TEMPLATE = "{{ ... }} is the place of a template that was not filled in"

#: What is longer is no name or path, in characters.
_LONGEST = 200


def placeholder(text: str) -> str:
    """The part of a name or a path that was not filled in; empty where there is none."""
    found = _PLACEHOLDER.search(text) if len(text) <= _LONGEST else None
    return found[0] if found else ""
