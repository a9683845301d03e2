"""The form of a store: how its keys are called, and which version of them it has, which the store says itself.

All keys have one hash tag, so that they are in one slot of a Cluster, and one script reaches all of them. Every process
looks at the version before it asks anything else, and again now and then: what was written in another form, this
service would misread, and write what the other one misreads. From one form to another there is one way: a backup that
the version of then has made, restored by this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from service.problems import StoreOfAnotherForm

#: The version of the form that this service reads and writes. Any other is refused.
VERSION = 3

#: String: the version of a store's form, whatever that is: it never moves, and has no hash tag. An empty store gets it
#: before anything else.
FORM_KEY = "module-registry:form"

#: How often a process looks again, in seconds: for so long a service that runs may write beside another.
AGAIN = 30.0

#: What the keys of votes, requests and acts begin with, in any form. A store that has one and no FORM_KEY is of an
#: older form. Accounts are not among them, which the platform writes, nor what a `serve` writes by itself: a store that
#: was emptied under it is empty.
_SCANNED = "[{irt]*"
#: Those that are of older forms alone, and those of any.
_OLDER = re.compile(r"\{(votes|feedback|audit)\}:|(interest|trend):\{|renames$")
_OWN = re.compile(rf"{_OLDER.pattern}|\{{registry\}}:((interest|trend|feedback|audit):|renames$)")
#: Keys of accounts, where a platform wrote them before form 3.
OLD_ACCOUNTS = "account:*"

#: How many keys one step of a scan looks at.
PAGE = 1000


def key(*names: str) -> str:
    """The key of Redis that these names make."""
    return ":".join(("{registry}", *names))


def beside_old_accounts(title: str) -> StoreOfAnotherForm:
    """What to raise of a store, by its title, that has such keys: nobody would see that somebody is suspended there."""
    return StoreOfAnotherForm(
        f"{title} has keys {OLD_ACCOUNTS}, which are read no more, so that a suspension there would go unseen. Have "
        f"the platform write {key('account', '<id>')}, and delete them."
    )


def look(asked: Callable[..., Any], title: str, *, is_known: bool) -> None:
    """See that a store, by its title, is of the form of VERSION, which an empty one is from now on.

    One that `is_known` to be, and was emptied since, still is, whoever has written to it meanwhile; in another's place
    there may be an older one. `asked` hands redis-py's client to a function. Raises StoreOfAnotherForm.
    """

    def of_a_form(client: Any) -> bool:
        """Whether there is such a key; all keys are looked at, once in the life of a store."""
        kind = _OLDER if is_known else _OWN
        return any(kind.match(text(name)) for name in client.scan_iter(match=_SCANNED, count=PAGE))

    if (version := asked(_version)) is None:
        if not asked(of_a_form):
            if asked(lambda client: next(client.scan_iter(match=OLD_ACCOUNTS, count=PAGE), None)):
                raise beside_old_accounts(title)
            asked(lambda client: client.set(FORM_KEY, VERSION, nx=True), writes=True)
        version = asked(_version)
    if version != str(VERSION):
        named = "an older form" if version is None else f"form {version if version.isdecimal() else repr(version)}"[:30]
        raise StoreOfAnotherForm(
            f"{title} holds a store of {named}, and this version of the service knows form {VERSION}: run the version "
            "that wrote it, or move it to an empty store by `module-registry backup` of that version and "
            "`module-registry restore` of this one."
        )


def _version(client: Any) -> str | None:
    version = client.get(FORM_KEY)
    return None if version is None else text(version)


def text(name: str | bytes) -> str:
    """What Redis has sent, as text, whether the client has made that of it or not."""
    return name if isinstance(name, str) else name.decode("utf-8", "backslashreplace")
