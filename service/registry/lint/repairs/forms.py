"""Well-formed values that a malformed value may be meant for, the likeliest first."""

import re

from service.registry.lint.vocabulary import look_up, strip_accents
from service.registry.schema import is_name
from service.wording import closest, normalized


def _join_words(text: str, sign: str) -> str:
    """Return the words of a text, also of `aName`, with a sign between them; empty if other signs have a meaning."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", strip_accents(text))
    text = parted.lower().strip(" .!?()[]")
    return re.sub(r"[^a-z0-9]+", sign, text).strip(sign) if re.fullmatch(r"[a-z0-9\s_.'-]+", text) else ""


def guess_names(text: str) -> list[str]:
    """Return the slugs or artifacts for a text."""
    return [name for name in (_join_words(text, "_"), normalized(strip_accents(text))) if is_name(name)]


def guess_owners(text: str) -> list[str]:
    """Return the owners for a text."""
    return [*filter(None, [_join_words(text, "-")]), strip_accents(text).lower()]


def guess_endpoints(path: str) -> list[str]:
    """Return the endpoint for a path: without a method, a host, and parts before /api/."""
    path = re.sub(r"^(?:(?:GET|POST|PUT|PATCH|DELETE)\s+)?(?:[a-z]+://[^/]*)?(?:.*(?=/api/))?", "", path)
    segments = [part for part in re.split(r"[/\\]+", path) if part]
    if segments and closest(segments[0], ["api"], 0.6):
        del segments[0]
    is_path = segments and all(re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in segments)
    return ["/api/" + "/".join(segments)] if is_path and not look_up("states", path) else []


def guess_pages(path: str) -> list[str]:
    """Return the feature_page for a path."""
    path = re.sub(r"^https?://[^/]*|(?:\.(?:html?|php|aspx?|jsp))?(?:[?#].*)?$", "", path.rstrip("/")).strip("/")
    return [_join_words(path.removeprefix("features/"), "-")]


def guess_texts(text: str) -> list[str]:
    """Return a text with single spaces."""
    return [" ".join(text.split())]


def guess_documents(path: str) -> list[str]:
    """Return the address of documentation for a path."""
    first, slash, _ = path.partition("/")
    if re.search(r"[\s,;]|^\.", path) or not slash or (first.endswith(":") and not first.startswith("http")):
        return []
    return [re.sub("^https?:?/+", "https://", path), f"https://{path}" if "." in first else f"/{path}"]


def guess_days(text: str) -> list[str]:
    """Return the day for a text. If the year comes last, only a day after the 12th is certain."""
    if match := re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[Tt ]\d\d:\d\d.*)?", text):
        return [f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"]
    match = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)
    return [f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"] if match and int(match[1]) > 12 else []
