"""`module-registry backup` and `restore`: the file, what is refused, what is asked, and that it is recorded."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import signal
import stat
import subprocess
import zlib
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from saving import FORMAT_1, taken
from support import DEADLINE, OPERATOR, AnyClient, Store, clean_environ, command, connect, everything, run, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account
from service.audit import store as audit
from service.audit.store import AUDIT_KEYS
from service.backup import format as form
from service.history.model import Kind
from service.interest import maintenance
from service.interest.keys import interest_key
from service.problems import BackupFailed, InvalidBackup

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def call(redis: AnyClient, valkey_url: str, tmp_path: Path) -> Run:
    """Run a command in a folder, on a store with two people and three votes."""
    for name in ("ana", "bob"):
        accounts.add(redis, Account(name, "active", name="Zoé"), by=OPERATOR)
        maintenance.add_voters(redis, "crm", [name])
    maintenance.add_voters(redis, "jobs", ["ana"])

    def call(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = run(*arguments, stdin=stdin, folder=tmp_path, REDIS_URL=valkey_url)
        assert "Traceback" not in done.stderr
        return done

    return call


def test_a_backup_is_private_and_comes_back_into_an_empty_store(call: Run, redis: AnyClient, tmp_path: Path) -> None:
    file = tmp_path / "b.gz"
    file.write_text("of yesterday")
    file.chmod(0o644)
    done = call("backup", "b.gz")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 accounts, 3 votes, 0 requests, 3 acts in b.gz, ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert lines[0]["backup_of"] == "module-registry"
    assert {"votes": "jobs", "of": ["ana"]} in lines

    before = {key: value for key, value in everything(redis).items() if key not in AUDIT_KEYS}
    redis.flushall()
    asked = call("restore", "b.gz", stdin="n\n")
    assert (asked.returncode, asked.stdout) == (1, f"Restore it into {redis.url.place}? [y/N]: n\n")
    assert not redis.exists(interest_key("jobs"))
    done = call("restore", "b.gz", "--yes")
    told = f"restored into {redis.url.place}: 2 accounts, 3 votes, 0 requests, 3 acts\n"
    assert (done.returncode, done.stdout) == (0, told)
    assert {key: value for key, value in everything(redis).items() if key not in AUDIT_KEYS} == before
    found = [(entry.what, entry.outcome) for entry in audit.entries(redis)]
    # That it was made is in it, but not that it was finished, which came after.
    assert found[:2] == [("store-restored", "done"), ("backup-made", "unconfirmed")]


def test_what_cannot_be_restored_or_written_is_not_backed_up(call: Run, redis: AnyClient, tmp_path: Path) -> None:
    (tmp_path / "b.gz").write_text("of yesterday")
    for file, reason in (
        ("nowhere/b.gz", "No such file or directory"),
        ("/dev/null", "it is no regular file"),
        (".", "it is no regular file"),
    ):
        done = call("backup", file)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"{file}: ") and reason in done.stderr
    redis.hset("{registry}:trend:jobs", "2026-01-01", "garbage")
    done = call("backup", "b.gz")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("the trend jobs holds what this service never writes")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("b.gz", "of yesterday")]


def test_a_store_that_is_not_empty_is_left_alone(call: Run, redis: AnyClient) -> None:
    call("backup", "b.gz")
    redis.srem(interest_key("jobs"), "ana")
    redis.delete("{registry}:trend:jobs")
    before = everything(redis)
    done = call("restore", "b.gz", "--yes")
    assert done.returncode == 1
    assert f"{redis.url.place} has votes and acts of admins already: a restore takes an empty store\n" in done.stderr
    assert everything(redis) == before


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
    "a newer format": (header(format=3), "in version 3 of the format, this service knows 2: update it"),
    "no time": (header(at=["x"]), "b.gz:1: at must be a text of at most 100 characters"),
    "another file": (lambda whole: b"votes", "is no backup, or damaged: gzip cannot read it"),
    "an empty file": (lambda whole: b"", "is empty, and no backup"),
}
CHANGE: dict[str, Any] = {
    "slug": "crm",
    "labels": {"fr": "F", "en": "E"},
    "before": None,
    "after": None,
    "revision": "0" * 64,
}
ODD_CHANGES: list[dict[str, Any]] = [
    *({"kind": "released", "before": "coming_soon", "after": "active", "votes": votes} for votes in (2**53, -1, "1")),
    {"kind": "deprecated", "after": "soon"},
    {"kind": "relabelled", "before": "a", "after": "b"},
    {"kind": "relabelled", "before": {"fr": "F", "en": "E"}, "after": {"fr": "F", "en": "x" * 100_001}},
    {"kind": "added", "after": {"fr": "F", "en": "E"}},
    {"kind": "added", "after": "active", "labels": {"fr": "F", "en": "\ud800"}},
    *({"kind": kind} for kind in Kind if kind not in ("endpoint-changed", "page-changed", "stage-changed")),
]
MADE_UP = [
    *yaml.safe_load(Path(__file__).with_name("made_up.yaml").read_text("utf-8")),
    ["account", "account", "x" * 100_000],
    ["account", "account", "\ud800"],
    ["account", "fields.name", "\ud800"],
    ["account", "fields.status", "x" * 129],
    ["votes", "votes", "x" * 129],
    ["act", "fields.about", "x" * 5000],
    ["votes", "of", [str(number) for number in range(9000)]],
    ["message", "text", "x" * 2001],
    ["votes", "of", json.loads("[" * 700 + "]" * 700)],
    ["registry", "form", base64.b64encode(zlib.compress(b"[" + b" " * 9 * 2**20 + b"]")).decode()],
]


def written(lines: list[dict[str, Any]], **header: object) -> BytesIO:
    """A file with these lines, whose digest is right."""
    form.Writer(empty := BytesIO()).end()
    first = json.loads(gzip.decompress(empty.getvalue()).splitlines()[0]) | header
    begin = b"".join(json.dumps(line).encode() + b"\n" for line in (first, *lines))
    last = {"lines": len(lines), "sha256": hashlib.sha256(begin).hexdigest()}
    return BytesIO(gzip.compress(begin + json.dumps(last).encode()))


def of_everything() -> list[dict[str, Any]]:
    """Lines of every subject."""
    with FORMAT_1.open("rb") as file:
        return [json.loads(line.text()) for line in form.lines(file, "format_1.gz")]


@pytest.mark.parametrize("change", MADE_UP, ids=lambda change: " ".join(map(str, change))[:40])
def test_what_this_service_never_writes_is_refused_before_anything_is(change: list[Any]) -> None:
    subject, field, value = change
    lines = of_everything()
    assert form.check(written(lines), "b.gz").lines == len(lines)
    line = next(line for line in lines if next(iter(line)) == subject)
    field, _, part = field.partition(".")
    line[field] = {**line[field], part: value} if part else value
    with pytest.raises(InvalidBackup, match=r"^b.gz:[0-9]+: (the .* )?is no line of a backup$"):
        form.check(written(lines), "b.gz")


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"x": "y"},
        {"key": "\ud800", "hash": ["status", "active"]},
        {"key": "{audit}:else", "hash": ["a", "b"]},
        {"key": "account:", "hash": ["status", "active"]},
        {"key": "account:x", "hash": ["status"]},
        {"key": "account:x", "hash": "ab"},
        {"key": "account:bob", "hash": ["name", "Bob"]},
        {"key": "{votes}:trend:crm", "hash": ["2026-01-01", "many"]},
        {"key": "{feedback}:thread:" + "0" * 16, "hash": ["status", "open"]},
        {"key": "{audit}:entries", "stream": [["1-1", "what", ["nested"]]]},
        {"key": "{changes}:events", "stream": [["5-1", "event", "{}"]], "state": ["1-1", "1", "0-0"]},
    ],
)
def test_nor_are_lines_of_the_format_before(line: dict[str, Any]) -> None:
    account = {"key": "account:bob", "hash": ["status", "active"]}
    form.check(written([account], format=1), "b.gz")
    with pytest.raises(InvalidBackup, match=r"^b.gz:3: (the .* )?is no line of a backup$"):
        form.check(written([account, line], format=1), "b.gz")


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ({"account": "zed", "fields": {"status": "\n"}}, "b.gz:2: the account zed (its field status)"),
        ({"votes": "\n", "of": ["ana"]}, r"b.gz:2: the votes \n"),
        ({"key": "account:zed", "hash": ["role", "\n"]}, "b.gz:2: the account zed (its field role)"),
    ],
)
def test_a_line_that_is_refused_is_named(line: dict[str, Any], place: str) -> None:
    file = written([line, {"key": "account:bob", "hash": ["status", "active"]}], format=1 if "key" in line else 2)
    with pytest.raises(InvalidBackup, match=f"^{re.escape(place)} is no line of a backup$"):
        form.check(file, "b.gz")


def test_the_lines_of_a_request_stand_together() -> None:
    said = {"author": "member", "by": "ana", "name": "", "at": 1, "text": "x"}
    fields = {"account": "ana", "module": "sms", "status": "open", "created": "1", "updated": "1", "activity": "1"}
    fields |= {"name": "", "names": " sms", "version": "1", "asked": "1"}
    message = {"message": "0" * 16, "request": "1" * 16} | said
    other = {"account": "ana", "fields": {"status": "active"}}
    request = {"request": "1" * 16, "fields": fields, "open": []}
    form.check(written([message, request, other]), "b.gz")
    for lines in ([request], [message], [message, other, request], [message] * 501 + [request]):
        with pytest.raises(InvalidBackup, match="is no line of a backup"):
            form.check(written(lines), "b.gz")


def test_of_each_kind_of_change_it_is_known_what_it_says() -> None:
    def line(says: dict[str, Any]) -> dict[str, Any]:
        return {"event": "5-1", "of": "changes", "says": json.dumps(CHANGE | says)}

    released = {"kind": "released", "before": "coming_soon", "after": "active", "votes": 2**53 - 1}
    for says in (released, {"kind": "added", "after": "active"}, {"kind": "of a later version", "before": 5}):
        form.check(written([line(says)]), "b.gz")
    for says in ODD_CHANGES:
        with pytest.raises(InvalidBackup, match=r"^b.gz:2: the event 5-1 is no line of a backup$"):
            form.check(written([line(says)]), "b.gz")


def test_a_request_has_what_a_page_shows_of_it() -> None:
    lines = of_everything()
    request = next(line for line in lines if "request" in line and "fields" in line)
    for name in ("account", "name", "module", "status", "names", "created", "updated", "version", "activity", "asked"):
        value = request["fields"].pop(name)
        with pytest.raises(InvalidBackup, match="is no line of a backup"):
            form.check(written(lines), "b.gz")
        request["fields"][name] = value
    form.check(written(lines), "b.gz")


def test_there_is_one_registry() -> None:
    """Each is unpacked to be checked: 348 KB of them took two hours."""
    line = next(line for line in of_everything() if "registry" in line)
    form.check(written([line]), "b.gz")
    with pytest.raises(InvalidBackup, match=r"^b.gz:3: the registry .* is no line of a backup$"):
        form.check(written([line] * 2), "b.gz")


def test_what_goes_on_is_open() -> None:
    lines = of_everything()
    request = next(line for line in lines if "request" in line and line.get("open"))
    request["fields"]["status"] = "declined"
    with pytest.raises(InvalidBackup, match="is no line of a backup"):
        form.check(written(lines), "b.gz")


@pytest.mark.parametrize("key", ["{feedback}:open:ana", "{audit}:outcomes"])
def test_what_is_kept_of_the_format_before_has_a_bound(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "_KEPT", 2**16)
    lines = [{"key": key, "hash": [f"x{number}", f"{number:0300}"]} for number in range(200)]
    form.check(written(lines[:90], format=1), "b.gz")
    with pytest.raises(InvalidBackup, match=r"^b.gz:111: is no line of a backup$"):
        form.check(written(lines, format=1), "b.gz")


@pytest.mark.long
def test_what_is_put_together_has_a_bound() -> None:
    lines = [{"revision": f"{number:064x}", "at": 1} for number in range(2**16 + 1)]
    form.check(written(lines[:-1]), "b.gz")
    with pytest.raises(InvalidBackup, match=r"^b.gz:65538: the revision .* is no line of a backup$"):
        form.check(written(lines), "b.gz")


def test_a_line_has_at_most_one_mib(redis: AnyClient) -> None:
    """One that is longer is not even looked at: 60 MiB of `{}` took 1.6 GB. Nor is it written."""
    bomb = b'{"account": [' + b"{}," * 2**20 + b"{}]}\n"
    with pytest.raises(InvalidBackup, match=r"^b.gz: a line is longer than 1,048,576 bytes$"):
        form.check(BytesIO(gzip.compress(gzip.decompress(written([]).getvalue()).splitlines(True)[0] + bomb)), "b.gz")
    redis.hset("{registry}:account:ana", mapping={"status": "active", "avatar": "x" * 2**20})
    with pytest.raises(BackupFailed, match=r"^the account ana holds what this service never writes"):
        taken(redis)


def test_admins_are_told_before_they_are_restored_and_recorded(call: Run, redis: AnyClient) -> None:
    accounts.add(redis, Account("eve", "active", "admin"), by=OPERATOR)
    call("backup", "b.gz")
    redis.flushall()
    refused = call("restore", "b.gz", stdin="n\n")
    assert refused.stderr.startswith("3 accounts (1 admin), 3 votes, 0 requests, 4 acts in b.gz, made at ")
    assert not redis.exists("{registry}:account:eve")
    assert call("restore", "b.gz", "--yes").returncode == 0
    assert redis.hget("{registry}:account:eve", "role") == "admin"
    assert next(audit.entries(redis)).after == "3 accounts (1 admin), 3 votes, 0 requests, 4 acts"


@pytest.mark.parametrize("name", DAMAGES)
def test_a_file_that_is_not_whole_is_refused(redis: AnyClient, name: str) -> None:
    damage, reason = DAMAGES[name]
    maintenance.add_voters(redis, "crm", ["ana"])
    with pytest.raises(InvalidBackup, match=re.escape(reason)):
        form.check(BytesIO(damage(taken(redis).getvalue())), "b.gz")


def test_of_a_file_that_was_cut_nothing_is_restored(call: Run, redis: AnyClient, tmp_path: Path) -> None:
    file = tmp_path / "b.gz"
    call("backup", "b.gz")
    file.write_bytes(file.read_bytes()[:-1])
    redis.flushall()
    done = call("restore", "b.gz", "--yes")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "b.gz: its end is missing: it was cut\n")
    assert not redis.keys()
    done = call("restore", "none.gz", "--yes")
    assert (done.returncode, done.stderr) == (1, "none.gz: cannot be read: No such file or directory\n")


@pytest.mark.long
def test_standard_output_and_input(redis: AnyClient, call: Run, tmp_path: Path) -> None:
    def piped(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        environ = clean_environ(REDIS_URL=redis.url.urls[0])
        line = command(*arguments)
        return subprocess.run(line, env=environ, input=stdin, capture_output=True, check=True, cwd=tmp_path)

    made = piped("backup", "-")
    assert made.stderr.startswith(b"2 accounts, 3 votes, 0 requests, 3 acts in standard output, ")
    (tmp_path / "pipe").symlink_to("/dev/stdin")  # which cannot be read twice
    for file in ("-", "pipe"):
        redis.flushall()
        piped("restore", file, "--yes", stdin=made.stdout)
        assert redis.smembers(interest_key("crm")) == {"ana", "bob"}


@pytest.mark.long
def test_a_backup_that_is_ended_leaves_nothing_behind(own_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.gz"
    file.write_text("of yesterday")
    with closing(connect(own_store.url)) as redis:
        redis.hset("{registry}:account:ana", "status", "active")
        process = subprocess.Popen(
            command("backup", str(file)), env=clean_environ(REDIS_URL=own_store.url, REDIS_TIMEOUT="60")
        )
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2 or process.poll() is not None)
        own_store.signal(signal.SIGSTOP)
        process.terminate()
        ended = process.wait(DEADLINE)
        own_store.signal(signal.SIGCONT)
    assert list(tmp_path.iterdir()) == [file]
    if file.read_bytes() == b"of yesterday":
        assert ended == 128 + signal.SIGTERM
    else:  # it was ended, if at all, when the file was there
        with file.open("rb") as whole:
            assert form.check(whole, "b.gz").counts["account"] == 1


def test_a_store_that_takes_no_writes_is_backed_up(call: Run, redis: AnyClient) -> None:
    redis.config_set("maxmemory", 1)
    try:
        done = call("backup", "b.gz")
    finally:
        redis.config_set("maxmemory", 0)
    assert (done.returncode, done.stderr) == (0, "the store takes no writes, so this backup is not recorded in it\n")
    assert done.stdout.startswith("2 accounts, 3 votes, 0 requests, 2 acts in b.gz, ")
