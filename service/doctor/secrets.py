"""Whether the secrets of the settings can be guessed. None of them is in a finding."""

from __future__ import annotations

import math
import os
import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from service.doctor.model import About, Finding
from service.problems import InvalidSetting
from service.settings import Settings
from service.storage.data_dir import SECRET_KEY, kept_secret_key

#: What stands in for a key in examples and first tries. Short ones count as whole words alone: random text has them.
_WORDS = re.compile(
    r"change.?me|change.?this|replace.?(me|this|with)|your.?secret|secret|password|passw0rd|insecure|default|example|"
    r"letmein|qwerty|only for trying|todo|\b(dev|test|key|demo|foo|bar|abc)\b",
    re.IGNORECASE,
)
#: Fewer different characters than random text of 16 bytes ever has.
_FEWEST_DIFFERENT = 6
#: What cannot be tried out, in bits: 16 random letters and digits have 95, 16 random hexadecimal digits 64.
_FEWEST_BITS = 80

_SIGNS = "Whoever guesses it is signed in as anybody, also as an admin."


def secrets(settings: Settings) -> Iterator[Finding]:
    """Whether each secret can be guessed."""
    yield from _session_key(settings)
    for key in settings.secret_key_fallbacks:
        if reason := guessable(key):
            yield About("weak-key", "SECRET_KEY_FALLBACKS").problem(
                f"one of them {reason}", _SIGNS, "take it out of SECRET_KEY_FALLBACKS"
            )
    if settings.webhook_secret:
        decoded = b64decode(settings.webhook_secret.removeprefix("whsec_")).decode("latin-1")
        means = "Whoever guesses it tells the receiver of what never happened."
        yield _judged("WEBHOOK_SECRET", decoded, means, "echo whsec_$(openssl rand -base64 32)")
    if settings.oidc_client_secret:
        means = "Whoever guesses it can pose as this service to the provider."
        yield _judged("OIDC_CLIENT_SECRET", settings.oidc_client_secret, means, "have the provider make another one")
    if settings.redis_url and (password := _password(settings.redis_url.urls[0])):
        means = "Whoever guesses it and reaches Redis votes for others, and makes admins."
        yield _judged("REDIS_URL", password, means, "`ACL GENPASS` makes a password")


def _password(url: str) -> str:
    """That of a URL of Redis, which may have it in its query, too."""
    parts = urlsplit(url)
    return unquote(parts.password or "") or parse_qs(parts.query).get("password", [""])[0]


def _session_key(settings: Settings) -> Iterator[Finding]:
    about = About("weak-key", "SECRET_KEY")
    key, where = settings.secret_key, "SECRET_KEY"
    if key is None and settings.redis_url:
        yield about.problem(
            "it is not set, and REDIS_URL is",
            "`serve` does not start.",
            "set SECRET_KEY to the platform's key; doctor is to see what `serve` does",
        )
        return
    if key is None:
        path = settings.data_dir / SECRET_KEY
        try:
            owner = path.stat().st_uid
        except FileNotFoundError:
            yield about.well("the first `serve` makes one of 32 random bytes")
            return
        except OSError as error:
            reason = f"{path} cannot be looked at ({error.strerror})"
            yield about.unseen(reason, _SIGNS, "run doctor as the user of `serve`")
            return
        if owner == settings.data_dir.stat().st_uid != os.geteuid():
            # As when root looks at what `serve` has as another user: to give it to root would stop that `serve`.
            yield about.unseen(f"{path} is another user's", _SIGNS, "run doctor as the user of `serve`")
            return
        try:
            key, where = kept_secret_key(settings.data_dir), str(path)
        except InvalidSetting as error:
            yield about.problem(str(error), _SIGNS, "as it says")
            return
    mends = f"`openssl rand -hex 32` makes one, in place of {where}, for the platform as well; do not keep the old one"
    yield _judged("SECRET_KEY", key, _SIGNS, mends)


def retired_keys(settings: Settings) -> Iterator[Finding]:
    """Whether keys that were retired are accepted for ever."""
    about = About("retired-keys", "SECRET_KEY_FALLBACKS")
    number = len(settings.secret_key_fallbacks)
    if settings.secret_key in settings.secret_key_fallbacks:
        yield about.problem(
            "SECRET_KEY is among the retired keys",
            "A key that was retired since others know it goes on signing.",
            "make another SECRET_KEY (`openssl rand -hex 32`)",
        )
    elif number:
        yield about.warning(
            f"{number} retired key{'' if number == 1 else 's'} still accepted",
            "Whoever has one signs in as anybody. Nothing ends that by itself.",
            "unset SECRET_KEY_FALLBACKS a day after the change: whoever has not come back by then signs in again",
        )


def _judged(setting: str, secret: str, means: str, mends: str) -> Finding:
    about = About("weak-key", setting)
    reason = guessable(secret)
    return about.problem(reason, means, mends) if reason else about.well("it does not look as if it can be guessed")


def guessable(secret: str) -> str | None:
    """Why a secret can be guessed, which does not tell it; None where nothing says so."""
    if _WORDS.search(secret):
        return "has a word that examples have, such as changeme, secret or dev"
    different = len(set(secret))
    if different < _FEWEST_DIFFERENT:
        return f"has {different} different characters only"
    if any(secret == (secret[:size] * len(secret))[: len(secret)] for size in range(1, len(secret) // 2 + 1)):
        return "is the same again and again"
    steps = {ord(after) - ord(before) for before, after in pairwise(secret)}
    if steps <= {1, -9} or steps <= {-1, 9}:  # 9 is followed by 0
        return "counts up or down"
    bits = len(secret) * math.log2(_alphabet(secret))
    if bits < _FEWEST_BITS:
        return f"has {bits:.0f} bits at most, which can be tried out"
    return None


def _alphabet(secret: str) -> int:
    """How many characters there are of the kinds that a secret has."""
    if re.fullmatch("[0-9a-fA-F]+", secret):
        return 10 if secret.isdecimal() else 16
    kinds = {"[a-z]": 26, "[A-Z]": 26, "[0-9]": 10, "[^a-zA-Z0-9]": 33}
    return sum(number for kind, number in kinds.items() if re.search(kind, secret))
