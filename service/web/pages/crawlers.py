"""What crawlers ask for, robots.txt (RFC 9309) and sitemap.xml (sitemaps.org), and security.txt (RFC 9116).

Their addresses are absolute where PUBLIC_URL is set. Where it is not, nobody knows them, and they are paths.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from html import escape

from service.web.documents import Document, document
from service.web.pages.languages import LANGUAGES
from service.web.pages.site import Site

#: What stands on a page about a person, or leads to nothing but one.
_NOT_FOR_CRAWLERS = ("/sign-in", "/api/features", *(f"/{lang}/{path}" for lang in LANGUAGES for path in (
    "admin/", "requests", "sign-in", "modules/*/vote", "modules/*/request",
)))  # fmt: skip

SECURITY = "/.well-known/security.txt"
#: Less than a year (RFC 9116, 2.5.5).
_HOLDS = timedelta(days=180)

#: A sitemap of more addresses than this is not read (sitemaps.org).
_MOST_ADDRESSES = 50_000


def robots(site: Site) -> Document:
    """Which pages a crawler may read, and where all of them are listed."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_CRAWLERS)]
    if site.public_url:
        lines += ["", f"Sitemap: {site.absolute('/sitemap.xml')}"]
    return _text(site, "\n".join(lines) + "\n", "text/plain; charset=utf-8")


def sitemap(site: Site, paths: Iterable[str]) -> Document:
    """The public pages at these paths."""
    listed = [f"<url><loc>{escape(site.absolute(path))}</loc></url>" for path in paths][:_MOST_ADDRESSES]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return _text(site, head + "\n".join(listed) + "\n</urlset>\n", "application/xml")


def security(site: Site, contact: str) -> Document:
    """Whom to tell of a vulnerability. It ends half a year from today, since whoever runs the service says so today."""
    ends = datetime.combine(datetime.now(UTC).date() + _HOLDS, time(), UTC)
    lines = [f"Contact: {contact}", f"Expires: {ends.isoformat()}"]
    if site.public_url:
        lines.append(f"Canonical: {site.absolute(SECURITY)}")
    return _text(site, "\n".join(lines) + "\n", "text/plain; charset=utf-8")


def _text(site: Site, text: str, content_type: str) -> Document:
    return document(text.encode(), content_type, None, site.cache_control, site.assets.protection, shared=())
