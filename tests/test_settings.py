"""Settings: each is parsed, refused by name where it makes no sense, and documented."""

import re
from dataclasses import asdict, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import documentation
import pytest
from support import table

from service.problems import InvalidSetting
from service.settings.redis_url import RedisUrl
from service.settings.settings import NAMES, Settings

#: What texts become, by the name of their setting.
PARSED: dict[str, list[tuple[str, Any]]] = table(__file__, "parsed_settings.yaml")

#: What each setting refuses, by its name.
NONSENSE: dict[str, list[str]] = table(__file__, "refused_settings.yaml")


def test_nothing_is_required_other_variables_are_not_read_and_there_is_no_default_secret() -> None:
    assert Settings.from_env({"PATH": "/bin", "redis_url": "x"}) == Settings()
    assert Settings().secret_key is None


def plain(value: Any) -> Any:
    """A value as the table has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(part) for name, part in asdict(value).items() if part}
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, Enum) else str(value) if isinstance(value, Path) else value


@pytest.mark.parametrize(("name", "value", "parsed"), [(name, *row) for name, rows in PARSED.items() for row in rows])
def test_a_value_is_parsed_as_the_table_says(name: str, value: str, parsed: Any) -> None:
    got = getattr(Settings.from_env({name: value}), name.lower())
    assert (plain(got), type(plain(got))) == (parsed, type(parsed))
    assert Settings.from_env({name: value}) == replace(Settings(), **{name.lower(): got})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in NONSENSE.items() for value in values])
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{name}: "):
        Settings.from_env({name: value})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "hush", "16 or more"),
        ("SECRET_KEY_FALLBACKS", "hush", "16 or more"),
        ("WEBHOOK_URL", "http://example.com/hush", ""),
        ("WEBHOOK_SECRET", "whsec_hush", ""),
        ("OIDC_CLIENT_SECRET", "hush\n", ""),
        ("SECRET_KEY", "hush" * 8 + "\udcff", "no UTF-8"),
    ],
)
def test_what_may_be_a_secret_is_not_shown(name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_env({name: value})
    assert "hush" not in str(refused.value)
    assert said in str(refused.value)
    assert "hush" not in repr(replace(Settings(), **{name.lower(): "hush"}))
    assert "hush" not in repr(Settings(redis_url=RedisUrl.parse("redis://:hush@host")))


def test_webhooks_take_both_of_their_settings() -> None:
    url, secret = "https://hooks.example.com/", "whsec_" + "A" * 32
    assert Settings().for_webhooks() is None
    assert Settings(webhook_url=url, webhook_secret=secret).for_webhooks() == (url, secret)
    for alone in ({"webhook_url": url}, {"webhook_secret": secret}):
        with pytest.raises(InvalidSetting, match=rf"^WEBHOOK_\w+: is required with {next(iter(alone)).upper()}"):
            Settings(**alone).for_webhooks()


PROVIDER = Settings(
    oidc_issuer="https://login.example.com/a",
    oidc_client_id="id",
    oidc_client_secret="secret",
    public_url="https://registry.example.com",
)


def test_a_provider_takes_all_of_its_settings() -> None:
    assert not Settings(public_url="https://registry.example.com").for_openid()
    assert PROVIDER.for_openid()
    for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "public_url"):
        with pytest.raises(InvalidSetting, match=f"^{name.upper()}: is required with OIDC_"):
            replace(PROVIDER, **{name: None}).for_openid()
    for alone in ({"oidc_name": "Example"}, {"oidc_domains": ("example.com",)}, {"oidc_admin": "a=b"}):
        setting = next(iter(alone)).upper()
        with pytest.raises(InvalidSetting, match=f"^OIDC_ISSUER: is required with {setting}.*, or unset {setting}$"):
            Settings(**alone).for_openid()  # type: ignore[arg-type]


def test_a_provider_needs_authlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.settings.settings.find_spec", lambda name: None)
    with pytest.raises(
        InvalidSetting, match=r"^OIDC_ISSUER: needs Authlib: run .+/requirements-oidc\.lock, or unset it$"
    ):
        PROVIDER.for_openid()
    assert not Settings().for_openid()


def test_every_setting_is_tested_here() -> None:
    assert PARSED.keys() == NONSENSE.keys() == NAMES


def test_every_setting_and_no_other_is_documented() -> None:
    text = documentation.page("operators.md")
    rows = re.findall(r"^\| `([A-Z][A-Z_]+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)
