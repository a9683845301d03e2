"""`module-registry backup` and `restore`: what is written, refused, asked and recorded."""

import signal
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import AnyClient, Store, add_accounts, clean_environ, command, connect, everything, run, wait_until

from service.audit import store as audit
from service.audit.store import AUDIT_KEYS
from service.backup import format as form
from service.interest import maintenance
from service.interest.keys import interest_key

#: What the store of these tests holds, beside acts.
HELD = "2 accounts (1 admin), 3 votes, 0 requests"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def call(redis: AnyClient, valkey_url: str, tmp_path: Path) -> Run:
    """Run a command in a folder, on a store with two people and three votes."""
    for name, role in (("ana", "admin"), ("bob", "member")):
        add_accounts(redis, name, role=role, name="Zoé")
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
    assert done.stdout.startswith(f"{HELD}, 3 acts in b.gz, ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    before = {key: value for key, value in everything(redis).items() if key not in AUDIT_KEYS}
    redis.flushall()
    asked = call("restore", "b.gz", stdin="n\n")
    assert (asked.returncode, asked.stdout) == (1, f"Restore it into {redis.url.place}? [y/N]: n\n")
    assert asked.stderr.startswith(f"{HELD}, 3 acts in b.gz, made at ")
    assert not redis.exists(interest_key("jobs"))
    done = call("restore", "b.gz", "--yes")
    assert (done.returncode, done.stdout) == (0, f"restored into {redis.url.place}: {HELD}, 3 acts\n")
    assert {key: value for key, value in everything(redis).items() if key not in AUDIT_KEYS} == before
    acts = [(entry.what, entry.outcome, entry.after) for entry in audit.entries(redis)]
    # That it was made is in it, but not that it was finished, which came after.
    assert acts[:2] == [("store-restored", "done", f"{HELD}, 3 acts"), ("backup-made", "unconfirmed", "")]


def test_what_cannot_be_restored_or_written_is_not_backed_up(call: Run, redis: AnyClient, tmp_path: Path) -> None:
    (tmp_path / "b.gz").write_text("of yesterday")
    regular = "it is no regular file"
    for file, reason in (("nowhere/b.gz", "No such file or directory"), ("/dev/null", regular), (".", regular)):
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
    assert (
        f"{redis.url.place} has votes, trends and acts of admins already: a restore takes an empty store\n"
        in done.stderr
    )
    assert everything(redis) == before


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
    assert made.stderr.decode().startswith(f"{HELD}, 3 acts in standard output, ")
    (tmp_path / "pipe").symlink_to("/dev/stdin")  # which cannot be read twice
    for file in ("-", "pipe"):
        redis.flushall()
        piped("restore", file, "--yes", stdin=made.stdout)
        assert redis.smembers(interest_key("crm")) == {"ana", "bob"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"$@" backup - >&-', "standard output: cannot be written: it is closed"),
        ('"$@" restore - --yes <&-', "-: cannot be read: "),
        ('"$@" settings >/dev/full', "what is printed cannot be written: No space left on device"),
    ],
)
def test_a_stream_that_is_closed_or_full_is_told(valkey_url: str, line: str, said: str) -> None:
    shell = ["sh", "-c", line, "sh", *command()]
    done = subprocess.run(
        shell, env=clean_environ(REDIS_URL=valkey_url), stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


@pytest.mark.long
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_ended_leaves_nothing_behind(own_store: Store, tmp_path: Path, end: int) -> None:
    file = tmp_path / "b.gz"
    file.write_text("of yesterday")
    with closing(connect(own_store.url)) as redis:
        redis.hset("{registry}:account:ana", "status", "active")
        process = subprocess.Popen(
            command("backup", str(file)), env=clean_environ(REDIS_URL=own_store.url, REDIS_TIMEOUT="60")
        )
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2 or process.poll() is not None)
        own_store.signal(signal.SIGSTOP)
        process.send_signal(end)
        ended = process.wait(20)
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
        redis.config_set("maxmemory", 0)
        redis.delete(*redis.keys("{registry}:*"))
        redis.config_set("maxmemory", 1)
        refused = call("restore", "b.gz", "--yes")
    finally:
        redis.config_set("maxmemory", 0)
    assert "command not allowed when used memory > 'maxmemory'" in refused.stderr
    assert (done.returncode, done.stderr) == (0, "the store takes no writes, so this backup is not recorded in it\n")
    assert done.stdout.startswith(f"{HELD}, 2 acts in b.gz, ")


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("line", ["accounts list", "accounts add alice", "votes tally"])
def test_a_command_where_there_is_no_store_makes_none(short_dir: Path, there: bool, line: str) -> None:
    data_dir = short_dir / "var"
    if there:
        data_dir.mkdir(0o700)
    result = run(*line.split(), DATA_DIR=str(data_dir))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"there is no store in DATA_DIR {data_dir}: `module-registry serve` makes one")
    assert "`module-registry accounts add ID --create` and `module-registry restore FILE`" in result.stderr
    assert [*short_dir.rglob("*")] == [data_dir] * there
    assert run("store", "repair", DATA_DIR=str(data_dir)).stdout.startswith(f"the store in {data_dir} is whole")
