"""Sound registry files as people write them, at random: in blocks or braces, with comments, quotes and line ends."""

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
        days = {"since": "2026-01-01", "removed_after": "2026-02-01"}
        state = draw(st.sampled_from(["active", "coming_soon", "coming_soon", "alpha_unavailable", "is_on_demand"]))
        label = {"fr": f"L’article {number}", "en": draw(st.sampled_from(["Item", "It: em", "yes", "A # b"]))}
        may_have = {
            "needs": ["leads"],
            "keywords": ["un mot", "a word"][: draw(st.integers(1, 2))],
            "formerly": [f"old_{slug}"],
            "stage": "planned" if state == "coming_soon" else None,
            "deprecated": {**days, "use": draw(st.sampled_from(entries))["slug"], "because": REASON},
        }
        entry = {name: value for name, value in may_have.items() if value and draw(st.booleans())}
        entry |= {"category": draw(st.sampled_from(CATEGORIES)), "label": draw(st.sampled_from([label, BASE["label"]]))}
        entry |= {state: True} if state != "active" else {}
        entry |= {"api_endpoint": f"/api/{slug}"} if state in ("active", "alpha_unavailable") else {}
        if draw(st.integers(0, 3)) == 0:
            entry = {**BASE, "api_endpoint": f"/api/{slug}", "keywords": ["a"]}
        names = draw(st.permutations([name for name in entry if name != "slug"]))
        entries.append({"slug": slug} | {name: entry[name] for name in names})
    return entries


@st.composite
def files(draw: st.DrawFn) -> File:
    """A file of such entries, in one of many styles."""
    entries, writer, margin = draw(modules()), _Writer(draw), " " * draw(st.integers(0, 3))
    written = [[margin + line for line in writer.entry(entry)] for entry in entries]
    blanks = [""] * draw(st.integers(0, 2))
    parts = ["modules:", *writer.noise(margin)]
    for number, lines in enumerate(written):
        parts += [*blanks * (number > 0), *lines, *writer.noise(margin)]
    gone = f"{margin}- {{ slug: gone, date: 2026-03-01, because: {writer.value(REASON)} }}"
    others = [["legacy_features: [company, base]  # c"], ["removed:", gone]]
    top = [parts, *(part for part in others if draw(st.booleans()))]
    lines = [*draw(st.sampled_from([[], ["# A file"], ["# A file", "---"]]))]
    for part in draw(st.permutations(top)):
        lines += [*part, *blanks]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(lines) + draw(st.sampled_from(["", newline, f"{newline}# The end{newline}"]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return File((mark + text).encode(), entries, [*map(newline.join, written)], "*label" in text or "*base" in text)


class _Writer:
    """Writes values, with what was drawn for one file."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.quote = draw(st.sampled_from(["", '"', "'"]))
        self.pad = draw(st.sampled_from(["", " "]))
        self.braces = draw(st.sampled_from([[False], [True], [False, True]]))
        self.lists = draw(st.booleans())
        self.comments = 0
        self.anchors = draw(st.integers(0, 2)) == 0

    def noise(self, margin: str) -> list[str]:
        """A comment of its own line, or none."""
        self.comments += 1
        return [f"{margin}# - c{self.comments}: x"] * (self.draw(st.integers(0, 3)) == 0)

    def entry(self, entry: dict[str, Any]) -> list[str]:
        """An entry from its dash on, without the margin of that. With anchors, it repeats what it shares with BASE."""
        anchor = "&base" if self.anchors and entry is BASE else ""
        shared = [name for name in BASE if self.anchors and entry is not BASE and entry.get(name) == BASE[name]]
        if len(shared) == len(BASE) - 2:
            entry = {"<<": "*base"} | {name: value for name, value in entry.items() if name not in shared}
        elif "label" in shared:
            entry = {**entry, "label": "*label"}
        if self.draw(st.sampled_from(self.braces)):
            return [f"- {anchor} {self.value(entry)}".replace("  ", " ")]
        lines = [line for name, value in entry.items() for line in (*self.field(name, value), *self.noise(""))]
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
            return [f"{name}:{after}", *(f"- {self.value(item)}" for item in value)]
        return [f"{name}: {self.value(value)}{after}"]

    def value(self, value: Any) -> str:
        if isinstance(value, dict):
            fields = ", ".join(f"{key}: {self.value(each)}" for key, each in value.items())
            anchor = "&label " if self.anchors and value is BASE["label"] else ""
            return f"{anchor}{{{self.pad}{fields}{self.pad}}}"
        if isinstance(value, list):
            return f"[{', '.join(map(self.value, value))}]"
        if value is True or value.startswith("*"):
            return str(value).lower()
        quote = self.quote or '"' * (value == "yes" or ": " in value or " #" in value)
        inner = value.replace("'", "''") if quote == "'" else value
        return f"{quote}{inner}{quote}"
