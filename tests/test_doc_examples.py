"""What the documentation shows to copy: YAML that is YAML, and commands with options that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from textwrap import dedent

import click
import pytest
import yaml
from documentation import DOCS
from support import REPOSITORY

from service.cli import COMMANDS, main

PAGES = [REPOSITORY / "README.md", *sorted(DOCS.glob("*.md"))]


def blocks(text: str) -> Iterator[str]:
    """The indented blocks of a page, without their margin, and the fenced ones."""
    yield from (
        dedent(found[1]) for found in re.finditer(r"(?<=\n\n)((?:(?: {4}.*)?\n)+)", f"{text}\n") if found[1].strip()
    )
    yield from re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def is_yaml(block: str) -> bool:
    """Whether it begins like a file of YAML, and not like what a terminal shows."""
    return re.match(r"(- )?[\w.-]+:( |\n)", block) is not None and "\n$ " not in block


#: Pages whose blocks only look like YAML, or are wrong on purpose: headers of HTTP; what breaks rules, which
#: tests/registry/test_catalogue.py looks at.
NOT_YAML = {"frontend.md", "rules.md"}
YAML = [
    (file.name, block)
    for file in PAGES
    if file.name not in NOT_YAML
    for block in blocks(file.read_text("utf-8"))
    if is_yaml(block)
]


@pytest.mark.parametrize(("name", "block"), YAML, ids=[f"{name}-{number}" for number, (name, _) in enumerate(YAML)])
def test_yaml_in_the_documentation_can_be_read(name: str, block: str) -> None:
    assert yaml.load(block.replace("\n  ...\n", "\n"), yaml.CSafeLoader), name


def commands(text: str) -> Iterator[list[str]]:
    """The command lines of this program in blocks, up to what a shell would do with their output."""
    for block in blocks(text):
        for line in re.findall(r"^(?:\$ |(?:[- ]|run:)*)(module-registry .*)$", block, re.MULTILINE):
            yield shlex.split(re.split(r" (?:[|>&]|# |>>)", line)[0], comments=True)


COMMANDS_SHOWN = [(file.name, words) for file in PAGES for words in commands(file.read_text("utf-8"))]


@pytest.mark.parametrize(("name", "words"), COMMANDS_SHOWN, ids=[" ".join(words) for _, words in COMMANDS_SHOWN])
def test_commands_in_the_documentation_have_options_that_there_are(name: str, words: list[str]) -> None:
    command: click.Command = main
    for word in words[1:]:
        found = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if found is None:
            break
        command = found
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    used = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
    assert used <= known | {"--help", "-h"}, name
    assert words[1].startswith("-") or words[1] in COMMANDS, name
