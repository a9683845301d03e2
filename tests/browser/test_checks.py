"""Each check finds what it is for: a page that is wrong in one way, and the word that says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser import checks
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

#: As the page of a test says what it has seen of itself.
SEEN = "<script>seen = { shift: 0.1, shifted: ['what moved'] }</script>"

WRONG: list[tuple[Callable[[Page], list[str] | None], str, str]] = [
    (checks.overflowing, "<div style='width: 900px'>wide</div>", "sideways"),
    (checks.overflowing, "<div style='overflow: hidden'><b style='margin-left: 390px'>hidden</b></div>", "hidden"),
    (checks.cut_off, "<p style='width: 40px'>Anticonstitutionnellement</p>", "Anticonstitutionnellement"),
    (
        checks.cut_off,
        "<p style='width: 40px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap'>several words</p>",
        "ellipsis",
    ),
    (
        checks.cut_off,
        "<p style='width: 40px'><a href='#'>Anticonstitutionnellement</a></p>",
        "Anticonstitutionnellement",
    ),
    (checks.cut_off, "<p style='height: 20px; overflow: hidden'>two<br>lines</p>", "below"),
    (checks.overlapping, "<button>one</button><button style='margin-left: -30px'>two</button>", "two"),
    (checks.small_targets, "<button style='all: unset'>a</button><button style='all: unset'>b</button>", "beside"),
    (checks.focus_problems, "<a href='#' style='outline: none' autofocus>bare</a>", "no ring"),
    (
        checks.focus_problems,
        "<a href='#' style='outline: 2px solid' autofocus>under</a><i style='position: fixed; inset: 0'>veil</i>",
        "veil",
    ),
    (
        checks.focus_problems,
        "<p style='outline: 2px solid'><a href='#' style='outline: none' autofocus>bare in a ring</a></p>",
        "no ring",
    ),
    (
        checks.focus_problems,
        "<div style='width: 30px; overflow: hidden'><button style='width: 200px; outline: 2px solid' autofocus>cut"
        "</button></div>",
        "under",
    ),
    (
        checks.unfit_in_drawing,
        "<svg class='graph'><a href='#'><rect width='20' height='30'/><text y='20'>too long</text></a></svg>",
        "too long",
    ),
    (checks.shifting, SEEN, "what moved"),
    (checks.axe, "<img src='data:,'>", "image-alt"),
    (checks.moving, "<p style='transition: color 1s'>slow</p>", "slow"),
]


@pytest.mark.parametrize(("check", "html", "word"), WRONG)
def test_it_finds_what_it_is_for(
    check: Callable[[Page], list[str] | None], html: str, word: str, chromium: Browser
) -> None:
    page = chromium.new_page(viewport={"width": 400, "height": 300})
    page.set_content(f"<!doctype html><body style='margin: 0'>{html}")
    page.evaluate("document.querySelector('[autofocus]')?.focus()")
    found = check(page)
    assert found and word in " ".join(found)
    page.close()


def test_they_find_nothing_in_a_page_that_is_right(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 400, "height": 300})
    page.set_content(
        "<!doctype html><html lang=en><title>Right</title><script>seen = { shift: 0, shifted: [] }</script>"
        "<main><h1>Right</h1><p>Read <a href='#' style='outline: 2px solid'>this</a> first.</p></main>"
    )
    page.evaluate("document.querySelector('a').focus()")
    for check in (check for check, _, _ in WRONG):
        assert check(page) == []
    page.close()
