"""One person: what every page tells them, and what an admin sees of them."""

from typing import NamedTuple

from service.accounts import store
from service.accounts.model import Account, account_key
from service.accounts.sessions import ACCOUNT, Caller, check_may_read
from service.feedback import store as feedback
from service.feedback.keys import FEEDBACK_KEYS
from service.feedback.model import Page
from service.history.store import RELEASED_KEY
from service.interest.keys import dismissed_key, interest_key, voted_key
from service.interest.own import Candidates, OwnVote, Shipped, shipped_of, votes_of
from service.problems import UnknownAccount
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.script import Script
from service.wording import printable, shortened

#: How many of a person's requests are shown, those touched last.
MOST_THREADS = 10

_NEWS = Script.load(
    *("accounts/account", "feedback/threads", "feedback/unread", "interest/shipped", "insights/news"),
    returns=(*ACCOUNT, int, list),
)


class News(NamedTuple):
    """Who a caller is, how many of their requests are unread, and which modules that they voted for are there."""

    account: Account
    unread: int
    shipped: list[Shipped]


class Overview(NamedTuple):
    """An account, what it wants, and its latest requests."""

    account: Account
    wanted: list[OwnVote]
    asked: Page


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


def overview(client: Client, account_id: str, registry: Registry) -> Overview:
    """What an admin, as who asks is known to be, sees of a person. Raises UnknownAccount, StorageUnavailable."""
    account = store.find(client, account_id)
    if account is None:
        raise UnknownAccount(f"no account has the id {printable(shortened(account_id))}")
    asked = feedback.threads_of(client, account_id, registry, MOST_THREADS)
    return Overview(account, votes_of(client, account_id, registry), asked)
