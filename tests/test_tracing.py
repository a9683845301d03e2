"""traceparent: what is one by W3C Trace Context, and what of it is passed on."""

from __future__ import annotations

import pytest

from service.tracing import traceparent

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    ("header", "becomes"),
    [
        (GIVEN, GIVEN),
        (f"00-{TRACE}-{PARENT}-00", f"00-{TRACE}-{PARENT}-00"),
        (f"00-{TRACE}-{PARENT}-03", f"00-{TRACE}-{PARENT}-03"),
        (f"cc-{TRACE}-{PARENT}-01", GIVEN),  # a later version, as version 00 writes it
        (f"cc-{TRACE}-{PARENT}-ff-what-comes", GIVEN),
    ],
)
def test_what_is_one_is_taken(header: str, becomes: str) -> None:
    assert traceparent(header) == becomes


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"cc-{TRACE}-{PARENT}-01more",
        f"cc-{TRACE}-{PARENT}-01-{'x' * 1000}",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"{GIVEN}, {GIVEN}",
        f"{GIVEN}\n",
        f"cc-{TRACE}-{PARENT}-01-\x1b[31m\n",
        f"00-{TRACE}-{PARENT}-٠١",
    ],
)
def test_what_is_none_counts_as_none(header: str | None) -> None:
    assert traceparent(header) is None
