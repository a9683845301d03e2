"""Everything here holds on every kind of store."""

from __future__ import annotations

import pytest
from support import EVERY_KIND


@pytest.fixture(params=EVERY_KIND)
def valkey_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))
