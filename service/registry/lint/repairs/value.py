"""A refused value, with the edits that replace it."""

import re
from collections.abc import Callable
from functools import cached_property

from service.problems import Diagnostic, Edit
from service.registry.lint.names import Names
from service.registry.lint.nodes import Node
from service.registry.lint.refusals import Case
from service.registry.lint.repairs.lines import Repair
from service.registry.lint.vocabulary import look_up, strip_accents
from service.registry.schema import is_name
from service.wording import closest, is_one_slip, json_text, normalized, shortened


class RefusedValue(Case):
    """A refused value in a text, with the names of the whole file."""

    def __init__(self, diagnostic: Diagnostic, root: Node, text: str, names: Names) -> None:
        super().__init__(diagnostic, root, text)
        self.names, self.key = names, diagnostic.place

    @property
    def field(self) -> str:
        """The key of the value, or of the list that has it as an item."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @cached_property
    def parent(self) -> Node:
        """The mapping or list around the value."""
        return self.root.at(self.path[:-1])

    def replace(self, new: str, hint: str = "", cost: float = 1.0, is_guess: bool = False) -> Repair:
        """Return the repair that writes another value."""
        edit = Edit(self.node.place, self.node.end, new)
        hint = hint or f"write {shortened(new, 120)}"
        return Repair(cost, (edit,), "", hint, is_guess=is_guess)

    def is_free(self, text: str) -> bool:
        """Whether a text may be the value without a clash with the rest of the file."""
        return self.names.fits(self.field, text, self.entry)


def is_slip(text: str, word: str, is_boolean: bool = False) -> bool:
    """Whether a text is certainly meant for a word: it has one slip at most. In a boolean, a letter may be decisive."""
    text = normalized(text)
    is_other = is_boolean and (len(text) < 4 or (len(text) == len(word) and sorted(text) != sorted(word)))
    return text == word or (is_one_slip(text, word) and not is_other)


def write_item(text: str) -> str:
    """Return a text as an item of a list in brackets: in quotes if it needs them."""
    return text if re.fullmatch(r"(?!\d)[\w/][\w' ./@+-]*", text) else json_text(text)


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


#: Fields whose values are slugs or artifacts.
NAMES = ("slug", "use", "needs", "produces", "formerly", "legacy_features")
#: The well-formed values for a malformed value of a field.
FORMS: dict[str, Callable[[str], list[str]]] = {
    **dict.fromkeys(NAMES, guess_names),
    "owner": guess_owners,
    "api_endpoint": guess_endpoints,
    "feature_page": guess_pages,
}
#: The same for the formats of JSON Schema.
FORMATS: dict[str, Callable[[str], list[str]]] = {"date": guess_days, "uri-reference": guess_documents}
