"""Accounts: one Redis hash each, which the platform and the command line write and every request reads.

Whatever an admin does to one names who acts (`by`). An account that acts, by a page, has to be an active admin's in the
same step, and cannot lock itself out. What was done is recorded in that step, too. So each raises what `actor.run`
does: NotAuthenticated, AccountNotActive or NotAnAdmin of who acts, and StorageUnavailable.
"""

from collections.abc import Iterator, Sequence

from service.accounts import actor, model
from service.accounts.model import Account, Role, Status, account_key, new_generation
from service.audit.model import Action, Actor
from service.problems import AccountExists, UnknownAccount
from service.storage.client import Client
from service.storage.form import OLD_ACCOUNTS, beside_old_accounts

#: Fields of which it is recorded what they were before and are after a change: no personal data, and no secrets.
_TOLD = ("status", "role", "locale")

_ADD, _SET, _REMOVE = map(actor.load, ("add", "set", "remove"))


def add(client: Client, account: Account, *, by: Actor, generation_required: bool = False) -> None:
    """Store a new account, with a generation of its own, which sessions have to carry where it is required.

    Raises InvalidAccount, and AccountExists.
    """
    model.check_id(account.id)
    model.check_texts(account.name, account.email)
    described = f"{account.status} {account.role}" if account.role != Role.MEMBER else account.status
    args = [Action.ACCOUNT_ADDED, described, "generation", new_generation()]
    args += ["status", account.status, "role", account.role, "name", account.name]
    optional = {"email": account.email, "locale": account.locale, "generation_required": "1" * generation_required}
    args += [part for name, value in optional.items() if value for part in (name, value)]
    if not actor.run(client, _ADD, account_key(account.id), by, account.id, *args):
        raise AccountExists(f"account {account.id} exists already")


def find(client: Client, account_id: str) -> Account | None:
    """The account with this id, or None."""
    fields = client.command("HMGET", account_key(account_id), "status", "role", "name", "email", "locale")
    account = Account.of(account_id, *fields)
    return account if account.status else None


def set_status(client: Client, account_id: str, status: Status, *, by: Actor, only_of: Status | None = None) -> None:
    """Change an account's status, or that of one alone that is `only_of`. Raises OwnAccount and UnknownAccount."""
    if status != Status.ACTIVE:
        actor.check_is_another(client, by, account_id)
    _set(client, account_id, "status", status, by, only_of)


def set_details(client: Client, account_id: str, *, by: Actor, **details: str | None) -> None:
    """Change the name, role, email or locale of an account; what is None stays.

    Raises OwnAccount where an admin would be none any more; InvalidAccount, UnknownAccount.
    """
    model.check_texts(details.get("name") or "", details.get("email") or "")
    if details.get("role") not in (None, Role.ADMIN):
        actor.check_is_another(client, by, account_id)
    for field, value in details.items():
        if value is not None:
            _set(client, account_id, field, value, by)


def renew_generation(client: Client, account_id: str, *, by: Actor) -> None:
    """End every session of an account that carries a generation, and its unspent sign-in links. Raises
    UnknownAccount."""
    _set(client, account_id, "generation", new_generation(), by)


def _set(client: Client, account_id: str, field: str, value: str, by: Actor, only_of: Status | None = None) -> None:
    """Change a field, or one alone that is `only_of`. Raises UnknownAccount."""
    change = Action.SIGNED_OUT if field == "generation" else Action(f"{field}-changed")
    missing = Role.MEMBER if field == "role" else ""
    args: list[str | int] = [field, value, missing, change, int(field in _TOLD), only_of or ""]
    if not actor.run(client, _SET, account_key(account_id), by, account_id, *args):
        raise UnknownAccount(f"no account has the id {account_id}")


def remove(client: Client, account_id: str, *, by: Actor) -> bool:
    """Delete an account, which ends its sessions; returns whether there was one. Raises OwnAccount.

    This is the first step of erasing a person, which records it (`privacy/personal_data.py`).
    """
    actor.check_is_another(client, by, account_id)
    return bool(actor.run(client, _REMOVE, account_key(account_id), by, account_id))


def names(client: Client, ids: Sequence[str]) -> dict[str, str]:
    """The names of accounts by their ids; that of one without a name, or that is gone, is empty."""
    found = client.commands([("HGET", account_key(account_id), "name") for account_id in ids])
    return {account_id: name or "" for account_id, name in zip(ids, found, strict=True)}


def check_where_accounts_are(client: Client) -> None:
    """Raise StoreOfAnotherForm where the platform writes accounts as it did before form 3: nobody would see there that
    somebody was suspended. Looks at all keys. Raises StorageUnavailable."""
    if next(client.scan(OLD_ACCOUNTS), None) is not None:
        raise beside_old_accounts(client.url.title)


def list_accounts(client: Client) -> Iterator[Account]:
    """Every account, sorted by id."""
    ids = {key.removeprefix(account_key("")) for key in client.scan(account_key("*"))}
    yield from filter(None, (find(client, account_id) for account_id in sorted(ids)))
