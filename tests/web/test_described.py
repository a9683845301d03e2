"""Whatever schemathesis asks by the description: no error of the service, and no answer that is not described."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import DOCUMENTED, OPERATOR, Serve, connect, session_cookie, socket_url

from service.accounts import store as accounts
from service.accounts.model import Account, Status
from service.accounts.sessions import Caller
from service.feedback import store as feedback
from service.registry.loading import load

#: How many requests it makes up for each operation in each phase, beside those that cover the description.
EXAMPLES = os.environ.get("EXAMPLES", "5")  # with 25, 7,856 requests: all are answered as described

#: Its checks and phases are all there are; what it is told besides is in this file.
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.parametrize(
    "caller",
    [
        *(pytest.param(caller, marks=pytest.mark.nightly) for caller in ("nobody", "pending", "member")),
        pytest.param("admin", marks=pytest.mark.long),
    ],
)
def test_every_answer_is_described(serve: Callable[..., Serve], tmp_path: Path, caller: str) -> None:
    key = "k" * 32
    running = serve(REDIS_TIMEOUT="20", SECRET_KEY=key)  # nothing here is about a store that does not answer
    cookie, arguments = "session=none", []
    if caller != "nobody":
        cookie = session_cookie(key, "alice")
        arguments = ["--exclude-path", "/sign-out"]  # it ends the session
        with closing(connect(socket_url(running.data_dir))) as client:
            accounts.add(client, Account("alice", Status.ACTIVE), by=OPERATOR)
            feedback.open_thread(client, Caller("alice"), "sms_campaign", "Please", load(DOCUMENTED))
            if caller == "pending":
                accounts.set_status(client, "alice", Status.PENDING, by=OPERATOR)
            else:
                accounts.set_details(client, "alice", role=caller, by=OPERATOR)
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            *("--config-file", CONFIGURATION, "run", f"{running.url}/openapi.yaml"),
            *("--checks", "all", "--continue-on-failure", "--max-examples", EXAMPLES, "--seed", "1", "--no-color"),
            *arguments,
        ],
        cwd=tmp_path,
        env=os.environ | {"SESSION": cookie.removeprefix("session=")},
        capture_output=True,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert running.log == []
