"""The languages of the pages, and which of them a visitor gets who has not said so in the address."""

from __future__ import annotations

from flask import Request

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
