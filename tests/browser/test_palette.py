"""The palette of commands: what it finds, what it does, the keys that it tells, and those that lead along lists."""

import re

import pytest
from browser import checks
from browser.browsing import Browsing, Demo, arrived, held_back
from browser.pages import EACH_LANGUAGE, says
from browser.test_voting import stored
from playwright.sync_api import Locator, Page, expect
from support import wait_until

from service.registry.model import ModuleState

pytestmark = pytest.mark.long


def find(page: Page, text: str) -> Locator:
    """The results for a text, typed into the palette, which is opened by its key."""
    if not page.locator("#palette").is_visible():
        page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(text)
    return page.get_by_role("option")


@EACH_LANGUAGE
def test_one_letter_wrong_finds_and_pages_by_their_names_in_both_languages(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/docs/", "member")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for typed in ("telefone", "telefonee", "tlephone", "teleph"):
        expect(find(page, typed).filter(has_text=says(lang, "Extra phone", "Téléphones"))).to_have_count(1)
    for typed in ("roadmap", "feuille de route", "raodmap"):
        expect(find(page, typed).first).to_contain_text(says(lang, "Roadmap", "Feuille de route"))
    for typed in ("my account", "mon compte"):
        expect(find(page, typed).first).to_contain_text(says(lang, "My account", "Mon compte"))
    for typed in ("plan a pipeline", "composer un pipeline"):
        expect(find(page, typed).filter(has_text="pipeline").first).to_be_visible()
    expect(find(page, "running the service").first).to_contain_text("Running the service")
    expect(page.get_by_role("option").first).to_contain_text("Documentation")
    assert page.get_by_role("option").first.locator("[lang=en]").count() == (lang == "fr")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/en/docs/operators$"))
    assert not [url for url in asked if "/admin/" in url], "nothing of admins is asked for by anybody else"


def test_each_module_has_its_state(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    buckets = page.request.get("/api/modules-registry").json()
    for state in ModuleState:
        mark = find(page, buckets[state.bucket][0]).first.locator(".state").first
        expect(mark).to_have_class(f"state state-{state.bucket}")
        expect(mark).not_to_be_empty()


def test_arrows_lead_through_the_results_as_a_screen_reader_is_told(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    results, field = find(page, ""), page.get_by_role("combobox")
    for name, number in (("Sign in", 1), ("My requests", 1), ("Administration", 0)):  # which is not for everybody
        expect(results.filter(has_text=name)).to_have_count(number)
    find(page, "email")
    browsing.quiet(page)
    expect(page.locator("#palette [data-message]")).to_be_empty()
    last = results.count() - 1
    expect(page.locator("#palette [data-count]")).to_have_text(f"{last + 1} results")
    for key, at in (("Shift", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", last), ("ArrowDown", 0)):
        page.keyboard.press(key)
        expect(results.nth(at)).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", results.nth(at).get_attribute("id") or "")
        assert page.locator("#palette [aria-selected=true]").count() == 1
    address = results.first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_escape_gives_the_focus_back_and_a_slash_opens_it(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    link, field = page.get_by_role("link", name="Roadmap").first, page.get_by_role("combobox")
    link.focus()
    find(page, "crm")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Control+k")
    expect(field).to_have_value("crm")
    expect(page.get_by_role("option").first).to_contain_text("CRM")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    page.locator("#search").click()
    page.mouse.click(5, 850)  # beside it
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("a/b")  # in place of the old one, which is selected
    expect(field).to_have_value("a/b")


@pytest.mark.parametrize(
    ("lang", "query"), [("fr", "e-mail"), ("fr", "viewport_test"), ("en", "nothing at all like this")]
)
def test_by_pointer_on_a_phone_it_is_whole_and_marks_what_will_go(browsing: Browsing, lang: str, query: str) -> None:
    page = browsing.open(f"/{lang}/", width=320, height=600)
    search = page.get_by_role("banner").locator("#search")
    search.click()
    page.locator("#palette").get_by_role("button", name=says(lang, "Close", "Fermer")).click()
    expect(search).to_be_focused()
    search.click()
    results = find(page, query)
    browsing.quiet(page)
    page.emulate_media(color_scheme="dark" if query == "e-mail" else "light")
    assert checks.axe(page) + checks.wrong(page, "overflowing", "cut_off", "small_targets") == []
    marked = results.filter(has=page.get_by_text("En fin de vie", exact=True))
    expect(marked).to_have_count(1 if query == "viewport_test" else 0)
    find(page, "pagesjaunes").first.click()
    page.wait_for_url(f"**/{lang}/modules/pagesjaunes")


def test_no_number_is_told_before_the_modules_are_there(browsing: Browsing) -> None:
    page = browsing.open("/fr/")
    held = held_back(page, "**/api/modules")
    message, count = page.locator("#palette [data-message]"), page.locator("#palette [data-count]")
    find(page, "zzzz qqqq")
    expect(message).to_have_text("Chargement des modules…")
    held().abort()
    expect(message).to_contain_text("Fermez, puis réessayez")
    expect(count).to_be_empty()
    expect(find(page, "feuille de route").first).to_contain_text("Feuille de route")  # a page
    find(page, "zzzz qqqq")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(message).to_have_text("Chargement des modules…")  # this time, again
    held().continue_()
    expect(count).to_contain_text("0")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")
    browsing.forgive("ERR_FAILED")


def test_its_script_may_come_late_or_never(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    held = held_back(page, "**/palette.js")
    page.keyboard.press("Control+k")
    page.keyboard.type("crm")
    page.keyboard.press("Enter")  # is not lost
    held().continue_()
    page.wait_for_url("**/en/modules/crm")
    page = browsing.open("/en/")
    page.route("**/palette.js", lambda route: route.abort())
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#palette [data-message]")).to_have_text(re.compile("could not be loaded. Reload"))
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#palette")).to_be_hidden()
    browsing.forgive("ERR_FAILED")


@EACH_LANGUAGE
def test_admins_find_their_pages_and_people(browsing: Browsing, lang: str) -> None:
    browsing.demo.add("zoe", "Zoé Quincaillère")
    page = browsing.open(f"/{lang}/roadmap", "admin")
    for typed in ("audit log", "journal"):
        expect(find(page, typed).first).to_contain_text(says(lang, "Audit log", "Journal"))
    people = find(page, "ma").filter(has_text=says(lang, "Person", "Personne"))
    expect(people).to_have_count(8)
    expect(people.first).to_contain_text("@example.com")
    assert checks.axe(page) == []
    found = find(page, "quincaillere")  # of whom there is one
    expect(found).to_contain_text(["Zoé Quincaillère"])
    expect(found).to_contain_text([says(lang, "Active", "Actif")])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/{lang}/admin/person\\?id=zoe"))


@EACH_LANGUAGE
def test_a_vote_is_cast_from_the_palette_wherever_one_is(browsing: Browsing, served: Demo, lang: str) -> None:
    before, vote = stored(served), says(lang, "Vote for LinkedIn", "Voter pour « LinkedIn »")
    page = browsing.open(f"/{lang}/docs/", "admin")
    action = find(page, "linkdein").filter(has_text=vote)
    expect(action).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(action).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("LinkedIn")
    wait_until(lambda: stored(served) == before + 1)
    expect(find(page, "linkedin").first).to_contain_text("LinkedIn")
    expect(action).to_have_count(0)  # of what one has voted for
    page.request.delete("/api/features/linkedin/interest", headers={"Origin": served.url})
    browsing.go(page, f"/{lang}/")
    find(page, "vote linkedin").filter(has_text=vote).click()
    expect(page.locator("#linkedin [data-vote]")).to_have_text(says(lang, "Voted", "Voté"))
    expect(page.locator("#linkedin .why")).to_be_visible()
    wait_until(lambda: stored(served) == before + 1)
    page.request.delete("/api/features/linkedin/interest", headers={"Origin": served.url})


@EACH_LANGUAGE
def test_signed_out_it_is_cast_after_signing_in(browsing: Browsing, served: Demo, lang: str) -> None:
    before = stored(served)
    served.add(f"from-palette-{lang}", "Later")
    page = browsing.open(f"/{lang}/docs/")
    vote = find(page, "linkedin").filter(has_text=says(lang, "Vote for", "Voter pour"))
    expect(vote).to_have_count(1)
    vote.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("LinkedIn")
    page.goto(served.link(f"from-palette-{lang}"))
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(re.compile(f"/{lang}/modules/linkedin"))
    expect(page.locator("[data-vote]")).to_have_text(says(lang, "Voted", "Voté"))
    wait_until(lambda: stored(served) == before + 1)


@EACH_LANGUAGE
def test_activation_is_asked_for_from_the_palette(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/graph", "admin")
    find(page, "whatsapp").filter(has_text=says(lang, "Request activation of", "Demander l’activation de")).click()
    arrived(page, re.compile(f"/{lang}/modules/whatsapp_campaign/request$"))
    expect(page.locator("#message")).to_be_visible()


@EACH_LANGUAGE
@pytest.mark.parametrize("width", [320, 1440])
def test_a_question_mark_shows_the_keys(browsing: Browsing, lang: str, width: int) -> None:
    page = browsing.open(f"/{lang}/roadmap", width=width, color_scheme="dark" if lang == "fr" else "light")
    keys = page.get_by_role("dialog", name=says(lang, "Keyboard shortcuts", "Raccourcis clavier"))
    link = page.locator(".row h3 a").first
    link.focus()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    for key in ("K", "J", "?", "/", "R", says(lang, "Enter", "Entrée"), says(lang, "Esc", "Échap")):
        expect(keys.locator("kbd").filter(has_text=re.compile(f"^{re.escape(key)}$")).first).to_be_visible()
    assert checks.axe(page) + checks.wrong(page, "overflowing", "cut_off", "small_targets") == []
    page.keyboard.press("j")  # moves nothing below
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(link).to_be_focused()
    page.get_by_role("contentinfo").get_by_role("button").click()
    keys.get_by_role("checkbox").uncheck()
    browsing.go(page, f"/{lang}/roadmap")  # remembered
    link.focus()
    for key in "?j/":
        page.keyboard.press(key)
    expect(keys).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Control+k")  # toggles: were the palette open by now, this would close it
    page.keyboard.type("what is it")
    page.get_by_role("option").first.wait_for()
    page.keyboard.type("?")
    expect(page.get_by_role("combobox")).to_have_value("what is it?")
    if width > 400:
        page.locator("#palette").get_by_role("button", name=says(lang, "All shortcuts", "Tous les raccourcis")).click()
        expect(keys.get_by_role("checkbox")).not_to_be_checked()
        expect(page.locator("#palette")).to_be_hidden()


#: A page with a list, who looks at it, and what each item is named by.
LISTS = [
    ("", None, ".tile h3 a"),
    ("?state=on_demand", None, ".tile:visible h3 a"),
    ("roadmap", None, ".row h3 a"),
    ("changes?kind=shipped", None, ".event h3 a"),
    ("changes?module=scrap", None, ".event"),  # which have no names here
    ("requests", "member", ".thread-link"),
    ("admin/", "admin", ".thread-link"),
    ("modules?owner=team-contacts", None, ".row h2 a"),
]


@EACH_LANGUAGE
@pytest.mark.parametrize(("path", "who", "listed"), LISTS, ids=[path or "modules" for path, _, _ in LISTS])
def test_j_and_k_move_the_focus(browsing: Browsing, lang: str, path: str, who: str, listed: str) -> None:
    page = browsing.open(f"/{lang}/{path}", who, height=500)
    links = page.locator(listed)
    assert links.count() > 1
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0), ("J", 1)):
        page.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
        expect(links.nth(at)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    if path == "":
        page.locator(".tile button").first.focus()  # within an item, it leads to the next one
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('.tile') !== document.querySelector('.tile:has(button)')")
        page.evaluate("document.activeElement.blur(); scrollTo(0, 900)")
        page.keyboard.press("j")  # begins with what is in sight
        assert page.evaluate("scrollY") > 700
