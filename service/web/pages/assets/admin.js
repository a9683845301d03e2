// The desk of admins: keys that lead from request to request, unless they are switched off, and the list stays where it was.

import "./requests.js";
import { keepSingleKeys, singleKeys } from "./site.js";

const box = /** @type {HTMLInputElement | null} */ (document.getElementById("keys"));
const list = document.querySelector(".desk-list");

if (box) {
  box.checked = singleKeys();
  box.addEventListener("change", () => keepSingleKeys(box.checked));
}

document.addEventListener("keydown", (event) => {
  if (!box || !singleKeys() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const at = /** @type {Element} */ (event.target);
  if (at !== box && at.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const wanted = { j: "[rel=next]", k: "[rel=prev]", r: "#message" }[event.key.toLowerCase()];
  const found = wanted && /** @type {HTMLElement | null} */ (document.querySelector(wanted));
  if (!found) return;
  event.preventDefault();
  if (found instanceof HTMLAnchorElement) found.click();
  else found.focus();
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

function keepScroll() {
  try {
    sessionStorage.setItem(SCROLL, String(list?.scrollTop));
  } catch {
    // The current request is in sight all the same.
  }
}

if (list) {
  try {
    list.scrollTop = Number(sessionStorage.getItem(SCROLL));
  } catch {
    // It begins at its top.
  }
  const current = list.querySelector("[aria-current]");
  if (current) {
    const [own, around] = [current, list].map((element) => element.getBoundingClientRect());
    if (own.top < around.top || own.bottom > around.bottom) list.scrollTop += own.top - around.top;
  }
  addEventListener("pagehide", keepScroll);
}
