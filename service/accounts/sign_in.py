"""Single-use sign-in links: a random token in Redis, known there only by its hash, that stands for one account."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any, cast

import redis

from service.accounts import store
from service.accounts.store import Account, Status
from service.problems import SignInRefused, UnknownAccount

#: How long a link may be used, in seconds.
LIFETIME = 15 * 60


def sign_in_key(token: str) -> str:
    """Where an unspent token's account id is kept."""
    return f"sign-in:{sha256(token.encode()).hexdigest()}"


#: Where a `serve` leaves its address, for the links that others make; the embedded store has its lock file for that.
_ADDRESS_KEY = "sign-in-address"


def announce_address(client: redis.Redis, url: str) -> None:
    """Say where links lead, until another `serve` on this store says so. Raises StorageUnavailable."""
    client.set(_ADDRESS_KEY, url)


def announced_address(client: redis.Redis) -> str | None:
    """Where the `serve` on this store that started last said it is. Raises StorageUnavailable."""
    address: Any = client.get(_ADDRESS_KEY)
    return cast("str | None", address)


def make_token(client: redis.Redis, account_id: str) -> str:
    """A token that signs this account in, once, within 15 minutes.

    Raises UnknownAccount, SignInRefused for a suspended account, StorageUnavailable.
    """
    account = store.find(client, account_id)
    if account is None:
        raise UnknownAccount(f"no account has the id {account_id}")
    if account.status == Status.SUSPENDED:
        raise SignInRefused(f"account {account_id} is suspended: activate it first")
    token = secrets.token_urlsafe(32)
    client.set(sign_in_key(token), account_id, ex=LIFETIME)
    return token


def look(client: redis.Redis, token: str) -> None:
    """Raise SignInRefused if the token would not sign anyone in; spends nothing."""
    if not client.exists(sign_in_key(token)):
        raise _refused()


def spend(client: redis.Redis, token: str) -> Account:
    """Spend a token and return its account. Raises SignInRefused, StorageUnavailable."""
    account_id: Any = client.getdel(sign_in_key(token))
    account = store.find(client, account_id) if account_id else None
    if account is None:
        raise _refused()
    if account.status == Status.SUSPENDED:
        raise SignInRefused("This account is suspended.")
    return account


def _refused() -> SignInRefused:
    return SignInRefused("This sign-in link has been used, has expired, or was never issued. Ask for a new one.")
