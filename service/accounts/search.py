"""How accounts are compared with what somebody searches for, and with each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from service.accounts.model import Account, Role, Status
from service.problems import InvalidField

#: Longest text that is searched for, in characters: as an e-mail address may be.
LONGEST_SEARCH = 254

#: How much of a name counts for the order, in characters: it is in the cursor.
_SORTED = 40


class Search(NamedTuple):
    """Which accounts are listed; what is empty does not matter. `text` is in the id, the name or the e-mail address."""

    text: str = ""
    status: str = ""
    role: str = ""


def searching(search: Search) -> Callable[[Account], bool]:
    """What says whether an account is searched for: each word of the text is in it. Raises InvalidField."""
    text, status, role = search
    if len(text) > LONGEST_SEARCH:
        raise InvalidField("q", f"may have at most {LONGEST_SEARCH} characters")
    if status and status not in list(Status):
        raise InvalidField("status", f"must be one of {', '.join(Status)}")
    if role and role not in list(Role):
        raise InvalidField("role", f"must be one of {', '.join(Role)}")
    words = [folded(word) or word for word in text.split()]

    def is_wanted(account: Account) -> bool:
        if (status and account.status != status) or (role and account.role != role):
            return False
        if not words:
            return True
        looked_at = folded(f"{account.id}\n{account.name}\n{account.email}")
        return all(word in looked_at for word in words)

    return is_wanted


def folded(text: str) -> str:
    """Text as it is compared: without case and accents, so that "zoe" is in "Zoé" (Unicode, 3.13 and UAX 15)."""
    if text.isascii():
        return text.lower()
    # Once more after the case is gone: some letters become another one and an accent.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in text if not unicodedata.combining(one))


def order(account: Account) -> tuple[str, str]:
    """What accounts are sorted by."""
    return folded(account.name or account.id)[:_SORTED], account.id


#: What comes before every account in this order: none has an empty id.
FIRST = ("", "")
