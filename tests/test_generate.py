"""Derived files that are committed are what `make generate` writes."""

from pathlib import Path

import pytest
from generate import FILES
from support import REPOSITORY


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_derived_file_is_up_to_date(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text == FILES[file](text), "run `make generate`"
