"""`make pictures`: a picture of every page for whoever looks after the design, and the two that README shows.

Those of every page, in both languages and themes, at three widths, go to tests/browser/screenshots, which git ignores.
Arguments are names of pages, or beginnings of them; without one, all are made.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where Python puts tests/browser/

from browser.browsing import Browsing, launch, served_demo, served_with_provider  # noqa: E402
from browser.pages import LANGUAGES, PAGES, THEMES, Listed  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from support import CHROMIUM, REPOSITORY  # noqa: E402

SCREENSHOTS = Path(__file__).parent / "screenshots"
README_PICTURES = REPOSITORY / "service" / "docs" / "pictures"
WIDTHS = {"narrow": 390, "middle": 820, "wide": 1440}

#: Debian's package fonts-inter.
INTER = Path("/usr/share/fonts/opentype/inter")

FONTS = Path(__file__).with_name("fonts.conf")


def take(browsing: Browsing, of: Listed) -> None:
    """The pictures of one page: `LANGUAGE/NAME.WIDTH.THEME.png`."""
    for language in LANGUAGES:
        page = browsing.look_at(of, language)
        for width_name, width in WIDTHS.items():
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width, "height": 900})
                path = SCREENSHOTS / language / f"{of.name}.{width_name}.{theme}.png"
                page.screenshot(path=path, full_page=True, animations="disabled", timeout=60_000)  # of the longest
    browsing.close()


def take_readme(browsing: Browsing) -> None:
    """The modules page as README shows it."""
    for theme in THEMES:
        page = browsing.open("/en/", "member", width=1280, height=800, color_scheme=theme)
        page.screenshot(path=README_PICTURES / f"modules-{theme}.png", animations="disabled")
    browsing.close()


def main(names: list[str]) -> int:
    """Make the pictures whose names begin with one of these."""
    if CHROMIUM is None or not INTER.is_dir():
        print("something is missing: apt-get install chromium-headless-shell fonts-inter", file=sys.stderr)
        return 1
    wanted = tuple(names) or ("",)
    with sync_playwright() as playwright:
        browser = launch(playwright, FONTCONFIG_FILE=str(FONTS))
        with served_demo() as demo, served_with_provider() as with_provider:
            browsing = Browsing(browser, demo, lambda: with_provider)
            for page in PAGES:
                if page.name.startswith(wanted):
                    take(browsing, page)
            if "readme".startswith(wanted):
                take_readme(browsing)
            for problem in browsing.problems:
                print(problem, file=sys.stderr)
        browser.close()
    print(f"The pictures are in {SCREENSHOTS}, those of README in {README_PICTURES}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
