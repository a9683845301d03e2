"""Whatever schemathesis asks by the description: no error of the service, and no answer that is not described."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Serve, run
from test_many_voters import ask, sign_in

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)

#: How many requests it makes up for each operation, beside those that cover the description.
MOST = 25


@pytest.mark.long
@pytest.mark.parametrize("role", [None, "member", "admin"])
def test_every_answer_is_described(serve: Callable[..., Serve], tmp_path: Path, role: str | None) -> None:
    running = serve()
    arguments = []
    if role:
        cookie = sign_in(running, "alice")
        run("accounts", "set", "alice", "--role", role, DATA_DIR=str(running.data_dir)).check_returncode()
        # It ends the session.
        arguments = ["--header", f"Cookie: {cookie}", "--exclude-path", "/sign-out"]
        sent = {"module": "sms_campaign", "message": "Please"}
        assert ask(running.url, "POST", "/api/feedback", cookie, sent)[0] == 201
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            "run",
            f"{running.url}/openapi.yaml",
            *("--checks", ",".join(CHECKS)),
            *("--max-examples", str(MOST), "--seed", "1", "--no-color"),
            *arguments,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
