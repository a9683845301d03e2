"""The page of a module: what changed, what is around it, what one has asked for, and what its owner owns.

Of one that is not there, the module that was probably meant.
"""

import pytest
from browser import checks
from browser.browsing import Browsing, arrived
from browser.pages import EACH_LANGUAGE, says
from demo_registry import document
from playwright.sync_api import expect

pytestmark = pytest.mark.long


@EACH_LANGUAGE
def test_its_changes_are_open_and_move_nothing(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/modules/{browsing.demo.changed()}")
    part = page.locator(".what-changed")
    shipped = says(
        lang,
        "Shipped: it was coming soon and is now active.",
        "Livré : il était à venir, il est maintenant actif.",
    )
    expect(part.locator(".event").last).to_contain_text(shipped)
    assert checks.moving(page) == []
    page.route("**/changes?*", lambda route: route.abort())
    page.reload()
    failed = says(lang, "This cannot be shown right now.", "Impossible d’afficher cela pour le moment.")
    expect(part).to_contain_text(failed)
    expect(part.get_by_role("link")).to_have_count(1)  # to the page of changes
    browsing.forgive("ERR_FAILED")


@EACH_LANGUAGE
def test_neighbours_are_said_once_and_the_whole_graph_has_the_module_in_view(browsing: Browsing, lang: str) -> None:
    name = says(lang, "Email campaign", "Campagne d’e-mails")
    for width in (390, 1440):
        page = browsing.open(f"/{lang}/modules/verify_emails", width=width)
        around = page.get_by_role("complementary")
        neighbour = around.get_by_role("link", name=name, exact=True)
        expect(neighbour.locator("visible=true")).to_have_count(1)
        around.get_by_role("link", name=says(lang, "See the whole graph", "Voir tout le graphe")).click()
        expect(page).to_have_url(f"{browsing.demo.url}/{lang}/graph#box-verify_emails")
        expect(page.locator("#box-verify_emails")).to_be_in_viewport(ratio=1)


@EACH_LANGUAGE
def test_who_has_asked_is_told_so_instead_of_the_button(browsing: Browsing, lang: str) -> None:
    thread = browsing.demo.thread("member")
    slug = browsing.profile("member").request.get(f"/api/feedback/{thread}").json()["module"]
    page = browsing.open(f"/{lang}/modules/{slug}", "member")
    link = page.locator("#ask")
    expect(link).to_contain_text(says(lang, "Requested on", "Demandé le"))
    expect(link).to_contain_text(says(lang, "see your request", "voir votre demande"))
    expect(link).to_have_attribute("href", f"/{lang}/requests/{thread}")
    assert checks.moving(page) == []
    button = browsing.open(f"/{lang}/modules/{slug}").locator("#ask")  # signed out
    expect(button).to_have_text(says(lang, "Request activation", "Demander l’activation"))


@EACH_LANGUAGE
def test_its_owner_leads_to_all_that_they_own(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/modules/emails")
    page.get_by_role("link", name="team-contacts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        says(lang, "Modules of team-contacts", "Modules de team-contacts")
    )
    owned = [module["label"][lang] for module in document()["modules"] if module.get("owner") == "team-contacts"]
    expect(page.get_by_role("main").get_by_role("heading", level=2)).to_have_text(owned)
    page.get_by_role("link", name=owned[-1]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(owned[-1])


@EACH_LANGUAGE
def test_a_name_that_is_close_to_one_leads_to_it(browsing: Browsing, lang: str) -> None:
    asks = says(lang, "Did you mean Email finder?", "Vouliez-vous dire « Recherche d’e-mails » ?")
    page = browsing.open(f"/{lang}/modules/emials", status=404)
    page.get_by_role("link", name=asks).click()
    arrived(page, f"{browsing.demo.url}/{lang}/modules/emails")
    expect(page.get_by_role("heading", level=1)).to_have_text(says(lang, "Email finder", "Recherche d’e-mails"))
