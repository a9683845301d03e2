"""Rules of modules that end: days of deprecation and removal, and modules to use instead."""

from datetime import date, timedelta

from service.registry.graph import components
from service.registry.lint.document import Document, Entry
from service.registry.lint.edits import respell
from service.registry.lint.names import Names
from service.registry.lint.nodes import Findings, fields, text_of
from service.registry.lint.vocabulary import look_up
from service.wording import joined, quoted


def days_in_order(document: Document) -> Findings:
    """Report modules that are removed before the day of their deprecation."""
    for entry in document.modules:
        end = fields(entry.node).get("deprecated", entry.node)
        since = text_of(end, "since")
        after = text_of(end, "removed_after")
        if since and after and after < since:
            place = fields(end)["removed_after"].place
            yield entry.diagnose(
                "days-in-order",
                "deprecated.removed_after",
                f"deprecated.removed_after {after} is before since {since}",
                "give it the same day or a later one, or let the two days change places",
                place,
            )


def successor_unknown(document: Document) -> Findings:
    """Report modules to use instead that are not in the file, or are the module itself."""
    slugs = document.names.slugs
    is_open = document.is_open("slug") or "" in slugs  # an unread entry may have the slug
    for entry in (*document.modules, *document.removed):
        field = "use" if entry.path[0] == "removed" else "deprecated.use"
        node = entry.find(field)
        if node is None or not isinstance(node.value, str) or (node.value != entry.slug and node.value in slugs):
            continue
        successor = _find_successor(document.names, entry, node.value)
        if successor or not is_open:
            problem = "names the module itself" if node.value == entry.slug else "is no module's slug"
            hint = f"did you mean {successor}?" if successor else "name another module of this file, or write null"
            edits = respell(document.text, node, successor) if successor else ()
            yield entry.diagnose(
                "successor-unknown", field, f"{field} {quoted(node.value)} {problem}", hint, node.place, edits
            )


def _find_successor(names: Names, entry: Entry, name: str) -> str:
    """Return the likely slug of the module to use instead; empty if there is no likely slug."""
    current = names.former.get(name, entry.slug)
    if current != entry.slug:
        return current
    return "null" if look_up("nothing", name) else names.find_closest(name, names.slugs, entry.slug)


def unlikely_day(document: Document, today: date) -> Findings:
    """Warn of removals in the future, and of deprecations many years ahead. Other time zones may have tomorrow."""
    last_days = (
        (document.removed, "date", today + timedelta(days=1), "is still to come"),
        (document.modules, "deprecated.since", today + timedelta(days=3653), "is many years ahead"),
    )
    for entries, field, last, problem in last_days:
        for entry in entries:
            node = entry.find(field)
            if node and isinstance(node.value, str) and node.value > last.isoformat():
                yield entry.diagnose(
                    "unlikely-day", field, f"{field} {node.value} {problem}", "write the day that is meant"
                )


def successors_circle(document: Document) -> Findings:
    """Warn of modules that end, and are each to be replaced by another of them."""
    entries = {entry.slug: entry for entry in document.modules}
    uses = {slug: text_of(entry.find("deprecated") or entry.node, "use") for slug, entry in entries.items()}
    for circle in components({slug: [use] if use in uses else [] for slug, use in uses.items()}):
        if len(circle) > 1:
            yield entries[circle[-1]].diagnose(
                "successors-circle",
                "deprecated.use",
                f"deprecated.use leads in a circle, of {joined(sorted(circle))}",
                "name one that stays, or null",
            )
