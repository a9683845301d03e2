"""What the tests of the store's files share."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.storage.data_dir import prepare


@pytest.fixture
def data_dir(short_dir: Path) -> Path:
    """A folder that is ready for a store."""
    folder = short_dir / "var"
    prepare(folder)
    return folder
