"""Who still uses names that clients should give up, as admins see it on the pages of modules and in insights."""

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import expect

pytestmark = pytest.mark.long


@EACH_LANGUAGE
def test_admins_alone_see_on_the_page_who_uses_a_name(browsing: Browsing, lang: str) -> None:
    path, title = f"/{lang}/modules/emails", says(lang, "Who still uses these names", "Qui utilise encore ces noms")
    for who in (None, "member"):
        page = browsing.open(path, who)
        expect(page.get_by_role("heading", name=title)).to_have_count(0)
    page = browsing.open(path, "admin")
    row = page.get_by_role("region", name=title).first.get_by_role("row").filter(has_text="emails_beta")
    kinds = row.get_by_role("cell").nth(1)
    expect(kinds).to_contain_text(",")
    assert checks.moving(page) == []
    gone = browsing.open(f"/{lang}/modules/fax_campaign", "admin", status=410)
    expect(gone.get_by_role("row").filter(has_text="fax_campaign")).to_have_count(1)
    expect(browsing.open(f"/{lang}/modules/import", "admin").locator("#uses")).to_have_count(0)

    insights = browsing.open(f"/{lang}/admin/insights", "admin")
    same = insights.get_by_role("row").filter(has_text="emails_beta")
    expect(same).to_contain_text(kinds.inner_text())
    assert checks.moving(insights) == []
