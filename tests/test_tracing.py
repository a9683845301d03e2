"""traceparent: what is one by W3C Trace Context, and what of it is passed on."""

from __future__ import annotations

import pytest
from support import table

from service.tracing import traceparent

PARTS = {"t": "4bf92f3577b34da6a3ce929d0e0e4736", "p": "00f067aa0ba902b7", "long": "x" * 1000}
ROWS = table(__file__, "traceparents.yaml")


@pytest.mark.parametrize(("header", "becomes"), ROWS)
def test_what_is_one_is_taken_and_what_is_none_counts_as_none(header: str, becomes: str | None) -> None:
    assert traceparent(header.format_map(PARTS)) == (becomes and becomes.format_map(PARTS))
    assert traceparent(None) is None
