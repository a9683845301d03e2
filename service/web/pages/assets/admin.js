// The desk of admins: keys that lead from request to request, unless they are switched off, and the list stays where it was.

import "./requests.js";

const box = /** @type {HTMLInputElement | null} */ (document.getElementById("keys"));
const list = document.querySelector(".desk-list");

/**
 * @param {Storage} storage
 * @param {string} name
 * @param {string} [value]
 */
function kept(storage, name, value) {
  try {
    if (value === undefined) return storage.getItem(name);
    storage.setItem(name, value);
  } catch {
    // It holds for this page then.
  }
  return null;
}

if (box) {
  box.checked = kept(localStorage, "keys") !== "off";
  box.addEventListener("change", () => kept(localStorage, "keys", box.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  if (!box?.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const at = /** @type {Element} */ (event.target);
  if (at !== box && at.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const wanted = { j: "[rel=next]", k: "[rel=prev]", r: "#message" }[event.key.toLowerCase()];
  const found = wanted && /** @type {HTMLElement | null} */ (document.querySelector(wanted));
  if (!found) return;
  event.preventDefault();
  if (found instanceof HTMLAnchorElement) found.click();
  else found.focus();
});

if (list) {
  list.scrollTop = Number(kept(sessionStorage, "desk"));
  const current = list.querySelector("[aria-current]");
  if (current) {
    const [own, around] = [current, list].map((element) => element.getBoundingClientRect());
    if (own.top < around.top || own.bottom > around.bottom) list.scrollTop += own.top - around.top;
  }
  addEventListener("pagehide", () => kept(sessionStorage, "desk", String(list.scrollTop)));
}
