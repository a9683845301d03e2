"""`make mutation`: what it changes, which places it chooses, and that it finds out whether tests notice."""

import pytest
from mutation import lua_changes, python_changes
from mutation.changes import Change
from mutation.command import main
from mutation.covering import files_for
from mutation.places import EQUIVALENT, chosen
from support import REPOSITORY, table

#: Lines of each language, and what becomes of them.
LINES: dict[str, dict[str, list[str]]] = table(__file__, "mutated.yaml")


@pytest.mark.parametrize(("language", "line"), [(name, line) for name, lines in LINES.items() for line in lines])
def test_what_becomes_of_a_line(language: str, line: str) -> None:
    finder = lua_changes if language == "lua" else python_changes
    possible = [change.after.partition(" --")[0] for change in finder.changes("a", line.encode())]
    assert sorted(possible) == sorted(LINES[language][line])


def test_the_same_places_are_chosen_while_their_lines_stay_and_each_room_has_its_share() -> None:
    lua = list(lua_changes.changes("service/interest/lua/a.lua", b"local a = 1\n" * 5))

    def rows(seed: int, source: str) -> list[Change]:
        return chosen({"lua": lua, "web": list(python_changes.changes("service/web/a.py", source.encode()))}, seed, 10)

    source = "".join(f"a{number} = b < {number}\n" for number in range(40))
    before, later = rows(1, source), rows(1, "# A comment.\n" + source)
    assert len(before) == 10 == len({(row.path, row.line) for row in before})
    assert len([row for row in before if row.path.endswith(".lua")]) == 3, "half of 5, and what 5 of 45 lines get of 5"
    assert [row.place for row in before] == [row.place for row in later]
    assert {row.line + row.path.endswith(".py") for row in before} == {row.line for row in later}
    assert {row.place for row in rows(2, source)} != {row.place for row in before}


def test_a_change_that_is_no_python_is_not_chosen() -> None:
    web = {"web": list(python_changes.changes("service/web/a.py", b"a(*b, c=d)\n"))}
    assert [row.after for row in chosen(web, 1, 5)] in (["pass"], ["a(*b)"])


@pytest.mark.parametrize("row", EQUIVALENT, ids=lambda row: row["file"])
def test_what_is_said_to_change_nothing_can_still_be_chosen(row: dict[str, str]) -> None:
    finder = lua_changes if row["file"].endswith(".lua") else python_changes
    possible = finder.changes(row["file"], (REPOSITORY / row["file"]).read_bytes())
    assert (row["before"], row["after"]) in {(change.before, change.after) for change in possible}
    assert row["reason"].strip()


def test_each_room_has_tests_and_those_of_the_module_come_first() -> None:
    for path in ("web/problems.py", "registry/lint/rules.py", "storage/entries.py", "insights/lua/news.lua"):
        assert files_for(f"service/{path}", REPOSITORY)
    assert files_for("service/registry/plan.py", REPOSITORY)[0] == "tests/registry/test_plan.py"
    assert "tests/interest/test_store.py" in files_for("service/interest/lua/vote.lua", REPOSITORY)[:3]


@pytest.mark.long
def test_it_finds_out_whether_tests_notice(capsys: pytest.CaptureFixture[str]) -> None:
    path = "service/webhooks/deliverer.py"
    possible = python_changes.changes(path, (REPOSITORY / path).read_bytes())
    [place] = [row.place for row in possible if row.after == "if answer.status != _GONE:"]
    assert main(["--place", place]) == 0
    assert "1 of 1 changes noticed by the plain tests (100.0%)" in capsys.readouterr().out
