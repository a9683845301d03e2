"""The documentation: `service/docs/**/*.md` as pages, an index of them, and the HTTP reference.

A text that exists in English alone is a page under /en/docs/, and /fr/docs/ leads there. All are rendered at their
first request: most visitors ask for few of them, and a start need not wait for any. The Markdown library, which takes
80 ms to import, is imported then, too.
"""

from __future__ import annotations

import posixpath
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml
from flask import Response
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from service import schema_path
from service.web.languages import LANGUAGES
from service.web.pages import reference
from service.web.pages.blueprint import LANG, kept, lead_to, pages
from service.web.state import state

if TYPE_CHECKING:
    from service.web.pages.markdown import Text

_FOLDER = Path(__file__).parents[2] / "docs"

#: The language of a file that does not name one, as `concepts/module-registry.fr.md` does.
_LANGUAGE = "en"

#: Where examples send their requests, unless PUBLIC_URL is set: the address of `serve`.
_LOCAL = "http://127.0.0.1:8000"


#: Every text: the name of its page -> language -> file.
TEXTS: dict[str, dict[str, Path]] = {}
for _file in sorted(_FOLDER.rglob("*.md")):
    _name, _, _lang = _file.relative_to(_FOLDER).as_posix().removesuffix(".md").partition(".")
    TEXTS.setdefault(_name, {})[_lang or _LANGUAGE] = _file

#: The addresses of all pages of documentation.
PATHS = (
    *(f"/{lang}/docs/{name}" for lang in LANGUAGES for name in ("", "reference")),
    *(f"/{lang}/docs/{name}" for name, files in TEXTS.items() for lang in files),
)


@pages.get(f"{LANG}/docs/")
def index(lang: str) -> Response:
    """Every page, by its reader."""
    titles = {name: _text(name, lang if lang in files else _LANGUAGE).title for name, files in TEXTS.items()}
    return kept(state().in_force, "docs_index.html", lang, "docs/", titles=titles, texts=TEXTS)


@pages.get(f"{LANG}/docs/reference")
def http_reference(lang: str) -> Response:
    """Every call, as openapi.yaml describes it."""
    base = state().site.service or state().site.public_url or state().site.local_url or _LOCAL
    facts: dict[str, Any] = {"base": base, "api": _reference(), "reference": reference, "rich": _rich}
    return kept(state().in_force, "docs_reference.html", lang, "docs/reference", **facts)


@pages.get(f"{LANG}/docs/<path:name>")
def page(lang: str, name: str) -> Response:
    """A text, and a list of those in the folder of its name. Raises NotFound where there is none of the name."""
    files, path = TEXTS.get(name), f"docs/{name}"
    if files is None:
        raise NotFound
    if lang not in files:
        return lead_to(f"/{_LANGUAGE}/{path}")
    facts: dict[str, Any] = {"text": _text(name, lang), "switch": path if len(files) > 1 else "docs/"}
    facts["below"] = {each: _text(each, lang).title for each in TEXTS if each.startswith(f"{name}/")}
    return kept(state().in_force, "docs_page.html", lang, path, languages=files, **facts)


@cache
def _text(name: str, lang: str) -> Text:
    from service.web.pages.markdown import text

    file = TEXTS[name][lang]
    folder = file.parent.relative_to(_FOLDER).as_posix()
    return text(file.read_text(encoding="utf-8"), partial(_link, folder=folder, lang=lang))


def _link(target: str, folder: str, lang: str) -> dict[str, str | int | float]:
    """Where a link in a file of `folder` leads: to the page of a file, in the same language where there is one."""
    url = urlsplit(target)
    if url.scheme or not url.path or url.path.startswith("/"):
        return {"href": target}
    name = posixpath.normpath(posixpath.join(folder, url.path)).partition(".")[0]
    to = lang if lang in TEXTS[name] else _LANGUAGE
    href = f"/{to}/docs/{name}" + (f"#{url.fragment}" if url.fragment else "")
    return {"href": href} if to == lang else {"href": href, "hreflang": to}


@cache
def _reference() -> dict[str, Any]:
    return reference.reference(yaml.load(schema_path("openapi.yaml").read_bytes(), yaml.CSafeLoader))


def _rich(node: reference.Node) -> Markup:
    """What a part of openapi.yaml says of itself, as HTML."""
    from service.web.pages.markdown import text

    return Markup(text(node.get("description", "")).html)
