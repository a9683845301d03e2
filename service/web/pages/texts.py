"""The texts of the interface: gettext catalogues, whose message ids are the English texts.

English therefore has no catalogue. `make texts` brings the others, `locale/*.po`, up to date with the templates and
views. They are read as they are: there is nothing to compile, and nothing that can be older than its source.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import pass_context
from jinja2.runtime import Context

LOCALE = Path(__file__).parent / "locale"


@cache
def translations(lang: str) -> NullTranslations:
    """The catalogue of a language."""
    source = LOCALE / f"{lang}.po"
    if not source.exists():
        return NullTranslations()
    with source.open("rb") as file:
        catalogue = read_po(file, locale=lang, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@pass_context
def gettext(context: Context, message: str) -> str:
    """A text in the language of the page (for Jinja's i18n extension)."""
    return translations(context["lang"]).gettext(message)


@pass_context
def ngettext(context: Context, singular: str, plural: str, number: int) -> str:
    """A text with a number, in the language of the page (for Jinja's i18n extension)."""
    return translations(context["lang"]).ngettext(singular, plural, number)
