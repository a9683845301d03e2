"""Every page, as data: what the browser tests and the pictures walk."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("fr", "en")
THEMES = ("light", "dark")


class Page(NamedTuple):
    """One page in one situation: who looks at it, by the id of an account of the demo, and what it answers."""

    name: str
    path: str
    who: str | None = None
    status: int = 200

    def at(self, language: str) -> str:
        """Its path in a language."""
        return self.path.replace("{lang}", language)


PAGES = [
    Page("modules", "/{lang}/"),
    Page("modules-member", "/{lang}/", "member"),
    Page("modules-pending", "/{lang}/", "pending"),
    Page("not-found", "/{lang}/modules/nowhere", status=404),
]
