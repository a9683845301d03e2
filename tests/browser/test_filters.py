"""Lists are sorted, searched and filtered by their address: in the browser where public, everywhere without scripts."""

import re
from datetime import timedelta

import pytest
from browser.browsing import Browsing, Demo, arrived
from browser.pages import EACH_LANGUAGE, OTHER, says
from demo_registry import utc_today
from playwright.sync_api import expect

from service.interest.keys import voted_key
from service.wording import folded

pytestmark = pytest.mark.long


@EACH_LANGUAGE
def test_what_is_filtered_stays_in_the_other_language_and_on_the_way_back(browsing: Browsing, lang: str) -> None:
    """And it is heard how much is left, and seen without colours what was chosen."""
    page = browsing.open(f"/{lang}/", forced_colors="active")
    tiles = page.locator(".tile:visible")
    everything, soon = tiles.count(), page.locator(".tile[data-state=coming_soon]").count()
    page.locator(".filters [data-value=coming_soon]").click()
    expect(page.get_by_role("status").filter(has_text=f"{soon} modules")).to_have_count(1)
    chips = page.locator(".filters .chip").all()
    outlined = [chip.evaluate("chip => getComputedStyle(chip).outlineStyle !== 'none'") for chip in chips]
    assert outlined == [chip.get_attribute("aria-current") == "true" for chip in chips]
    assert sum(outlined) == 1
    page.locator(".tools [data-language]").click()
    expect(page).to_have_url(re.compile(rf"/{OTHER[lang]}/\?state=coming_soon$"))
    expect(tiles).to_have_count(soon)
    page.locator(".tile[data-state=coming_soon] h3 a").first.click()
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?state=coming_soon$"))
    expect(tiles).to_have_count(soon)
    page.locator(".filters [data-value=coming_soon]").click()
    expect(tiles).to_have_count(everything)
    page.go_back()
    expect(tiles).to_have_count(soon)


@EACH_LANGUAGE
def test_without_scripts_chips_lead_to_sections_and_lists_are_forms_and_links(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/", java_script_enabled=False)
    chips = page.locator(".filters.no-js")
    active, soon = (page.locator(f".tile[data-state={state}]").first for state in ("active", "coming_soon"))
    chips.get_by_role("link", name=says(lang, "Coming soon", "À venir")).click()
    expect(active).to_be_hidden()
    expect(soon).to_be_visible()
    chips.get_by_role("link", name=says(lang, "Enrichment", "Enrichissement")).click()
    expect(page).to_have_url(re.compile("#enrich$"))
    expect(page.locator("#enrich")).to_be_in_viewport()
    expect(active).to_be_visible()

    browsing.go(page, f"/{lang}/changes")
    page.get_by_role("link", name=says(lang, "Shipped", "Livré"), exact=True).click()
    arrived(page, re.compile(r"\?kind=shipped$"))
    assert page.locator(".event").count() == page.locator(".event-released").count() > 0

    page = browsing.open(f"/{lang}/admin/insights", "admin", java_script_enabled=False)
    page.locator("#sort").select_option("month")
    page.locator("#from").fill("2026-01-01")
    page.get_by_role("button", name=says(lang, "Show", "Afficher")).click()
    expect(page).to_have_url(re.compile(r"\?sort=month&from=2026-01-01&to=#ranking$"))
    expect(page.locator("[aria-sort=descending]")).to_have_text(says(lang, "30 days", "30 jours"))
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


@EACH_LANGUAGE
def test_why_is_searched_newest_first_and_voters_are_sorted_by_day_and_name(
    browsing: Browsing, served: Demo, lang: str
) -> None:
    page = browsing.open(f"/{lang}/admin/insights/linkedin", "admin")
    reasons = page.locator(".reasons li")
    times = [str(time.get_attribute("datetime")) for time in reasons.locator("time").all()]
    assert times == sorted(times, reverse=True)
    page.get_by_label(says(lang, "Words in a reason", "Texte de la raison")).fill("LYON")
    page.keyboard.press("Enter")
    arrived(page, re.compile(r"\?q=LYON#why$"))
    assert 0 < reasons.count() < len(times)
    expect(reasons).to_contain_text(["Lyon"] * reasons.count())

    def sort(by: str, en: str, fr: str) -> list[str]:
        page.get_by_label(says(lang, "Sort by", "Trier par")).select_option(label=says(lang, en, fr))
        page.get_by_role("button", name=says(lang, "Show", "Afficher"), exact=True).click()
        arrived(page, re.compile(rf"\?q=LYON&by={by}#voters$"))
        return page.locator(".people tbody th").locator(".its-id" if by == "day" else "a").all_inner_texts()

    with served.store() as client:
        days = dict(client.command("HGETALL", voted_key("linkedin")))
    ids, names = sort("day", "Day of the vote", "Jour du vote"), sort("name", "Name", "Nom")
    assert [days[id] for id in ids] == sorted(days.values(), reverse=True)[: len(ids)]
    assert names == sorted(names, key=folded)


@EACH_LANGUAGE
def test_requests_are_filtered_by_links_and_searched_for_people_and_words(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/admin/requests", "admin")
    rows, chips = page.locator(".desk-list li"), page.locator(".filters")
    whole, module = rows.count(), says(lang, "Email campaign", "Campagne d’e-mails")
    chips.get_by_role("link", name=module).click()
    arrived(page, re.compile(r"\?module=email_campaign$"))
    chips.get_by_role("link", name=says(lang, "Open", "Ouvertes")).click()
    arrived(page, re.compile(r"\?status=open&module=email_campaign$"))
    assert 0 < rows.count() < whole
    expect(rows.locator(".thread-name")).to_have_text([module] * rows.count())
    expect(rows.locator(".request-open")).to_have_count(rows.count())
    who = rows.last.locator("bdi").first.inner_text()
    page.get_by_label(says(lang, "Requested by", "Demandée par")).fill(who.upper())
    page.keyboard.press("Enter")
    arrived(page, re.compile(r"\?status=open&module=email_campaign&text=&who=[^&]+$"))
    expect(rows.locator(".thread-who bdi")).to_have_text([who])
    page.get_by_role("link", name=says(lang, "Show all requests", "Afficher toutes les demandes")).click()
    arrived(page, re.compile("/admin/requests$"))
    page.get_by_label(says(lang, "Words in a message", "Texte du message")).fill("lyon")
    page.keyboard.press("Enter")
    arrived(page, re.compile(r"\?text=lyon&who=$"))
    assert 0 < rows.count() < whole
    expect(rows.locator(".thread-last")).to_contain_text(["Lyon"] * rows.count())


@EACH_LANGUAGE
def test_changes_of_this_month_and_the_last_are_links(browsing: Browsing, lang: str) -> None:
    page, today = browsing.open(f"/{lang}/changes"), utc_today()
    months = ("This month", "Ce mois-ci", today), ("Last month", "Le mois dernier", today.replace(day=1) - timedelta(1))
    for en, fr, day in months:
        page.get_by_role("link", name=says(lang, en, fr), exact=True).click()
        arrived(page, re.compile(f"[?]month={day:%Y-%m}$"))
        shown = page.locator("#changes time").evaluate_all("times => times.map(time => time.dateTime.slice(0, 7))")
        assert set(shown) <= {f"{day:%Y-%m}"}
    page.get_by_role("link", name=says(lang, "Shipped", "Livré"), exact=True).click()
    arrived(page, re.compile(r"[?]kind=shipped&month="))
    expect(page.locator(".event h3 a").first).to_have_attribute("href", f"/{lang}/modules/{browsing.demo.changed()}")
