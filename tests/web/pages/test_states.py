"""Each state of a module has a name, a mark, a colour and a filter wherever pages show states."""

import re

import pytest
from contract import Client
from markup import public, template_keys
from support import REPOSITORY

from service.registry.model import ModuleState
from service.registry.schema import module_fields

_PAGES = REPOSITORY / "service" / "web" / "pages"

#: A template, its variable with a value for each state, and what that value is.
_IN_TEMPLATES = [
    ("module.html", "RUNS", "sentence about how it runs"),
    ("graph_parts.html", "MARKS", "mark"),
]

#: A style sheet, a pattern of the rule for each state, and what the rule is for.
_IN_STYLES = [
    ("site.css", r"\.state-STATE::before[^{}]*{[^{}]*(background|border): [^{}]*var\(--", "dot on a tile"),
    (
        "site.css",
        r'html:is\(\[data-state="STATE"\], :not\(\.js\):has\(#only-STATE:target\)\) '
        r':is\(\[data-state\]:not\([^)]*\[data-state="STATE"\]',
        "filter",
    ),
    ("graph.css", r"\.mark-STATE {[^{}]*(fill|stroke): var\(--", "colour for its mark in the graph"),
]

each_state = pytest.mark.parametrize("state", [state.bucket for state in ModuleState])


@each_state
@pytest.mark.parametrize(("template", "variable", "value"), _IN_TEMPLATES)
def test_template_has_state(template: str, variable: str, value: str, state: str) -> None:
    assert state in template_keys(template, variable), f"state {state} has no {value} in {template} ({variable})"


@each_state
@pytest.mark.parametrize(("style", "pattern", "use"), _IN_STYLES, ids=[use for _, _, use in _IN_STYLES])
def test_style_has_state(style: str, pattern: str, use: str, state: str) -> None:
    rules = (_PAGES / "assets" / style).read_text("utf-8")
    has_rule = re.search(pattern.replace("STATE", state), rules) is not None
    assert has_rule, f"state {state} has no {use} in {style}"


@pytest.mark.parametrize("state", ModuleState, ids=lambda state: state.bucket)
def test_field_declares_state(state: ModuleState) -> None:
    is_declared = state.flag is None or state.flag in module_fields()
    assert is_declared, f"state {state.bucket} has no field {state.flag} in registry.schema.json"


@each_state
def test_palette_gets_the_name_of_state(client: Client, state: str) -> None:
    palette = public(client, "/en/").one("dialog#palette")
    assert palette.attributes.get(f"data-state-{state}"), f"state {state} has no name in palette.html"
