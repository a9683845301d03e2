"""Accounts: one Redis hash each, which the platform and the command line write and every request reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import redis

from service.problems import AccountExists, AccountNotActive, InvalidAccount, NotAuthenticated, UnknownAccount
from service.storage.client import Script, run_script

#: KEYS: account. ARGV: status, role, name. Returns 1, or 0 where the account exists.
_ADD = Script("""
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[1], 'role', ARGV[2], 'name', ARGV[3])
return 1
""")

#: KEYS: account. ARGV: status. Returns 1, or 0 where there is no such account: a status alone must not make one.
_SET_STATUS = Script("""
if redis.call('HEXISTS', KEYS[1], 'status') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[1])
return 1
""")

#: Longest account id, in characters.
MAX_ID = 128


class Status(StrEnum):
    """What an account may do: active all, pending read, suspended nothing."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"


class Role(StrEnum):
    """What an account is on the platform."""

    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """One account, as stored."""

    id: str
    status: str
    role: str = Role.MEMBER
    name: str = ""


def account_key(account_id: str) -> str:
    """The hash of one account."""
    return f"account:{account_id}"


def may_read(status: str | None) -> None:
    """Raise NotAuthenticated unless an account of this status counts as signed in (product documentation, 401)."""
    if status not in (Status.ACTIVE, Status.PENDING):
        raise NotAuthenticated("Sign in first: there is no session of an account that may use this service.")


def may_vote(status: str | None) -> None:
    """Raise NotAuthenticated, or AccountNotActive for a pending account (product documentation, 401 and 403)."""
    may_read(status)
    if status != Status.ACTIVE:
        raise AccountNotActive("This account is pending: it can vote once it has been activated.")


def check_id(account_id: str) -> None:
    """Raise InvalidAccount for an id that no account can have."""
    if not account_id or len(account_id) > MAX_ID or not account_id.isprintable() or " " in account_id:
        raise InvalidAccount(f"an account id is 1 to {MAX_ID} printable characters without spaces, not {account_id!r}")


def add(client: redis.Redis, account: Account) -> None:
    """Store a new account. Raises InvalidAccount, AccountExists, StorageUnavailable."""
    check_id(account.id)
    if not account.name.isprintable():
        raise InvalidAccount(f"a name is printable characters, in one line, not {account.name!r}")
    if not run_script(client, _ADD, [account_key(account.id)], [account.status, account.role, account.name]):
        raise AccountExists(f"account {account.id} exists already")


def find(client: redis.Redis, account_id: str) -> Account | None:
    """The account with this id, or None. Raises StorageUnavailable."""
    found: Any = client.hmget(account_key(account_id), "status", "role", "name")
    status, role, name = found
    return Account(account_id, status, role or Role.MEMBER, name or "") if status else None


def status_of(client: redis.Redis, account_id: str) -> str | None:
    """An account's status, or None where there is no such account. Raises StorageUnavailable."""
    status: Any = client.hget(account_key(account_id), "status")
    return cast("str | None", status)


def set_status(client: redis.Redis, account_id: str, status: Status) -> None:
    """Change an account's status. Raises UnknownAccount, StorageUnavailable."""
    if not run_script(client, _SET_STATUS, [account_key(account_id)], [status]):
        raise UnknownAccount(f"no account has the id {account_id}")


def remove(client: redis.Redis, account_id: str) -> bool:
    """Delete an account; returns whether there was one. Its votes are the interest room's to withdraw, after this.

    Raises StorageUnavailable.
    """
    return bool(client.delete(account_key(account_id)))


def every(client: redis.Redis) -> Iterator[Account]:
    """Every account, sorted by id. Raises StorageUnavailable."""
    ids = {key.removeprefix(account_key("")) for key in client.scan_iter(match=account_key("*"), count=1000)}
    for account_id in sorted(ids):
        account = find(client, account_id)
        if account:
            yield account
