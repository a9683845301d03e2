"""One person: who they are, and what every page tells them."""

from typing import NamedTuple

from service.accounts.model import Account, account_key
from service.accounts.sessions import ACCOUNT, Caller, check_may_read
from service.feedback.keys import FEEDBACK_KEYS
from service.history.store import RELEASED_KEY
from service.interest.keys import dismissed_key, interest_key, voted_key
from service.interest.own import Candidates, Shipped, shipped_of
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script

_NEWS = Script.load(
    *("accounts/account", "feedback/threads", "feedback/unread", "interest/shipped", "insights/news"),
    returns=(*ACCOUNT, int, list),
)


class News(NamedTuple):
    """Who a caller is, how many of their requests are unread, and which modules that they voted for are there."""

    account: Account
    unread: int
    shipped: list[Shipped]


def news(client: Client, caller: Caller, registry: Registry, candidates: Candidates) -> News:
    """What is new for a caller, in one step, since each page asks for it.

    Raises NotAuthenticated, StorageUnavailable.
    """
    modules = candidates.of(client, registry)
    votes = [interest_key(""), voted_key("")]
    keys = [account_key(caller.id), *votes, dismissed_key(caller.id), RELEASED_KEY]
    *fields, unread, shipped = client.run(_NEWS, [*FEEDBACK_KEYS, *keys], [*caller, *modules])
    account = Account.of(caller.id, *fields)
    check_may_read(account.status)
    return News(account, unread, shipped_of(registry, shipped))
