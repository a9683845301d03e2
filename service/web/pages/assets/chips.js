// Chips: links that filter a page by its address.

const root = document.documentElement;

/**
 * Return the address of this page with a query.
 * @param {URLSearchParams} query
 */
export const addressWith = (query) => (query.size ? `?${query}`.replaceAll("%2C", ",") : location.pathname);

/** Mark the chips of the filters in the address, and update where each chip leads. `early.js` has filtered already. */
export function showChips() {
  const query = new URLSearchParams(location.search);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-filter]"))) {
    const { filter = "", value = "" } = link.dataset;
    const current = filter === "mine" && root.dataset.me === "" ? "" : (query.get(filter) ?? "");
    root.dataset[filter] = current;
    if (current === value) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    // A chip changes its own filter alone. The current chip removes it.
    const next = new URLSearchParams(query);
    if (value && current !== value) next.set(filter, value);
    else next.delete(filter);
    link.href = addressWith(next);
  }
}

/**
 * Call `show` whenever a chip or the back button changes the filters in the address.
 * @param {() => void} show
 */
export function followChips(show) {
  document.addEventListener("click", (event) => {
    const chip = /** @type {Element} */ (event.target).closest("[data-filter]");
    if (!(chip instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", chip.href);
    show();
  });
  addEventListener("popstate", show);
}
