"""`make pictures`: a picture of every page for whoever looks after the design, and the two that README shows.

Those of every page, in both languages and themes, at three widths, go to tests/browser/screenshots, which git ignores.
Arguments are names of pages, or beginnings of them; without one, all are made.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where Python puts tests/browser/

from browser.browsing import CHROMIUM, Browsing, Demo, launch, served_demo  # noqa: E402
from browser.pages import LANGUAGES, PAGES, THEMES, Page  # noqa: E402
from browser.registries import as_yaml, awkward, many, shipped  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from support import REPOSITORY  # noqa: E402

from service.interest.maintenance import BATCH, add_voters  # noqa: E402

SCREENSHOTS = Path(__file__).parent / "screenshots"
README_PICTURES = REPOSITORY / "service" / "docs" / "pictures"
WIDTHS = {"narrow": 390, "middle": 820, "wide": 1440}

#: Situations that the demo is not in, and the page that shows each best.
MODULES = Page("", "/{lang}/", "member")


def take(browsing: Browsing, of: Page, folder: Path) -> None:
    """The pictures of one page: `LANGUAGE/NAME.WIDTH.THEME.png`."""
    for language in LANGUAGES:
        page = browsing.open(of.at(language), of.who, status=of.status)
        for width_name, width in WIDTHS.items():
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width, "height": 900})
                name = f"{of.name}.{width_name}.{theme}.png"
                page.screenshot(path=folder / language / name, full_page=True, animations="disabled")
    browsing.close()


def take_readme(browsing: Browsing) -> None:
    """The modules page as README shows it."""
    for theme in THEMES:
        page = browsing.open("/en/", "member", width=1280, height=800, color_scheme=theme)
        page.screenshot(path=README_PICTURES / f"modules-{theme}.png", animations="disabled")
    browsing.close()


def take_situations(browser: Browser, wanted: tuple[str, ...]) -> None:
    """What the demo does not show: nobody has voted, ten thousand have, 200 modules, labels that are too long."""
    graph = Page("", "/{lang}/graph")
    situations = {
        "no-votes": (shipped(), 0, 0, MODULES),
        "ten-thousand-votes": (shipped(), 0, 10_000, MODULES),
        "modules-200": (many(200), 100, 0, MODULES),
        "graph-200": (many(200), 0, 0, graph),
        "long-words": (awkward(), 100, 0, MODULES),
        "graph-long-words": (awkward(), 0, 0, graph),
    }
    for name, (document, people, votes, page) in situations.items():
        if not name.startswith(wanted):
            continue
        with _demo(as_yaml(document), people) as demo:
            with demo.store() as client:
                for start in range(0, votes, BATCH):
                    add_voters(client, "linkedin", [f"voter{number}" for number in range(start, start + BATCH)])
            take(Browsing(browser, demo, {}), page._replace(name=name), SCREENSHOTS)


@contextmanager
def _demo(registry: str, people: int) -> Iterator[Demo]:
    temporary = tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp")
    with temporary as folder, served_demo(Path(folder), registry, people=people) as demo:
        yield demo


def main(names: list[str]) -> int:
    """Make the pictures whose names begin with one of these."""
    if CHROMIUM is None:
        print("chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 1
    wanted = tuple(names) or ("",)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder, served_demo(Path(folder)) as demo:
            browsing = Browsing(browser, demo, {})
            for page in PAGES:
                if page.name.startswith(wanted):
                    take(browsing, page, SCREENSHOTS)
            if "readme".startswith(wanted):
                take_readme(browsing)
            for problem in browsing.problems:
                print(problem, file=sys.stderr)
        take_situations(browser, wanted)
        browser.close()
    print(f"The pictures are in {SCREENSHOTS}, those of README in {README_PICTURES}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
