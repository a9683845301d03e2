"""Each event, act, request status and problem type is described wherever it must be."""

from enum import StrEnum
from itertools import chain

import pytest
import yaml
from markup import template_keys
from support import REPOSITORY

from service.audit.model import Action
from service.feedback.model import Status
from service.history.model import GROUPS, Kind
from service.web.problems import TABLE

_TEMPLATES = REPOSITORY / "service" / "web" / "pages" / "templates"
_OPENAPI = (REPOSITORY / "schemas" / "openapi.yaml").read_text("utf-8")
_SCHEMAS = yaml.safe_load(_OPENAPI)["components"]["schemas"]


@pytest.mark.parametrize("kind", Kind)
def test_event_is_described(kind: Kind) -> None:
    sentences = (_TEMPLATES / "changes_parts.html").read_text("utf-8")
    assert kind in chain.from_iterable(GROUPS.values()), f"event {kind} is in no group (GROUPS of history/model.py)"
    assert f'kind == "{kind}"' in sentences, f"event {kind} has no sentence in changes_parts.html"
    assert kind in _SCHEMAS["Change"]["properties"]["kind"]["enum"], f"event {kind} is not in openapi.yaml (Change)"


@pytest.mark.parametrize(
    ("values", "template", "variable"),
    [(Action, "admin-audit.html", "ACTS"), (Status, "admin-audit.html", "WORDS")],
)
def test_page_has_name_of_value(values: type[StrEnum], template: str, variable: str) -> None:
    unnamed = set(values) - template_keys(template, variable)
    assert not unnamed, f"{template} ({variable}) has no name for {', '.join(sorted(map(str, unnamed)))}"


def test_openapi_has_each_request_status() -> None:
    assert _SCHEMAS["ThreadStatus"]["enum"] == list(Status)


#: Only pages of admins answer with these.
_OF_PAGES = {"own-account", "unknown-account"}


@pytest.mark.parametrize("type", sorted({type for _, type in TABLE.values()} - _OF_PAGES))
def test_problem_type_is_described(type: str) -> None:
    assert type in _OPENAPI, f"problem type {type} is not in openapi.yaml"
