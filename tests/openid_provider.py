"""OpenID Connect providers: where npm's oidc-provider is, and whom the small one of the tests knows."""

import os
import shutil
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
