"""The languages of the pages: which of them a visitor gets who has not said so in the address, the texts of the
interface by gettext, and times and numbers as each language writes them (Babel, CLDR).

The ids of messages are the English texts, so English has no catalogue. `make texts` brings the others, `locale/*.po`,
up to date with the templates and views. They are read as they are: there is nothing to compile, and nothing that can be
older than its source.

Nobody has said in which time zone a reader is. So times are told by how long ago they are, which is the same anywhere,
and exactly in UTC; `assets/forms.js` tells the latter in the reader's own zone.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from flask import Request
from jinja2 import pass_context
from jinja2.runtime import Context

#: The first is for visitors who want neither.
LANGUAGES = ("en", "fr")

#: Of Open Graph (ogp.me), by language.
LOCALES = {"en": "en_GB", "fr": "fr_FR"}

#: Where a browser keeps the language that was chosen last; `assets/site.js` writes it.
COOKIE = "language"
#: For how long, in seconds: a year.
KEPT = 365 * 24 * 3600

#: Where a browser keeps the address to come back to, while somebody signs in.
BACK = "next"

#: An Accept-Language of more characters than this is as good as none: browsers send 50, and parsing takes its time.
_LONGEST = 1000

#: Where the catalogues are.
LOCALE = Path(__file__).parent / "pages" / "locale"

#: After this many days a date says more than their number.
_MOST_DAYS = 5


def of_path(path: str) -> str | None:
    """The language that an address names, as in /fr/graph; None if it names none."""
    first = path[1:].partition("/")[0]
    return first if first in LANGUAGES else None


def preferred(request: Request) -> str:
    """The language chosen before, or else what Accept-Language likes best (RFC 9110, 12.5.4)."""
    remembered = request.cookies.get(COOKIE)
    if remembered in LANGUAGES:
        return str(remembered)
    if len(request.environ.get("HTTP_ACCEPT_LANGUAGE", "")) > _LONGEST:
        return LANGUAGES[0]
    # Not best_match, which takes the `en` of `fr-CA, en;q=0.5` for a better match than the `fr-CA`.
    wanted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return next((lang for lang in wanted if lang in LANGUAGES), LANGUAGES[0])


def of_request(request: Request) -> str:
    """The language of whatever a request is answered by: where somebody signs in, that of the page they came from."""
    return of_path(request.path) or of_path(request.cookies.get(BACK, "")) or preferred(request)


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


def ago(context: Context, when: datetime, *, short: bool = False) -> str:
    """How long ago something was, or, beyond some days, its date; nothing for less than a minute."""
    passed, locale = datetime.now(UTC) - when, LOCALES[context["lang"]]
    width: Literal["short", "long"] = "short" if short else "long"
    if passed.days > _MOST_DAYS:
        return short_day(context, when.date().isoformat())
    if passed < timedelta(minutes=1):  # or to come, by a clock that differs
        return ""
    return format_timedelta(-passed, threshold=1, add_direction=True, format=width, locale=locale)


def duration(context: Context, since: datetime) -> str:
    """How much time has passed, such as "3 days", which are counted up to three months."""
    passed = max(datetime.now(UTC) - since, timedelta(minutes=1))
    if timedelta(days=1) <= passed < timedelta(days=90):
        return format_unit(passed.days, "duration-day", locale=LOCALES[context["lang"]])
    return format_timedelta(passed, threshold=1, locale=LOCALES[context["lang"]])


def exactly(context: Context, when: datetime) -> str:
    """Day and time of day, in UTC."""
    return f"{day(context, when.date().isoformat())}, {clock(context, when)} UTC"


def day(context: Context, when: str) -> str:
    """An ISO day, such as "1 September 2026", whose number stays by the month; in French its first is the "1er"."""
    written = format_date(date.fromisoformat(when), "long", LOCALES[context["lang"]]).replace(" ", "\xa0", 1)
    return f"1er{written[1:]}" if context["lang"] == "fr" and written.startswith("1\xa0") else written


def month(context: Context, when: str) -> str:
    """A month such as 2026-09, as "September 2026"."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{when}-01"), locale=LOCALES[context["lang"]])


def clock(context: Context, when: datetime) -> str:
    """The time of day, in UTC."""
    return format_datetime(when, "HH:mm", locale=LOCALES[context["lang"]])


def number(context: Context, value: int) -> str:
    """A number with its digits in groups."""
    return format_decimal(value, locale=LOCALES[context["lang"]])


def signed(context: Context, value: int) -> str:
    """A change, with its sign; none has none."""
    return format_decimal(value, "+#,##0;\N{MINUS SIGN}#,##0" if value else None, LOCALES[context["lang"]])


def percent(context: Context, part: int, whole: int) -> str:
    """How much of a whole something is, in whole percent."""
    return format_percent(part / whole if whole else 0, locale=LOCALES[context["lang"]])


def short_day(context: Context, when: str) -> str:
    """An ISO day, such as "26 Nov"; with the year where that is another one than today's."""
    of = date.fromisoformat(when)
    is_now = of.year == datetime.now(UTC).year
    return format_skeleton("MMMd" if is_now else "yMMMd", of, locale=LOCALES[context["lang"]])


#: By the name that templates use. Each is given the context of the page before what it is applied to.
FILTERS = {
    function.__name__: pass_context(function)
    for function in (ago, clock, day, duration, exactly, month, number, percent, short_day, signed)
}
