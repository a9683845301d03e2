// The desk of admins: keys that lead from request to request, unless they are switched off, and the list stays where it was.

import "./requests.js";
import { keep, kept } from "./site.js";

const list = document.querySelector(".desk-list");

/** Whether the page is left by a key, which has the focus go along. */
let byKey = false;

document.documentElement.addEventListener("key", (event) => {
  const wanted = { j: "[rel=next]", k: "[rel=prev]", r: "#message" }[/** @type {CustomEvent<string>} */ (event).detail];
  const target = wanted && /** @type {HTMLElement | null} */ (document.querySelector(`.desk-thread ${wanted}`));
  if (!target) return;
  event.preventDefault();
  byKey = target instanceof HTMLAnchorElement;
  if (byKey) target.click();
  else target.focus();
});

// An answer that was given before is taken into the field, where the cursor is.
for (const link of document.querySelectorAll("[data-take]")) {
  link.addEventListener("click", (event) => {
    const field = /** @type {HTMLTextAreaElement} */ (document.getElementById("message"));
    event.preventDefault();
    field.setRangeText(link.querySelector("bdi")?.textContent ?? "", field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
    field.focus();
    link.closest("details")?.removeAttribute("open");
  });
}

/** Where the list was, as far as the browser keeps it. */
const SCROLL = "desk";

if (list) {
  const left = kept(SCROLL);
  list.scrollTop = parseInt(left) || 0; // or else it begins at its top
  const current = /** @type {HTMLElement | null} */ (list.querySelector("[aria-current]"));
  if (current) {
    const [own, around] = [current, list].map((element) => element.getBoundingClientRect());
    if (own.top < around.top || own.bottom > around.bottom) list.scrollTop += own.top - around.top;
    if (left.endsWith("key")) (current.checkVisibility() ? current : document.getElementById("thread"))?.focus({ preventScroll: true });
  }
  addEventListener("pagehide", () => keep(SCROLL, `${list.scrollTop} ${byKey ? "key" : ""}`));
}
