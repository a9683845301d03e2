"""`make audit` fails for a known vulnerability, and does not take silence for good news."""

import json
import re
from functools import partial
from http.server import BaseHTTPRequestHandler

import pytest
import vulnerabilities
from support import answering

OSV = ("--vulnerability-service", "osv", "--osv-url")


def known(vulnerable: str, handler: BaseHTTPRequestHandler) -> None:
    """Answer as OSV's API, by which one package has a vulnerability."""
    asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    of = {"package": {"name": vulnerable, "ecosystem": "PyPI"}, "versions": [asked["version"]], "ranges": []}
    known = [{"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z", "affected": [of]}]
    body = json.dumps({"vulns": known} if asked["package"]["name"] == vulnerable else {}).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.long
@pytest.mark.parametrize(("vulnerable", "code"), [("redis", 1), ("none", 0)])
def test_pip_audit_and_a_database(vulnerable: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(partial(known, vulnerable)) as port:
        assert vulnerabilities.main([*OSV, f"http://127.0.0.1:{port}"]) == code
    said = capsys.readouterr().out
    packages = len(re.findall(r"^[a-z].*==", vulnerabilities.LOCK.read_text("utf-8"), re.MULTILINE))
    if code:
        assert re.fullmatch(r"redis [\d.]+: PYSEC-1, mended in no version yet\n", said)
    else:
        number = re.fullmatch(r"None of (\d+) packages has a known vulnerability\.\n", said)
        assert number and packages - 10 <= int(number[1]) <= packages  # without those of other platforms


@pytest.mark.long
def test_pip_audit_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert vulnerabilities.main([*OSV, "http://127.0.0.1:1"]) == 0
    first, _ = capsys.readouterr().out.splitlines()
    assert first == "Not audited: the data on vulnerabilities cannot be reached."
