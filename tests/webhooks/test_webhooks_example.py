"""The receiver of the documentation, run as it is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import documentation
import pytest
from clusters import free_ports
from receiving import SECRET
from support import run, wait_until

from service.webhooks.keys import CHANGES
from service.webhooks.message import message
from service.webhooks.receiver import Receiver, send


@pytest.fixture
def example(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of the receiver, and the file that has what it prints."""
    page = documentation.page("webhooks.md")
    [program] = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "receiver.py").write_text(program)
    [port] = free_ports(1)
    printed = tmp_path / "printed"
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "receiver", "run", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "WEBHOOK_SECRET": SECRET},
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
    url = f"http://127.0.0.1:{port}/hooks"
    try:
        wait_until(lambda: status(url) == 401)
        yield url, printed
    finally:
        process.kill()
        process.wait()


def status(url: str, **headers: str) -> int:
    """What a POST without a right signature is answered; 0 if nobody listens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, b"{}", named)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.long
def test_it_acts_once_on_what_is_signed_and_refuses_what_is_not(example: tuple[str, Path]) -> None:
    url, printed = example
    done = run("webhooks", "test", WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET)
    assert (done.returncode, done.stderr) == (0, "")
    released = message(CHANGES, "1764146400000-0", json.dumps({"kind": "released", "slug": "crm", "votes": 3}))
    for _ in range(2):
        assert send(Receiver(url, SECRET), released).is_delivered
    assert printed.read_text().splitlines()[-1:] == ["crm is here; 3 had asked for it"]
    assert printed.read_text().count("crm") == 1
    assert send(Receiver(url, "whsec_" + "A" * 32), message(CHANGES, "1-0", '{"kind": "added"}')).status == 401
    assert status(url, webhook_id="1", webhook_timestamp="x", webhook_signature="v1,x") == 401
    now = str(int(time.time()))
    for signature in ("x", "v1,", "v1,!", "v1,a", "v2,a"):
        assert status(url, webhook_id="1", webhook_timestamp=now, webhook_signature=signature) == 401, signature
