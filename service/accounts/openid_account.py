"""Somebody whom an OpenID Connect provider knows: their attempt to sign in, and the account that they get.

An attempt, from the moment that a browser begins it until it is used up, is kept by that browser, and by nothing else:
strangers fill nothing up by beginning.

The provider is believed about who somebody is, about their name and role at each sign-in, and about their language at
the first. About their e-mail address it is believed where it says that it has verified it. Whoever is suspended here
stays so, whatever the provider says.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from service.accounts import store
from service.accounts.model import Account, Locale, Role, Status, account_key, is_email, new_generation
from service.accounts.sessions import READERS, Caller
from service.audit.model import LONGEST_ID, Actor, Way
from service.problems import AccountExists, AccountSuspended, SignInOver, UnknownAccount
from service.settings.settings import Settings
from service.storage.client import Client
from service.storage.form import key
from service.storage.script import Script

#: Where the provider sends people back to, below PUBLIC_URL.
CALLBACK = "/sign-in/openid/callback"

#: How long somebody may take at the provider, in seconds.
LIFETIME = 15 * 60

_SESSION = Script.load("accounts/account", "accounts/session", returns=(str | None, str | None))

#: An address whose domain everybody reads in the same way. What stands in quotes, has a second @ or a route (`%`, `!`),
#: or is encoded was perhaps verified by a mail to some other place.
_PLAIN = re.compile(r"[\w.+'&-]+@[A-Za-z0-9.-]+", re.ASCII)

#: Longest name that is kept, in characters.
_LONGEST_NAME = 200


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


def spend(client: Client, attempt: Attempt) -> None:
    """Use an attempt up, before the provider is asked for it. Raises SignInOver where it has been used up, and
    StorageUnavailable."""
    kept, own = spent_key(attempt), secrets.token_hex(8)
    if client.command("SET", kept, own, "NX", "EX", LIFETIME):
        return
    if client.command("GET", kept) != own:  # or else redis-py has sent it twice, as the first answer was lost
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


def account_id(issuer: str, subject: str) -> str:
    """The id of the account of a provider's subject: always the same, and no other's.

    Subjects are unique at their provider alone (OpenID Connect Core 1.0, 2), and may be too long to be an id.
    """
    digest = sha256("\0".join((issuer, subject)).encode(errors="surrogatepass")).hexdigest()
    return f"oidc-{digest[:32]}"


def signed_in(client: Client, settings: Settings, claims: Mapping[str, Any]) -> tuple[Caller, str]:
    """Whom somebody is signed in as of whom the provider says this, and the status of the account.

    It is made, or brought up to date; what is done to it is recorded as the provider's doing. Raises AccountSuspended,
    SignInOver where it is removed at this moment, StorageUnavailable.
    """
    wanted = _account(settings, claims)
    by = Actor(Way.PROVIDER, settings.oidc_issuer.split("/")[2][:LONGEST_ID], keeps=settings.audit_length)
    account = store.find(client, wanted.id)
    if account is None:
        try:
            store.add(client, wanted, by=by, generation_required=True)
        except AccountExists:  # by another request of the same person
            account = store.find(client, wanted.id)
    try:
        if account is not None:
            _bring_up_to_date(client, settings, account, wanted, by)
    except UnknownAccount:  # removed at this moment
        raise over() from None
    status, generation = client.run(_SESSION, [account_key(wanted.id)], [new_generation()])
    if status is None:
        raise over()
    if status not in READERS:
        raise _suspended()
    return Caller(wanted.id, generation), status


def _bring_up_to_date(client: Client, settings: Settings, account: Account, wanted: Account, by: Actor) -> None:
    if account.status == Status.SUSPENDED:
        raise _suspended()
    if account.status == Status.PENDING and wanted.status == Status.ACTIVE:
        # Not one that somebody suspends at this moment.
        store.set_status(client, account.id, Status.ACTIVE, by=by, only_of=Status.PENDING)
    told = {
        "name": wanted.name or account.name,
        "role": wanted.role if settings.oidc_admin else account.role,  # or else it is for admins here to give
        "email": wanted.email,  # none where the provider has, or has verified, none any more
        "locale": account.locale or wanted.locale,  # the person may have chosen another since
    }
    changed = {name: value for name, value in told.items() if value != getattr(account, name)}
    if changed:
        store.set_details(client, account.id, by=by, **changed)


def _suspended() -> AccountSuspended:
    return AccountSuspended("This account is suspended: it cannot sign in. Whoever runs this service can change that.")


def _account(settings: Settings, claims: Mapping[str, Any]) -> Account:
    """The account that somebody gets who signs in for the first time."""
    texts = {name: said for name, said in claims.items() if isinstance(said, str)}
    email = texts.get("email", "") if claims.get("email_verified") is True else ""
    email = email if is_email(email) else ""
    is_known = bool(_PLAIN.fullmatch(email)) and email.rpartition("@")[2].lower() in settings.oidc_domains
    name = " ".join(texts.get("name", "").split())
    return Account(
        account_id(settings.oidc_issuer, str(claims["sub"])),
        Status.ACTIVE if is_known else Status.PENDING,
        Role.ADMIN if settings.oidc_admin and _has(claims, settings.oidc_admin) else Role.MEMBER,
        "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME],
        email,
        Locale.of(texts.get("locale")) or "",
    )


def _has(claims: Mapping[str, Any], admin: str) -> bool:
    """Whether a claim has a value, or is a list that does."""
    name, _, value = admin.partition("=")
    said = claims.get(name)
    return value in said if isinstance(said, list) else value == said
