// Pages with modules: filters, and edits of the registry while the page is open.

import { call, hear, me } from "./site.js";
import { client, comeBack, counted, filled, number, pressAgain, showVotes } from "./votes.js";

const root = document.documentElement;

// Filters: `early.js` has applied those of the address already, and the stylesheet does the rest. One's own votes are for
// whoever is signed in: which tiles they are is known once the service has said it.

/** @type {Set<string> | undefined} Modules that one voted for and that can be voted for no more. */
let past;

async function showOwn() {
  const { features } = client.state;
  if (root.dataset.mine && features && !past) {
    past = new Set();
    const answer = await call("/api/me/votes").then((response) => response.json()).catch(() => ({}));
    for (const { feature } of answer.votes ?? []) if (!features.counts.has(feature)) past.add(feature);
  }
  for (const item of container.querySelectorAll("li[id]")) {
    item.toggleAttribute("data-mine", client.state.features?.voted.has(item.id) || past?.has(item.id));
  }
  if (root.dataset.mine) showFilters();
}

function showFilters() {
  const query = new URLSearchParams(location.search);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-filter]"))) {
    const { filter = "", value = "" } = link.dataset;
    const current = filter === "mine" && root.dataset.me === "" ? "" : (query.get(filter) ?? "");
    root.dataset[filter] = current;
    if (current === value) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    // Where a press leads: to this value beside the other filter, and from the current one back to all.
    const next = new URLSearchParams(query);
    if (value && current !== value) next.set(filter, value);
    else next.delete(filter);
    link.href = next.size ? `?${next}` : location.pathname;
  }
  const nothing = document.getElementById("nothing");
  if (!nothing) return "";
  let shown = 0;
  for (const group of document.querySelectorAll(".group, .stage")) {
    const tiles = [...group.querySelectorAll(".tile, .row")].filter((tile) => tile.checkVisibility()).length;
    /** @type {Element} */ (group.querySelector(".heading span")).textContent = number.format(tiles);
    shown += tiles;
  }
  const isWaiting = root.dataset.mine && !client.state.features;
  nothing.hidden = shown > 0 || !location.search || Boolean(isWaiting);
  return filled(counted(nothing.dataset, shown), { n: number.format(shown) });
}

/** @param {string} address */
function filter(address) {
  history.pushState(null, "", address);
  hear(showFilters());
  void showOwn();
}

// Edits of the registry: what is another in the page as it is now replaces what is here, and nothing else is touched.

const container = /** @type {HTMLElement} */ (document.getElementById("modules"));
const chips = document.querySelector(".filters");

/**
 * What the service sent of each part of this page, before anything was pressed: a press that is kept marks its button.
 * @type {WeakMap<Element, string>}
 */
const served = new WeakMap();
const remember = (/** @type {Element} */ part) => served.set(part, part.outerHTML.replaceAll(' aria-busy="true"', ""));
const parts = () => [...container.children, ...container.querySelectorAll("li[id]"), ...(chips ? [chips] : [])];
parts().forEach(remember);

/**
 * Give a part of this page the contents of the same part of the new one. Lists are gone through, item by item.
 * @param {Element} here
 * @param {Element} there
 */
function adopt(here, there) {
  if (served.get(here) === there.outerHTML) return;
  const [list, newList] = [here, there].map((part) => part.querySelector(":scope > ul"));
  if (here.localName === "section" && list && newList) {
    served.set(here, there.outerHTML);
    here.querySelector(".heading")?.replaceWith(/** @type {Element} */ (there.querySelector(".heading")));
    adoptAll(list, newList);
  } else here.replaceWith(there);
}

/**
 * Give an element the children of another, which they have ids to be known by.
 * @param {Element} here
 * @param {Element} there
 */
function adoptAll(here, there) {
  const own = new Map([...here.children].map((child) => [child.id, child]));
  let at = here.firstElementChild;
  for (const child of [...there.children]) {
    const kept = own.get(child.id);
    own.delete(child.id);
    if (!kept) here.insertBefore(child, at);
    else {
      if (kept === at) at = at.nextElementSibling;
      else here.insertBefore(kept, at);
      adopt(kept, child);
    }
  }
  for (const gone of own.values()) gone.remove();
}

/** @param {Element | null} element */
const placeOf = (element) => `[id="${CSS.escape(element?.closest("li[id]")?.id ?? "")}"] ${element?.localName}`;

/** Where the focus was when a dialog was opened, which gives it back to what may not be there any more. */
let left = "";
document.addEventListener("beforetoggle", ({ newState }) => {
  if (newState === "open") left = placeOf(document.activeElement);
}, true);
document.addEventListener("close", () => {
  if (document.activeElement?.matches("body, dialog *")) focusOn(document.querySelector(left));
}, true);

/** @param {Element | null} element */
function focusOn(element) {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}

/** @param {string} html */
function follow(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.getElementById("modules");
  const style = 'link[rel="stylesheet"]';
  // A page of another version of the service is for the next visit.
  const sameVersion = page.querySelector(style)?.getAttribute("href") === document.querySelector(style)?.getAttribute("href");
  if (!next || !sameVersion) return;
  const nextChips = page.querySelector(".filters");
  const sent = [...next.children, ...next.querySelectorAll("li[id]"), ...(nextChips ? [nextChips] : [])];
  sent.forEach(remember);
  const focused = document.activeElement;
  const focusedAt = placeOf(focused);
  adoptAll(container, next);
  if (chips && nextChips && served.get(chips) !== served.get(nextChips)) {
    served.set(chips, served.get(nextChips) ?? "");
    chips.replaceChildren(...nextChips.children);
  }
  if (document.activeElement !== focused) focusOn(focused?.isConnected ? focused : document.querySelector(focusedAt));
  showVotes();
  showFilters();
  void showOwn();
}

let seen = client.state;
client.subscribe((state) => {
  if (state.registry !== seen.registry && state.registry) follow(state.registry);
  if (state.features !== seen.features || state.signedIn !== seen.signedIn) {
    showVotes();
    void showOwn();
  }
  seen = state;
});

document.addEventListener("click", (event) => {
  const chip = /** @type {Element} */ (event.target).closest("[data-filter]");
  if (!(chip instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  filter(chip.href);
});
addEventListener("popstate", () => {
  showFilters();
  void showOwn();
});
showFilters();
comeBack();
addEventListener("DOMContentLoaded", () => client.start()); // once nothing is kept of what an edit may replace
void me.then(async (someone) => {
  root.dataset.me = someone?.id ?? "";
  if (someone !== null) await client.loadFeatures();
  else showFilters();
  await pressAgain();
});
