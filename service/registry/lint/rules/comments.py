"""Warnings of comments that should suppress warnings, and suppress none."""

from collections.abc import Iterable, Iterator

from service.problems import Diagnostic
from service.registry.lint.catalogue import rule, rules
from service.wording import did_you_mean, quoted


def list_warnings() -> set[str]:
    """Return the ids of all warnings."""
    return {name for name, rule in rules().items() if rule.is_warning}


@rule("ignore-unknown")
def ignore_unknown(unused: Iterable[tuple[str, int]]) -> Iterator[Diagnostic]:
    """Warn of names in `ignore[...]` that are no warnings. `unused` are names that suppress nothing, with offsets."""
    warnings = list_warnings()
    for name, offset in unused:
        if name not in warnings:
            hint = did_you_mean(name, warnings) or "name one in brackets, such as ignore[left-to-do], and mend errors"
            yield Diagnostic("ignore-unknown", offset, f"ignore names {quoted(name)}, which is no warning", hint)


@rule("ignore-unused")
def ignore_unused(unused: Iterable[tuple[str, int]]) -> Iterator[Diagnostic]:
    """Warn of warnings in `ignore[...]` that their line does not have. `unused` is as above."""
    warnings = list_warnings()
    for name, offset in unused:
        if name in warnings:
            yield Diagnostic("ignore-unused", offset, f"there is no {name} to ignore", "remove it from the comment")
