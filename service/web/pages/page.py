"""What a public page is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.registry.model import Registry
from service.web.pages.languages import LANGUAGES
from service.web.pages.site import Site

Facts = Callable[[Registry, Site, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is the same for everybody, rendered once for each registry in force.

    `path` is that below /{lang}/. `facts` are what the template is given, of a registry, the site and a language.
    """

    path: str
    template: str
    facts: Facts = lambda registry, site, lang: {}
    languages: tuple[str, ...] = LANGUAGES
    in_sitemap: bool = True
