"""The names of all settings, and variables that are close to one.

Apart from `settings`, since every command looks for misspelt ones, and `check` of a named file needs nothing else of
them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from service.wording import is_one_slip

_logger = logging.getLogger(__name__)

#: The environment variable of each field of `Settings`.
NAMES = frozenset(
    [
        "REGISTRY_FILE",
        "REDIS_URL",
        "REDIS_TIMEOUT",
        "VOTE_DURABILITY",
        "VOTE_BURST",
        "VOTE_RATE",
        "FEEDBACK_BURST",
        "FEEDBACK_RATE",
        "METRICS_PORT",
        "AUDIT_LENGTH",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "SESSION_COOKIE_SECURE",
        "PUBLIC_URL",
        "SITE_NAME",
        "PLATFORM_URL",
        "SIGN_IN_URL",
        "SECURITY_CONTACT",
        "CORS_ORIGINS",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_NAME",
        "OIDC_SCOPES",
        "OIDC_DOMAINS",
        "OIDC_ADMIN",
        "CACHE_MAX_AGE",
        "CACHE_STALE_WHILE_REVALIDATE",
        "CACHE_STALE_IF_ERROR",
        "DATA_DIR",
    ]
)


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that are none of ours, but would be with one letter more, less, another, or two swapped."""
    others = environ.keys() - NAMES
    close = {name: [known for known in sorted(NAMES) if is_one_slip(name.upper(), known)] for name in others}
    return {name: known[0] for name, known in sorted(close.items()) if known}


def warn_of_misspelt(environ: Mapping[str, str]) -> None:
    """Log each variable that was probably meant to be one of the settings."""
    for name, meant in misspelt(environ).items():
        _logger.warning("%s is not a setting, and is ignored: did you mean %s?", name, meant)
