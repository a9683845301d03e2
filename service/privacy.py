"""Everything that is kept of a person, in one list, which is walked to show it and to erase it.

Each kind is from its room, and whatever else comes to be kept of people belongs into the list. Events
of the registry, trends and what workers say name nobody.
"""

from __future__ import annotations

from typing import Any

from service.accounts import actor
from service.accounts.privacy import ACCOUNT, ACTS, SIGN_IN_LINKS
from service.audit.model import Action, Actor
from service.feedback.privacy import REQUESTS
from service.interest.own import DISMISSED, VOTES
from service.problems import UnknownAccount
from service.storage.client import Client
from service.wording import printable, shortened

#: In the order in which it is erased. The account goes first: from then on it cannot vote or ask, so that nothing is
#: left behind. Who is meant in the record of what admins did goes last: that the person was erased is in it.
EVERYTHING = (ACCOUNT, SIGN_IN_LINKS, VOTES, DISMISSED, REQUESTS, ACTS)


def data(client: Client, account_id: str, *, by: Actor) -> dict[str, Any]:
    """As `kept`, to be handed out, which is recorded.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, and what `kept` does.
    """
    actor.check(client, by)
    exported = kept(client, account_id)
    actor.record(client, by, Action.DATA_EXPORTED, whom=account_id)
    return exported


def kept(client: Client, account_id: str) -> dict[str, Any]:
    """All of it by its kind, and under `stored_in` where it is.

    Raises UnknownAccount where there is nothing: something can be left of an account that the platform has deleted, or
    that was erased half-way. Raises StorageUnavailable.
    """
    kinds = {kind.name: kind.read(client, account_id) for kind in EVERYTHING}
    places = [place._asdict() for kind in kinds.values() for place in kind.places]
    if not places:
        raise UnknownAccount(f"no account has the id {printable(shortened(account_id))}")
    return {name: kind.value for name, kind in kinds.items()} | {"stored_in": places}


def erase(client: Client, account_id: str, *, by: Actor) -> dict[str, int]:
    """Erase all of it; returns how much there was of each kind. Can run again after a crash.

    Raises NotAuthenticated, AccountNotActive and NotAnAdmin of who acts, OwnAccount, and what `kept` does.
    """
    actor.check_is_another(client, by, account_id)
    actor.check(client, by)
    kept(client, account_id)
    with actor.intended(client, by, Action.PERSON_ERASED, whom=account_id):
        return {kind.name: int(kind.erase(client, account_id, by)) for kind in EVERYTHING}
