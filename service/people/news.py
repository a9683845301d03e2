"""What every page tells whoever is signed in: who they are, and what is new for them."""

from __future__ import annotations

from typing import NamedTuple

from service.accounts.sessions import PROFILE, Caller, Profile, check_may_read, profile_of, profiled
from service.accounts.store import account_key
from service.feedback.keys import FEEDBACK_KEYS
from service.feedback.store import unread_of
from service.history.keys import RELEASED_KEY
from service.interest.keys import dismissed_key, interest_key
from service.interest.shipped import Candidates, Shipped, found_on_cluster, listed
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
    """What is new for a caller, in one step, since each page asks for it; on a Cluster in one a slot.

    Raises NotAuthenticated, StorageUnavailable.
    """
    modules = candidates.of(client, registry)
    if client.is_cluster:
        return _on_cluster(client, caller, registry, modules)
    keys = [account_key(caller.id), interest_key(""), dismissed_key(caller.id), RELEASED_KEY]
    *account, unread, found = client.run(_NEWS, [*FEEDBACK_KEYS, *keys], [*caller, *modules])
    profile = profiled(client, caller, *account)
    check_may_read(profile.status)
    return News(profile, unread, listed(client, registry, found))


def _on_cluster(client: Client, caller: Caller, registry: Registry, modules: tuple[str, ...]) -> News:
    profile = profile_of(client, caller)
    check_may_read(profile.status)
    found = found_on_cluster(client, caller.id, modules)
    if names := found[::3]:
        found[2::3] = [time or "" for time in client.command("HMGET", RELEASED_KEY, *names)]
    return News(profile, unread_of(client, caller.id), listed(client, registry, found))
