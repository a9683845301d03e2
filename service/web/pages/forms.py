"""Forms of pages: what a list is asked for, and why what was sent is refused."""

from __future__ import annotations

from collections.abc import Callable, Container
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

from service.problems import ModuleRegistryError
from service.web.pages.blueprint import Refusal
from service.web.problems import TABLE, headers_of
from service.web.request_data import fields

Result = TypeVar("Result")

#: Largest body that is read, in bytes: a text of several times the length that is permitted comes back to be shortened.
LARGEST_BODY = 64 * 1024

#: What was sent was read, and is refused for what it says, or when: that is told beside the form, with all that was
#: typed. Any other error has a page of its own.
_TOLD = (
    HTTPStatus.CONFLICT,
    HTTPStatus.GONE,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)


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


def attempt(action: Callable[[], Result]) -> Result | Refusal:
    """What an action returns, or why it is refused, if that is told beside the form."""
    try:
        return action()
    except ModuleRegistryError as error:
        status, kind = TABLE[type(error)]
        if status not in _TOLD:
            raise
        return Refusal(status, kind, headers_of(error))
