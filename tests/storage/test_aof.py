"""Reading the append-only file as the server does, for any records and any cut."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.storage import aof

COMMANDS = {b"sadd", b"multi", b"exec"}


def record(*arguments: bytes) -> bytes:
    """One command, as RESP."""
    return b"*%d\r\n" % len(arguments) + b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in arguments)


_argument = st.one_of(st.binary(max_size=80), st.sampled_from([b"\r\n#TS:1\r\n", b"\r\n*1\r\n$5\r\nMULTI\r\n"]))
_command = st.lists(_argument, max_size=10).map(lambda arguments: record(b"SADD", *arguments))
_time = st.integers(0, 9999999999).map(lambda at: b"#TS:%d\r\n" % at)
_transaction = st.lists(_command, min_size=1, max_size=3).map(
    lambda commands: record(b"MULTI") + b"".join(commands) + record(b"EXEC")
)
_pieces = st.lists(st.one_of(_command, _time, _transaction), min_size=1, max_size=8)


@given(_pieces, st.data())
def test_what_is_complete_is_kept_wherever_the_end_was_cut(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    ends = [0, *accumulate(map(len, pieces))]
    complete = max(end for end in ends if end <= cut)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(whole[:cut])
        found = aof.scan(path)
        stretches = list(aof.undamaged(path, COMMANDS))
        # Blocks of an unfinished write that were not written are its end, too.
        path.write_bytes(whole[:cut] + bytes(data.draw(st.integers(1, 5000))))
        with_blocks = aof.scan(path)
    assert found.size == cut
    assert with_blocks.damaged == found.damaged
    assert found.damaged or with_blocks.end == complete
    assert found.damaged or found.end == complete
    assert not found.damaged or cut > complete, "what is whole is never called damaged"
    # After the cut, a value that holds what looks like a record may be taken for one.
    assert [end for start, end in stretches if start == 0] == ([complete] if complete else [])


@given(_pieces, st.binary(min_size=1, max_size=20), _pieces)
def test_damage_in_the_middle_is_seen_and_what_comes_before_it_is_kept(
    before: list[bytes], between: bytes, after: list[bytes]
) -> None:
    whole = b"".join(before)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(whole + b"%" + between + b"\r\n" + b"".join(after))
        found = aof.scan(path)
        (_, end), *_ = aof.undamaged(path, COMMANDS)
    assert (found.damaged, found.end, end) == (True, len(whole), len(whole))


def test_the_last_time_before_a_place_is_found(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"#TS:10\r\n" + record(b"SADD", b"a", b"b") + b"#TS:20\r\n" + record(b"SADD", b"a", b"c"))
    size = path.stat().st_size
    times = [aof.last_time(path, end) for end in (size, size - 1, size - len(record(b"SADD", b"a", b"c")), 0)]
    assert [time and time.timestamp() for time in times] == [20, 20, 10, None]
    # What looks like a time in a value is none.
    forged = [record(b"SADD", b"a", value) for value in (b"#TS:1", b"\r\n#TS:2\r\n", b"x" * 99 + b"\r\n#TS:3\r\n")]
    path.write_bytes(b"#TS:10\r\n" + b"".join(forged))
    found = aof.last_time(path, path.stat().st_size)
    assert found and found.timestamp() == 10


@pytest.mark.parametrize(
    "manifest", ["", "nonsense\n", "file a seq 0 type b\n", "file a seq 1 type b\nfile b seq 2 type b\n"]
)
def test_what_is_no_manifest_is_refused(manifest: str) -> None:
    with pytest.raises(ValueError):
        aof.parts(manifest)
