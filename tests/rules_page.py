"""The page of documentation on the rules of `check`, made of their catalogue."""

from textwrap import indent

from documentation import DOCS

from service.registry.lint.catalogue import Rule, rules
from service.wording import printable

PAGE = DOCS / "rules.md"

_BEGINNING = """# The rules of the registry file

For whoever wants to know what a rule of `module-registry check` is for. [The registry file](ops.md) has the fields and
the commands; `check --explain RULE` says the same as this page.

## Errors

A file that breaks one of these is put into force nowhere. They concern the file, one entry, entries beside each other,
and the end of modules, in this order.
"""
_WARNINGS = """## Warnings

What is most likely a mistake, and in force all the same: `check` says it and exits with 0, and `check --strict` makes
errors of warnings. Where one is meant, a comment on its line takes it back: `# registry: ignore[same-label]`, or
several rules with commas between them. Entries are compared once the file has no errors.
"""


def written() -> str:
    """The page as it is to be."""
    return "\n".join((_BEGINNING, *_rules(False), _WARNINGS, *_rules(True)))


def _rules(are_warnings: bool) -> list[str]:
    return [_rule(name, rule) for name, rule in rules().items() if rule.is_warning is are_warnings]


def _rule(name: str, rule: Rule) -> str:
    return f"### {name}\n\n**{rule.title}**\n\n{rule.why}\nWrong:\n\n{_code(rule.wrong)}\nRight:\n\n{_code(rule.right)}"


def _code(text: str) -> str:
    return indent("".join(f"{printable(line)}\n" for line in text.splitlines()), "    ")
