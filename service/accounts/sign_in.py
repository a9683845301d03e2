"""Sign-in links: each has a random token, known to Redis only by its hash, that signs one account in, once.

"Once" survives an answer that was lost on its way: whoever redeems a token brings a random number (a nonce), and who
brings the same one again within a minute, be it a client of Redis or a person, gets the same answer.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, cast

from service.accounts import actor, sessions
from service.accounts.model import Locale, Status, account_key, new_generation
from service.accounts.sessions import Caller
from service.audit import store as audit
from service.audit.model import Action, Actor
from service.problems import SignInRefused, UnknownAccount
from service.storage.client import Client
from service.storage.script import Script
from service.times import moment
from service.wording import printable

#: How long a link may be used, in seconds.
LIFETIME = 15 * 60

#: How long a token that was redeemed may be redeemed again with the same nonce, in seconds.
AGAIN = 60

_GENERATION = Script.load("accounts/generation", returns=str | None)
_KEEP_TOKEN = actor.load("keep_token")
_VERIFY = Script.load("accounts/verify", returns=(str, str, int), or_nothing=True)
_REDEEM = Script.load("accounts/redeem", returns=(str, str), or_nothing=True)


class Link(NamedTuple):
    """What an unspent token stands for, when it expires (UTC), and the account's language, if that is known."""

    account_id: str
    expires: datetime
    locale: Locale | None


def token_key(token: str) -> str:
    """What a token stands for, until it expires or has been redeemed for a minute."""
    return f"{_TOKENS}{_digest(token)}"


#: What the keys of all tokens begin with.
_TOKENS = "sign-in-token:"


def tokens_of(client: Client, account_id: str) -> list[str]:
    """The keys of an account's tokens, which a search through all keys finds. Raises StorageUnavailable."""
    keys = sorted(set(client.scan(f"{_TOKENS}*")))
    return [key for key in keys if client.command("HGET", key, "account") == account_id]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


#: Where a `serve` leaves its address, for the links that others make.
_ADDRESS_KEY = "sign-in-address"


def announce_address(client: Client, url: str) -> None:
    """Say where links lead, until another `serve` on this store says so. Raises StorageUnavailable."""
    client.command("SET", _ADDRESS_KEY, url)


def announced_address(client: Client) -> str | None:
    """Where the `serve` on this store that started last said it is. Raises StorageUnavailable."""
    address: Any = client.command("GET", _ADDRESS_KEY)
    return cast("str | None", address)


def generation_of(client: Client, account_id: str) -> str:
    """What a session of an account has to carry. Raises UnknownAccount, StorageUnavailable."""
    generation: str | None = client.run(_GENERATION, [account_key(account_id)], [new_generation()])
    if generation is None:
        raise _unknown(account_id)
    return generation


def _unknown(account_id: str) -> UnknownAccount:
    return UnknownAccount(f"no account has the id {account_id}")


def make_token(client: Client, account_id: str, *, by: Actor) -> str:
    """A token that signs this account in, once, within 15 minutes, unless its sessions are ended before.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts; UnknownAccount, SignInRefused for a suspended
    account, StorageUnavailable.
    """
    actor.check(client, by)
    generation = generation_of(client, account_id)
    if sessions.status_of(client, Caller(account_id, generation)) == Status.SUSPENDED:
        raise SignInRefused(f"account {account_id} is suspended: activate it first")
    token = secrets.token_urlsafe(32)
    args: list[Any] = [token_key(token), by, account_id, generation, LIFETIME, Action.LINK_MADE]
    if client.is_cluster:
        with actor.intended(client, by, Action.LINK_MADE, whom=account_id):
            actor.run(client, _KEEP_TOKEN, *args)
    else:
        actor.run(client, _KEEP_TOKEN, *args)
    if not client.command("EXISTS", account_key(account_id)):  # erased in between: nothing must stay behind
        client.command("DEL", token_key(token))
        audit.forget(client, account_id)
        raise _unknown(account_id)
    return token


def verify(client: Client, token: str) -> Link:
    """What a token would do if it were redeemed; changes nothing. Raises SignInRefused, StorageUnavailable."""
    return _verified(client, token, "")


def redeem(client: Client, token: str, nonce: str = "") -> tuple[Caller, str]:
    """Spend a token; returns whom it signs in, and the account's status. Without a nonce it makes one.

    A token that signs nobody in is not spent: its account may be activated again. Raises SignInRefused,
    StorageUnavailable.
    """
    digest = _digest(nonce or new_nonce())
    _verified(client, token, digest)  # on a Cluster, no script may see the token and the account at once
    found = client.run(_REDEEM, [token_key(token)], [digest, str(AGAIN)], writes=True)
    if found is None:
        raise _refused()
    caller = Caller(*found)
    return caller, _account(client, caller)[0]


def _verified(client: Client, token: str, nonce: str) -> Link:
    """What a token would do if it were redeemed with this nonce, by its digest."""
    found = client.run(_VERIFY, [token_key(token)], [nonce])
    if found is None:
        raise _refused()
    account_id, generation, expires = found
    _, locale = _account(client, Caller(account_id, generation))
    return Link(account_id, moment(expires), locale)


def new_nonce() -> str:
    """A random number for one attempt to redeem a token, however often it is sent."""
    return secrets.token_urlsafe(16)


def _account(client: Client, caller: Caller) -> tuple[str, Locale | None]:
    """The status and the language of an account that may sign in. Raises SignInRefused, StorageUnavailable."""
    profile = sessions.profile_of(client, caller)
    status = profile.status
    if status is None:  # removed, or its sessions were ended, since the link was made
        raise _refused()
    if status not in sessions.READERS:
        raise SignInRefused(f"This account is {printable(status)}: it cannot sign in.")
    return status, profile.locale


def _refused() -> SignInRefused:
    return SignInRefused(
        "This sign-in link has been used, has expired, or was never issued. Ask for a new one: whoever runs this "
        "service makes it with `module-registry accounts sign-in-link`."
    )
