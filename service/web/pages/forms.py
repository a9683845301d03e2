"""Forms of pages: what was sent, and what stands on the page again where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Response, request

from service.feedback.model import LONGEST_TEXT
from service.problems import (
    AccountNotActive,
    AlreadyOpen,
    InvalidField,
    ModuleRegistryError,
    NotAnAdmin,
    NotAuthenticated,
    NotOnDemand,
    RateLimited,
    StorageUnavailable,
    ThreadChanged,
    ThreadFull,
)
from service.web.admission import read_body
from service.web.pages.blueprint import personal
from service.web.problems import TABLE, headers_of
from service.web.session import caller_or_none

Result = TypeVar("Result")

#: Largest body that is read, in bytes: a text of several times the length that is permitted comes back to be shortened.
LARGEST_BODY = 64 * 1024

#: What is told beside the form, with all that was typed. Any other error has a page of its own.
_TOLD = (
    NotAuthenticated,
    AccountNotActive,
    NotAnAdmin,
    NotOnDemand,
    ThreadFull,
    ThreadChanged,
    AlreadyOpen,
    InvalidField,
    RateLimited,
    StorageUnavailable,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done: an HTTP status, the last part of the problem's type, and headers that say what to do."""

    status: int
    kind: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def hides_pages(self) -> bool:
        """Whether pages about the caller cannot be shown either: signed out, or the store does not answer."""
        return self.kind in ("not-authenticated", "storage-unavailable")

    @property
    def hides_desk(self) -> bool:
        """Whether pages of admins cannot be shown: those, or the caller is no active admin any more."""
        return self.hides_pages or self.kind in ("not-an-admin", "account-not-active")


def read_form() -> dict[str, str]:
    """The fields of the form at hand. Raises 413, or 503 while others are awaited."""
    read_body(of_caller=caller_or_none() is not None)
    return request.form.to_dict()


def attempt(action: Callable[[], Result], told: tuple[type[ModuleRegistryError], ...] = _TOLD) -> Result | Refusal:
    """What an action returns, or why it is refused, if that is among what is `told` beside the form."""
    try:
        return action()
    except told as error:
        status, kind = TABLE[type(error)]
        return Refusal(int(status), kind, headers_of(error))


def form_page(
    template: str, lang: str, path: str, text: str = "", refusal: Refusal | None = None, **facts: Any
) -> Response:
    """A page with a form, in which `text` stands already, and why it was refused. The rest as for `Site.html`."""
    status = refusal.status if refusal else 200
    facts |= {"languages": (), "text": text, "refusal": refusal, "longest": LONGEST_TEXT}
    facts["unknown"] = status == 503  # who it is
    response = personal(template, lang, path, status, **facts)
    if refusal:
        response.headers.update(refusal.headers)
    return response


#: Beside the text, what a form of a thread sends.
_FIELDS = ("status", "was", "etag", "seen")


def unsent(lang: str, path: str, sent: dict[str, str], refusal: Refusal) -> Response:
    """What was typed, where the thread itself cannot be shown, and a button that sends it again to the same address."""
    again = {name: sent[name] for name in _FIELDS if name in sent}
    return form_page("unsent.html", lang, path, sent.get("message", ""), refusal, again=again)
