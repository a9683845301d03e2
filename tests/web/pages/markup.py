"""Pages as their tests look at them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Elements without an end tag (HTML, 13.1.2).
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, with blanks as one; no-break spaces are none."""
        parts = [one for one in self.children if isinstance(one, str) or one.tag != "wbr"]
        said = "".join(one if isinstance(one, str) else f" {one.text} " for one in parts)
        return re.sub("[ \n]+", " ", said).strip(" ")

    def __iter__(self) -> Iterator[Element]:
        """Itself, and every element in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Every element with this tag and these attributes; of a class, one is enough."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [one for one in self if (not tag or one.tag == tag) and all(one.has(*each) for each in wanted.items())]

    def has(self, name: str, value: str) -> bool:
        """Whether an attribute has a value, or a class among its values."""
        own = self.attributes.get(name)
        return own is not None and (value in own.split() if name == "class" else own == value)

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only such element."""
        [found] = self.all(tag, **attributes)
        return found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> ends another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(text: str) -> Element:
    """A page; fails where elements are not closed in the order in which they were opened."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    [root] = parser.open
    return root
