"""Lists are sorted, searched and filtered by their address: in the browser where public, everywhere without scripts."""

import re
from datetime import timedelta

import pytest
from browser.browsing import Browsing, Demo, arrived
from demo_registry import utc_today
from playwright.sync_api import expect

from service.interest.keys import voted_key
from service.wording import folded

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
#: Of a feature: the search of reasons, and what voters are sorted by.
VOTERS = {
    "en": ("Words in a reason", "Sort by", "Day of the vote", "Name"),
    "fr": ("Texte de la raison", "Trier par", "Jour du vote", "Nom"),
}
#: Of requests: a module, a status, the searches of people and of words, and all of them.
DESK = {
    "en": ("Email campaign", "Open", "Requested by", "Words in a message", "Show all requests"),
    "fr": ("Campagne d’e-mails", "Ouvertes", "Demandée par", "Texte du message", "Afficher toutes les demandes"),
}
MONTHS = {"en": ("This month", "Last month"), "fr": ("Ce mois-ci", "Le mois dernier")}
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


@PARAMS
def test_why_is_searched_newest_first_and_voters_are_sorted_by_day_and_name(
    browsing: Browsing, served: Demo, lang: str
) -> None:
    in_reason, sort_by, by_day, by_name = VOTERS[lang]
    page = browsing.open(f"/{lang}/admin/insights/linkedin", "admin")
    reasons = page.locator(".reasons li")
    times = [str(time.get_attribute("datetime")) for time in reasons.locator("time").all()]
    assert times == sorted(times, reverse=True)
    page.get_by_label(in_reason).fill("LYON")
    page.keyboard.press("Enter")
    arrived(page, re.compile(r"\?q=LYON#why$"))
    assert 0 < reasons.count() < len(times)
    expect(reasons).to_contain_text(["Lyon"] * reasons.count())

    def sort(text: str, value: str) -> list[str]:
        page.get_by_label(sort_by).select_option(label=text)
        page.get_by_role("button", name=WORDS[lang]["show"], exact=True).click()
        arrived(page, re.compile(rf"\?q=LYON&by={value}#voters$"))
        return page.locator(".people tbody th").locator(".its-id" if value == "day" else "a").all_inner_texts()

    with served.store() as client:
        days = dict(client.command("HGETALL", voted_key("linkedin")))
    ids, names = sort(by_day, "day"), sort(by_name, "name")
    assert [days[id] for id in ids] == sorted(days.values(), reverse=True)[: len(ids)]
    assert names == sorted(names, key=folded)


@PARAMS
def test_requests_are_filtered_by_links_and_searched_for_people_and_words(browsing: Browsing, lang: str) -> None:
    module, status, asked_by, words, everything = DESK[lang]
    page = browsing.open(f"/{lang}/admin/requests", "admin")
    rows, chips = page.locator(".desk-list li"), page.locator(".filters")
    whole = rows.count()
    chips.get_by_role("link", name=module).click()
    arrived(page, re.compile(r"\?module=email_campaign$"))
    chips.get_by_role("link", name=status).click()
    arrived(page, re.compile(r"\?status=open&module=email_campaign$"))
    assert 0 < rows.count() < whole
    expect(rows.locator(".thread-name")).to_have_text([module] * rows.count())
    expect(rows.locator(".request-open")).to_have_count(rows.count())
    who = rows.last.locator("bdi").first.inner_text()
    page.get_by_label(asked_by).fill(who.upper())
    page.keyboard.press("Enter")
    arrived(page, re.compile(r"\?status=open&module=email_campaign&text=&who=[^&]+$"))
    expect(rows.locator(".thread-who bdi")).to_have_text([who])
    page.get_by_role("link", name=everything).click()
    arrived(page, re.compile("/admin/requests$"))
    page.get_by_label(words).fill("lyon")
    page.keyboard.press("Enter")
    arrived(page, re.compile(r"\?text=lyon&who=$"))
    assert 0 < rows.count() < whole
    expect(rows.locator(".thread-last")).to_contain_text(["Lyon"] * rows.count())


@PARAMS
def test_changes_of_this_month_and_the_last_are_links(browsing: Browsing, lang: str) -> None:
    page, today = browsing.open(f"/{lang}/changes"), utc_today()
    for text, day in zip(MONTHS[lang], (today, today.replace(day=1) - timedelta(1)), strict=True):
        page.get_by_role("link", name=text, exact=True).click()
        month = f"{day:%Y-%m}"
        arrived(page, re.compile(f"[?]month={month}$"))
        shown = page.locator("#changes time").evaluate_all("times => times.map(time => time.dateTime.slice(0, 7))")
        assert set(shown) <= {month}
    page.get_by_role("link", name=WORDS[lang]["shipped"], exact=True).click()
    arrived(page, re.compile(r"[?]kind=shipped&month="))
    expect(page.locator(".event h3 a").first).to_have_attribute("href", f"/{lang}/modules/{browsing.demo.changed()}")
