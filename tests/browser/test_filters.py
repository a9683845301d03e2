"""Lists are sorted and filtered by their address: in the browser on public pages, and without scripts everywhere."""

from __future__ import annotations

import re

import pytest
from browser.browsing import Browsing, arrived
from playwright.sync_api import expect

pytestmark = pytest.mark.long

OTHER = {"en": "fr", "fr": "en"}
WORDS = {
    "en": {"coming": "Coming soon", "enrich": "Enrichment", "shipped": "Shipped", "month": "30 days", "show": "Show"},
    "fr": {
        "coming": "À venir",
        "enrich": "Enrichissement",
        "shipped": "Livré",
        "month": "30 jours",
        "show": "Afficher",
    },
}
PARAMS = pytest.mark.parametrize("lang", ["en", "fr"])


@PARAMS
def test_what_is_filtered_stays_in_the_other_language_and_on_the_way_back(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/")
    page.locator(".filters [data-value=coming_soon]").click()
    page.locator(".tools [data-language]").click()
    expect(page).to_have_url(re.compile(rf"/{OTHER[lang]}/\?state=coming_soon$"))
    expect(page.locator(".tile[data-state=active]").first).to_be_hidden()
    page.locator(".tile[data-state=coming_soon] h3 a").first.click()
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?state=coming_soon$"))
    expect(page.locator(".tile[data-state=active]").first).to_be_hidden()


@PARAMS
def test_without_scripts_chips_lead_to_sections_and_lists_are_forms_and_links(browsing: Browsing, lang: str) -> None:
    words = WORDS[lang]
    page = browsing.open(f"/{lang}/", java_script_enabled=False)
    chips = page.locator(".filters.no-js")
    chips.get_by_role("link", name=words["coming"]).click()
    expect(page.locator(".tile[data-state=active]").first).to_be_hidden()
    expect(page.locator(".tile[data-state=coming_soon]").first).to_be_visible()
    chips.get_by_role("link", name=words["enrich"]).click()
    expect(page).to_have_url(re.compile("#enrich$"))
    expect(page.locator("#enrich")).to_be_in_viewport()
    expect(page.locator(".tile[data-state=active]").first).to_be_visible()

    browsing.go(page, f"/{lang}/changes")
    page.get_by_role("link", name=words["shipped"], exact=True).click()
    arrived(page, re.compile(r"\?kind=shipped$"))
    assert page.locator(".event").count() == page.locator(".event-released").count() > 0

    page = browsing.open(f"/{lang}/admin/insights", "admin", java_script_enabled=False)
    page.locator("#sort").select_option("month")
    page.locator("#from").fill("2026-01-01")
    page.get_by_role("button", name=words["show"]).click()
    expect(page).to_have_url(re.compile(r"\?sort=month&from=2026-01-01&to=#ranking$"))
    expect(page.locator("[aria-sort=descending]")).to_have_text(words["month"])
    page.locator("#wanted tbody th a").first.click()
    page.locator(".eyebrow a").click()
    expect(page).to_have_url(re.compile(rf"/{lang}/admin/insights\?sort=month&from=2026-01-01$"))

    browsing.go(page, f"/{lang}/admin/people")
    page.locator("#status").select_option("suspended")
    page.locator(".search-form button").click()
    page.locator(".people tbody a").first.click()
    page.locator(".tools [data-language]").click()
    page.locator(".eyebrow a").click()
    arrived(page, re.compile(rf"/{OTHER[lang]}/admin/people\?status=suspended$"))
    assert page.locator(".people .account-suspended").count() == page.locator(".people tbody tr").count() > 0
