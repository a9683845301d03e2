"""Pages as their tests look at them, and as they send their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from application import BROWSER, signed_in
from contract import Client
from flask import Flask
from jinja2 import Environment, nodes
from redis import Redis
from support import REPOSITORY, add_accounts
from werkzeug.test import TestResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

#: Where a member asks for an activation, and reads what became of it.
FORM = "/fr/modules/sms_campaign/request"
OWN = "/fr/requests"

#: One module of each state, some that will go, and some that are gone, with everything that an entry can say.
VARIED = Path(__file__).with_name("varied.yaml")

#: A tag, an id, a class, and an attribute, perhaps with its value.
_STEP = re.compile(r"(\w*)(?:#([\w-]+))?(?:\.([\w-]+))?(?:\[([\w-]+)(?:=([^\]]*))?\])?")

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
        parts = [child for child in self.children if isinstance(child, str) or child.tag != "wbr"]
        said = "".join(child if isinstance(child, str) else f" {child.text} " for child in parts)
        return re.sub("[ \n]+", " ", said).strip(" ")

    @property
    def links(self) -> dict[str, str]:
        """Where the links in it lead, by what they say."""
        return {link.text: link["href"] for link in self.all("a")}

    @property
    def ids(self) -> list[str]:
        """The ids in it."""
        return [element["id"] for element in self.all("[id]")]

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def __iter__(self) -> Iterator[Element]:
        """Itself, and every element in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    def all(self, selector: str) -> list[Element]:
        """Every element that a selector of a stylesheet names, of tags, ids, classes and attributes."""
        elements = [self]
        for step in re.split(r" (?![^\[]*\])", selector):
            match = _STEP.fullmatch(step)
            assert match, f"{step} is not understood"
            elements = [inner for outer in elements for inner in outer if inner._is(*match.groups())]
        return elements

    def _is(self, tag: str, id: str | None, class_: str | None, attribute: str | None, value: str | None) -> bool:
        own = self.attributes
        return (
            tag in ("", self.tag)
            and id in (None, own.get("id"))
            and (class_ is None or class_ in own.get("class", "").split())
            and (attribute is None or (attribute in own and value in (None, own[attribute])))
        )

    def one(self, selector: str) -> Element:
        """The only such element."""
        [element] = self.all(selector)
        return element

    def texts(self, selector: str) -> list[str]:
        """What each such element says."""
        return [element.text for element in self.all(selector)]

    @property
    def rows(self) -> list[list[str]]:
        """What the cells of a table say, row by row, without those of its head."""
        return [[cell.text for cell in row if cell.tag in ("td", "th")] for row in self.all("tbody tr")]

    @property
    def fields(self) -> dict[str, str]:
        """What a form sends if nothing is typed or chosen."""
        inputs = [each for each in self.all("input") if each.attributes.get("type") != "radio"]
        inputs += self.all("input[checked]")
        values = {each["name"]: each.attributes.get("value", "") for each in inputs if "name" in each.attributes}
        values |= {each["name"]: "".join(map(str, each.children)).removeprefix("\n") for each in self.all("textarea")}
        for select in self.all("select"):
            values[select["name"]] = [*select.all("option[selected]"), *select.all("option")][0]["value"]
        return values


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


def page_of(response: TestResponse, status: int = 200, *, kept: bool = False) -> Element:
    """The page of a response: nothing in it is inline, and unless it is for everybody, nobody may keep it.

    It is called what its tab says first.
    """
    assert (response.status_code, response.content_type) == (status, "text/html; charset=utf-8")
    assert response.headers["Cache-Control"].startswith("public, max-age=10" if kept else "no-store")
    assert response.headers["Content-Security-Policy"] == POLICY
    page = parse(response.text)
    for element in page:
        assert element.tag not in ("style", "iframe", "object")
        assert element.tag != "script" or (element["src"].startswith("/") and not element.children)
        assert not any(name == "style" or name.startswith("on") for name in element.attributes)
    heading, title = page.one("h1").text, page.all("title")[0].text  # drawings have some, too
    refused = (f"Error: {heading}", f"Erreur\N{NO-BREAK SPACE}: {heading}")
    assert title.startswith((heading, *refused)), f"a tab says {title}"
    assert len(page.ids) == len(set(page.ids))
    return page


def public(client: Client, path: str) -> Element:
    """A page that is the same for everybody."""
    return page_of(client.get(path, headers=BROWSER), kept=True)


def shown(client: Client, path: str, status: int = 200) -> Element:
    """A page about whoever looks at it, or one that is refused."""
    return page_of(client.get(path, headers=BROWSER), status)


def sent_to(response: TestResponse) -> tuple[int, str]:
    """The status of a redirect, and where it leads."""
    return response.status_code, response.headers["Location"]


def add_account(app: Flask, redis: Redis, account_id: str, **fields: str) -> Client:
    """A client that is signed in as a new account, which is active unless its fields say otherwise."""
    add_accounts(redis, account_id, **fields)
    return signed_in(app, account_id)


def send(client: Client, path: str, text: str, **fields: str) -> TestResponse:
    """Send the form of a page with a message, as a browser does: with CRLF."""
    data = {"message": text.replace("\n", "\r\n")} | fields
    return client.post(path, data=data, headers=BROWSER)


def opened(client: Client, text: str = "Please") -> str:
    """The address of a request that was made with the form."""
    response = send(client, FORM, text)
    assert response.status_code == 303
    return response.headers["Location"].partition("#")[0]


def told(client: Client, path: str) -> list[str]:
    """What a page says that was done."""
    return shown(client, path).texts(".note[role=status]")


def desk_of(address: str) -> str:
    """Where admins read a request, by where its member does."""
    return address.replace("/fr/", "/fr/admin/")


def template_keys(template: str, variable: str) -> set[object]:
    """Return the keys of the dictionary that a template assigns to a variable."""
    source = (REPOSITORY / "service" / "web" / "pages" / "templates" / template).read_text("utf-8")
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    [assigned] = [
        assign
        for assign in tree.find_all(nodes.Assign)
        if isinstance(assign.target, nodes.Name) and assign.target.name == variable
    ]
    return {pair.key.as_const() for pair in assigned.node.find_all(nodes.Pair)}
