"""`make mutation`: what it changes, which places it chooses, and that it finds out whether tests notice."""

from __future__ import annotations

import pytest
from mutation import lua_changes, python_changes
from mutation.changes import Change
from mutation.command import main
from mutation.places import chosen, equivalents
from mutation.selecting import groups_of_tests
from support import REPOSITORY

#: A line of Python, and what becomes of it.
PYTHON = {
    "a = b == c": ["a = b != c"],
    "a = b not in c": ["a = b in c"],
    "a = 1 < b <= 3": ["a = 1 <= b <= 3", "a = 1 < b < 3", "a = 2 < b <= 3", "a = 1 < b <= 4"],
    "a = b and not c": ["a = b or not c", "a = b and c"],
    "a = b if c else True": ["a = b if not (c) else True", "a = b if c else False"],
    "a = [b for b in c if b]": ["a = [b for b in c if not (b)]"],
    "a = b + 0.5": ["a = b - 0.5", "a = b + 1.0"],
    'a: int = b["key"]': ["a: int = b['keyx']"],
    'a = "a sentence"': [],
    "a.b = c": ["pass"],
    "a += b": ["pass"],
    "a(b, c)": ["pass", "a(c, b)"],
    "a = b(c, d=e, f=g)": ["a = b(c, f=g)", "a = b(c, d=e)"],
    "a = b(d=e)": ["a = b()"],
    'raise a("b")': ["pass"],
    "def a(b: int) -> int: return b": ["def a(b: int) -> int: return None"],
    "try: a = b\nexcept C: a = c": ["except C: raise"],
    'cast("C", a)': ["pass"],
    'A = Literal["a", "b"]': [],
    '"""b"""': [],
}
#: The same of Lua.
LUA = {
    "local a = b == 'c' -- d == 'e'": ["local a = b ~= 'c'", "local a = b == 'cx'"],
    "if not a then return b end": [
        "if not (not a) then return b end",
        "if not a then return nil end",
        "if a then return b end",
    ],
    "  call('DEL', a)": ["", "call(a, 'DEL')"],
    "a[b] = c + 1": ["", "a[b] = c - 1", "a[b] = c + 2"],
    "return {": [],
    "local a = b and true": ["local a = b or true", "local a = b and false"],
}


@pytest.mark.parametrize("line", PYTHON)
def test_what_becomes_of_a_line_of_python(line: str) -> None:
    assert sorted(one.after for one in python_changes.changes("a.py", line.encode())) == sorted(PYTHON[line])


@pytest.mark.parametrize("line", LUA)
def test_what_becomes_of_a_line_of_lua(line: str) -> None:
    found = [one.after.partition(" --")[0] for one in lua_changes.changes("a.lua", line.encode())]
    assert sorted(found) == sorted(LUA[line])


def some(source: str) -> dict[str, list[Change]]:
    return {
        "lua": list(lua_changes.changes("service/interest/lua/a.lua", b"local a = 1\n" * 5)),
        "web": list(python_changes.changes("service/web/a.py", source.encode())),
    }


def test_the_same_places_are_chosen_while_their_lines_stay_and_each_room_has_its_share() -> None:
    source = "".join(f"a{number} = b < {number}\n" for number in range(40))
    before = chosen(some(source), 1, 10)
    assert len(before) == 10 == len({(one.path, one.line) for one in before})
    assert len([one for one in before if one.path.endswith(".lua")]) == 3, "half of 5, and what 5 of 45 lines get of 5"
    later = chosen(some("# A comment.\n" + source), 1, 10)
    assert [one.place for one in before] == [one.place for one in later]
    assert {one.line + one.path.endswith(".py") for one in before} == {one.line for one in later}
    assert {one.place for one in chosen(some(source), 2, 10)} != {one.place for one in before}


def test_a_change_that_is_no_python_is_not_chosen() -> None:
    assert [one.after for one in chosen({"web": some("a(*b, c=d)\n")["web"]}, 1, 5)] in (["pass"], ["a(*b)"])


@pytest.mark.parametrize("one", equivalents(), ids=lambda one: one["file"])
def test_what_is_said_to_change_nothing_can_still_be_chosen(one: dict[str, str]) -> None:
    finder = lua_changes if one["file"].endswith(".lua") else python_changes
    found = finder.changes(one["file"], (REPOSITORY / one["file"]).read_bytes())
    assert (one["before"], one["after"]) in {(change.before, change.after) for change in found}
    assert one["reason"].strip()


def test_each_room_has_tests_and_those_of_the_module_come_first() -> None:
    for path in ("web/problems.py", "registry/lint/rules.py", "times.py", "insights/lua/news.lua"):
        assert groups_of_tests(f"service/{path}", REPOSITORY)
    assert groups_of_tests("service/registry/plan.py", REPOSITORY)[0] == ["tests/registry/test_plan.py"]
    assert "tests/interest/test_store.py" in groups_of_tests("service/interest/lua/vote.lua", REPOSITORY)[0]


@pytest.mark.long
def test_it_finds_out_whether_tests_notice(capsys: pytest.CaptureFixture[str]) -> None:
    path = "service/webhooks/deliverer.py"
    found = python_changes.changes(path, (REPOSITORY / path).read_bytes())
    [place] = [one.place for one in found if one.after == "if answer.status != _GONE:"]
    assert main(["--place", place]) == 0
    assert "1 of 1 changes noticed by the plain tests (100.0%)" in capsys.readouterr().out
