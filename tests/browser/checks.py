"""What is looked for in a page, by axe and by `checks.js`. What is wrong is said in words; nothing is right."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe().axe_script
_CHECKS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

#: What holds at every width.
LAYOUT = ("overflowing", "cut_off", "overlapping", "small_targets")

#: For axe, which leaves these two of its rules out by default.
EVERY_RULE = {
    "rules": {"target-size": {"enabled": True}, "css-orientation-lock": {"enabled": True}},
    "resultTypes": ["violations"],  # the quicker for not listing what is right
}


def run(page: Page, *names: str) -> list[Any]:
    """What each of these checks of `checks.js` returns."""
    results: list[Any] = page.evaluate(f"names => {{ {_CHECKS}\nreturn names.map(name => checks[name]()); }}", [*names])
    return results


def wrong(page: Page, *names: str) -> list[str]:
    """What these checks find: the first five things of each."""
    results = zip(names, run(page, *names), strict=True)
    return [f"{name}: {problem}" for name, all_of_it in results for problem in all_of_it[:5]]


def axe(page: Page, context: str | None = None) -> list[str]:
    """What axe finds in a page, or in a part of it, which is read once for each page: it is half a megabyte."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    ran = page.evaluate("([context, options]) => axe.run(context ?? document, options)", [context, EVERY_RULE])
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in ran["violations"]
        for node in violation["nodes"]
    ]


def shifting(page: Page) -> list[str]:
    """What has moved, without a person's doing, since the page began to load."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    moved: list[str] = page.evaluate("seen.shift <= 0.001 ? [] : [`by ${seen.shift}`, ...seen.shifted]")
    return moved


def moving(page: Page) -> list[str]:
    """What has moved by however little since the page was read and drawn, and before that what `shifting` tells.

    A busy browser draws what it has read up to the middle of an element: a chip that has no words yet has 24 by 10
    pixels, and grows around its middle line once it has some.
    """
    return shifting(page) or page.evaluate("seen.moved ? [`by ${seen.moved}`, ...seen.shifted] : []")
