"""The site: what every page knows, the files that it loads, and the one way in which pages are rendered.

Stylesheet, scripts and icons are each below a folder whose name is a digest of all of them. So a browser keeps them for
ever, and a page never meets the script of another version. ES modules import each other by relative addresses
(`./client.js`), which stay within the folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from service.settings import Settings
from service.web.documents import Document, document, moved
from service.web.pages import texts
from service.web.pages.languages import LANGUAGES, LOCALES
from service.web.protection import Headers, page_protection

_TEMPLATES, ASSETS = Path(__file__).parent / "templates", Path(__file__).parent / "assets"
_HTML = "text/html; charset=utf-8"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}

#: A year; `immutable` spares even the question on a reload (RFC 8246).
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """The files by their names, ready to be served, and the digest of all of them."""

    digest: str
    files: dict[str, Document]
    protection: Headers

    @classmethod
    def read(cls, protection: Headers) -> Assets:
        """The files in `assets/`."""
        contents = {file.name: file.read_bytes() for file in sorted(ASSETS.iterdir()) if file.suffix in _TYPES}
        digest = sha256()
        for name, body in contents.items():
            digest.update(f"{name}\0{len(body)}\0".encode() + body)
        types = {name: _TYPES[Path(name).suffix] for name in contents}
        files = {name: document(contents[name], types[name], None, _FOR_EVER, protection, shared=()) for name in types}
        return cls(digest.hexdigest()[:12], files, protection)

    def path(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there."""
        self.files[name]
        return f"/assets/{self.digest}/{name}"

    @property
    def documents(self) -> dict[str, Document]:
        """Every file by its path."""
        return {self.path(name): file for name, file in self.files.items()}


class Site:
    """What is the same on every page of one app.

    `local_url` is where this machine reaches it, if that is known: for examples alone. `provider` is what pages call
    the provider of identities that people sign in with, if there is one.
    """

    def __init__(self, settings: Settings, protection: Headers, local_url: str | None = None) -> None:
        """The site that the settings describe. `protection` is what is said to browsers of what is no page."""
        openid = settings.for_openid()
        self.name, self.cache_control = settings.site_name, settings.cache_control
        self.public_url, self.local_url, self.platform_url = settings.public_url, local_url, settings.platform_url
        self.sign_in_url, self.security_contact = settings.sign_in_url, settings.security_contact
        self.provider = openid.name if openid else None
        self.assets = Assets.read(protection)
        self.headers = page_protection(protection, openid.origin if openid else None)

    @property
    def icon(self) -> Document:
        """The icon at the address where browsers look for it unasked, which has no digest."""
        return self.file(self.assets.files["favicon.ico"].identity.body, "image/x-icon")

    def absolute(self, path: str) -> str:
        """The address of a path of this service: absolute where PUBLIC_URL is set, and never made of Host."""
        return f"{self.public_url or ''}{path}"

    def on_platform(self, path: str | None) -> str | None:
        """The address of a path of the platform, or of what is an address already; None where it cannot be known."""
        if path is None or path.startswith("https://"):
            return path
        return self.platform_url and self.platform_url + path

    def sign_in_template(self, lang: str) -> str:
        """Where those go who are signed out; `{next}` stands for the address to come back to.

        Beside a provider of identities the platform is one of several ways in, which the sign-in page has.
        """
        own = f"/{lang}/sign-in?next={{next}}"
        return self.sign_in_url if self.sign_in_url and not self.provider else own

    def sign_in(self, lang: str, path: str) -> str:
        """Where those go who are signed out, to come back to a path of this service."""
        template = self.sign_in_template(lang)
        back = self.absolute(path) if template == self.sign_in_url else path
        return template.replace("{next}", quote(back, safe=""))

    def sign_in_on_platform(self, path: str) -> str | None:
        """Where the platform signs people in, to come back to a path of this service; None where it does not."""
        return self.sign_in_url and self.sign_in_url.replace("{next}", quote(self.absolute(path), safe=""))

    def html(self, template: str, lang: str, path: str, *, languages: Iterable[str] = LANGUAGES, **facts: Any) -> str:
        """A page, as text.

        `path` is that below /{lang}/, and `languages` are those in which the same page exists. Among `facts`, `switch`
        is where the other language is found if that is not at the same path.
        """
        page = {"site": self, "lang": lang, "path": path, "switch": path, "languages": tuple(languages)}
        return _environment().get_template(template).render(page | facts)

    def document(self, template: str, lang: str, path: str, status: str = "200 OK", **facts: Any) -> Document:
        """A page as a prepared document: the same for everybody. Arguments as for `html`."""
        body = self.html(template, lang, path, **facts).encode()
        return document(body, _HTML, None, self.cache_control, self.headers, shared=(), status=status)

    def file(self, body: bytes, content_type: str) -> Document:
        """What is no page, as a prepared document."""
        return document(body, content_type, None, self.cache_control, self.assets.protection, shared=())

    def moved(self, path: str) -> Document:
        """A page that is found at another path of this service for good."""
        return moved(path, self.cache_control, self.assets.protection, shared=())


@cache
def _environment() -> Environment:
    """Jinja, for all pages of a process."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]  # by i18n
    made.globals |= {"LANGUAGES": LANGUAGES, "LOCALES": LOCALES, "url": _url, "asset": _asset}
    made.filters |= texts.FILTERS
    return made


@pass_context
def _url(context: Context, path: str = "", lang: str | None = None) -> str:
    """The address of a page by its path below /{lang}/."""
    return f"/{lang or context['lang']}/{path}"


@pass_context
def _asset(context: Context, name: str) -> str:
    """The address of a file in `assets/`."""
    site: Site = context["site"]
    return site.assets.path(name)
