"""Settings: each is parsed, refused by name where it makes no sense, and documented."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import documentation
import pytest
import yaml

from service.problems import InvalidSetting
from service.setting_values import MetricsPort
from service.settings import NAMES, Settings
from service.storage.durability import Durability
from service.storage.redis_url import Kind, RedisUrl

PARSED: list[tuple[str, str, Any]] = [
    ("REDIS_URL", "redis://localhost:6379/0", RedisUrl.parse("redis://localhost:6379/0")),
    ("REDIS_URL", "rediss://user:secret@redis.example.com", RedisUrl.parse("rediss://user:secret@redis.example.com")),
    ("REDIS_URL", "unix:///run/redis.sock", RedisUrl.parse("unix:///run/redis.sock")),
    ("REDIS_URL", "redis+cluster://localhost:7000", RedisUrl.parse("redis+cluster://localhost:7000")),
    ("REDIS_URL", "rediss+cluster://me:pw@a:1,[::1]:2/?x=y", RedisUrl.parse("rediss+cluster://me:pw@a:1,[::1]:2/?x=y")),
    ("REDIS_URL", "redis://h:1/2", RedisUrl(Kind.SERVER, ("redis://h:1/2",))),
    (
        "REDIS_URL",
        "rediss+cluster://me:pw@a:1,[::1]/?x=y",
        RedisUrl(Kind.CLUSTER, ("rediss://me:pw@a:1?x=y", "rediss://me:pw@[::1]:6379?x=y")),
    ),
    (
        "REDIS_URL",
        "redis+sentinel://me:p%40w@a,b:5/my%20votes/3?x=y",
        RedisUrl(Kind.SENTINEL, ("redis://me:p%40w@a:26379/3?x=y", "redis://me:p%40w@b:5/3?x=y"), service="my votes"),
    ),
    ("REDIS_URL", "redis+sentinel://a/votes", RedisUrl(Kind.SENTINEL, ("redis://a:26379",), service="votes")),
    (
        "REDIS_URL",
        "redis+sentinel://:pw@a/votes?sentinel_password=a%2Bb&db=3&sentinel_username=me",
        RedisUrl(
            Kind.SENTINEL, ("redis://:pw@a:26379?db=3",), "votes", of_sentinels={"username": "me", "password": "a+b"}
        ),
    ),
    ("METRICS_PORT", "9464", MetricsPort("127.0.0.1", 9464)),
    ("METRICS_PORT", "0.0.0.0:1", MetricsPort("0.0.0.0", 1)),
    ("METRICS_PORT", "[0::0]:65535", MetricsPort("::", 65535)),
    ("VOTE_DURABILITY", "server", Durability.SERVER),
    ("VOTE_DURABILITY", "fsync", Durability.FSYNC),
    ("VOTE_DURABILITY", "Replica", Durability.REPLICA),
]
#: The same of all others, as plain values.
PLAIN: dict[str, list[tuple[str, Any]]] = yaml.safe_load(
    Path(__file__).with_name("parsed_settings.yaml").read_text("utf-8")
)

#: What each setting refuses, by its name.
NONSENSE: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("refused_settings.yaml").read_text("utf-8"))


def test_nothing_is_required_and_there_is_no_default_secret() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert settings.secret_key is None


@pytest.mark.parametrize(("name", "value", "parsed"), PARSED)
def test_a_value_is_parsed(name: str, value: str, parsed: Any) -> None:
    assert Settings.from_env({name: value}) == Settings(**{name.lower(): parsed})


@pytest.mark.parametrize(
    ("name", "value", "parsed"), [(name, *one) for name, several in PLAIN.items() for one in several]
)
def test_a_value_is_parsed_as_the_table_says(name: str, value: str, parsed: Any) -> None:
    found = getattr(Settings.from_env({name: value}), name.lower())
    plain = list(found) if isinstance(found, tuple) else str(found) if isinstance(found, Path) else found
    assert (plain, type(plain)) == (parsed, type(parsed))
    assert Settings.from_env({name: value}) == replace(Settings(), **{name.lower(): found})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in NONSENSE.items() for value in values])
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{name}: "):
        Settings.from_env({name: value})


@pytest.mark.parametrize("name", ["SITE_NAME", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "WEBHOOK_URL", "WEBHOOK_SECRET"])
def test_bytes_that_are_no_text_are_refused(name: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{name}: "):
        Settings.from_env({name: "whsec_" + "\udcff" * 16})


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_a_key_that_is_too_short_is_not_shown(name: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_env({name: "hush"})
    assert "hush" not in str(refused.value)
    assert "16 or more" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"), [("WEBHOOK_URL", "http://example.com/hush"), ("WEBHOOK_SECRET", "whsec_hush")]
)
def test_what_may_be_a_secret_of_webhooks_is_not_shown(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_env({name: value})
    assert "hush" not in str(refused.value)


def test_webhooks_take_both_of_their_settings() -> None:
    url, secret = "https://hooks.example.com/", "whsec_" + "A" * 32
    assert Settings().for_webhooks() is None
    assert Settings(webhook_url=url, webhook_secret=secret).for_webhooks() == (url, secret)
    with pytest.raises(InvalidSetting, match=r"^WEBHOOK_SECRET: is required with WEBHOOK_URL"):
        Settings(webhook_url=url).for_webhooks()
    with pytest.raises(InvalidSetting, match=r"^WEBHOOK_URL: is required with WEBHOOK_SECRET"):
        Settings(webhook_secret=secret).for_webhooks()


def test_a_secret_of_a_provider_is_not_shown() -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_env({"OIDC_CLIENT_SECRET": "hush\n"})
    assert "hush" not in str(refused.value)
    assert "hush" not in repr(Settings(oidc_client_secret="hush"))
    assert "hush" not in repr(replace(PROVIDER, oidc_client_secret="hush").for_openid())


PROVIDER = Settings(
    oidc_issuer="https://login.example.com/a",
    oidc_client_id="id",
    oidc_client_secret="secret",
    public_url="https://registry.example.com",
)


def test_a_provider_takes_all_of_its_settings() -> None:
    assert Settings(public_url="https://registry.example.com").for_openid() is None
    made = PROVIDER.for_openid()
    assert made is not None
    assert (made.redirect_uri, made.home, made.name, made.origin) == (
        "https://registry.example.com/sign-in/openid/callback",
        "https://registry.example.com/",
        "login.example.com",
        "https://login.example.com",
    )
    for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "public_url"):
        with pytest.raises(InvalidSetting, match=f"^{name.upper()}: is required with OIDC_"):
            replace(PROVIDER, **{name: None}).for_openid()
    for alone in ({"oidc_name": "Example"}, {"oidc_domains": ("example.com",)}, {"oidc_admin": "a=b"}):
        setting = next(iter(alone)).upper()
        with pytest.raises(InvalidSetting, match=f"^OIDC_ISSUER: is required with {setting}.*, or unset {setting}$"):
            Settings(**alone).for_openid()  # type: ignore[arg-type]


def test_a_provider_needs_authlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.openid_settings.find_spec", lambda name: None)
    with pytest.raises(InvalidSetting, match=r"^OIDC_ISSUER: needs Authlib: run pip install"):
        PROVIDER.for_openid()
    assert Settings().for_openid() is None


def test_every_setting_has_its_name_and_is_tested_here() -> None:
    assert {field.name.upper() for field in fields(Settings)} == NAMES
    assert {name for name, _, _ in PARSED} | {*PLAIN} == NONSENSE.keys() == NAMES


def test_other_variables_are_not_read() -> None:
    assert Settings.from_env({"PATH": "/bin", "redis_url": "x"}) == Settings()


def test_secrets_are_not_shown() -> None:
    settings = Settings(secret_key="hush", secret_key_fallbacks=("hush",), redis_url="redis://:hush@host")
    settings = replace(settings, webhook_url="https://host/hush", webhook_secret="hush")
    assert "hush" not in repr(settings)


def test_every_setting_and_no_other_is_documented() -> None:
    text = documentation.page("operators.md")
    rows = re.findall(r"^\| `([A-Z][A-Z_]+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("redis://me:p%40w@h:1/2", "REDIS_URL h:1/2"),
        ("unix:///run/redis.sock", "REDIS_URL /run/redis.sock"),
        ("rediss+cluster://me:pw@a:1,[::1]:2", "REDIS_URL a:1, [::1]:2"),
        ("redis+sentinel://me:pw@a,b:5/votes/3", "REDIS_URL a:26379/3, b:5/3"),
    ],
)
def test_where_redis_is_can_be_said_without_its_password(text: str, place: str) -> None:
    assert RedisUrl.parse(text).place == place


def test_where_the_embedded_store_is_can_be_said() -> None:
    assert RedisUrl.embedded("var/valkey.sock", "var/valkey.log").place == "DATA_DIR var"
