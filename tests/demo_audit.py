"""The demo's acts of admins beside those that come of filling it: one of each kind that looks different."""

from __future__ import annotations

from contextlib import suppress

from service import privacy
from service.accounts import sign_in, store
from service.accounts.actor import intended
from service.accounts.store import Account, Role, Status
from service.audit.model import Action, Actor
from service.problems import InvalidMerge, StorageUnavailable
from service.storage.client import Client


def fill(client: Client, admin: str, pending: str, member: str) -> None:
    """Have an admin act by page, and somebody by command."""
    by, command = Actor.account(admin), Actor.command_line("deploy")
    store.add(client, Account("gone", Status.ACTIVE), by=command)
    store.set_details(client, "gone", by=by, role=Role.ADMIN, name="Somebody")
    privacy.erase(client, "gone", by=by)
    sign_in.make_token(client, pending, by=by)
    store.set_details(client, member, by=by, locale="fr")
    store.set_status(client, member, Status.SUSPENDED, by=by)
    store.set_status(client, member, Status.ACTIVE, by=by)
    privacy.data(client, member, by=by)
    with intended(client, command, Action.VOTES_IMPORTED) as act:
        act.after = "128"
    with suppress(InvalidMerge), intended(client, command, Action.VOTES_MERGED, before="socials", after="linkedin"):
        raise InvalidMerge("made up")
    with (
        suppress(StorageUnavailable),
        intended(client, by, Action.VOTES_DELETED, about="fax_campaign", before="12", after="0"),
    ):
        raise StorageUnavailable("made up")
