"""`make audit` fails for a known vulnerability, and does not take silence for good news."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import vulnerabilities


@contextmanager
def osv(vulnerable: str) -> Iterator[str]:
    """The address of a server of OSV's API, by which one package has a vulnerability."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package, version = asked["package"]["name"], asked["version"]
            known = {
                "id": "PYSEC-1",
                "modified": "2026-01-01T00:00:00Z",
                "affected": [{"package": {"name": package, "ecosystem": "PyPI"}, "versions": [version], "ranges": []}],
            }
            body = json.dumps({"vulns": [known]} if package == vulnerable else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.long
@pytest.mark.parametrize(("vulnerable", "code"), [("redis", 1), ("none", 0)])
def test_pip_audit_and_a_database(vulnerable: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with osv(vulnerable) as url:
        assert vulnerabilities.main(["--vulnerability-service", "osv", "--osv-url", url]) == code
    said = capsys.readouterr().out
    packages = len(re.findall(r"^[a-z].*==", vulnerabilities.LOCK.read_text("utf-8"), re.MULTILINE))
    if code:
        assert re.fullmatch(r"redis [\d.]+: PYSEC-1, mended in no version yet\n", said)
    else:
        number = re.fullmatch(r"None of (\d+) packages has a known vulnerability\.\n", said)
        assert number and packages - 10 <= int(number[1]) <= packages  # without those of other platforms


@pytest.mark.long
def test_pip_audit_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert vulnerabilities.main(["--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:1"]) == 0
    first, _ = capsys.readouterr().out.splitlines()
    assert first == "Not audited: the data on vulnerabilities cannot be reached."
