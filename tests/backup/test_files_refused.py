"""What no version of this service has written, and what would take more than a machine has, is not restored."""

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from random_stores import EVENT
from saving import FORMAT_4, taken
from support import AnyClient, table

from service.backup import format as form
from service.backup.subjects import SUBJECTS
from service.interest import maintenance
from service.problems import BackupFailed, InvalidBackup

Lines = list[dict[str, Any]]

MADE_UP = table(__file__, "made_up.yaml")
LONG: list[list[Any]] = [
    ["account", "account", "x" * 100_000],
    ["account", "account", "\ud800"],
    ["account", "fields.name", "\ud800"],
    ["account", "fields.name", "\x7f" * 200_000],
    ["account", "fields.status", "x" * 129],
    ["votes", "votes", "x" * 129],
    ["act", "fields.about", "x" * 5000],
    ["act", "outcome", '{"outcome": "failed", "why": "\\ud800"}'],
    ["votes", "of", [str(number) for number in range(9000)]],
    ["message", "text", "x" * 2001],
    ["request", "fields.names", " sms" * 100],
    ["request", "open", ["sms"] * 101],
    ["votes", "of", json.loads("[" * 700 + "]" * 700)],
    ["registry", "form", base64.b64encode(zlib.compress(b"[" + b" " * 9 * 2**20 + b"]")).decode()],
    ["registry", "form", base64.b64encode(zlib.compress(b"[" + b"{}," * 90_000 + b"{}]")).decode()],
]
ODD_CHANGES: Lines = [
    *MADE_UP["odd_changes"],
    {"kind": "relabelled", "before": {"fr": "F", "en": "E"}, "after": {"fr": "F", "en": "x" * 1_001}},
    {"kind": "added", "after": "active", "labels": {"fr": "F", "en": "\ud800"}},
]
ACCOUNT = {"account": "ana", "fields": {"status": "active"}}


def changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    """A backup with other lines."""
    return lambda whole: gzip.compress(b"".join(change(gzip.decompress(whole).splitlines(keepends=True))))


def header(**fields: object) -> Callable[[bytes], bytes]:
    """A backup with another first line."""
    return changed(lambda lines: [json.dumps(json.loads(lines[0]) | fields).encode() + b"\n", *lines[1:]])


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (lambda whole: whole[:-40], "its end is missing: it was cut"),
    "no last line": (changed(lambda lines: lines[:-1]), "its end is missing: it was cut after"),
    "a line more": (changed(lambda lines: [*lines, lines[1]]), "something follows the last line"),
    "another voter": (changed(lambda lines: [line.replace(b"ana", b"eve") for line in lines]), "not those that were"),
    "a newer format": (header(format=5), "in version 5 of the format, this service knows 4: update it"),
    "no format": (header(format=True), "b.gz:1: is no backup"),
    "of something else": (header(backup_of="x"), "b.gz:1: is no backup"),
    "of checksums": (header(backup_of="x", sha256="x"), "b.gz:1: is no backup"),
    "no time": (header(at=["x"]), "b.gz:1: at and service must be texts of at most 100 characters"),
    "another file": (lambda whole: b"votes", "is no backup, or damaged: Not a gzipped file"),
    "an empty file": (lambda whole: b"", "is empty, and no backup"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_file_that_is_not_whole_is_refused(redis: AnyClient, name: str) -> None:
    damage, reason = DAMAGES[name]
    maintenance.add_voters(redis, "crm", ["ana"])
    with pytest.raises(InvalidBackup, match=re.escape(reason)):
        form.check(BytesIO(damage(taken(redis).getvalue())), "b.gz")


def written(lines: Lines, **header: object) -> BytesIO:
    """A file with these lines, whose digest is right."""
    form.write(empty := BytesIO(), [])
    first = json.loads(gzip.decompress(empty.getvalue()).splitlines()[0]) | header
    begin = b"".join(json.dumps(line).replace("\\u007f", "\x7f").encode() + b"\n" for line in (first, *lines))
    last = {"lines": len(lines), "sha256": hashlib.sha256(begin).hexdigest()}
    return BytesIO(gzip.compress(begin + json.dumps(last).encode()))


def check_refused(lines: Lines, place: str = "[0-9]+: (the .* )?", *, but: Lines | None = None, **header: int) -> None:
    """A file with these lines is refused, and says so of one; with other lines, where some are given, it is taken."""
    with pytest.raises(InvalidBackup, match=f"^b.gz:{place}is no line of a backup$"):
        form.check(written(lines, **header), "b.gz")
    if but is not None:
        form.check(written(but, **header), "b.gz")


@pytest.fixture
def everything() -> Lines:
    """Lines of every subject, which make a backup."""
    with FORMAT_4.open("rb") as file:
        lines = list(form.lines(file, "format_4.gz"))
    assert {next(iter(line)) for line in lines} == SUBJECTS.keys()
    assert form.check(written(lines), "b.gz").lines == len(lines)
    return lines


@pytest.mark.parametrize("change", [*MADE_UP["fields"], *LONG], ids=lambda change: " ".join(map(str, change))[:40])
def test_what_this_service_never_writes_is_refused_before_anything_is(everything: Lines, change: list[Any]) -> None:
    subject, field, *value = change
    name, _, part = field.partition(".")
    line = next(line for line in everything if next(iter(line)) == subject and line.get("open") != [])
    fields, key = (line[name], part) if part else (line, name)
    if value:
        [fields[key]] = value
    else:
        del fields[key]
    check_refused(everything)


@pytest.mark.parametrize("line", [*MADE_UP["without_subject"], {"key": "\ud800"}])
def test_line_without_a_subject_is_refused(line: dict[str, Any]) -> None:
    check_refused([ACCOUNT, line], "3: ", but=[ACCOUNT])


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ({"account": "zed", "fields": {"status": "\n"}}, "2: the account zed \\(its field status\\) "),
        ({"account": "zed", "fields": {"role": "\n"}}, "2: the account zed \\(its field role\\) "),
        ({"votes": "\n", "of": ["ana"]}, r"2: the votes \\n "),
    ],
)
def test_a_line_that_is_refused_is_named(line: dict[str, Any], place: str) -> None:
    check_refused([line, ACCOUNT], place)


@pytest.mark.parametrize("number", [1, 2])
def test_older_format_is_refused_with_the_version_that_reads_it(number: int) -> None:
    with pytest.raises(InvalidBackup) as refused:
        form.check(written([ACCOUNT], format=number), "b.gz")
    assert str(refused.value) == (
        f"b.gz: the backup is in format {number}, and this version reads formats 3 and 4: restore it with "
        "version 1.0.0, and make a new backup with that"
    )


@pytest.fixture
def request_of(everything: Lines) -> Lines:
    """A request, and a message of it."""
    request = next(line for line in everything if next(iter(line)) == "request")
    return [request, next(line for line in everything if "message" in line and line["request"] == request["request"])]


def test_what_belongs_together_stands_together(request_of: Lines) -> None:
    request, message = request_of
    for lines in ([request], [message], [message, ACCOUNT, request], [message] * 501 + [request]):
        check_refused(lines, but=[message, request, ACCOUNT])
    rename, another = ({"renamed": old, "to": new} for old, new in (("a", "b"), ("b", "a")))
    check_refused([rename, ACCOUNT, another], but=[rename, another, ACCOUNT])
    events = [{"event": f"{at}-1", "of": "changes", "says": EVENT} for at in (5, 7)]
    check_refused([events[0] | {"event": "253402300799999-1"}])  # behind which no other could come
    number: Lines = [{"events": "changes", "last": "9-1", "added": 2, "deleted": "0-0"}]
    check_refused([events[0], *number, events[1]])
    check_refused(number)


def test_of_each_kind_of_change_it_is_known_what_it_says() -> None:
    def told(change: dict[str, Any]) -> Lines:
        said = {"slug": "crm", "labels": {"fr": "F", "en": "E"}, "before": None, "after": None, "revision": "0" * 64}
        return [{"event": "5-1", "of": "changes", "says": json.dumps(said | change)}]

    for change in MADE_UP["changes"]:
        form.check(written(told(change)), "b.gz")
    for change in ODD_CHANGES:
        check_refused(told(change), "2: the event 5-1 ")


def test_what_is_put_together_is_bounded(everything: Lines, request_of: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry is unpacked to be checked: 348 KB of them took two hours. A page lists all modules of requests."""
    registry = next(line for line in everything if "registry" in line)
    check_refused([registry] * 2, "3: the registry .* ", but=[registry])
    monkeypatch.setattr(form, "_MAX_MODULES", 2)
    request, message = request_of
    requests = [request | {"fields": request["fields"] | {"module": module}} for module in ("a", "b", "a", "c")]
    of_three = [line for each in requests for line in (message, each)]
    check_refused(of_three, "9: the request .* ", but=of_three[:6])
    monkeypatch.setattr(form, "_MAX_IN_MEMORY", 2**16)
    revisions = [{"revision": f"{number:064x}", "at": 1} for number in range(65)]
    check_refused(revisions, "66: the revision .* ", but=revisions[:-1])


def test_a_file_unpacks_to_no_more_than_a_backup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 107 KB, names of zeros took 839 MB."""
    monkeypatch.setattr(form, "_MAX_UNPACKED", 2**20)
    lines = [{"account": f"account{number}", "fields": {"name": "0" * 900_000}} for number in range(8)]
    form.check(written(lines[:1]), "b.gz")
    with pytest.raises(InvalidBackup, match=r"^b.gz: unpacks to more than a backup does$"):
        form.check(written(lines), "b.gz")


def test_a_line_has_at_most_one_mib(redis: AnyClient) -> None:
    """One that is longer is not even looked at: 60 MiB of `{}` took 1.6 GB. Nor is it written."""
    bomb = b'{"account": [' + b"{}," * 2**20 + b"{}]}\n"
    with pytest.raises(InvalidBackup, match=r"^b.gz: a line is longer than 1,048,576 bytes$"):
        form.check(BytesIO(changed(lambda lines: [lines[0], bomb])(written([]).getvalue())), "b.gz")
    redis.hset("{registry}:account:ana", mapping={"status": "active", "avatar": "x" * 2**20})
    with pytest.raises(BackupFailed, match=r"^the account ana holds what this service never writes"):
        taken(redis)
