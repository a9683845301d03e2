"""Sound registry files as people write them, at random: in blocks or braces, with comments, quotes and line ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

CATEGORIES = ["sources", "enrich", "signals", "outreach", "tools"]
#: The first module produces what others need, so that each of those may go.
BASE = {
    "slug": "base",
    "category": "sources",
    "label": {"fr": "Base", "en": "Base"},
    "produces": ["leads"],
    "api_endpoint": "/api/base",
}
REASON = {"fr": "Une raison.", "en": "A reason."}


@dataclass(frozen=True)
class File:
    """A file: its bytes, its entries as values, the text of each, and whether entries repeat parts of the first one."""

    data: bytes
    modules: list[dict[str, Any]]
    written: list[str]
    anchored: bool


@st.composite
def modules(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entries of a sound registry, the first of which is BASE."""
    entries: list[dict[str, Any]] = [BASE]
    for number in range(draw(st.integers(0, 5))):
        slug = f"{draw(st.sampled_from('cxmz'))}{number}"
        entry: dict[str, Any] = {"slug": slug, "category": draw(st.sampled_from(CATEGORIES))}
        entry["label"] = {"fr": f"L’article {number}", "en": draw(st.sampled_from(["Item", "It: em", "yes", "A # b"]))}
        if draw(st.integers(0, 2)) == 0:
            entry["label"] = BASE["label"]
        if draw(st.booleans()):
            entry["needs"] = ["leads"]
        if draw(st.booleans()):
            entry["keywords"] = ["un mot", "a word"][: draw(st.integers(1, 2))]
        if draw(st.booleans()):
            entry["formerly"] = [f"old_{slug}"]
        state = draw(st.sampled_from(["active", "coming_soon", "coming_soon", "alpha_unavailable", "is_on_demand"]))
        if state != "active":
            entry[state] = True
        if state in ("active", "alpha_unavailable"):
            entry["api_endpoint"] = f"/api/{slug}"
        if state == "coming_soon" and draw(st.booleans()):
            entry["stage"] = "planned"
        if draw(st.integers(0, 3)) == 0:
            days = {"since": "2026-01-01", "removed_after": "2026-02-01"}
            entry["deprecated"] = {**days, "use": draw(st.sampled_from(entries))["slug"], "because": REASON}
        if draw(st.integers(0, 3)) == 0:
            entry = {**BASE, "slug": slug, "api_endpoint": f"/api/{slug}", "keywords": ["a"]}
        rest = draw(st.permutations([*entry][1:]))
        entries.append({name: entry[name] for name in ["slug", *rest]})
    return entries


@st.composite
def files(draw: st.DrawFn) -> File:
    """A file of such entries, in one of many styles."""
    entries = draw(modules())
    writer = _Writer(draw)
    margin = " " * draw(st.integers(0, 3))
    written = [writer.entry(entry) for entry in entries]
    parts = ["modules:", *(writer.noise(margin) for _ in range(1))]
    blanks = [""] * draw(st.integers(0, 2))
    for number, lines in enumerate(written):
        parts += blanks * (number > 0) + [margin + line for line in lines]
        parts.append(writer.noise(margin))
    top = [[line for line in parts if line is not None]]
    if draw(st.booleans()):
        top.append(["legacy_features: [company, base]  # c"])
    if draw(st.booleans()):
        top.append(["removed:", f"{margin}- {{ slug: gone, date: 2026-03-01, because: {writer.value(REASON, True)} }}"])
    if draw(st.booleans()):
        top.reverse()
    lines = [*draw(st.sampled_from([[], ["# A file"], ["# A file", "---"]]))]
    for part in top:
        lines += [*part, *blanks]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(lines) + draw(st.sampled_from(["", newline, f"{newline}# The end{newline}"]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    texts = [newline.join(margin + line for line in each) for each in written]
    return File((mark + text).encode(), entries, texts, "*label" in text or "*base" in text)


class _Writer:
    """Writes values, with what was drawn for one file."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.quote = draw(st.sampled_from(["", '"', "'"]))
        self.pad = draw(st.sampled_from(["", " "]))
        self.braces = draw(st.sampled_from(["never", "always", "sometimes"]))
        self.lists = draw(st.booleans())
        self.comments = 0
        self.anchors = draw(st.integers(0, 2)) == 0

    def noise(self, margin: str) -> Any:
        """A comment of its own line, or none."""
        self.comments += 1
        return f"{margin}# - c{self.comments}: x" if self.draw(st.integers(0, 3)) == 0 else None

    def entry(self, entry: dict[str, Any]) -> list[str]:
        """An entry from its dash on, without the margin of that. With anchors, it repeats what it shares with BASE."""
        anchor = "&base" if self.anchors and entry is BASE else ""
        if self.anchors and entry is not BASE:
            shared = [name for name in BASE if entry.get(name) == BASE[name]]
            if len(shared) == len(BASE) - 2:
                entry = {"<<": "*base"} | {name: value for name, value in entry.items() if name not in shared}
            elif "label" in shared:
                entry = {**entry, "label": "*label"}
        if self.braces == "always" or (self.braces == "sometimes" and self.draw(st.booleans())):
            return [f"- {anchor} {self.value(entry, True)}".replace("  ", " ")]
        lines: list[str] = []
        for name, value in entry.items():
            lines += self.field(name, value)
            if comment := self.noise(""):
                lines.append(comment)
        if lines[-1].startswith("#"):
            lines.pop()
        first = [f"- {anchor}"] if anchor else []
        return first + [f"{'- ' if number == 0 and not anchor else '  '}{line}" for number, line in enumerate(lines)]

    def field(self, name: str, value: Any) -> list[str]:
        after = "  # c: d" if self.draw(st.integers(0, 5)) == 0 else ""
        if isinstance(value, dict) and self.lists:
            anchor = " &label" if self.anchors and value is BASE["label"] else ""
            return [f"{name}:{anchor}{after}", *(f"   {line}" for key in value for line in self.field(key, value[key]))]
        if isinstance(value, list) and self.lists:
            return [f"{name}:{after}", *(f"- {self.value(item, False)}" for item in value)]
        return [f"{name}: {self.value(value, False)}{after}"]

    def value(self, value: Any, inside: bool) -> str:
        if isinstance(value, bool):
            return "true"
        if isinstance(value, dict):
            fields = ", ".join(f"{key}: {self.value(each, True)}" for key, each in value.items())
            anchor = "&label " if self.anchors and value is BASE["label"] else ""
            return f"{anchor}{{{self.pad}{fields}{self.pad}}}"
        if isinstance(value, list):
            return f"[{', '.join(self.value(each, True) for each in value)}]"
        if value.startswith("*"):
            return str(value)
        if self.quote == "'":
            return "'" + value.replace("'", "''") + "'"
        needed = value in ("yes",) or ": " in value or " #" in value
        return f'"{value}"' if self.quote == '"' or needed else str(value)
