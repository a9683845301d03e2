"""Forms of pages: what was sent, and what stands on the page again where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Response, request

from service.feedback.model import LONGEST_TEXT
from service.problems import (
    AlreadyOpen,
    InvalidField,
    ModuleRegistryError,
    NotOnDemand,
    RateLimited,
    ThreadChanged,
    ThreadFull,
)
from service.web.pages.blueprint import personal
from service.web.problems import TABLE, headers_of

Result = TypeVar("Result")

#: Largest body that is read, in bytes: a text of several times the length that is permitted comes back to be shortened.
LARGEST_BODY = 64 * 1024

#: What is told beside the form, with all that was typed. Any other error has a page of its own.
_TOLD = (NotOnDemand, ThreadFull, ThreadChanged, AlreadyOpen, InvalidField, RateLimited)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done: an HTTP status, the last part of the problem's type, and headers that say what to do."""

    status: int
    kind: str
    headers: dict[str, str] = field(default_factory=dict)


def read_form() -> dict[str, str]:
    """The fields of the form at hand."""
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
    facts |= {"languages": (), "text": text, "refusal": refusal, "longest": LONGEST_TEXT, "unknown": False}
    response = personal(template, lang, path, status, **facts)
    if refusal:
        response.headers.update(refusal.headers)
    return response
