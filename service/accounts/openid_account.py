"""The account of somebody whom an OpenID Connect provider knows: which it is, and what of what it says it gets.

The provider is believed about who somebody is, about their name and role at each sign-in, and about their language at
the first. About their e-mail address it is believed where it says that it has verified it. Whoever is suspended here
stays so, whatever the provider says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from service.accounts import store
from service.accounts.model import Account, Locale, Role, Status, check_email
from service.accounts.openid_attempt import over
from service.accounts.sessions import READERS, Caller, status_of
from service.accounts.sign_in import generation_of
from service.audit.model import Actor
from service.problems import AccountExists, AccountSuspended, InvalidAccount, UnknownAccount
from service.settings import Registration
from service.storage.client import Client

#: An address whose domain everybody reads in the same way. What stands in quotes, has a second @ or a route (`%`, `!`),
#: or is encoded was perhaps verified by a mail to some other place.
_PLAIN = re.compile(r"[\w.+'&-]+@[A-Za-z0-9.-]+", re.ASCII)

#: Longest name that is kept, in characters.
_LONGEST_NAME = 200


def account_id(issuer: str, subject: str) -> str:
    """The id of the account of a provider's subject: always the same, and no other's.

    Subjects are unique at their provider alone (OpenID Connect Core 1.0, 2), and may be too long to be an id.
    """
    digest = sha256("\0".join((issuer, subject)).encode(errors="surrogatepass")).hexdigest()
    return f"oidc-{digest[:32]}"


def signed_in(client: Client, here: Registration, claims: Mapping[str, Any], *, keeps: int) -> tuple[Caller, str]:
    """Whom somebody is signed in as of whom the provider says this, and the status of the account.

    It is made, or brought up to date; what is done to it is recorded as the provider's doing, and `keeps` is how many
    records are kept. Raises AccountSuspended, SignInOver where it is removed at this moment, StorageUnavailable.
    """
    wanted, by = _account(here, claims), Actor.provider(here.issuer.split("/")[2], keeps=keeps)
    found = store.find(client, wanted.id)
    if found is None:
        try:
            store.add(client, wanted, by=by, generation_required=True)
        except AccountExists:  # by another request of the same person
            found = store.find(client, wanted.id)
    try:
        if found is not None:
            _bring_up_to_date(client, here, found, wanted, by)
        caller = Caller(wanted.id, generation_of(client, wanted.id))
    except UnknownAccount:  # removed at this moment
        raise over() from None
    status = status_of(client, caller)
    if status not in READERS:
        raise _suspended()
    return caller, str(status)


def _bring_up_to_date(client: Client, here: Registration, found: Account, wanted: Account, by: Actor) -> None:
    if found.status == Status.SUSPENDED:
        raise _suspended()
    if found.status == Status.PENDING and wanted.status == Status.ACTIVE:
        # Not one that somebody suspends at this moment.
        store.set_status(client, found.id, Status.ACTIVE, by=by, only_of=Status.PENDING)
    told = {
        "name": wanted.name or found.name,
        "email": wanted.email,  # none where the provider has, or has verified, none any more
        "locale": found.locale or wanted.locale,  # the person may have chosen another since
        "role": wanted.role if here.admin else found.role,  # or else it is for admins here to give
    }
    changed = {name: value for name, value in told.items() if value != getattr(found, name)}
    if changed:
        store.set_details(client, found.id, by=by, **changed)


def _suspended() -> AccountSuspended:
    return AccountSuspended("This account is suspended: it cannot sign in. Whoever runs this service can change that.")


def _account(here: Registration, claims: Mapping[str, Any]) -> Account:
    """The account that somebody gets who signs in for the first time."""
    email = _email(claims) if claims.get("email_verified") is True else ""
    is_known = bool(_PLAIN.fullmatch(email)) and email.rpartition("@")[2].lower() in here.domains
    name = " ".join(_text(claims, "name").split())
    return Account(
        account_id(here.issuer, str(claims["sub"])),
        Status.ACTIVE if is_known else Status.PENDING,
        Role.ADMIN if here.admin and _has(claims, here.admin) else Role.MEMBER,
        "".join(one for one in name if one.isprintable())[:_LONGEST_NAME],
        email,
        Locale.of(_text(claims, "locale")) or "",
    )


def _email(claims: Mapping[str, Any]) -> str:
    """The e-mail address, if it is one that an account can have."""
    try:
        check_email(_text(claims, "email"))
    except InvalidAccount:
        return ""
    return _text(claims, "email")


def _has(claims: Mapping[str, Any], admin: str) -> bool:
    """Whether a claim has a value, or is a list that does."""
    name, _, value = admin.partition("=")
    found = claims.get(name)
    return value in found if isinstance(found, list) else value == found


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    return found if isinstance(found, str) else ""
