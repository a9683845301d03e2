"""`module-registry settings` and `init`, and the warning of a setting that is misspelt."""

from pathlib import Path

import pytest
from support import run

from service.settings import Settings, warn_of_misspelt


def rows(folder: Path, **settings: str) -> dict[str, list[str]]:
    """What it prints, by setting: value and origin."""
    done = run("settings", folder=folder, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    header, *lines = (line.split() for line in done.stdout.replace("(not set)", "-").splitlines())
    assert header == ["setting", "value", "from"]
    return {name: rest for name, *rest in lines}


SECRETS = {"SECRET_KEY": "hush" * 4, "SECRET_KEY_FALLBACKS": "hush" * 4, "WEBHOOK_SECRET": "whsec_" + "hush" * 8}


def test_each_setting_is_printed_with_where_it_comes_from(tmp_path: Path) -> None:
    origins = "https://a.example, https://b.example"
    printed = rows(tmp_path, CACHE_MAX_AGE="5", CORS_ORIGINS=origins, METRICS_PORT="9100")
    assert printed["METRICS_PORT"] == ["127.0.0.1:9100", "environment"]
    assert printed["CACHE_MAX_AGE"] == ["5", "environment"]
    assert printed["CORS_ORIGINS"] == ["https://a.example,https://b.example", "environment"]
    assert printed["VOTE_DURABILITY"] == ["server", "default"]
    assert printed["REDIS_URL"] == printed["SECRET_KEY"] == ["-", "default"]
    assert len(printed) == len(Settings.__dataclass_fields__)


def test_secrets_are_hidden(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("hush" * 8)
    assert rows(tmp_path)["SECRET_KEY"] == ["(hidden)", "var/secret_key"]
    hook = "https://hooks.example.com/hush?hush"
    places = {
        "redis://me:hush@host:1/2?password=hush#hush": ["host:1/2"],
        "unix:///run/redis.sock": ["/run/redis.sock"],
        "rediss+cluster://me:hush@a:1,[::1]:2": ["a:1,", "[::1]:2"],
        "redis+sentinel://me:hush@a,b:2/primary/3": ["a:26379/3,", "b:2/3"],
    }
    for url, shown in places.items():
        printed = rows(tmp_path, **SECRETS, REDIS_URL=url, WEBHOOK_URL=hook)
        assert printed["REDIS_URL"] == [*shown, "environment"]
        assert printed["WEBHOOK_URL"] == ["https://hooks.example.com/(hidden)", "environment"]
        assert {tuple(printed[name]) for name in SECRETS} == {("(hidden)", "environment")}


def test_init_writes_a_registry_that_is_valid(tmp_path: Path) -> None:
    assert run("init", folder=tmp_path).returncode == 0
    assert run("check", folder=tmp_path).stdout == "registry.yaml: valid, 2 modules\n"
    shown = (tmp_path / "registry.yaml").read_text()
    assert all(f" {field}:" in shown for field in ("description", "keywords", "documentation", "owner", "stage"))


def test_a_variable_with_one_slip_is_one_that_was_meant_and_others_are_not(caplog: pytest.LogCaptureFixture) -> None:
    def misspelt(*names: str) -> dict[str, str]:
        """What is logged of these variables: what each was meant to be."""
        caplog.clear()
        warn_of_misspelt(dict.fromkeys(names, "x"))
        return dict(record.args for record in caplog.records)  # type: ignore[misc]

    slips = ("REGISTRY_FLE", "REGISTRY_FILEE", "REGISRTY_FILE", "RXGISTRY_FILE", "registry_file")
    meant = {**dict.fromkeys(slips, "REGISTRY_FILE"), "ECRET_KEY": "SECRET_KEY", "DATADIR": "DATA_DIR"}
    assert {name: misspelt(name).get(name) for name in meant} == meant
    assert misspelt("PATH", "XDG_DATA_DIRS", "REDIS_HOST", "REDIS_URL", "DATA") == {}
    assert misspelt("REDIS_TIMEOUT", "REDIS_TIMEOUTS") == {"REDIS_TIMEOUTS": "REDIS_TIMEOUT"}
