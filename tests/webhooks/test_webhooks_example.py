"""The receiver of the documentation, run as it is written."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import documentation
import pytest
from flask.testing import FlaskClient
from receiving import SECRET
from standardwebhooks import Webhook

from service.webhooks.receiver import Message, message, trial
from service.webhooks.store import CHANGES


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of the receiver."""
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    [program] = re.findall(r"^```python\n(.*?)^```$", documentation.page("webhooks.md"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(program, "receiver.py", "exec"), names)
    client: FlaskClient = names["app"].test_client()
    return client


def status(example: FlaskClient, sent: Message, secret: str = SECRET, **wrong: str) -> int:
    """What a message is answered that is signed with a secret, unless a `timestamp` or `signature` is given."""
    now = datetime.now(UTC)
    right = {"timestamp": str(int(now.timestamp())), "signature": Webhook(secret).sign(sent.id, now, sent.body)}
    headers = {f"webhook-{name}": value for name, value in ({"id": sent.id} | right | wrong).items()}
    return example.post("/hooks", data=sent.body, headers=headers).status_code


def test_it_acts_once_on_what_is_signed_and_refuses_what_is_not(
    example: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(example, trial()) < 300
    released = message(CHANGES, "1764146400000-0", json.dumps({"kind": "released", "slug": "crm", "votes": 3}))
    assert [status(example, released) < 300 for _ in range(2)] == [True, True]
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1:] == ["crm is here; 3 had asked for it"]
    assert printed.count("crm") == 1
    assert status(example, released, "whsec_" + "A" * 32) == 401
    assert example.post("/hooks", data="{}").status_code == 401
    assert status(example, released, timestamp="x") == 401
    for signature in ("x", "v1,", "v1,!", "v1,a", "v2,a"):
        assert status(example, released, signature=signature) == 401
