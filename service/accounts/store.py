"""Accounts: one Redis hash each, which the platform and the command line write and every request reads.

Whatever an admin does to one names who acts (`by`). An account that acts, by a page, has to be an active admin's in the
same step, and cannot lock itself out. What was done is recorded in that step, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from service.accounts import actor
from service.accounts.model import (
    Account,
    Role,
    Status,
    account_key,
    check_email,
    check_id,
    check_name,
    new_generation,
)
from service.audit.model import Action, Actor
from service.problems import AccountExists, StorageUnavailable, StoreOfAnotherForm, UnknownAccount, WriteUnconfirmed
from service.storage.client import Client
from service.storage.script import Script

#: What the keys of accounts began with before form 3.
_BEFORE = "account:"

_NAMES = Script.load("accounts/names", returns=[str])
_ADD, _SET, _REMOVE = map(actor.load, ("add", "set", "remove"))


def add(client: Client, account: Account, *, by: Actor, generation_required: bool = False) -> None:
    """Store a new account, with a generation of its own, which sessions have to carry where it is required.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts; InvalidAccount, AccountExists,
    StorageUnavailable.
    """
    check_id(account.id)
    check_name(account.name)
    check_email(account.email)
    fields = {"generation": new_generation(), "status": account.status, "role": account.role, "name": account.name}
    fields |= {name: value for name, value in (("email", account.email), ("locale", account.locale)) if value}
    if generation_required:
        fields["generation_required"] = "1"
    arguments = [part for field in fields.items() for part in field]
    described = f"{account.status} {account.role}" if account.role != Role.MEMBER else account.status
    key = account_key(account.id)
    try:
        is_there = actor.run(client, _ADD, key, by, account.id, Action.ACCOUNT_ADDED, described, *arguments)
    except WriteUnconfirmed:
        raise
    except StorageUnavailable:  # perhaps only the answer was lost: no other account has this generation
        if client.command("HGET", key, "generation") != fields["generation"]:
            raise
        return
    if not is_there:
        raise AccountExists(f"account {account.id} exists already")


def find(client: Client, account_id: str) -> Account | None:
    """The account with this id, or None. Raises StorageUnavailable."""
    fields: Any = client.command("HMGET", account_key(account_id), "status", "role", "name", "email", "locale")
    status, role, *texts = fields
    return Account(account_id, status, role or Role.MEMBER, *(text or "" for text in texts)) if status else None


def set_status(client: Client, account_id: str, status: Status, *, by: Actor, only_of: Status | None = None) -> None:
    """Change an account's status, or that of one alone that is `only_of`. Raises as `set_details` does."""
    if status != Status.ACTIVE:
        actor.check_is_another(client, by, account_id)
    _set(client, account_id, _STATUS, status, by, only_of)


def set_details(
    client: Client,
    account_id: str,
    *,
    by: Actor,
    name: str | None = None,
    role: str | None = None,
    email: str | None = None,
    locale: str | None = None,
) -> None:
    """Change what is known of an account; what is None stays.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and OwnAccount where an admin would be none
    any more; InvalidAccount, UnknownAccount, StorageUnavailable.
    """
    check_name(name or "")
    check_email(email or "")
    if role is not None and role != Role.ADMIN:
        actor.check_is_another(client, by, account_id)
    for field, value in ((_NAME, name), (_ROLE, role), (_EMAIL, email), (_LOCALE, locale)):
        if value is not None:
            _set(client, account_id, field, value, by)


def renew_generation(client: Client, account_id: str, *, by: Actor) -> None:
    """End every session of an account that carries a generation, and its unspent sign-in links.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts; UnknownAccount, StorageUnavailable.
    """
    _set(client, account_id, _GENERATION, new_generation(), by)


class _Field(NamedTuple):
    """A field of an account, what it counts for where it is missing, and what is recorded of a change.

    What it was before and is after it is recorded where that is no personal data, and no secret, `is_told`.
    """

    name: str
    missing: str
    change: Action
    is_told: bool


_STATUS = _Field("status", "", Action.STATUS_CHANGED, is_told=True)
_ROLE = _Field("role", Role.MEMBER, Action.ROLE_CHANGED, is_told=True)
_NAME = _Field("name", "", Action.NAME_CHANGED, is_told=False)
_EMAIL = _Field("email", "", Action.EMAIL_CHANGED, is_told=False)
_LOCALE = _Field("locale", "", Action.LOCALE_CHANGED, is_told=True)
_GENERATION = _Field("generation", "", Action.SIGNED_OUT, is_told=False)


def _set(client: Client, account_id: str, field: _Field, value: str, by: Actor, only_of: Status | None = None) -> None:
    """Change a field, or one alone that is `only_of`."""
    args: list[str | int] = [field.name, value, field.missing, field.change, int(field.is_told), only_of or ""]
    if not actor.run(client, _SET, account_key(account_id), by, account_id, *args):
        raise UnknownAccount(f"no account has the id {account_id}")


def remove(client: Client, account_id: str, *, by: Actor) -> bool:
    """Delete an account, which ends its sessions; returns whether there was one.

    This is the first step of erasing a person, which records it (`service/privacy.py`). Raises NotAuthenticated,
    AccountNotActive and NotAnAdmin of who acts, OwnAccount, StorageUnavailable.
    """
    actor.check_is_another(client, by, account_id)
    try:
        return bool(actor.run(client, _REMOVE, account_key(account_id), by, account_id))
    except WriteUnconfirmed:
        raise
    except StorageUnavailable:  # perhaps only the answer was lost
        if find(client, account_id) is not None:
            raise
        return True


def names(client: Client, ids: Sequence[str]) -> dict[str, str]:
    """The names of accounts by their ids; that of one without a name, or that is gone, is empty.

    Raises StorageUnavailable.
    """
    keys = [account_key(account_id) for account_id in ids]
    return dict(zip(ids, client.run(_NAMES, keys, []) if keys else [], strict=True))


def check_where_accounts_are(client: Client) -> None:
    """Raise StoreOfAnotherForm where the platform writes accounts as it did before form 3: nobody would see there that
    somebody was suspended. Looks at all keys. Raises StorageUnavailable."""
    if next(client.scan(f"{_BEFORE}*"), None) is not None:
        raise StoreOfAnotherForm(
            f"{client.url.title} has keys {_BEFORE}*, which are read no more, so that a suspension there would go "
            f"unseen. Have the platform write {account_key('<id>')}, and delete them."
        )


def list_accounts(client: Client) -> Iterator[Account]:
    """Every account, sorted by id. Raises StorageUnavailable."""
    ids = {key.removeprefix(account_key("")) for key in client.scan(account_key("*"))}
    for account_id in sorted(ids):
        account = find(client, account_id)
        if account:
            yield account
