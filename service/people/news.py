"""What every page tells whoever is signed in: who they are, and what is new for them."""

from __future__ import annotations

from typing import NamedTuple

from service.accounts.sessions import PROFILE, Caller, Profile, check_may_read, profiled
from service.accounts.store import account_key
from service.feedback.keys import FEEDBACK_KEYS
from service.history.keys import RELEASED_KEY
from service.interest.keys import dismissed_key, interest_key
from service.interest.shipped import Candidates, Shipped, listed
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script

_NEWS = Script.load(
    *("accounts/account", "feedback/threads", "feedback/unread", "interest/shipped", "people/news"),
    returns=(*PROFILE, int, [str]),
)


class News(NamedTuple):
    """Who a caller is, how many of their requests are unread, and which modules that they voted for are there."""

    profile: Profile
    unread: int
    shipped: list[Shipped]


def news(client: Client, caller: Caller, registry: Registry, candidates: Candidates) -> News:
    """What is new for a caller, in one step, since each page asks for it.

    Raises NotAuthenticated, StorageUnavailable.
    """
    modules = candidates.of(client, registry)
    keys = [account_key(caller.id), interest_key(""), dismissed_key(caller.id), RELEASED_KEY]
    *account, unread, found = client.run(_NEWS, [*FEEDBACK_KEYS, *keys], [*caller, *modules])
    profile = profiled(client, caller, *account)
    check_may_read(profile.status)
    return News(profile, unread, listed(client, registry, found))
