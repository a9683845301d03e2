"""`make pictures`: a picture of every page for whoever looks after the design, and the two that README shows.

Those of every page, in both languages and themes, at three widths, go to tests/browser/screenshots, which git ignores.
Arguments are names of pages, or beginnings of them; without one, all are made.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where Python puts tests/browser/

from browser.browsing import REGISTRY, Browsing, Demo, launch, served_demo, served_with_provider  # noqa: E402
from browser.pages import A4, LANGUAGES, PAGES, THEMES, Page  # noqa: E402
from browser.registries import as_yaml, awkward, many, shipped  # noqa: E402
from demo import PEOPLE  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from support import CHROMIUM, REPOSITORY  # noqa: E402

from service.interest.maintenance import BATCH, add_voters  # noqa: E402

SCREENSHOTS = Path(__file__).parent / "screenshots"
README_PICTURES = REPOSITORY / "service" / "docs" / "pictures"
WIDTHS = {"narrow": 390, "middle": 820, "wide": 1440}

#: Debian's package fonts-inter.
INTER = Path("/usr/share/fonts/opentype/inter")

FONTS = Path(__file__).with_name("fonts.conf")

MODULES = Page("", "/{lang}/", "member")


def take(browsing: Browsing, of: Page) -> None:
    """The pictures of one page: `LANGUAGE/NAME.WIDTH.THEME.png`, and `LANGUAGE/NAME.paper.png`."""
    for language in LANGUAGES:
        page = browsing.look_at(of, language)
        for width_name, width in WIDTHS.items():
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width, "height": 900})
                path = SCREENSHOTS / language / f"{of.name}.{width_name}.{theme}.png"
                page.screenshot(path=path, full_page=True, animations="disabled", timeout=60_000)  # of the longest
        page.emulate_media(media="print")
        page.set_viewport_size({"width": A4, "height": 900})
        page.screenshot(path=SCREENSHOTS / language / f"{of.name}.paper.png", full_page=True, timeout=60_000)
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
        "pipelines-200": (many(200), 0, 0, Page("", "/{lang}/pipelines?modules=scrap,emails,verify_emails,sort_4")),
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
            take(Browsing(browser, demo, {}, lambda: demo), page._replace(name=name))


@contextmanager
def _demo(registry: str, people: int = PEOPLE) -> Iterator[Demo]:
    temporary = tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp")
    with temporary as folder, served_demo(Path(folder), registry, people=people) as demo:
        yield demo


def main(names: list[str]) -> int:
    """Make the pictures whose names begin with one of these."""
    if CHROMIUM is None:
        print("chromium is not installed: apt-get install chromium-headless-shell", file=sys.stderr)
        return 1
    wanted = tuple(names) or ("",)
    with sync_playwright() as playwright:
        browser = launch(playwright, FONTCONFIG_FILE=str(FONTS)) if INTER.is_dir() else launch(playwright)
        with _demo(REGISTRY) as demo, ExitStack() as stack:

            @cache
            def with_provider() -> Demo:
                own = stack.enter_context(tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp"))
                return stack.enter_context(served_with_provider(Path(own)))

            browsing = Browsing(browser, demo, {}, with_provider)
            for page in PAGES:
                if page.name.startswith(wanted):
                    take(browsing, page)
            if "readme".startswith(wanted):
                take_readme(browsing)
            for problem in browsing.problems:
                print(problem, file=sys.stderr)
        take_situations(browser, wanted)
        browser.close()
    print(f"The pictures are in {SCREENSHOTS}, those of README in {README_PICTURES}.")
    if not INTER.is_dir():
        print("They have another font than those that were committed: apt-get install fonts-inter", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
