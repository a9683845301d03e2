"""Words that people write for others: each is told as what it is meant for, and mended where that is certain."""

from __future__ import annotations

import re
from typing import Any

import pytest
from checking import problems, warnings
from support import table

from service.registry.lint.characters import called
from service.registry.lint.nodes import applied

TABLE = table(__file__, "words.yaml")


@pytest.mark.parametrize("field", TABLE["fields"])
def test_a_field_by_another_name_is_told_by_its_own(field: str) -> None:
    for name in TABLE["fields"][field].split():
        text = re.sub(rf"\b{field}:", f"{name}:", TABLE["file"], count=1)
        (problem,) = problems(text)
        assert f'"{name}"' in problem.message and re.search(rf"(did you mean|write) {field}\b", problem.hint), problem
        assert applied(text, problem.edits) == (text if name in TABLE["uncertain"] else TABLE["file"]), name


@pytest.mark.parametrize("row", TABLE["values"], ids=lambda row: f"{row['line']} {row['words']}"[:60])
def test_a_word_for_another_is_told_as_that(row: dict[str, Any]) -> None:
    words = row["words"].split() if isinstance(row["words"], str) else row["words"]
    for word in words:
        text = TABLE["entry"] + row["line"].replace("@", word) + "\n"
        (told,) = problems(text) or warnings(text)
        sign = called(word) if len(word) == 1 else ""
        assert (told.rule, told.text) == (row["rule"], row["says"].replace("@", word).replace("SIGN", sign))
        mended = TABLE["entry"] + row.get("mends", row["line"]).replace("@", word) + "\n"
        assert applied(text, told.edits) == mended
