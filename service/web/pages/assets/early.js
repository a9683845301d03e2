// Runs before the first paint. Nothing moves after it: the theme that was chosen and the filters of the address are there.
// And no press is lost: the palette opens at once, and what else is pressed is done as soon as the other scripts are there.
{
  const root = document.documentElement;
  root.classList.add("js");

  /** @param {string} name */
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // a browser that keeps nothing
    }
  };
  if (/(?:^|; )signed-in=yes/.test(document.cookie)) root.dataset.known = "";
  root.dataset.keys = stored("single-keys") ?? "";
  // What is out of sight is laid out once it is near, but for who comes back to a place, or goes to one.
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
    else if (palette && !event.defaultPrevented && !event.isComposing) palette.dataset.entered = target.value; // `palette.js` opens what it finds
    // What other keys do, scripts of the page say.
    const isDone = button || (alone && !root.dispatchEvent(new CustomEvent("key", { cancelable: true, detail: alone })));
    if (isDone) event.preventDefault();
  });

  /** @type {Set<HTMLElement> | null} What was pressed, each once, while nothing can do it; null from then on. */
  let kept = new Set();
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
        dialog.showModal(); // `site.js` fills the palette; what is typed until then stays
        /** @type {HTMLInputElement | null} */ (dialog.querySelector("[role=combobox]"))?.select();
      } else if (kept) {
        event.stopImmediatePropagation();
        button.setAttribute("aria-busy", "true");
        kept.add(button);
      }
    },
    true,
  );
  // By then all scripts of the page have run, or will not: without one of them the page is as it is without any.
  addEventListener("DOMContentLoaded", () => {
    const pressed = kept ?? [];
    kept = null;
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
