"""Times and numbers as each language writes them (Babel, CLDR): filters of templates.

Nobody has said in which time zone a reader is. So times are told by how long ago they are, which is the same anywhere,
and exactly in UTC; `assets/forms.js` tells the latter in the reader's own zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import pass_context
from jinja2.runtime import Context

from service.web.pages.languages import LOCALES

#: After this many days a date says more than their number.
_MOST_DAYS = 5


@pass_context
def ago(context: Context, when: datetime, *, short: bool = False) -> str:
    """How long ago something was, or, beyond some days, its date; nothing for less than a minute."""
    now, locale = datetime.now(UTC), LOCALES[context["lang"]]
    passed = now - when
    if passed.days > _MOST_DAYS:
        return format_skeleton("MMMd" if when.year == now.year else "yMMMd", when, locale=locale)
    if passed < timedelta(minutes=1):  # or to come, by a clock that differs
        return ""
    return format_timedelta(
        -passed, threshold=1, add_direction=True, format="short" if short else "long", locale=locale
    )


@pass_context
def duration(context: Context, since: datetime) -> str:
    """How much time has passed, such as "3 days"."""
    passed = max(datetime.now(UTC) - since, timedelta(minutes=1))
    return format_timedelta(passed, threshold=1, locale=LOCALES[context["lang"]])


@pass_context
def exactly(context: Context, when: datetime) -> str:
    """Day and time of day, in UTC."""
    return f"{day(context, when.date().isoformat())}, {clock(context, when)} UTC"


@pass_context
def day(context: Context, when: str) -> str:
    """An ISO day, such as "1 September 2026", whose number stays by the month; in French its first is the "1er"."""
    written = format_date(date.fromisoformat(when), "long", LOCALES[context["lang"]]).replace(" ", "\xa0", 1)
    return f"1er{written[1:]}" if context["lang"] == "fr" and written.startswith("1\xa0") else written


@pass_context
def clock(context: Context, when: datetime) -> str:
    """The time of day, in UTC."""
    return format_datetime(when, "HH:mm", locale=LOCALES[context["lang"]])


@pass_context
def number(context: Context, value: int) -> str:
    """A number with its digits in groups."""
    return format_decimal(value, locale=LOCALES[context["lang"]])


@pass_context
def signed(context: Context, value: int) -> str:
    """A change, with its sign; none has none."""
    return format_decimal(value, "+#,##0;\N{MINUS SIGN}#,##0" if value else None, LOCALES[context["lang"]])


@pass_context
def percent(context: Context, part: int, whole: int) -> str:
    """How much of a whole something is, in whole percent."""
    return format_percent(part / whole if whole else 0, locale=LOCALES[context["lang"]])


@pass_context
def short_day(context: Context, when: str) -> str:
    """An ISO day, such as "26 Nov"; with the year where that is another one than today's."""
    of = date.fromisoformat(when)
    is_now = of.year == datetime.now(UTC).year
    return format_skeleton("MMMd" if is_now else "yMMMd", of, locale=LOCALES[context["lang"]])


#: By the name that templates use.
FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "clock": clock,
    "day": day,
    "duration": duration,
    "exactly": exactly,
    "number": number,
    "percent": percent,
    "short_day": short_day,
    "signed": signed,
}
