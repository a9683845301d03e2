// Pages with modules: filters, and edits of the registry while the page is open.

import { followChips, showChips } from "./chips.js";
import { call, me } from "./service.js";
import { announce, choosePlural, fill, number } from "./texts.js";
import { castPending, client, restorePlace, showVotes } from "./votes.js";

const root = document.documentElement;

/** @type {Set<string> | undefined} The caller's votes for modules that take no more votes. Loaded for their filter. */
let past;

async function showOwn() {
  const { features } = client.state;
  if (root.dataset.mine && features && !past) {
    const answer = await call("/api/me/votes").then((response) => response.json()).catch(() => ({}));
    const voted = /** @type {{ feature: string }[] | undefined} */ (answer.votes)?.map(({ feature }) => feature);
    past = voted && new Set(voted.filter((feature) => !features.counts.has(feature)));
  }
  for (const item of container.querySelectorAll("li[id]")) {
    item.toggleAttribute("data-mine", client.state.features?.voted.has(item.id) || past?.has(item.id));
  }
  if (root.dataset.mine) showFilters();
}

function showFilters() {
  showChips();
  const nothing = document.getElementById("nothing");
  if (!nothing) return "";
  let shown = 0;
  for (const group of document.querySelectorAll(".group, .stage")) {
    const tiles = [...group.querySelectorAll(".tile, .row")].filter((tile) => tile.checkVisibility()).length;
    /** @type {Element} */ (group.querySelector(".heading span")).textContent = number.format(tiles);
    shown += tiles;
  }
  const isLoading = root.dataset.mine && !(client.state.features && past);
  nothing.hidden = shown > 0 || !location.search || Boolean(isLoading);
  return fill(choosePlural(nothing.dataset, shown), { n: number.format(shown) });
}

// Edits of the registry: the parts of this page that differ in the current page are replaced, and no other part.

const container = /** @type {HTMLElement} */ (document.getElementById("modules"));

/**
 * Replace a part of this page by the same part of the next page, unless the service sent the same before. In a section,
 * the items of its list are replaced one by one.
 * @param {Element} here
 * @param {Element} there
 * @param {Document} before
 */
function adopt(here, there, before) {
  if (before.getElementById(there.id)?.outerHTML === there.outerHTML) return;
  const [list, newList] = [here, there].map((part) => part.querySelector(":scope > ul"));
  if (here.localName === "section" && list && newList) {
    here.querySelector(".heading")?.replaceWith(/** @type {Element} */ (there.querySelector(".heading")));
    adoptAll(list, newList, before);
  } else here.replaceWith(there);
}

/**
 * Give an element the children of another. Children with the same id are the same.
 * @param {Element} here
 * @param {Element} there
 * @param {Document} before
 */
function adoptAll(here, there, before) {
  const own = new Map([...here.children].map((child) => [child.id, child]));
  let at = here.firstElementChild;
  for (const child of [...there.children]) {
    const same = own.get(child.id);
    own.delete(child.id);
    if (!same) here.insertBefore(child, at);
    else {
      if (same === at) at = at.nextElementSibling;
      else here.insertBefore(same, at);
      adopt(same, child, before);
    }
  }
  for (const child of own.values()) child.remove();
}

/** @param {Element | null} element */
const placeOf = (element) => `[id="${CSS.escape(element?.closest("li[id]")?.id ?? "")}"] ${element?.localName}`;

/** A selector of the focus before a dialog was opened: the element may have been replaced when it is closed. */
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
const read = (html) => new DOMParser().parseFromString(html, "text/html");
const isOf = (/** @type {string | undefined} */ digest, /** @type {string} */ html) => html.includes(`data-digest="${digest}"`);

/**
 * Update this page to the page that the service sends now.
 * @param {string} html
 * @param {string | null} last the answer to the previous poll, null if this is the first one
 */
function update(html, last) {
  if (!last && isOf(root.dataset.digest, html)) return; // the usual case, and cheap: nothing has changed
  const page = read(html);
  const before = last ? read(last) : document;
  const next = page.getElementById("modules");
  const style = 'link[rel="stylesheet"]';
  // Another version of the service needs other scripts: its page is shown at the next visit.
  const sameVersion = page.querySelector(style)?.getAttribute("href") === document.querySelector(style)?.getAttribute("href");
  if (!next || !sameVersion) return;
  const focused = document.activeElement;
  const focusedAt = placeOf(focused);
  adoptAll(container, next, before);
  const [chips, oldChips, nextChips] = [document, before, page].map((each) => each.querySelector(".filters"));
  if (nextChips && oldChips?.outerHTML !== nextChips.outerHTML) chips?.replaceChildren(...nextChips.children);
  if (document.activeElement !== focused) focusOn(focused?.isConnected ? focused : document.querySelector(focusedAt));
  showVotes();
  showFilters();
  void showOwn();
}

let seen = client.state;
client.subscribe((state) => {
  if (state.registry !== seen.registry && state.registry) update(state.registry, seen.registry);
  if (state.features !== seen.features || state.signedIn !== seen.signedIn) {
    showVotes();
    void showOwn();
  }
  seen = state;
});

followChips(() => {
  announce(showFilters());
  void showOwn();
});
if (location.search) showFilters();
restorePlace();
addEventListener("DOMContentLoaded", () => client.start()); // after `early.js` has repeated presses: an edit may replace the buttons
void me.then(async (account) => {
  root.dataset.me = account?.id ?? "";
  if (account !== null) await client.loadFeatures();
  else if (location.search) showFilters();
  await castPending();
});
