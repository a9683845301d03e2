"""The page of a module: what changed, what is around it, what one has asked for, and what its owner owns.

Of one that is not there, the module that was probably meant.
"""

import pytest
from browser import checks
from browser.browsing import Browsing, arrived
from demo_registry import document
from playwright.sync_api import expect

pytestmark = pytest.mark.long

LAST = {
    "en": "Shipped: it was coming soon and is now active.",
    "fr": "Livré : il était à venir, il est maintenant actif.",
}
AROUND = {"en": ("Email campaign", "See the whole graph"), "fr": ("Campagne d’e-mails", "Voir tout le graphe")}
OWNED = {"en": "Modules of team-contacts", "fr": "Modules de team-contacts"}
MEANT = {
    "en": ("Did you mean Email finder?", "Email finder"),
    "fr": ("Vouliez-vous dire « Recherche d’e-mails » ?", "Recherche d’e-mails"),
}


@pytest.mark.parametrize("language", LAST)
def test_its_changes_are_open_and_move_nothing(browsing: Browsing, language: str) -> None:
    page = browsing.open(f"/{language}/modules/{browsing.demo.changed()}")
    part = page.locator(".what-changed")
    expect(part.locator(".event").last).to_contain_text(LAST[language])
    assert checks.moving(page) == []
    page.route("**/changes?*", lambda route: route.abort())
    page.reload()
    failed = {"en": "This cannot be shown right now.", "fr": "Impossible d’afficher cela pour le moment."}
    expect(part).to_contain_text(failed[language])
    expect(part.get_by_role("link")).to_have_count(1)  # to the page of changes
    browsing.forgive("ERR_FAILED")


@pytest.mark.parametrize("language", AROUND)
def test_neighbours_are_said_once_and_the_whole_graph_has_the_module_in_view(browsing: Browsing, language: str) -> None:
    name, whole = AROUND[language]
    for width in (390, 1440):
        page = browsing.open(f"/{language}/modules/verify_emails", width=width)
        around = page.get_by_role("complementary")
        neighbour = around.get_by_role("link", name=name, exact=True)
        expect(neighbour.locator("visible=true")).to_have_count(1)
        around.get_by_role("link", name=whole).click()
        expect(page).to_have_url(f"{browsing.demo.url}/{language}/graph#box-verify_emails")
        expect(page.locator("#box-verify_emails")).to_be_in_viewport(ratio=1)


def test_who_has_asked_is_told_so_instead_of_the_button(browsing: Browsing) -> None:
    thread = browsing.demo.thread("member")
    member = browsing.profile("member")
    slug = member.request.get(f"/api/feedback/{thread}").json()["module"]
    for language, said, see, button in (
        ("en", "Requested on", "see your request", "Request activation"),
        ("fr", "Demandé le", "voir votre demande", "Demander l’activation"),
    ):
        page = browsing.open(f"/{language}/modules/{slug}", "member")
        link = page.locator("#ask")
        expect(link).to_contain_text(said)
        expect(link).to_contain_text(see)
        expect(link).to_have_attribute("href", f"/{language}/requests/{thread}")
        assert checks.moving(page) == []
        expect(browsing.open(f"/{language}/modules/{slug}").locator("#ask")).to_have_text(button)  # signed out


@pytest.mark.parametrize("language", OWNED)
def test_its_owner_leads_to_all_that_they_own(browsing: Browsing, language: str) -> None:
    page = browsing.open(f"/{language}/modules/emails")
    page.get_by_role("link", name="team-contacts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(OWNED[language])
    owned = [module["label"][language] for module in document()["modules"] if module.get("owner") == "team-contacts"]
    expect(page.get_by_role("main").get_by_role("heading", level=2)).to_have_text(owned)
    page.get_by_role("link", name=owned[-1]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(owned[-1])


@pytest.mark.parametrize("language", MEANT)
def test_a_name_that_is_close_to_one_leads_to_it(browsing: Browsing, language: str) -> None:
    asks, name = MEANT[language]
    page = browsing.open(f"/{language}/modules/emials", status=404)
    page.get_by_role("link", name=asks).click()
    arrived(page, f"{browsing.demo.url}/{language}/modules/emails")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
