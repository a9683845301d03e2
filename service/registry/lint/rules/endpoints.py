"""Rules of endpoints: each belongs to one module, and is no route of this service."""

import re
from itertools import islice

from service.registry.lint.document import Document, Entry
from service.registry.lint.names import is_own_route, names_in
from service.registry.lint.nodes import Findings, fields, text_of
from service.registry.lint.rules.slugs import diagnose_clash, find_clashes
from service.wording import quoted

#: Former slugs of a module, and parts of its path, that are compared.
_MOST_NAMES = 20


def duplicate_endpoint(document: Document) -> Findings:
    """Report endpoints that an earlier module has. If the two have the same slug, duplicate-slug reports them."""
    for entry, earlier in find_clashes(document.modules, "api_endpoint"):
        if earlier.slug != entry.slug:
            yield diagnose_clash(document, "duplicate-endpoint", "api_endpoint", entry, earlier)


def own_route(document: Document) -> Findings:
    """Report endpoints that are routes of this service."""
    for entry in document.modules:
        if is_own_route(path := text_of(entry.node, "api_endpoint")):
            place = entry.locate("api_endpoint")
            yield entry.diagnose(
                "own-route",
                "api_endpoint",
                f"api_endpoint {quoted(path)} is a route of the registry service itself",
                "choose another path",
                place,
            )


def endpoint_fit(document: Document) -> Findings:
    """Warn of endpoints that share no words with the slug or a former slug."""
    for entry in document.modules:
        if not (path := text_of(entry.node, "api_endpoint")):
            continue
        former = (node.value for node in islice(names_in(entry.node, "formerly"), _MOST_NAMES))
        names = [split_words(name) for name in (entry.slug, *former)]
        parts = [split_words(part.lower()) for part in path.split("/", _MOST_NAMES)[2:]]
        if not any(part <= words or words <= part for part in parts for words in names):
            yield entry.diagnose(
                "endpoint-fit",
                "api_endpoint",
                f"api_endpoint {quoted(path)} does not fit the slug",
                f"write /api/{entry.slug.replace('_', '-')}, if that is where the module answers",
            )


def split_words(name: str) -> set[str]:
    """Return the words of a slug, a path or an owner, without the s of a plural."""
    return {word.removesuffix("s") for word in re.split("[-_./@]", name)}


def endpoint_case(document: Document) -> Findings:
    """Warn of two endpoints that differ by case alone: people and some proxies take them for the same."""
    first: dict[str, Entry] = {}
    for entry in document.modules:
        path = text_of(entry.node, "api_endpoint")
        if path and (earlier := first.setdefault(path.lower(), entry)) is not entry:
            other = fields(earlier.node)["api_endpoint"]
            where = f"{quoted(other.value)} of {earlier.name}, line {document.line(other.offset)}"
            yield entry.diagnose(
                "endpoint-case",
                "api_endpoint",
                f"api_endpoint {quoted(path)} differs by case alone from {where}",
                "give each module its own",
            )
