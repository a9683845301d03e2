"""One sign-in with an OpenID Connect provider, from the moment that a browser begins it until it is used up.

It is kept by that browser, and by nothing else: strangers fill nothing up by beginning.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

from service.problems import SignInOver
from service.storage.client import Client
from service.storage.form import key
from service.storage.script import Script

#: How long somebody may take at the provider, in seconds.
LIFETIME = 15 * 60

_SPEND = Script.load("accounts/spend", returns=int)


class Attempt(NamedTuple):
    """Random texts that this service and one browser know. The provider is told the verifier last, and by us alone."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        """One that nobody can guess: 256 bits each."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    def is_of(self, state: str) -> bool:
        """Whether an answer with this state belongs to it."""
        return hmac.compare_digest(self.state.encode(), state.encode())


def is_spent(client: Client, attempt: Attempt) -> bool:
    """Whether an attempt has been used up. Raises StorageUnavailable."""
    return bool(client.command("EXISTS", spent_key(attempt)))


def spend(client: Client, attempt: Attempt) -> None:
    """Use an attempt up, before the provider is asked for it. Raises SignInOver where it has been used up, and
    StorageUnavailable."""
    if not client.run(_SPEND, [spent_key(attempt)], [secrets.token_hex(8), str(LIFETIME)]):
        raise over()


def spent_key(attempt: Attempt) -> str:
    """What says that an attempt has been used up, for as long as it could be used."""
    return key("openid-spent", sha256(attempt.state.encode()).hexdigest())


def over() -> SignInOver:
    """What is told of an answer that belongs to no attempt, or to one that has been used up."""
    return SignInOver(
        "This sign-in has been used, has taken more than 15 minutes, or was begun in another browser or tab. "
        "Begin anew on the sign-in page."
    )
