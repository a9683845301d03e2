"""The form of a store: which keys there are, and what they hold. A version names it, which the store says itself.

Every process looks before it asks anything else, and again now and then: what was written in another form, this service
would misread, and write what the other one misreads. From one form to another there is one way: a backup that the
version of then has made, restored by this one.
"""

from __future__ import annotations

import re

from service.problems import StoreOfAnotherForm

#: The version of the form that this service reads and writes. Any other is refused.
VERSION = 2

#: String: the version of a store's form, whatever that is: it never moves, and has no hash tag. An empty store gets it
#: before anything else.
FORM_KEY = "module-registry:form"

#: How often a process looks again, in seconds: for so long a service that runs may write beside another.
AGAIN = 30.0

#: What the keys of votes, requests and acts begin with, in any form. A store that has one and no FORM_KEY is of an
#: older form. Accounts are not among them, which the platform writes, nor what a `serve` writes by itself: a store that
#: was emptied under it is empty.
SCANNED = "[{irt]*"
_OWN = re.compile(r"\{(votes|feedback|audit)\}:|(interest|trend):\{|renames$")


#: Those that are of older forms alone.
_OLDER = re.compile(r"(interest|trend):\{|renames$|\{votes\}:schema$")


def is_older(key: str) -> bool:
    """Whether a key is one of an older form, and of no other."""
    return _OLDER.match(key) is not None


def is_own(key: str) -> bool:
    """Whether a key is one of votes, requests or acts, in any form."""
    return _OWN.match(key) is not None


def check(found: str | None, title: str) -> None:
    """Raise StoreOfAnotherForm unless a store, by its title, is of the form that is known; None is older than forms."""
    if found != str(VERSION):
        named = "an older form" if found is None else f"form {found if found.isdecimal() else repr(found)}"[:30]
        raise StoreOfAnotherForm(
            f"{title} holds a store of {named}, and this version of the service knows form {VERSION}: run the version "
            "that wrote it, or move it to an empty store by `module-registry backup` of that version and "
            "`module-registry restore` of this one."
        )
