// The desk of admins: keys that lead from request to request, unless they are switched off, and the list stays where it was.

import "./requests.js";

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

function keepScroll() {
  try {
    sessionStorage.setItem(SCROLL, `${list?.scrollTop} ${byKey ? "key" : ""}`);
  } catch {
    // The current request is in sight all the same.
  }
}

if (list) {
  let kept = "";
  try {
    kept = sessionStorage.getItem(SCROLL) ?? "";
  } catch {
    // It begins at its top.
  }
  list.scrollTop = parseInt(kept) || 0;
  const current = /** @type {HTMLElement | null} */ (list.querySelector("[aria-current]"));
  if (current) {
    const [own, around] = [current, list].map((element) => element.getBoundingClientRect());
    if (own.top < around.top || own.bottom > around.bottom) list.scrollTop += own.top - around.top;
    if (kept.endsWith("key")) (current.checkVisibility() ? current : document.getElementById("thread"))?.focus({ preventScroll: true });
  }
  addEventListener("pagehide", keepScroll);
}
