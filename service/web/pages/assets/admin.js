// The requests of all members, for admins: keys lead from request to request, and the list stays where it was.

import "./requests.js";
import { loadText, saveText } from "./storage.js";

const list = document.querySelector(".desk-list");

/** Whether a key opened the next page: then the focus goes to the same request there. */
let isByKey = false;

document.documentElement.addEventListener("key", (event) => {
  const selector = { j: "[rel=next]", k: "[rel=prev]", r: "#message" }[/** @type {CustomEvent<string>} */ (event).detail];
  const target = selector && /** @type {HTMLElement | null} */ (document.querySelector(`.desk-thread ${selector}`));
  if (!target) return;
  event.preventDefault();
  isByKey = target instanceof HTMLAnchorElement;
  if (isByKey) target.click();
  else target.focus();
});

// A link with an earlier answer inserts it into the field, at the cursor.
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

/** The name under which the tab stores the place of the list. */
const SCROLL = "desk";

if (list) {
  const place = loadText(SCROLL);
  list.scrollTop = parseInt(place) || 0;
  const current = /** @type {HTMLElement | null} */ (list.querySelector("[aria-current]"));
  if (current) {
    const [own, around] = [current, list].map((element) => element.getBoundingClientRect());
    if (own.top < around.top || own.bottom > around.bottom) list.scrollTop += own.top - around.top;
    if (place.endsWith("key")) (current.checkVisibility() ? current : document.getElementById("thread"))?.focus({ preventScroll: true });
  }
  addEventListener("pagehide", () => saveText(SCROLL, `${list.scrollTop} ${isByKey ? "key" : ""}`));
}
