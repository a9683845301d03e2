// Pages with modules: filters, and edits of the registry while the page is open.

import { call, counted, filled, followChips, hear, me, number, showChips } from "./site.js";
import { client, comeBack, pressAgain, showVotes } from "./votes.js";

const root = document.documentElement;

// One's own votes are for whoever is signed in: which tiles they are is known once the service has said it.

/** @type {Set<string> | undefined} Modules that one voted for and that can be voted for no more. */
let past;

async function showOwn() {
  const { features } = client.state;
  if (root.dataset.mine && features && !past) {
    const answer = await call("/api/me/votes").then((response) => response.json()).catch(() => ({}));
    const wanted = /** @type {{ feature: string }[] | undefined} */ (answer.votes)?.map(({ feature }) => feature);
    past = wanted && new Set(wanted.filter((feature) => !features.counts.has(feature)));
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
  const isWaiting = root.dataset.mine && !(client.state.features && past);
  nothing.hidden = shown > 0 || !location.search || Boolean(isWaiting);
  return filled(counted(nothing.dataset, shown), { n: number.format(shown) });
}

// Edits of the registry: what is another in the page as it is now replaces what is here, and nothing else is touched.

const container = /** @type {HTMLElement} */ (document.getElementById("modules"));

/**
 * Give a part of this page the contents of the same part of the next one, unless the service sent that before, too.
 * Lists are gone through, item by item.
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
 * Give an element the children of another, which they have ids to be known by.
 * @param {Element} here
 * @param {Element} there
 * @param {Document} before
 */
function adoptAll(here, there, before) {
  const own = new Map([...here.children].map((child) => [child.id, child]));
  let at = here.firstElementChild;
  for (const child of [...there.children]) {
    const kept = own.get(child.id);
    own.delete(child.id);
    if (!kept) here.insertBefore(child, at);
    else {
      if (kept === at) at = at.nextElementSibling;
      else here.insertBefore(kept, at);
      adopt(kept, child, before);
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
const read = (html) => new DOMParser().parseFromString(html, "text/html");
const isOf = (/** @type {string | undefined} */ digest, /** @type {string} */ html) => html.includes(`data-digest="${digest}"`);

/**
 * @param {string} html
 * @param {string | null} last what the service sent before, if it was asked since the page came
 */
function follow(html, last) {
  if (!last && isOf(root.dataset.digest, html)) return; // as a rule, and cheap: this page is what it sends
  const page = read(html);
  const before = last ? read(last) : document;
  const next = page.getElementById("modules");
  const style = 'link[rel="stylesheet"]';
  // A page of another version of the service is for the next visit.
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
  if (state.registry !== seen.registry && state.registry) follow(state.registry, seen.registry);
  if (state.features !== seen.features || state.signedIn !== seen.signedIn) {
    showVotes();
    void showOwn();
  }
  seen = state;
});

followChips(() => {
  hear(showFilters());
  void showOwn();
});
if (location.search) showFilters();
comeBack();
addEventListener("DOMContentLoaded", () => client.start()); // once nothing is kept of what an edit may replace
void me.then(async (someone) => {
  root.dataset.me = someone?.id ?? "";
  if (someone !== null) await client.loadFeatures();
  else if (location.search) showFilters();
  await pressAgain();
});
