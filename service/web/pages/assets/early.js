// Runs before the first paint, so that nothing moves later: it applies the chosen theme and the filters of the address.
// No press is lost: the palette opens at once, and other presses are repeated once the other scripts have run.
{
  const root = document.documentElement;
  root.classList.add("js");

  /** @param {string} name */
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // the browser refuses to store
    }
  };
  if (/(?:^|; )signed-in=yes/.test(document.cookie)) root.dataset.known = "";
  root.dataset.keys = stored("single-keys") ?? "";
  // Parts out of sight are laid out once they are near, except if the browser goes to a place on the page.
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (visit?.type === "navigate" && !location.hash) root.dataset.lazy = "";
  const theme = stored("theme");
  if (theme) root.dataset.theme = theme;

  /** @param {URLSearchParams} query */
  const filter = (query) => {
    for (const name of ["state", "category", "mine", "sort"]) root.dataset[name] = query.get(name) ?? "";
    root.dataset.asked = ["state", "category", "q"].some((name) => query.get(name)) ? "yes" : "";
  };
  filter(new URLSearchParams(location.search));

  document.addEventListener("keydown", (event) => {
    const { altKey, key, shiftKey, target } = event;
    const control = event.ctrlKey || event.metaKey;
    const typing = target instanceof Element && target.matches("input:not([type=checkbox]), textarea, select, dialog *");
    const withControl = control && !altKey && !shiftKey && key.toLowerCase() === "k";
    const alone = control || altKey || typing || root.dataset.keys === "off" ? "" : key.toLowerCase();
    const button = withControl ? "search" : { "/": "search", "?": "show-keys" }[alone];
    const palette = key === "Enter" && target instanceof HTMLInputElement && target.closest("dialog");
    if (button) document.getElementById(button)?.click();
    else if (palette && !event.defaultPrevented && !event.isComposing) palette.dataset.entered = target.value; // `palette.js` opens the first result
    // Scripts of the page handle other keys.
    const isDone = button || (alone && !root.dispatchEvent(new CustomEvent("key", { cancelable: true, detail: alone })));
    if (isDone) event.preventDefault();
  });

  /** @type {Set<HTMLElement> | null} The buttons pressed before the other scripts have run, null afterwards. */
  let pending = new Set();
  document.addEventListener(
    "click",
    (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button.js-only"));
      if (!button) return;
      const dialog = document.getElementById(button.getAttribute("aria-controls") ?? "");
      if (dialog instanceof HTMLDialogElement) {
        if (dialog.open) return dialog.close();
        /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog[open]"))?.close();
        delete dialog.dataset.entered;
        dialog.showModal(); // `site.js` fills the palette; the typed text stays
        /** @type {HTMLInputElement | null} */ (dialog.querySelector("[role=combobox]"))?.select();
      } else if (pending) {
        event.stopImmediatePropagation();
        button.setAttribute("aria-busy", "true");
        pending.add(button);
      }
    },
    true,
  );
  // All scripts of the page have run, or failed. If a script has failed, the page works as without scripts.
  addEventListener("DOMContentLoaded", () => {
    const pressed = pending ?? [];
    pending = null;
    for (const button of pressed) {
      button.removeAttribute("aria-busy");
      const link = /** @type {HTMLElement | null} */ (button.nextElementSibling);
      (root.classList.contains("js") ? button : link)?.click();
    }
  });
  addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof HTMLScriptElement)) return;
      root.classList.remove("js");
      filter(new URLSearchParams());
    },
    true,
  );
}
