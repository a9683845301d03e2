"""Telling whether something came before."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.seen import Seen


@given(st.lists(st.sampled_from([b"", b"ana", b"bob", b"carol", b"dave"])))
def test_what_comes_for_the_first_time_is_new(texts: list[bytes]) -> None:
    seen = Seen()
    assert [seen.is_new(text) for text in texts] == [text not in texts[:at] for at, text in enumerate(texts)]


@pytest.mark.long
def test_it_takes_less_memory_than_a_set() -> None:
    texts = [b"account-%d" % number for number in range(100_000)]
    tracemalloc.start()
    try:
        seen = Seen()
        assert all(map(seen.is_new, texts))
        taken = tracemalloc.get_traced_memory()[0]
        of_texts = {bytes(bytearray(text)) for text in texts}  # which a set would keep
        assert len(of_texts) == len(texts)
        of_set = tracemalloc.get_traced_memory()[0] - taken
    finally:
        tracemalloc.stop()
    assert taken < of_set
