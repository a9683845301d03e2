"""The page of all modules: a tile each, grouped by category."""

from __future__ import annotations

from service.web.pages.page import Page

PAGE = Page("", "modules.html")
