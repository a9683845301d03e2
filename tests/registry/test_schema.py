"""schemas/registry.schema.json on its own, as an editor uses it: it says everything one entry can violate."""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support import table

from service.registry.model import Module
from service.registry.schema import KEYWORDS, PARTS, errors, inlined, is_valid, module_fields, schema, type_of

VALID = {"slug": "scrap", "category": "sources", "label": {"fr": "F", "en": "E"}, "api_endpoint": "/api/scrap"}
TABLE = table(__file__, "schema.yaml")
TRANSLATED = [name for name, field in module_fields().items() if type_of(field).name == "Label"]
STATES = ("is_on_demand", "coming_soon", "alpha_unavailable", "is_meta")


def accepts(**changes: Any) -> bool:
    entry = {name: value for name, value in {**VALID, **changes}.items() if value != "absent"}
    return bool(Draft202012Validator(schema()).is_valid({"modules": [entry]}))


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema in the schema, and whatever else is a mapping in it."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from parts(inner)


def test_every_field_is_described_and_has_a_title_examples_that_are_right_and_the_default_of_the_model() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema())
    module, removal = schema()["$defs"]["module"], schema()["$defs"]["removal"]
    own = module["properties"]
    assert set(own) == {field.name for field in fields(Module)}
    for name, field in (own | schema()["properties"] | removal["properties"]).items():
        assert field["title"] and len(field["description"]) > 20, name
    for name, field in chain.from_iterable(own[name]["properties"].items() for name in TRANSLATED):
        assert len(field["description"]) > 20, name
    states = {name: {name: True, "api_endpoint": None} for name in STATES}
    states |= {"alpha_unavailable": {}, "stage": states["coming_soon"]}
    for name, field in own.items():
        for said in field["examples"]:
            assert accepts(**{**states.get(name, {}), name: said}), (name, said)
    for field in fields(Module)[3:]:  # behind slug, category and label
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        assert own[field.name].get("default", schema()["$defs"]["artifacts"]["default"]) == default, field.name


def test_every_value_of_a_list_of_values_is_described() -> None:
    lists = [part for part in parts(schema()) if isinstance(part.get("enum"), list)]
    assert [len(part["enum"]) for part in lists] == [len(part["enumDescriptions"]) for part in lists] == [5, 4]


def test_text_is_what_can_be_seen_in_any_script_on_one_line() -> None:
    for text in TABLE["seen"]:
        both = {"fr": text, "en": text}
        assert accepts(label=both, description=both, keywords=[text]), text
    for text in TABLE["unprintable"]:
        assert not accepts(description={"fr": "F", "en": text}), text
        assert not accepts(keywords=[text]), text
    for text in (*TABLE["unseen"], "".join(TABLE["unseen"])):
        assert not accepts(label={"fr": text, "en": "E"}), text
        assert not accepts(description={"fr": text, "en": "E"}), text
        assert not accepts(keywords=[text]), text


def test_patterns_are_read_by_programs_that_take_text_as_utf_16_and_say_what_check_says() -> None:
    """Without their u flag, regular expressions of JavaScript have no range from one surrogate pair to another."""
    patterns = [part for part in parts(schema()) if isinstance(part.get("pattern"), str)]
    assert len(patterns) > 10
    for part in patterns:
        assert not re.search("[\U00010000-\U0010ffff]-", part["pattern"])
        assert part["patternErrorMessage"] == part["x-form"]
    # Written out three times: editors see the type of a field only where a reference stands alone.
    assert len({part["pattern"] for part in patterns if "control characters" in part["x-form"]}) == 1


def test_the_conditional_parts_suggest_nothing_and_say_what_is_wrong() -> None:
    module = schema()["$defs"]["module"]
    for condition in (module, *module["dependentSchemas"].values()):
        asked = condition["then"]["properties"]
        for field in (*condition["if"]["properties"].values(), *asked.values()):
            assert field["doNotSuggest"]
        assert all(field["errorMessage"] for field in asked.values())
        assert ("errorMessage" in condition["then"]) == ("required" in condition["then"])


def filled(said: Any) -> Any:
    """A snippet with its places filled in: with the first choice, the default, or a word."""
    if isinstance(said, dict):
        return {name: filled(part) for name, part in said.items()}
    if not isinstance(said, str):
        return said
    said = re.sub(r"\$\{\d\|(\w+)[^}]*\}", r"\1", said).replace("${3:null}", "emails")
    return re.sub(r"\$\{?\d\}?", "a", said.strip('"'))


def test_each_kind_of_module_can_be_begun_with_a_snippet_that_is_right_once_it_is_filled_in() -> None:
    bodies = [filled(snippet["body"]) for snippet in schema()["$defs"]["module"]["defaultSnippets"]]
    for body in bodies:
        assert Draft202012Validator(schema()).is_valid({"modules": [body]}), body
    given = [next((state for state in STATES if body.get(state)), None) for body in bodies]
    assert sorted(map(str, given)) == sorted(["None", *STATES])
    (removal,) = schema()["$defs"]["removal"]["defaultSnippets"]
    removed = filled(removal["body"]) | {"date": "2026-03-01"}
    assert Draft202012Validator(schema()).is_valid({"modules": [], "removed": [removed]})


def rows(kind: str) -> Iterator[dict[str, Any]]:
    """The changes that the table has of a kind, those of one field one by one."""
    yield from TABLE[kind]
    yield from ({name: value} for name, values in TABLE[f"{kind}_fields"].items() for value in values)


def test_what_each_field_may_say_and_what_it_may_not() -> None:
    assert [row for row in rows("accepted") if not accepts(**row)] == []
    assert [row for row in rows("rejected") if accepts(**row)] == []
    is_valid_file = Draft202012Validator(schema()).is_valid
    assert [document for document in TABLE["rejected_documents"] if is_valid_file(document)] == []
    assert all(map(is_valid_file, TABLE["accepted_documents"]))


@pytest.mark.parametrize(("name", "most"), TABLE["lengths"].items())
def test_a_text_has_a_most_length(name: str, most: int) -> None:
    for length, is_right in ((most, True), (most + 1, False)):
        text = f"/{'a' * (length - 1)}" if name == "documentation" else "a" * length
        value = {"fr": text, "en": text} if name in TRANSLATED else [text] if name == "keywords" else text
        assert accepts(**{name: value}) == is_right


END = {"since": "2026-03-01", "removed_after": "2026-09-01", "use": None, "because": {"fr": "F", "en": "E"}}
REMOVED = {"slug": "maps", "date": "2026-03-01", "because": {"fr": "F", "en": "E"}}


@given(st.dates())
def test_days_are_those_of_the_calendar_in_this_century(day: date) -> None:
    assert accepts(deprecated={**END, "since": day.isoformat()}) == (2000 <= day.year < 2100)


def test_nothing_else_is_a_day() -> None:
    for day in TABLE["no_days"]:
        assert not accepts(deprecated={**END, "since": day}), day
        assert not Draft202012Validator(schema()).is_valid({"modules": [], "removed": [{**REMOVED, "date": day}]}), day


VALUES = st.recursive(
    st.sampled_from([None, True, False, 1, "", "a", "A", "tools", "/api/a", "a\n", "a-b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["fr", "en", "de"]), inner, max_size=3),
    max_leaves=4,
)
ENTRIES = VALUES | st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*schema()["$defs"]["module"]["properties"], "x"], VALUES)
)
PROPERTIES = schema()["$defs"]["module"]["properties"]
RIGHT = [(name, said) for name, field in PROPERTIES.items() for said in field["examples"]]
#: What is right in one field, and may be wrong in another.
ELSEWHERE = st.tuples(st.sampled_from([*PROPERTIES]), st.sampled_from([said for _, said in RIGHT]))
#: Modules of each state, some fields of which are changed.
NEARLY = st.builds(
    lambda entry, changes: entry | dict(changes),
    st.sampled_from([VALID, *({**VALID, "api_endpoint": None, state: True} for state in STATES)]),
    st.lists(st.sampled_from(RIGHT), max_size=2) | st.lists(ELSEWHERE, max_size=2),
)
DOCUMENTS = (
    VALUES
    | st.fixed_dictionaries({}, optional={"modules": st.lists(ENTRIES, max_size=2), "legacy_features": VALUES})
    | st.fixed_dictionaries({"modules": st.lists(NEARLY, min_size=1, max_size=2)})
)


def test_every_keyword_of_the_schema_is_looked_at() -> None:
    beside = {"then", "else", "minContains", "maxContains"}  # which are read with other keywords
    asked = {name for part in parts(inlined()) for name in part} & {*Draft202012Validator.VALIDATORS, *beside}
    assert asked == {*KEYWORDS, *PARTS, "then", "format"}, (
        "format is a note for editors: the pattern beside it says more"
    )
    listed = [word for part in parts(inlined()) if isinstance(part.get("enum"), list) for word in part["enum"]]
    assert all(word is None or isinstance(word, str) for word in listed), "1 and true are the same to Python"


@given(DOCUMENTS)
@example({"modules": [], "legacy_features": ["a", "b"]})
@example({"modules": [], "legacy_features": ["a", "b", "a"]})
def test_our_own_functions_for_keywords_leave_the_verdicts_of_jsonschema(document: Any) -> None:
    both = (Draft202012Validator(schema()).iter_errors(document), errors(inlined(), document))
    theirs, ours = ([(str(error.validator), *error.path) for error in some] for some in both)
    assert is_valid(inlined(), document) == (not theirs)
    # Repeated items that are no text are refused for their type alone.
    told, expected = ([each for each in some if each[0] != "uniqueItems"] for some in (ours, theirs))
    assert sorted(told, key=repr) == sorted(expected, key=repr)
