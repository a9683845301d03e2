"""Markdown to HTML that a strict Content-Security-Policy lets through: no raw HTML, no style attribute."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: What a link becomes: its target as it is written -> the attributes of the `<a>`.
Links = Callable[[str], dict[str, str | int | float]]

#: What ids of headings begin with on a page, so that none is that of something else there (`sign-in`, `search`).
PREFIX = "s-"


#: Tables and code scroll by themselves where they are wider than the page, by keyboard too (WCAG 2.1.1). No text has
#: these tags: what looks like one is escaped.
_SCROLLING = {
    "<table>": '<div class="scroll" tabindex="0"><table>',
    "</table>": "</table></div>",
    "<pre>": '<pre tabindex="0">',
}


class Text(NamedTuple):
    """A Markdown text as HTML. `title` is its first heading, which is not in `html`, `opening` its first paragraph.

    `sections` are the headings of level 2: their ids, which links name behind `#`, and their texts.
    """

    title: str
    opening: str
    html: str
    sections: list[tuple[str, str]]


def text(markdown: str, links: Links = lambda target: {"href": target}) -> Text:
    """A text with a title, sections and links."""
    tokens = _PARSER.parse(markdown)
    headings = _name_headings(tokens)
    _adapt(tokens, links)
    title = next((inline for heading, inline in headings if heading.tag == "h1"), None)
    opening = next((tokens[at + 1] for at, token in enumerate(tokens) if token.type == "paragraph_open"), None)
    shown = [token for token in tokens if token is not title and token.tag != "h1"]
    sections = [(str(heading.attrs["id"]), _plain(inline)) for heading, inline in headings if heading.tag == "h2"]
    html = str(_PARSER.renderer.render(shown, _PARSER.options, {}))
    for tag, scrolling in _SCROLLING.items():
        html = html.replace(tag, scrolling)
    return Text(_plain(title), _plain(opening), html, sections)


def anchor(title: str) -> str:
    """The id of a heading in Markdown, by the rule of GitHub, so that links into a file hold there, too."""
    return re.sub(r"[^\w -]", "", title).strip().replace(" ", "-").lower()


def _name_headings(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    """Give every heading an id, and every one but the title a link to itself. Returns each with its inline token."""
    headings = [(tokens[at], tokens[at + 1]) for at, token in enumerate(tokens) if token.type == "heading_open"]
    taken = Counter[str]()
    for heading, inline in headings:
        slug = anchor(_plain(inline))
        heading.attrs["id"] = f"{PREFIX}{slug}-{taken[slug]}" if taken[slug] else PREFIX + slug
        taken[slug] += 1
        if heading.tag != "h1" and inline.children is not None:
            link = Token("self_link_open", "a", 1, attrs={"href": f"#{heading.attrs['id']}"})
            inline.children = [link, *inline.children, Token("self_link_close", "a", -1)]
    return headings


def _adapt(tokens: Sequence[Token], links: Links) -> None:
    """Lead links where `links` says, and have tables that need neither styles nor empty headers."""
    for at, token in enumerate(tokens):
        if token.type == "th_open" and not tokens[at + 1].content:
            token.tag = tokens[at + 2].tag = "td"  # a header that says nothing is none
        if "style" in token.attrs:  # of a table's cell: text-align:right
            token.attrs["class"] = "to-" + str(token.attrs.pop("style")).rpartition(":")[2]
        if token.type == "link_open":
            token.attrs |= links(_prefixed(str(token.attrs["href"])))
        _adapt(token.children or (), links)


def _prefixed(target: str) -> str:
    """A link to a heading of Markdown by the id that it has on its page."""
    file, mark, id = target.partition("#")
    return f"{file}#{PREFIX}{id}" if mark and (not file or file.endswith(".md")) else target


def _plain(inline: Token | None) -> str:
    """The text of an inline token, without its marks, in one line."""
    children = (inline and inline.children) or ()
    return "".join(" " if child.type == "softbreak" else child.content for child in children)


#: `html` is off: what looks like a tag is shown as text. Links to `javascript:` and the like stay text by default.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
