"""The version of the schema: which keys there are in a store, and what they hold.

The store says which version it has. Every process looks before it asks anything else, and again now and then: what a
newer service wrote, this one would misread, and write what that one misreads.
"""

from __future__ import annotations

import re

from service.problems import StoreTooNew

#: The version that this service reads and writes. It rises where a service of before would do harm beside this one.
VERSION = 1

#: String: the version that a store has; where there is none yet, it is 1 or older. It is in the slot of the votes, so
#: that on a Cluster a vote waits for no other server.
SCHEMA_KEY = "{votes}:schema"

#: How often a process looks again, in seconds: for so long a service that runs may write beside a newer one.
AGAIN = 30.0


def check(found: str) -> None:
    """Raise StoreTooNew where a store has a version that this service does not know."""
    is_number = re.fullmatch("[0-9]{1,9}", found) is not None
    if not is_number or int(found) > VERSION:
        shown = found if is_number else repr(found[:20])
        raise StoreTooNew(
            f"The store was written by version {shown} of the schema, this service knows {VERSION}: update it."
        )
