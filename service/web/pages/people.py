"""People, for admins: their accounts, a page at a time, and searched."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response

from service.accounts import listing
from service.accounts.model import Role, Status
from service.accounts.search import LONGEST_SEARCH, Search
from service.web.pages.admin import admin
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.done import done
from service.web.pages.redirects import found, to_sign_in
from service.web.query import query
from service.web.state import state
from service.wording import printable, shortened

_LIST = f"{LANG}/admin/people"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list says."""

    search: Search
    cursor: str | None

    @classmethod
    def here(cls) -> Asked:
        """Of the request at hand."""
        fields = query()
        search = Search(fields.get("q", "").strip(), fields.get("status", ""), fields.get("role", ""))
        return cls(search, fields.get("cursor"))

    @property
    def is_everybody(self) -> bool:
        """Whether nothing is searched for."""
        return self.search == Search()

    def query(self, cursor: str | None = None) -> str:
        """The query of the list with the same search, from a cursor on, with its question mark; or nothing."""
        text, status, role = self.search
        fields = {"q": text, "status": status, "role": role, "cursor": cursor}
        given = {name: value for name, value in fields.items() if value}
        return f"?{urlencode(given)}" if given else ""


def account_path(account_id: str) -> str:
    """Where one account is, below /{lang}/.

    Its id is in the query. In a path some ids would be lost: browsers take `..` for a step up, however it is written,
    and proxies decode `%2F` and make one slash of two.
    """
    return f"admin/person?{urlencode({'id': account_id})}"


def shown(text: str, most: int = LONGEST_SEARCH) -> str:
    """What others have written of a person: on one line, at most so long, and with nothing in it that is not seen."""
    return shortened(text if text.isprintable() else printable(text), most)


@pages.get(_LIST)
def show_people(lang: str) -> Response:
    """The list; if a text is searched for and one account alone has it, that account."""
    me = admin()
    if me is None:
        return to_sign_in(lang)
    asked = Asked.here()
    page = listing.page(state().client, me.caller, asked.search, cursor=asked.cursor)
    if asked.search.text and not asked.cursor and not page.next and len(page.accounts) == 1:
        return found(f"/{lang}/{account_path(page.accounts[0].id)}")
    return personal(
        "admin-people.html",
        lang,
        "admin/people",
        languages=(),
        switch=f"admin/people{asked.query(asked.cursor)}",
        me=me,
        asked=asked,
        page=page,
        account_path=account_path,
        shown=shown,
        statuses=list(Status),
        roles=list(Role),
        longest=LONGEST_SEARCH,
        done=done("admin/people"),
    )


@pages.get(f"{_LIST}/<path:account_id>")
def lead_to_account(lang: str, account_id: str) -> Response:
    """The address of an account as one would guess it leads to where it is."""
    return found(f"/{lang}/{account_path(account_id)}")
