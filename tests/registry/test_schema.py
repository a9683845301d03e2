"""schemas/registry.schema.json on its own, as an editor uses it: it says everything one entry can violate."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.registry.check.breaks import breaks
from service.registry.check.validation import KEYWORDS, is_valid
from service.registry.model import TRANSLATED, Module
from service.registry.schema import inlined, schema
from service.registry.text.characters import BLANKS, INVISIBLE

VALID = {"slug": "scrap", "category": "sources", "label": {"fr": "F", "en": "E"}, "api_endpoint": "/api/scrap"}
#: Line breaks, control characters, and what turns the direction of writing.
UNPRINTABLE = ("a\n", "a\nb", "a\tb", "a\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202eb", "\u2066")
STATES = ("is_on_demand", "coming_soon", "alpha_unavailable", "is_meta")


def accepts(**changes: Any) -> bool:
    entry = {name: value for name, value in {**VALID, **changes}.items() if value != "absent"}
    return bool(Draft202012Validator(schema()).is_valid({"modules": [entry]}))


def test_it_is_a_valid_schema_of_2020_12() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema())


def test_it_describes_every_field() -> None:
    module = schema()["$defs"]["module"]
    assert set(module["properties"]) == {field.name for field in fields(Module)}
    parts = [module, schema(), *(module["properties"][name] for name in TRANSLATED)]
    for part in parts:
        for name, field in part["properties"].items():
            assert len(field["description"]) > 20, name


def test_what_people_read_of_a_module_comes_with_examples_that_are_right() -> None:
    for name in ("description", "keywords", "documentation", "owner", "stage", "deprecated"):
        examples = schema()["$defs"]["module"]["properties"][name]["examples"]
        for example in examples:
            assert accepts(**{name: example}, coming_soon=True, api_endpoint=None), (name, example)


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema in the schema, and whatever else is a mapping in it."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from parts(inner)


def test_every_field_has_a_title_and_examples_that_are_right() -> None:
    module, removal = schema()["$defs"]["module"], schema()["$defs"]["removal"]
    for name, field in (module["properties"] | schema()["properties"] | removal["properties"]).items():
        assert field["title"], name
    states = {name: {name: True, "api_endpoint": None} for name in STATES}
    for name, field in module["properties"].items():
        for example in field["examples"]:
            around = states.get(name, {"coming_soon": True, "api_endpoint": None} if name == "stage" else {})
            around = {"alpha_unavailable": True} if name == "alpha_unavailable" else around
            assert accepts(**{**around, name: example}), (name, example)


def test_editors_say_of_a_malformed_value_what_check_says() -> None:
    patterns = [part for part in parts(schema()) if isinstance(part.get("pattern"), str)]
    assert len(patterns) > 10
    for part in patterns:
        assert part["patternErrorMessage"] == part["x-form"]


def test_every_value_of_a_list_of_values_is_described() -> None:
    lists = [part for part in parts(schema()) if isinstance(part.get("enum"), list)]
    assert [len(part["enum"]) for part in lists] == [len(part["enumDescriptions"]) for part in lists] == [5, 4]


def test_plain_text_on_one_line_is_the_same_everywhere() -> None:
    """Written out three times: editors see the type of a field only where a reference stands alone."""
    texts = {part["pattern"] for part in parts(schema()) if "control characters" in str(part.get("x-form"))}
    assert len(texts) == 1


#: Characters that nobody sees alone: a blank, a filler, an anchor, a beam of notes, a tag, a selector, and accents.
UNSEEN = (
    "\u2003",
    "\u3164",
    "\ufff9",
    "\U0001d173",
    "\U000e0041\U000e0042",
    "\U000e0100",
    "\u0301",
    "\u20e3",
    "\u0489",
)
#: Text in several scripts: an accent on its letter, points, an emoji of one character, a flag with tags, a clef.
SEEN = (
    "e\u0301",
    "\u05e9\u05b0",
    "\U0001f600",
    "\U0001f3f4\U000e0067\U000e007f",
    "\U0001d11e",
    "1\u20e3",
    "\u65e5",
    "|",
)


@pytest.mark.parametrize("text", [*UNSEEN, "".join(UNSEEN)])
def test_text_of_which_nothing_can_be_seen_is_none(text: str) -> None:
    assert not accepts(label={"fr": text, "en": "E"})
    assert not accepts(description={"fr": text, "en": "E"})
    assert not accepts(keywords=[text])


@pytest.mark.parametrize("text", SEEN)
def test_text_in_any_script_is_text(text: str) -> None:
    assert accepts(label={"fr": text, "en": text}, description={"fr": text, "en": text}, keywords=[text])


def test_what_is_no_text_alone_is_named_where_it_stands_in_a_name() -> None:
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    seen = set(re.findall(schema()["$defs"]["text"]["pattern"], everything))
    named = set(re.findall(f"[{BLANKS}{INVISIBLE}]", everything))
    assert not named & seen
    others = {unicodedata.category(one) for one in set(everything) - seen - named}
    assert others == {"Cc", "Cn", "Me", "Mn", "Zl", "Zp", "Zs"}, "controls, marks on letters, and plain blanks"


def test_patterns_are_read_by_programs_that_take_text_as_utf_16() -> None:
    """Without their u flag, regular expressions of JavaScript have no range from one surrogate pair to another."""
    for part in parts(schema()):
        if isinstance(part.get("pattern"), str):
            assert not re.search("[\U00010000-\U0010ffff]-", part["pattern"])


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
        return {name: filled(one) for name, one in said.items()}
    if not isinstance(said, str):
        return said
    said = re.sub(r"\$\{\d\|(\w+)[^}]*\}", r"\1", said).replace("${3:null}", "emails")
    return re.sub(r"\$\{?\d\}?", "a", said.strip('"'))


def test_each_kind_of_module_can_be_begun_with_a_snippet_that_is_right_once_it_is_filled_in() -> None:
    bodies = [filled(one["body"]) for one in schema()["$defs"]["module"]["defaultSnippets"]]
    for body in bodies:
        assert Draft202012Validator(schema()).is_valid({"modules": [body]}), body
    given = [next((state for state in STATES if body.get(state)), None) for body in bodies]
    assert sorted(map(str, given)) == sorted(["None", *STATES])
    (removal,) = schema()["$defs"]["removal"]["defaultSnippets"]
    removed = filled(removal["body"]) | {"date": "2026-03-01"}
    assert Draft202012Validator(schema()).is_valid({"modules": [], "removed": [removed]})


def test_its_defaults_are_those_of_the_model() -> None:
    properties = schema()["$defs"]["module"]["properties"]
    for field in fields(Module):
        if field.name in ("needs", "produces"):
            assert schema()["$defs"]["artifacts"]["default"] == list(field.default)  # type: ignore[arg-type]
        elif field.name not in ("slug", "category", "label"):
            default = list(field.default) if isinstance(field.default, tuple) else field.default
            assert properties[field.name].get("default", schema()["$defs"]["artifacts"]["default"]) == default


@pytest.mark.parametrize(
    "changes",
    [
        {"is_on_demand": True, "api_endpoint": None},
        {"is_on_demand": True, "api_endpoint": "absent"},
        {"coming_soon": True, "api_endpoint": "absent"},
        {"alpha_unavailable": True, "multi_proxy": True},
        {"is_meta": True},
        {"is_meta": True, "api_endpoint": "absent"},
        {"multi_proxy": True, **dict.fromkeys(STATES, False)},
        {"slug": "a" * 64},
        {"feature_page": None},
        {"feature_page": "a-1-b"},
        {"needs": [], "produces": ["a", "b_2"]},
        *({name: None} for name in ("description", "documentation", "owner", "stage")),
        {"description": {"fr": "é" * 300, "en": " <b> & l’on"}},
        {"description": {"fr": "👩\u200d🚀", "en": "a\u00a0b\u202fc\u00add"}},
        {"keywords": []},
        {"keywords": ["k" * 40, *"abcdefghijk"]},
        *({"documentation": f"https://a.example{more}"} for more in ("", "/", "/a/b?c=d&e#f", ":8443/a", "?a", "#a")),
        *({"documentation": path} for path in ("/", "/docs/modules/a_b-c.d~e", "/d?e=%C3%A9", f"/{'a' * 499}")),
        *({"owner": owner} for owner in ("a", "0", "team-contacts", "team/people@platform", "a" * 64)),
        *(
            {"stage": stage, "coming_soon": True, "api_endpoint": None}
            for stage in ("considering", "planned", "building")
        ),
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    assert accepts(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        *({name: "absent"} for name in VALID),
        *({"slug": slug} for slug in ("", "a" * 65, "1a", "A", "a-b", "é", "slug\n", "_a", 1, None, True)),
        *({"category": category} for category in ("tool", "", None, 1, "tools\n")),
        *({"label": label} for label in ({}, {"fr": "F"}, {"fr": "F", "en": ""}, {"fr": " ", "en": "E"}, "F", None)),
        {"label": {"fr": "F", "en": "E", "de": "D"}},
        *({"needs": needs} for needs in ("a", ["a", "a"], ["A"], [1], None, ["a\n"], [None])),
        *({"produces": produces} for produces in ("a", ["a", "a"], ["A"], {}, None)),
        *({name: value} for name in ("pipelinable", "multi_proxy", *STATES) for value in ("yes", 1, None, [])),
        *({"api_endpoint": path} for path in ("/api", "/api/", "api/x", "/api/x/", "/api/x\n", "/api/é", "", 1, None)),
        *({"api_endpoint": path} for path in ("/api//x", "/api/x?y", "/API/x", "/api/{slug}", "/apix/y")),
        *({"feature_page": page} for page in ("", "A", "a_b", "-a", "a-", "a--b", "a\n", 1)),
        {"unknown": 1},
        *({"description": text} for text in ("text", {}, {"fr": "F"}, {"fr": "F", "en": "E", "de": "D"}, [])),
        *({"description": {"fr": "F", "en": text}} for text in ("", " ", "a" * 301, 1, None, *UNPRINTABLE)),
        *({"keywords": words} for words in ("word", None, ["a", "a"], ["k" * 41], [1], [[]], [*"abcdefghijklm"])),
        *({"keywords": [text]} for text in ("", " ", *UNPRINTABLE)),
        *({"documentation": path} for path in ("", "docs", "//docs", "http://a.example", "HTTPS://a.example", 1)),
        *({"documentation": path} for path in ("/a b", "/a\n", "/a\\b", "/é", '/"', "/<", "javascript:alert(1)")),
        *({"documentation": f"https://{rest}"} for rest in ("", "/a", "u@a.example", "u:p@a.example", "a.example:x")),
        *({"documentation": f"https://{rest}"} for rest in ("a.example\\b", "é.example", "a.example b", "[::1]/")),
        {"documentation": f"/{'a' * 500}"},
        *({"owner": owner} for owner in ("", "-a", "@a", "A", "a b", "é", "a\n", "a" * 65, 1, ["a"])),
        *({"stage": stage, "coming_soon": True, "api_endpoint": None} for stage in ("", "soon", "Planned", 1, [])),
        {"stage": "planned"},
        {"stage": "planned", "coming_soon": False},
        *({"stage": "planned", state: True} for state in ("alpha_unavailable", "is_meta")),
        {"stage": "planned", "is_on_demand": True, "api_endpoint": "absent"},
        *({one: True, other: True} for one in STATES for other in STATES if one < other),
        *({one: True, other: True, "api_endpoint": "absent"} for one in STATES for other in STATES if one < other),
        {"is_on_demand": True},
        {"coming_soon": True},
        *({state: True, "multi_proxy": True, "api_endpoint": "absent"} for state in STATES),
        {"is_meta": True, "multi_proxy": True},
        {"alpha_unavailable": True, "api_endpoint": None},
        {"alpha_unavailable": True, "api_endpoint": "absent"},
    ],
)
def test_rejected(changes: dict[str, Any]) -> None:
    assert not accepts(**changes)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"modules": {}},
        {"modules": None},
        {"modules": [], "legacy": []},
        {"modules": [], "legacy_features": ["a", "a"]},
        {"modules": [], "legacy_features": ["A"]},
        {"modules": [], "legacy_features": "a"},
        {"modules": [None]},
        [],
    ],
)
def test_rejected_documents(document: Any) -> None:
    assert not Draft202012Validator(schema()).is_valid(document)


END = {"since": "2026-03-01", "removed_after": "2026-09-01", "use": None, "because": {"fr": "F", "en": "E"}}
REMOVED = {"slug": "maps", "date": "2026-03-01", "because": {"fr": "F", "en": "E"}}


@given(st.dates())
def test_days_are_those_of_the_calendar_in_this_century(day: date) -> None:
    assert accepts(deprecated={**END, "since": day.isoformat()}) == (2000 <= day.year < 2100)


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "2026-1-1",
        "26-01-01",
        "2026-01-01\n",
        "",
        1,
    ],
)
def test_nothing_else_is_a_day(day: object) -> None:
    assert not accepts(deprecated={**END, "since": day})
    assert not Draft202012Validator(schema()).is_valid({"modules": [], "removed": [{**REMOVED, "date": day}]})


def test_the_end_of_a_module_needs_days_and_a_reason_in_both_languages() -> None:
    assert accepts(deprecated=None) and accepts(deprecated=END) and accepts(deprecated={**END, "use": "emails"})
    for name in ("since", "removed_after", "because"):
        assert not accepts(deprecated={field: value for field, value in END.items() if field != name})
    for wrong in ({"use": "No Slug"}, {"because": "text"}, {"because": {"fr": "F"}}, {"more": 1}):
        assert not accepts(deprecated={**END, **wrong})
    for changes, valid in (({}, True), ({"use": "emails"}, True), ({"use": 1}, False), ({"label": {}}, False)):
        document = {"modules": [], "removed": [{**REMOVED, **changes}]}
        assert Draft202012Validator(schema()).is_valid(document) == valid


VALUES = st.recursive(
    st.sampled_from([None, True, False, 1, "", "a", "A", "tools", "/api/a", "a\n", "a-b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["fr", "en", "de"]), inner, max_size=3),
    max_leaves=4,
)
ENTRIES = VALUES | st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*schema()["$defs"]["module"]["properties"], "x"], VALUES)
)
PROPERTIES = schema()["$defs"]["module"]["properties"]
RIGHT = [(name, example) for name, field in PROPERTIES.items() for example in field["examples"]]
#: What is right in one field, and may be wrong in another.
ELSEWHERE = st.tuples(st.sampled_from([*PROPERTIES]), st.sampled_from([example for _, example in RIGHT]))
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
    assert asked == {*KEYWORDS, "then", "format"}, "format is a note for editors: the pattern beside it says more"
    listed = [word for part in parts(inlined()) if isinstance(part.get("enum"), list) for word in part["enum"]]
    assert all(word is None or isinstance(word, str) for word in listed), "1 and true are the same to Python"


@given(DOCUMENTS)
def test_our_own_functions_for_keywords_leave_the_verdicts_of_jsonschema(document: Any) -> None:
    errors = [(str(error.validator), *error.path) for error in Draft202012Validator(schema()).iter_errors(document)]
    found = [(each.keyword, *each.path) for each in breaks(inlined(), document)]
    assert is_valid(inlined(), document) == (not errors)
    # Repeated items that are no text are refused for their type alone.
    told, expected = ([each for each in some if each[0] != "uniqueItems"] for some in (found, errors))
    assert sorted(told, key=repr) == sorted(expected, key=repr)


@given(st.lists(st.sampled_from(["a", "b", "c", "A"]), max_size=4))
def test_repeated_names_are_seen(names: list[str]) -> None:
    document = {"modules": [], "legacy_features": names}
    assert Draft202012Validator(schema()).is_valid(document) == is_valid(inlined(), document)
    assert ("uniqueItems" in {each.keyword for each in breaks(inlined(), document)}) == (len(set(names)) < len(names))
