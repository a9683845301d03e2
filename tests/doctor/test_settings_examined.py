"""What doctor says of settings, files and PUBLIC_URL."""

from __future__ import annotations

import base64
import json
import os
from contextlib import closing
from email.utils import formatdate
from importlib import import_module
from pathlib import Path
from time import time
from typing import Any

import pytest
import yaml
from examining import GOOD_KEY, answering, doctor, in_form
from support import DOCUMENTED, Store, connect

from service.doctor import configuration, secrets
from service.doctor.model import Level
from service.doctor.running import workers
from service.doctor.secrets import guessable
from service.interest.keys import interest_key
from service.problems import InvalidSetting
from service.settings import Settings
from service.storage import space
from service.storage.embedded import open_store
from service.storage.servers import Deployment, Server
from service.workers.announcements import Announcement

TABLES = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text("utf-8"))


@pytest.mark.parametrize("key", TABLES["weak"])
def test_a_key_that_can_be_guessed_is_named_and_not_told(key: str) -> None:
    assert key not in (guessable(key) or key)


@pytest.mark.parametrize("key", TABLES["strong"])
def test_a_key_that_cannot_is_well(key: str) -> None:
    assert guessable(key) is None


def test_workers_that_serve_another_registry_are_named() -> None:
    behind = [Announcement("one", number, "a" * 64, 0.0) for number in (5, 6)]
    [found] = workers([*behind, Announcement("two", 7, "b" * 64, 0.0)], "b" * 64)
    assert (found.level, found.seen) == (
        Level.WARNING,
        "2 of 3 workers serve another registry than the file here: one, process 5, which has seen no other and "
        "one, process 6, which has seen no other",
    )
    assert found.means == "An edit is not in force: what is new cannot be voted for."


def test_every_secret_is_looked_at() -> None:
    secrets = {name.upper() for name, one in Settings.__dataclass_fields__.items() if not one.repr}
    weak = "whsec_" + base64.b64encode(b"a" * 32).decode()
    oidc = {"OIDC_ISSUER": "https://login.example.com", "OIDC_CLIENT_ID": "registry", "OIDC_CLIENT_SECRET": "secret"}
    found = doctor(
        SECRET_KEY="x" * 16,
        SECRET_KEY_FALLBACKS="x" * 17,
        REDIS_URL="redis://:secret@127.0.0.1:1",
        WEBHOOK_URL="https://127.0.0.1:1/",
        WEBHOOK_SECRET=weak,
        **oidc,
    )
    assert "xxxxxxxx" not in found.output
    assert ":secret@" not in found.output
    looked_at = {each["about"] for each in found.findings if each["check"] == "weak-key" and each["level"] == "problem"}
    assert looked_at == secrets - {"WEBHOOK_URL"}


@pytest.mark.parametrize(("settings", "check", "level"), TABLES["settings"])
def test_settings(short_dir: Path, settings: dict[str, str], check: str, level: str) -> None:
    found = doctor(**({"DATA_DIR": str(short_dir)} | settings))
    assert found.level(check) == level


@pytest.mark.parametrize("name", ["valkey.log", "appendonlydir/appendonly.aof.1.incr.aof"])
def test_a_data_dir_that_others_read(short_dir: Path, name: str) -> None:
    data_dir = short_dir / "var"
    (data_dir / name).parent.mkdir(mode=0o700, parents=True)
    (data_dir / name).touch()
    for folder, file, level in ((0o755, 0o644, "problem"), (0o755, 0o600, "warning"), (0o700, 0o644, "well")):
        (data_dir / name).chmod(file)
        data_dir.chmod(folder)
        [found] = configuration.data_dir(Settings(data_dir=data_dir))
        assert found.level == level


def test_a_folder_that_is_not_the_stores_is_not_to_be_closed(short_dir: Path) -> None:
    """As with DATA_DIR=/etc: what the advice would do to the machine is worse than what it is about."""
    short_dir.chmod(0o755)
    (short_dir / "passwd").touch()
    (short_dir / "passwd").chmod(0o644)
    found = doctor(DATA_DIR=str(short_dir)).of("data-dir")
    assert found["mends"] == "set DATA_DIR to a folder of its own: this one has no store, and holds other things"
    (short_dir / "secret_key").write_text("k" * 32)
    assert doctor(DATA_DIR=str(short_dir)).of("data-dir")["mends"] == f"`chmod go= {short_dir}`"


@pytest.fixture
def of_another(short_dir: Path) -> Path:
    """A DATA_DIR of another user, with a key and a folder of the store, which nobody else may enter."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    data_dir = short_dir / "var"
    data_dir.mkdir(0o700)
    (data_dir / "appendonlydir").mkdir(0o700)
    (data_dir / "secret_key").write_text(GOOD_KEY)
    for path in (*data_dir.iterdir(), data_dir):
        os.chown(path, 12345, -1)
    return data_dir


def test_whose_data_dir_it_is_is_to_run_doctor(of_another: Path) -> None:
    """To root it says nothing that would take the folder from the `serve` that has it."""
    assert doctor(DATA_DIR=str(of_another)).of("store")["mends"].startswith("run doctor as the user of `serve`")
    [found] = secrets.secrets(Settings(data_dir=of_another, registry_file=DOCUMENTED))
    assert (found.level, found.mends) == (Level.UNSEEN, "run doctor as the user of `serve`")


def test_a_data_dir_that_may_not_be_entered_is_said(of_another: Path) -> None:
    settings = Settings(data_dir=of_another, registry_file=DOCUMENTED)
    of_another.parent.chmod(0o700)
    os.seteuid(54321)
    try:
        found = [*secrets.secrets(settings), *configuration.data_dir(settings), *configuration.disk(settings)]
        with pytest.raises(InvalidSetting, match="may not be read and written by this user"), open_store(settings):
            pass
    finally:
        os.seteuid(0)
    assert [(each.check, each.level) for each in found] == [
        ("weak-key", Level.UNSEEN),
        ("data-dir", Level.UNSEEN),
    ]


def test_a_disk_that_is_nearly_full(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What statvfs says is the one thing that is made up here: tests/storage/test_full_disk.py fills a real disk."""
    for free, level in ((1 << 20, "problem"), (20 << 20, "warning"), (1 << 30, "well")):
        monkeypatch.setattr(space, "free", lambda data_dir, free=free: free)
        assert doctor(DATA_DIR=str(short_dir)).level("disk") == level


def test_a_folder_without_a_store_is_not_well(short_dir: Path) -> None:
    found = doctor("--fail-on", "not-seen", DATA_DIR=str(short_dir / "var"))
    assert (found.level("store"), found.exit_code) == ("not seen", 3)
    assert not (short_dir / "var").exists()


def test_a_store_whose_files_are_damaged(own_store: Store) -> None:
    own_store.stop()
    [file] = (own_store.data_dir / "appendonlydir").glob("*.base.rdb")
    file.write_bytes(b"nonsense")
    found = doctor(DATA_DIR=str(own_store.data_dir)).of("store")
    assert found["level"] == "problem"
    assert file.name in found["seen"]


def test_stored_data_that_does_not_agree_with_itself(own_store: Store) -> None:
    with closing(connect(own_store.url)) as redis:
        redis.sadd(interest_key("linkedin"), "alice")  # a vote without its day
    assert "data" not in doctor(REDIS_URL=own_store.url).bad
    found = doctor("--data", REDIS_URL=own_store.url).of("data")
    assert found["level"] == "problem"
    assert "linkedin has 1 votes" in found["seen"]


@pytest.mark.parametrize("row", TABLES["told"], ids=lambda row: f"{row['check']} {row['says']}"[:60])
def test_what_is_told_to_a_check_is_a_finding_in_whole(row: dict[str, Any]) -> None:
    module, name = row["check"].split(".")
    check = getattr(import_module(f"service.doctor.{module}"), name)
    told, settings = row.get("told"), Settings.from_env(row.get("settings", {}))
    if told is None:
        found = list(check(settings))
    elif module == "topology":
        servers = [Server(name, name, fault) for name, fault in told.get("servers", {}).items()]
        found = list(check(Deployment(**{**told, "servers": servers})))
    else:
        found = list(check(Server(**{"name": "there", "host": "10.0.0.7", **told}), settings))
    assert [f"{one.check} of {one.about}, {one.level}: {one.seen}" for one in found] == row["says"]
    for one in found:
        in_form(one.level, one.seen, one.means, one.mends)
    assert row.get("advice", "") in "; ".join(f"{one.means} {one.mends}" for one in found)


#: As this service answers.
READY = json.dumps({"status": "ready", "revision": "0" * 64}).encode()


def http(body: bytes = READY, status: str = "200 OK", **headers: str | None) -> bytes:
    """An answer of a server."""
    fields = {**headers, "Content-Length": str(len(body))}
    head = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join([*head, "", ""]).encode() + body


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (http(b"<h1>\x1b[31mIt works</h1>"), "not as this service"),
        (http(), "another service"),
        (http(b"[" * 100_000), "not as this service"),
        (http(b'"ready"'), "not as this service"),
        (http(b"", "302 Found", Location="https://example.com/"), ""),
    ],
    ids=["a page", "another one", "no JSON", "a text", "a redirection"],
)
def test_what_answers_at_public_url_is_told_from_this_service(own_store: Store, answer: bytes, seen: str) -> None:
    with answering(answer) as address:
        found = doctor(REDIS_URL=own_store.url, PUBLIC_URL=f"http://{address}").of("public-url")
    assert found["level"] == "problem"
    assert seen in found["seen"] + found["means"]


def test_without_a_registry_nothing_tells_what_answers_at_public_url() -> None:
    with answering(http()) as address:
        found = doctor(PUBLIC_URL=f"http://{address}", REGISTRY_FILE="/nowhere", DATA_DIR="/nowhere")
    assert found.level("public-url") == "not seen"


def test_the_clock_of_public_url(own_store: Store) -> None:
    def level(date: str | None) -> str:
        with answering(http(Date=date)) as address:
            return doctor(REDIS_URL=own_store.url, PUBLIC_URL=f"http://{address}").level("clock", "PUBLIC_URL")

    for ahead, expected in ((0, "well"), (-10, "warning"), (10, "warning"), (100, "problem"), (-100, "problem")):
        assert level(formatdate(time() + ahead, usegmt=True)) == expected
    for date in (None, "yesterday", "Thu, 01 Jan 99999 00:00:00 GMT"):
        assert level(date) == "not seen"
