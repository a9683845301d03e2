"""Forms of pages: what a list is asked for, what was sent, why it is refused, and what came of it.

What a form has done is told once, and soon, by the page that it leads to. It is kept in a signed cookie of its own. An
address that says so is anybody's to write, and the session is perhaps the platform's: to write it here would renew it,
and where the platform shares it among hosts, leave a copy behind.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, after_this_request, request
from itsdangerous import BadData

from service.feedback.model import LONGEST_TEXT
from service.problems import ModuleRegistryError
from service.web.pages.blueprint import lead_to, own_cookie, pages, personal
from service.web.problems import TABLE, headers_of
from service.web.request_data import fields
from service.web.session import caller, caller_or_none, serializer

Result = TypeVar("Result")

#: Largest body that is read, in bytes: a text of several times the length that is permitted comes back to be shortened.
LARGEST_BODY = 64 * 1024

#: Of what is told beside the form, with all that was typed: conflicts, a link that cannot be made, what has changed
#: meanwhile, fields, limits. Any other error has a page of its own.
_TOLD = (409, 410, 412, 422, 429)

#: How long a browser may take to the page that tells what was done, in seconds.
_LIFETIME = 60

_COOKIE = _SALT = "done"


class Filters(dict[str, str]):
    """What the address of a list says: what it is of, and the `cursor` it goes on from. What is not said is empty."""

    @classmethod
    def asked(cls, *names: str, **values: Container[str]) -> Filters:
        """The fields of these names, and the cursor, in the query of the request at hand. Of a name whose `values` are
        known, what is none of them counts as not said."""
        said = {name: (value or "").strip() for name, value in fields(*names, "cursor").items()}
        return cls({name: value if value in values.get(name, (value,)) else "" for name, value in said.items()})

    @property
    def said(self) -> dict[str, str | None]:
        """What functions are asked for by these: None in place of what is empty."""
        return {name: value or None for name, value in self.items()}

    def query(self, begin: str = "?", **changed: str) -> str:
        """The query of the list with some other filters, as it begins behind a path, or "&" behind another query;
        nothing where there are none."""
        given = {name: value for name, value in (self | changed).items() if value}
        return f"{begin}{urlencode(given)}" if given else ""

    @property
    def are_any(self) -> bool:
        """Whether something may be left out of the list."""
        return any(value for name, value in self.items() if name != "cursor")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done: an HTTP status, the last part of the problem's type, and headers that say what to do."""

    status: int
    kind: str
    headers: dict[str, str]


def attempt(action: Callable[[], Result]) -> Result | Refusal:
    """What an action returns, or why it is refused, if that is told beside the form."""
    try:
        return action()
    except ModuleRegistryError as error:
        status, kind = TABLE[type(error)]
        if status not in _TOLD:
            raise
        return Refusal(status, kind, headers_of(error))


def form_page(
    template: str, lang: str, path: str, text: str = "", refusal: Refusal | None = None, **facts: Any
) -> Response:
    """A page with a form, in which `text` stands already, and why it was refused, or what was done at `where`.

    Among `facts`, that is what `lead_on` was given, where it is not `path`. The rest as for `Site.html`.
    """
    facts |= {"text": text, "refusal": refusal, "longest": LONGEST_TEXT}
    if refusal is None:
        return personal(template, lang, path, done=done(facts.get("where", path)), **facts)
    response = personal(template, lang, path, refusal.status, done=None, **facts)
    response.headers.update(refusal.headers)
    return response


def lead_on(lang: str, where: str, what: str, more: str = "") -> Response:
    """Lead whoever is signed in to the page at /{lang}/{where}, which tells what was done; `more` ends the address."""
    response = lead_to(f"/{lang}/{where}{more}", 303)
    kept = serializer(_SALT).dumps([*caller(), where, what])
    response.set_cookie(_COOKIE, kept, _LIFETIME, **own_cookie())
    return response


def done(where: str) -> str | None:
    """What was done before this page was led to, if that is to be told: to whom did it, and the first time."""
    cookie, who = request.cookies.get(_COOKIE), caller_or_none()
    if not cookie or who is None:
        return None
    try:
        *about, what = serializer(_SALT).loads(cookie, max_age=_LIFETIME)
    except BadData:
        return None
    if about != [*who, where]:
        return None

    after_this_request(_forgotten)
    return str(what)


@pages.after_request
def forget_what_was_done(response: Response) -> Response:
    """What a form has done is not told after another one, which was refused, or failed."""
    has_done = response.status_code == 303
    return (
        _forgotten(response) if request.method == "POST" and _COOKIE in request.cookies and not has_done else response
    )


def _forgotten(response: Response) -> Response:
    response.delete_cookie(_COOKIE, **own_cookie())
    return response
