"""The parser's errors in words for somebody who does not know YAML's."""

from __future__ import annotations

from typing import Any


def explained(error: Any, text: str) -> tuple[int, str, str, str]:
    """The offset, rule, message and hint for a yaml.MarkedYAMLError in `text`."""
    mark = error.problem_mark
    problem = (error.problem or "").strip()
    at = text[mark.index : mark.index + 1]
    message, hint = f"not valid YAML: {problem}", ""
    if "end of stream" in problem and "quoted" in (error.context or ""):
        mark = error.context_mark
        message, hint = "a quote is opened here and never closed", "close it on the same line"
    elif at == "\t" or "tab character" in problem:
        message, hint = "a tab is used where YAML wants spaces", "indent with spaces"
    elif problem.startswith("mapping values are not allowed"):
        message = "not valid YAML: a colon is not allowed here"
        hint = "put text that contains a colon in quotes, and check the indentation"
    elif problem.startswith("found character that cannot start"):
        message = f"not valid YAML: unquoted text cannot begin with {at}"
        hint = "put it in quotes"
    elif problem.startswith("did not find expected"):
        message = "not valid YAML: the text before this place ends too early, or the indentation changes"
        hint = 'put text with an apostrophe, a colon or a # in double quotes, such as "L\'annonce"'
    elif error.context and error.context_mark:
        hint = f"it happened {error.context} that begins on line {error.context_mark.line + 1}"
    return mark.index, "syntax", message, hint
