"""A real OpenID Connect provider: npm's oidc-provider."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NODE = os.environ.get("NODE") or shutil.which("node")
#: The folder of npm's oidc-provider: .ci/run installs it, and names it here.
FOLDER = os.environ.get("OIDC_PROVIDER")
MISSING = "no provider: OIDC_PROVIDER names the folder that `npm install oidc-provider` makes, and node runs it"

CLIENT_ID, SECRET = "the registry", "a secret: 100% + more"
#: Where a test client says that the service is.
ADDRESS = "http://localhost"

ACCOUNTS: dict[str, Any] = {
    "alice": {"name": "Alice Martin", "email": "alice@example.com", "email_verified": True, "locale": "fr-CA"},
    "bob": {"name": "Bob", "email": "bob@example.com", "email_verified": False, "locale": "de"},
    "carol": {
        "name": "Carol",
        "email": "carol@elsewhere.example",
        "email_verified": True,
        "groups": ["staff", "chiefs"],
    },
}


class Running:
    """A provider that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self.process, self.issuer = process, process.stdout.readline().strip()


@contextmanager
def running(*addresses: str, port: int | None = None) -> Iterator[Running]:
    """A provider that sends people back to these addresses."""
    assert NODE and FOLDER
    told = {"client": CLIENT_ID, "secret": SECRET, "addresses": addresses, "accounts": ACCOUNTS, "port": port}
    script = Path(__file__).with_suffix(".mjs")
    process = subprocess.Popen(
        [NODE, str(script), json.dumps(told)],
        env=os.environ | {"OIDC_PROVIDER": FOLDER},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.communicate()
