"""Sign-in links: each has a random token, known to Redis only by its hash, that signs one account in, once.

"Once" survives an answer that was lost on its way: whoever redeems a token brings a random number (a nonce), and who
brings the same one again within a minute, be it a client of Redis or a person, gets the same answer.
"""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from service.accounts import actor, sessions
from service.accounts.model import Locale, account_key, new_generation
from service.accounts.sessions import Caller
from service.audit.model import Action, Actor
from service.problems import SignInRefused, UnknownAccount
from service.storage.client import Client
from service.storage.entries import moment
from service.storage.form import key
from service.storage.script import Script
from service.wording import printable

#: How long a link may be used, in seconds.
LIFETIME = 15 * 60

#: How long a token that was redeemed may be redeemed again with the same nonce, in seconds.
AGAIN = 60

_KEEP_TOKEN = actor.load("keep_token")
_TOKEN = Script.load(
    "accounts/account", "accounts/token", returns=(str, str, int, str | None, str | None), or_nothing=True
)


class Link(NamedTuple):
    """What an unspent token stands for, when it expires (UTC), and the account's status and, if known, language."""

    account_id: str
    generation: str
    expires: datetime
    status: str
    locale: Locale | None


def token_key(token: str) -> str:
    """What a token stands for, until it expires or has been redeemed for a minute."""
    return key("sign-in-token", _digest(token))


def tokens_of(client: Client, account_id: str) -> list[str]:
    """The keys of an account's tokens, which a search through all keys finds. Raises StorageUnavailable."""
    keys = sorted(set(client.scan(key("sign-in-token", "*"))))
    return [key for key in keys if client.command("HGET", key, "account") == account_id]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


#: Where a `serve` leaves its address, for the links that others make.
_ADDRESS_KEY = key("sign-in-address")


def announce_address(client: Client, url: str) -> None:
    """Say where links lead, until another `serve` on this store says so. Raises StorageUnavailable."""
    client.command("SET", _ADDRESS_KEY, url)


def announced_address(client: Client) -> str | None:
    """Where the `serve` on this store that started last said it is. Raises StorageUnavailable."""
    address: str | None = client.command("GET", _ADDRESS_KEY)
    return address


def make_token(client: Client, account_id: str, *, by: Actor) -> str:
    """A token that signs this account in, once, within 15 minutes, unless its sessions are ended before.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts; UnknownAccount, SignInRefused for an
    account that may not sign in, StorageUnavailable.
    """
    token = secrets.token_urlsafe(32)
    args: list[str | int] = [token_key(token), new_generation(), LIFETIME, Action.LINK_MADE, sessions.AMONG_READERS]
    status = actor.run(client, _KEEP_TOKEN, account_key(account_id), by, account_id, *args)
    if not status:
        raise UnknownAccount(f"no account has the id {account_id}")
    if status[0] not in sessions.READERS:
        raise SignInRefused(f"account {account_id} is {printable(status[0])}: activate it first")
    return token


def verify(client: Client, token: str) -> Link:
    """What a token would do if it were redeemed; changes nothing. Raises SignInRefused, StorageUnavailable."""
    return _link(client, token)


def redeem(client: Client, token: str, nonce: str = "") -> tuple[Caller, str]:
    """Spend a token; returns whom it signs in, and the account's status. Without a nonce it makes one.

    A token that signs nobody in is not spent: its account may be activated again. Raises SignInRefused,
    StorageUnavailable.
    """
    link = _link(client, token, _digest(nonce or new_nonce()), AGAIN)
    return Caller(link.account_id, link.generation), link.status


def _link(client: Client, token: str, nonce: str = "", again: int = 0) -> Link:
    """What a token stands for. It is spent with a nonce, by its digest, for `again` seconds. Raises SignInRefused,
    StorageUnavailable."""
    args: list[str | int] = [nonce, sessions.AMONG_READERS, again]
    answer = client.run(_TOKEN, [token_key(token), account_key("")], args, writes=again > 0)
    if answer is None or answer[3] is None:  # its account was removed, or its sessions were ended, since then
        raise SignInRefused(
            "This sign-in link has been used or canceled, has expired, or was never issued. Ask for a new one: whoever "
            "runs this service makes it with `module-registry accounts sign-in-link`."
        )
    account_id, generation, expires, status, locale = answer
    if status not in sessions.READERS:
        raise SignInRefused(f"This account is {printable(status)}: it cannot sign in.")
    return Link(account_id, generation, moment(expires), status, Locale.of(locale))


def new_nonce() -> str:
    """A random number for one attempt to redeem a token, however often it is sent."""
    return secrets.token_urlsafe(16)
