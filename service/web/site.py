"""The site: what every page knows, the files that it loads, and the one way in which pages are rendered.

Stylesheet, scripts and icons are each below a folder whose name is a digest of all of them. So a browser keeps them for
ever, and a page never meets the script of another version. ES modules import each other by relative addresses
(`./client.js`), which stay within the folder.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.accounts.listing import LONGEST_SEARCH
from service.registry.model import ModuleState
from service.settings.settings import Settings
from service.web import languages
from service.web.documents import Document, document
from service.web.languages import LANGUAGES, LOCALES
from service.web.protection import Headers, page_protection
from service.wording import printable, shortened

_logger = logging.getLogger(__name__)

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"

_PAGES = Path(__file__).parent / "pages"
_TEMPLATES, ASSETS = _PAGES / "templates", _PAGES / "assets"
_HTML = "text/html; charset=utf-8"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}

#: Comments on lines of their own. They are for who reads the source, and would be a quarter of what is sent.
_COMMENTS = re.compile(rb"^[ \t]*(//[^\n]*|/\*([^*]|\*(?!/))*\*/)[ \t]*$", re.MULTILINE)

#: A static import of an ES module, such as `import { me } from "./service.js";`.
_IMPORT = re.compile(rb'^import [^"]*"\./([\w-]+\.js)";$', re.MULTILINE)

#: A year; `immutable` spares even the question on a reload (RFC 8246).
_FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The files in `assets/` by their names, ready to be served below a digest of all of them."""

    def __init__(self, protection: Headers) -> None:
        self.protection, digest = protection, sha256()
        self.files: dict[str, Document] = {}
        self._imports: dict[str, list[str]] = {}
        for file in sorted(file for file in ASSETS.iterdir() if file.suffix in _TYPES):
            body = file.read_bytes()
            if file.suffix in (".css", ".js"):  # whose lines keep their numbers
                body = _COMMENTS.sub(lambda comment: b"\n" * comment[0].count(b"\n"), body)
            self._imports[file.name] = [name.decode() for name in _IMPORT.findall(body)]
            digest.update(f"{file.name}\0{len(body)}\0".encode() + body)
            self.files[file.name] = document(body, _TYPES[file.suffix], None, _FOR_EVER, protection, shared=())
        self._folder = f"/assets/{digest.hexdigest()[:12]}"
        self.documents = {self.path(name): file for name, file in self.files.items()}

    def imports(self, scripts: Sequence[str]) -> list[str]:
        """Return the other scripts that these import, directly and indirectly."""
        found = [*scripts]
        for script in found:  # grows in the loop
            found += [name for name in self._imports[script] if name not in found]
        return found[len(scripts) :]

    def path(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there."""
        self.files[name]
        return f"{self._folder}/{name}"


@dataclass(frozen=True, slots=True)
class Published:
    """That pages are files: the origin of a `service` that they ask for what concerns a person, if there is one; and
    whether what changed last is among them."""

    service: str | None = None
    has_history: bool = False


class Site:
    """What is the same on every page of one app.

    `local_url` is where this machine reaches it, if that is known: for examples alone. `provider` is what pages call
    the provider of identities that people sign in with, if there is one. Where it `shares_sessions`, some may have been
    begun by the platform. `service` is what pages put before the path of what is made at each request, and `changes`
    before that of the page of changes; None where they cannot ask for it.
    """

    def __init__(
        self,
        settings: Settings,
        protection: Headers,
        local_url: str | None = None,
        *,
        shares_sessions: bool = True,
        published: Published | None = None,
    ) -> None:
        """The site that the settings describe. `protection` is what is said to browsers of what is no page."""
        self.published = published
        self.service = published.service if published else ""
        self.changes = "" if published is None or published.has_history else published.service
        issuer, has_provider = urlsplit(settings.oidc_issuer), settings.for_openid()
        self.name, self.cache_control = settings.site_name, settings.cache_control
        self.public_url, self.local_url, self.platform_url = settings.public_url, local_url, settings.platform_url
        self.sign_in_url, self.security_contact = settings.sign_in_url, settings.security_contact
        self.shares_sessions = shares_sessions or bool(self.service)  # another host's cookies do not tell of one
        self.sign_in_help = {"fr": settings.sign_in_help_fr, "en": settings.sign_in_help_en}
        self.provider = (settings.oidc_name or issuer.netloc) if has_provider else None
        self.assets = Assets(protection)
        provider = f"{issuer.scheme}://{issuer.netloc}" if has_provider else None
        self.headers = page_protection(protection, provider, self.service or None)

    def absolute(self, path: str) -> str:
        """The address of a path of this service: absolute where PUBLIC_URL is set, and never made of Host."""
        return f"{self.public_url or ''}{path}"

    def feed(self, lang: str) -> str | None:
        """Where the changes are told as a feed; a file has a path for each language. None where they are nowhere."""
        path = (
            f"/{lang}/changes.atom" if self.published and self.published.has_history else f"/changes.atom?lang={lang}"
        )
        return None if self.changes is None else (self.changes or self.public_url or "") + path

    def on_platform(self, path: str | None) -> str | None:
        """The address of a path of the platform, or of what is an address already; None where it cannot be known."""
        if path is None or path.startswith("https://"):
            return path
        return self.platform_url and self.platform_url + path

    def sign_in_template(self, lang: str) -> str:
        """Where those go who are signed out; `{next}` stands for the address to come back to.

        Beside a provider of identities the platform is one of several ways in, which the sign-in page has.
        """
        own = f"{self.service or ''}/{lang}/sign-in?next={{next}}"
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
        is where the other language is found if that is not at the same path. In a template, `url` has the address of a
        page by its path below /{lang}/, and `asset` that of a file in `assets/`.
        """

        def url(to: str = "", of: str = lang) -> str:
            return f"/{of}/{to}"

        page = {"site": self, "lang": lang, "path": path, "switch": path, "languages": tuple(languages)}
        page |= {"url": url, "asset": self.assets.path}
        return _environment().get_template(template).render(page | facts)

    def document(
        self, template: str, lang: str, path: str, status: str = "200 OK", more: Headers = (), **facts: Any
    ) -> Document:
        """A page as a prepared document, with `more` headers: the same for everybody. Arguments as for `html`.

        It has a digest of itself, by which its scripts know whether what the service sends is what they run on.
        """
        text = self.html(template, lang, path, **facts)
        body = text.replace("<html ", f'<html data-digest="{sha256(text.encode()).hexdigest()[:12]}" ', 1).encode()
        return document(body, _HTML, None, self.cache_control, self.headers, shared=(), more=more, status=status)

    def file(self, body: bytes, content_type: str) -> Document:
        """What is no page, as a prepared document."""
        return document(body, content_type, None, self.cache_control, self.assets.protection, shared=())


class KnownNames(dict[str, str]):
    """The names of an enumeration's values, for people. A value without a name is its own, which is logged once."""

    def __missing__(self, value: str) -> str:
        with _lock:
            is_new = value not in _unnamed
            _unnamed.add(value)
        if is_new:
            _logger.warning("Pages have no name for %r, and show it as it is.", value)
        return value


def _state_names(lang: str) -> KnownNames:
    """Return the names of the states of modules in a language, by bucket."""
    return KnownNames({state.bucket: getattr(state.label, lang) for state in ModuleState})


#: The values without a name that this process has logged.
_unnamed: set[str] = set()
_lock = Lock()


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
    made.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]  # by i18n
    made.globals |= {"LANGUAGES": LANGUAGES, "LOCALES": LOCALES, "LONGEST_SEARCH": LONGEST_SEARCH}
    made.globals |= {"account_path": account_path, "shown": shown}
    made.globals |= {"known_names": KnownNames, "state_names": _state_names}
    made.filters |= languages.FILTERS
    return made


def account_path(account_id: str) -> str:
    """Where one account is, below /{lang}/.

    Its id is in the query. In a path some ids would be lost: browsers take `..` for a step up, however it is written,
    and proxies decode `%2F` and make one slash of two.
    """
    return f"admin/person?{urlencode({'id': account_id})}"


def shown(text: str, most: int = LONGEST_SEARCH) -> str:
    """Return what another person has written, on one line of at most `most` characters, invisible characters escaped.

    A joiner between two visible characters stays, as emoji and Persian are written with it.
    """
    if not text.isprintable():
        text = "".join(each if _joins(text, place) else printable(each) for place, each in enumerate(text))
    return shortened(text, most)


def _joins(text: str, place: int) -> bool:
    """Return whether the character at a place is a joiner between two visible characters."""
    beside = text[place - 1 : place] + text[place + 1 : place + 2]
    return text[place] in _JOINERS and len(beside) == 2 and beside.isprintable() and " " not in beside
