"""From what is wanted most to a table of whom to write to, with nothing but a browser."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from browser.browsing import Browsing

from service.insights.mail_merge import COLUMNS

pytestmark = pytest.mark.long


def test_a_product_manager_finds_what_to_build_and_whom_to_tell(browsing: Browsing) -> None:
    page = browsing.open("/fr/admin/", "admin", locale="fr-FR")
    page.get_by_role("link", name="Tendances").click()
    page.get_by_role("heading", level=1, name="Ce que les gens veulent").wait_for()
    most, rising = (page.locator(".insights-figures b").nth(place).inner_text() for place in range(2))
    assert most != rising
    page.get_by_role("link", name="Le plus demandé").click()
    page.get_by_role("heading", level=1, name=most).wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV pour le publipostage").click()
    assert download.value.suggested_filename.endswith("-voters.csv")
    file = Path(download.value.path())
    header, *rows = csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    assert tuple(header) == COLUMNS
    assert len(rows) > 100 and {row[5] for row in rows} == {most}
    assert all(row[2].endswith("@example.com") for row in rows)

    page.get_by_role("link", name="Ce que les gens veulent").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger en JSON").click()
    assert download.value.suggested_filename.endswith(".json")
