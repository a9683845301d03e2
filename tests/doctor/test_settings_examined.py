"""What doctor says of settings, and of a store without a server."""

import os
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from examining import GOOD_KEY, doctor, in_form
from support import Store, connect, table

from service.doctor.examination import secrets, weak_key
from service.interest.keys import interest_key
from service.problems import InvalidSetting
from service.settings import Settings
from service.storage.embedded import open_store
from service.storage.redis_url import RedisUrl
from service.storage.servers import Server

TABLES = table(__file__, "examples.yaml")


@pytest.mark.parametrize(("level", "key"), [(level, key) for level in ("problem", "well") for key in TABLES[level]])
def test_a_key_that_can_be_guessed_is_named_and_not_told(level: str, key: str) -> None:
    said = weak_key(key)
    assert (said.level, key in said.seen) == (level, False)


@pytest.mark.parametrize("row", TABLES["secrets"], ids=lambda row: row["says"][0])
def test_each_secret_is_looked_at(row: dict[str, Any]) -> None:
    findings = list(secrets(Settings.from_env(row["settings"])))
    assert [f"{finding.about}, {finding.level}: {finding.seen}" for finding in findings] == row["says"]
    assert "`openssl rand -hex 32` makes one" in findings[0].mends


def test_every_setting_that_lets_somebody_in_is_looked_at_and_no_secret_told() -> None:
    said = doctor(
        SECRET_KEY="x" * 16,
        SECRET_KEY_FALLBACKS="x" * 17,
        REDIS_URL="redis://:secret@127.0.0.1:1",
        PUBLIC_URL="http://registry.example.com",
        SESSION_COOKIE_SECURE="false",
        CORS_ORIGINS="http://app.example.com",
        OIDC_CLIENT_SECRET="secret",
        OIDC_DOMAINS="example.com,gmail.com",
    )
    assert "xxxxxxxx" not in said.output
    assert ":secret@" not in said.output
    guessed = {each["about"] for each in said.findings if each["check"] == "weak-key" and each["level"] == "problem"}
    secrets = {name.upper() for name, field in Settings.__dataclass_fields__.items() if not field.repr}
    assert guessed == secrets - {"WEBHOOK_URL", "WEBHOOK_SECRET"}, "by which nobody comes in here"
    assert said.bad.keys() >= {"retired-keys", "secure-cookies", "plain-http", "oidc-domains"}
    assert said.of("retired-keys", "SECRET_KEY_FALLBACKS") and said.of("secure-cookies", "SESSION_COOKIE_SECURE")
    assert (said.of("plain-http")["about"], said.of("oidc-domains")["about"]) == ("PUBLIC_URL", "OIDC_DOMAINS")
    assert doctor(CORS_ORIGINS="http://app.example.com", DATA_DIR="/nowhere").level("cors-origins") == "warning"


def test_the_key_in_data_dir_is_looked_at_where_it_signs(short_dir: Path) -> None:
    (short_dir / "secret_key").write_text("changemechangeme\n")
    for url, levels in ((None, ["problem"]), (RedisUrl.parse("redis://127.0.0.1:1"), [])):
        assert [finding.level for finding in secrets(Settings(data_dir=short_dir, redis_url=url))] == levels
    (short_dir / "secret_key").unlink()
    os.mkfifo(short_dir / "secret_key")
    assert list(secrets(Settings(data_dir=short_dir))) == [], "which nobody waits for"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_data_dir_of_another_user_is_a_finding_and_stays_as_it_is(short_dir: Path) -> None:
    """To root as well it says nothing that would take the folder from the `serve` that has it."""
    data_dir = short_dir / "var"
    (data_dir / "appendonlydir").mkdir(0o700, parents=True)
    (data_dir / "secret_key").write_text(GOOD_KEY)
    data_dir.chmod(0o700)
    for path in (*data_dir.iterdir(), data_dir):
        os.chown(path, 12345, -1)
    before = sorted((path, path.stat().st_uid) for path in data_dir.rglob("*"))
    assert doctor(DATA_DIR=str(data_dir)).of("store")["mends"].startswith("run doctor as the user of `serve`")
    assert sorted((path, path.stat().st_uid) for path in data_dir.rglob("*")) == before
    short_dir.chmod(0o700)
    os.seteuid(54321)
    try:
        assert list(secrets(Settings(data_dir=data_dir))) == []
        with pytest.raises(InvalidSetting, match="cannot be read: Permission denied"):
            open_store(Settings(data_dir=data_dir)).__enter__()
    finally:
        os.seteuid(0)


def test_a_store_that_is_not_there_is_damaged_or_does_not_agree_with_itself(short_dir: Path, own_store: Store) -> None:
    none = doctor("--fail-on", "not-seen", DATA_DIR=str(short_dir / "none"))
    assert (none.level("store"), none.exit_code, (short_dir / "none").exists()) == ("not seen", 3, False)

    with closing(connect(own_store.url)) as redis:
        redis.sadd(interest_key("linkedin"), "alice")  # a vote without its day
    assert "data" not in doctor(REDIS_URL=own_store.url).bad
    said = doctor("--data", REDIS_URL=own_store.url).of("data")
    assert (said["level"], "linkedin has 1 votes" in said["seen"]) == ("problem", True)

    own_store.stop()
    [file] = (own_store.data_dir / "appendonlydir").glob("*.base.rdb")
    file.write_bytes(b"nonsense")
    said = doctor(DATA_DIR=str(own_store.data_dir)).of("store")
    assert (said["level"], file.name in said["seen"]) == ("problem", True)


@pytest.mark.parametrize("row", TABLES["told"], ids=lambda row: f"{row['check']} {row['says']}"[:60])
def test_what_is_told_to_a_check_is_a_finding_in_whole(row: dict[str, Any]) -> None:
    module, name = row["check"].split(".")
    looks = getattr(import_module(f"service.doctor.{module}"), name)
    told, settings = row.get("told"), Settings.from_env(row.get("settings", {}))
    of_server = [] if told is None else [Server(**{"name": "there", "host": "10.0.0.7", **told})]
    findings = list(looks.findings("there", *of_server, settings))
    assert [f"{finding.level}: {finding.seen}" for finding in findings] == row["says"]
    for finding in findings:
        in_form(finding.level, finding.seen, finding.means, finding.mends)
    assert row.get("advice", "") in "; ".join(f"{finding.means} {finding.mends}" for finding in findings)
