"""The texts of the pages as their sources have them, and the catalogues of their translations."""

from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from service.web.languages import LOCALE

#: What is read: _("...") and {% trans %} in templates, gettext("...") in views.
_METHODS = [("*.py", "python"), ("templates/*.html", "jinja2")]
_OPTIONS = {"templates/*.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def extracted() -> Catalog:
    """Every text of the sources, untranslated."""
    texts = Catalog(fuzzy=False)
    for _, _, message, comments, context in extract_from_dir(LOCALE.parent, _METHODS, _OPTIONS):
        texts.add(message, auto_comments=comments, context=context)
    return texts


def catalogue(lang: str) -> Catalog:
    """The catalogue of a language as it is."""
    with (LOCALE / f"{lang}.po").open("rb") as file:
        return read_po(file, locale=lang)


def translated(message: Message) -> bool:
    """Whether a message has all of its translations; the header, which has no id, has."""
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return not message.id or all(strings)


def updated(text: str) -> str:
    """Return the text of a catalogue with every text of the sources, and no other. A new one has no translation."""
    catalogue = read_po(BytesIO(text.encode()), locale="fr", abort_invalid=True)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    written = BytesIO()
    write_po(written, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = text.partition("\n\n")[0]  # ours, which has no date that every branch would change
    return f"{header}\n\n{written.getvalue().decode()}"
