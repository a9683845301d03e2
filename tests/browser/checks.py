"""What is looked for in a page, beyond axe. Each check returns what is wrong, in words; nothing is right.

They run inside the page, where boxes and styles are known.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

#: For axe, which leaves these two of its rules out by default.
EVERY_RULE = {
    "rules": {"target-size": {"enabled": True}, "css-orientation-lock": {"enabled": True}},
    "resultTypes": ["violations"],  # the quicker for not listing what is right
}
COLOUR_RULES = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}

#: What a person can press, follow or fill in.
_TARGETS = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1']), [role=option]"

_SHARED = f"""
  const TARGETS = `{_TARGETS}`;
  const name = (element) => `<${{element.localName}} class="${{element.getAttribute("class") ?? ""}}"> `
    + (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\\s+/g, " ").slice(0, 60);
  const visible = (element) => element.checkVisibility({{ opacityProperty: true, visibilityProperty: true }});
  // The name of an account is as long as its owner likes, and what was said last is a beginning: both may be cut.
  const isCut = (element) => element.closest("svg, button.account-link, .thread-last") !== null;
  const scrolls = (element) => {{
    for (let one = element; one && one !== document.body; one = one.parentElement)
      if (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth) return true;
    return false;
  }};
"""


def _run(page: Page, body: str) -> Any:
    return page.evaluate(f"() => {{ {_SHARED} {body} }}")


def overflowing(page: Page) -> list[str]:
    """What sticks out of the page sideways, so that it scrolls, or is cut off there, though it does not."""
    found: list[str] = _run(
        page,
        """
        const width = document.documentElement.clientWidth;
        const wrong = [];
        if (document.documentElement.scrollWidth > width) wrong.push(`the page scrolls sideways at ${width} px`);
        for (const element of document.body.querySelectorAll("*")) {
          if (!visible(element) || isCut(element) || scrolls(element)) continue;
          const box = element.getBoundingClientRect();
          if (box.width < 2 || box.height < 2) continue;  // for screen readers alone
          if (box.right > width + 1 || box.left < -1)
            wrong.push(`${name(element)}: from ${box.left} to ${box.right} of ${width} px`);
        }
        return wrong;
        """,
    )
    return found


def cut_off(page: Page) -> list[str]:
    """Text that its own box cuts off, or that lies over the edge of its box."""
    found: list[str] = _run(
        page,
        """
        const wrong = [];
        const range = document.createRange();
        for (const element of document.body.querySelectorAll("*")) {
          if (!visible(element) || isCut(element) || scrolls(element)) continue;
          const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
          if (!texts.length || element.matches("option, textarea, noscript")) continue;
          const style = getComputedStyle(element);
          if (style.display === "inline" || element.clientWidth < 2) continue;
          const box = element.getBoundingClientRect();
          for (const text of texts) {
            range.selectNodeContents(text);
            for (const line of range.getClientRects())
              if (line.right > box.right + 1 || line.left < box.left - 1)
                wrong.push(`${name(element)}: text from ${line.left} to ${line.right}, box to ${box.right}`);
          }
          if (style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth)
            wrong.push(`${name(element)}: ends in an ellipsis`);
        }
        return wrong;
        """,
    )
    return found


def overlapping(page: Page) -> list[str]:
    """Targets that lie over one another."""
    found: list[str] = _run(
        page,
        """
        const wrong = [];
        const all = [...document.querySelectorAll(TARGETS)].filter(
          (one) => visible(one) && !one.closest("svg") && one.getBoundingClientRect().width > 1
            && one.getBoundingClientRect().bottom > -scrollY);  // a skip link waits above the page
        const boxes = all.map((one) => one.getBoundingClientRect());
        for (let i = 0; i < all.length; i++)
          for (let j = i + 1; j < all.length; j++) {
            if (all[i].contains(all[j]) || all[j].contains(all[i])) continue;
            const [a, b] = [boxes[i], boxes[j]];
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            const stuck = (one) => one.closest("header, dialog, [popover]");
            if (wide > 1 && high > 1 && stuck(all[i]) === stuck(all[j])
                && !(getComputedStyle(all[i]).display === "inline" || getComputedStyle(all[j]).display === "inline"))
              wrong.push(`${name(all[i])} and ${name(all[j])}`);
          }
        return wrong;
        """,
    )
    return found


def small_targets(page: Page) -> list[str]:
    """Targets below 24 by 24 px with another so near that a circle of 24 px round each would touch (WCAG 2.5.8).

    Links within a sentence are exempt there.
    """
    found: list[str] = _run(
        page,
        """
        const inSentence = (element) => {
          if (getComputedStyle(element).display !== "inline") return false;
          const block = element.closest("p, li, td, dd, dt, figcaption, h1, h2, h3, h4, blockquote, summary, label");
          return block !== null && block.textContent.trim().length > element.textContent.trim().length;
        };
        const all = [...document.querySelectorAll(TARGETS)].filter((one) => {
          const box = one.getBoundingClientRect();
          return visible(one) && box.width > 1 && box.height > 1;
        });
        const boxOf = (one) => (one.matches("input[type=checkbox], input[type=radio]") && one.closest("label")
          ? one.closest("label") : one).getBoundingClientRect();
        const small = (box) => box.width < 23.9 || box.height < 23.9;
        const centre = (box) => [box.left + box.width / 2, box.top + box.height / 2];
        const away = ([x, y], box) => Math.hypot(
          Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
        const wrong = [];
        for (const one of all) {
          const box = boxOf(one);
          if (!small(box) || inSentence(one)) continue;
          for (const other of all) {
            if (other === one || other.contains(one) || one.contains(other)) continue;
            const its = boxOf(other);
            const [[x, y], [u, v]] = [centre(box), centre(its)];
            if (away([x, y], its) < 12 || (small(its) && Math.hypot(x - u, y - v) < 24)) {
              wrong.push(`${name(one)}: ${box.width} by ${box.height} px, beside ${name(other)}`);
              break;
            }
          }
        }
        return wrong;
        """,
    )
    return found


def focus_problems(page: Page) -> list[str] | None:
    """What is wrong with the focus where it is now: nothing shows it, or something lies over it.

    None where nothing of the page has it.
    """
    found: list[str] | None = _run(
        page,
        """
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const wrong = [];
        const box = element.getBoundingClientRect();
        const ringed = (one) => {
          const style = getComputedStyle(one);
          if (one.matches("svg *") && parseFloat(style.strokeWidth) >= 2) return true;  // its box is drawn thicker
          return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        };
        if (box.width < 2 || box.height < 2) wrong.push(`${name(element)}: cannot be seen`);
        if (![element, element.parentElement, element.querySelector("*")].some((one) => one && ringed(one)))
          wrong.push(`${name(element)}: no ring of 2 px`);
        const inset = 3;
        const points = [[box.left + box.width / 2, box.top + box.height / 2],
                        [box.left + inset, box.top + box.height / 2], [box.right - inset, box.top + box.height / 2],
                        [box.left + box.width / 2, box.top + inset], [box.left + box.width / 2, box.bottom - inset]];
        const isText = getComputedStyle(element).display === "inline";  // its box is that of several lines
        for (const [x, y] of isText ? [[element.getClientRects()[0].left + inset, element.getClientRects()[0].top
                                        + element.getClientRects()[0].height / 2]] : points) {
          if (box.height > innerHeight && (y < 0 || y > innerHeight)) continue;
          const hit = document.elementFromPoint(x, y);
          if (!hit) { wrong.push(`${name(element)}: outside of the window at ${x}, ${y}`); break; }
          if (!element.contains(hit) && !hit.contains(element) && !element.labels?.[0]?.contains(hit)) {
            wrong.push(`${name(element)}: under ${name(hit)}`);
            break;
          }
        }
        return wrong;
        """,
    )
    return found


def moving(page: Page) -> list[str]:
    """What moves, or would, when a person asks for reduced motion."""
    found: list[str] = _run(
        page,
        """
        const long = (times) => times.split(",").some(
          (time) => parseFloat(time) * (time.includes("ms") ? 1 : 1000) > 10);
        const wrong = document.getAnimations().filter((one) => one.playState === "running").map(
          (one) => `runs: ${name(one.effect.target)}`);
        for (const element of document.querySelectorAll("*")) {
          const style = getComputedStyle(element);
          const transition = style.transitionProperty !== "none" && long(style.transitionDuration);
          if (transition || (style.animationName !== "none" && long(style.animationDuration)) ||
              style.scrollBehavior === "smooth")
            wrong.push(`${name(element)}: ${style.transition} ${style.animation} ${style.scrollBehavior}`);
        }
        return [...new Set(wrong)];
        """,
    )
    return found
