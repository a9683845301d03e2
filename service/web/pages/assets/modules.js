// Pages with modules: votes and their numbers, filters, and edits of the registry while the page is open.

import { RegistryClient } from "./client.js";
import { hear, me, say } from "./site.js";

const root = document.documentElement;
const texts = /** @type {HTMLElement | null} */ (document.querySelector("#vote-texts"))?.dataset ?? {};
const plural = new Intl.PluralRules(root.lang);
const number = new Intl.NumberFormat(root.lang);

/**
 * The page itself is what is followed: as HTML it is in the right language, and made by the same template.
 * @type {RegistryClient<string>}
 */
const client = new RegistryClient({ path: location.pathname, parse: (text) => text });

/**
 * A text of the page, with what its names stand for.
 * @param {string | undefined} text
 * @param {Record<string, string>} values
 */
const filled = (text = "", values = {}) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/**
 * The one of two texts that goes with a number.
 * @param {DOMStringMap} from
 * @param {number} count
 */
const counted = (from, count) => (plural.select(count) === "one" ? from.one : from.other) ?? "";

// Votes.

/**
 * Leave for the page where one signs in to vote, by a POST, which alone says what is wanted; where one was is kept.
 * @param {string} id
 */
function signInToVote(id) {
  const back = location.pathname + location.search;
  try {
    sessionStorage.setItem("place", `${scrollY} ${back}#${id}`);
  } catch {
    // The module is there to come back to.
  }
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/${root.lang}/modules/${id}/vote?${new URLSearchParams({ wanted: "yes", next: back })}`;
  document.body.append(form);
  form.submit();
}

/** Go on where one was before signing in. */
function comeBack() {
  try {
    const [, top, place] = /^(\d+)\S* (.*)/.exec(sessionStorage.getItem("place") ?? "") ?? [];
    if (!place || !location.href.endsWith(place)) return;
    sessionStorage.removeItem("place");
    history.replaceState(null, "", location.pathname + location.search);
    scrollTo({ top: Number(top), behavior: "instant" });
  } catch {
    // The browser has gone to the module.
  }
}

/** Press what was pressed before signing in: the service tells it once, and the vote is one like any other. */
async function pressAgain() {
  if (!document.cookie.includes("vote-intent=") || !(await me)) return;
  const response = await fetch("/api/me/vote-intent", { method: "POST" }).catch(() => null);
  if (response?.status !== 200) return;
  const { feature } = await response.json();
  const button = document.querySelector(`[data-vote="${CSS.escape(feature)}"]`);
  if (button instanceof HTMLElement && !client.state.features?.voted.has(feature)) await press(button);
}

/** @param {HTMLElement} button */
async function press(button) {
  const id = button.dataset.vote ?? "";
  const name = button.dataset.name ?? "";
  const someone = await me;
  if (someone === null || client.state.signedIn === false) {
    signInToVote(id);
    return;
  }
  if (someone?.status === "pending") {
    say(filled(texts.pending));
    return;
  }
  const wanted = !client.state.features?.voted.has(id);
  try {
    await (wanted ? client.vote(id) : client.retract(id));
    const count = client.state.features?.counts.get(id) ?? 0;
    const told = filled(counted(texts, count), { n: number.format(count) });
    hear(`${filled(wanted ? texts.voted : texts.retracted, { name })} ${told}`);
  } catch (error) {
    const { status, retryAfter } = /** @type {import("./client.js").ProblemError} */ (error);
    const refusals = new Map([
      [403, texts.pending],
      [404, texts.gone],
      [429, texts.often],
    ]);
    const n = number.format(Math.ceil(retryAfter / 1000));
    if (status === 401) signInToVote(id);
    else say(filled(refusals.get(status) ?? texts.failed, { name, n }));
  }
}

function showVotes() {
  const { features } = client.state;
  for (const button of document.querySelectorAll("[data-vote]")) {
    const pressed = features?.voted.has(button.getAttribute("data-vote") ?? "") ?? false;
    button.setAttribute("aria-pressed", String(pressed));
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-needed]"))) {
    const count = features?.counts.get(element.dataset.needed ?? "");
    if (count === undefined) {
      element.replaceChildren();
      continue;
    }
    const [before, after] = counted(texts, count).split("{n}");
    const figure = document.createElement("b");
    figure.textContent = number.format(count);
    element.replaceChildren(before, figure, after ?? "");
  }
}

// Filters: `early.js` has applied those of the address already, and the stylesheet does the rest.

function showFilters() {
  const query = new URLSearchParams(location.search);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-filter]"))) {
    const { filter = "", value = "" } = link.dataset;
    const current = query.get(filter) ?? "";
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
  for (const group of document.querySelectorAll(".group")) {
    const tiles = [...group.querySelectorAll(".tile")].filter((tile) => tile.checkVisibility()).length;
    /** @type {Element} */ (group.querySelector(".heading span")).textContent = number.format(tiles);
    shown += tiles;
  }
  nothing.hidden = shown > 0 || !location.search;
  return filled(counted(nothing.dataset, shown), { n: number.format(shown) });
}

/** @param {string} address */
function filter(address) {
  history.pushState(null, "", address);
  hear(showFilters());
}

// Edits of the registry: what is another in the page as it is now replaces what is here, and nothing else is touched.

const container = /** @type {HTMLElement} */ (document.getElementById("modules"));
const chips = document.querySelector(".filters");

/**
 * What the service sent of each part of this page, before anything was pressed.
 * @type {WeakMap<Element, string>}
 */
const served = new WeakMap();
const remember = (/** @type {Element} */ part) => served.set(part, part.outerHTML);
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
  const focusedAt = focused && `#${CSS.escape(focused.closest("li[id]")?.id ?? "")} ${focused.localName}`;
  adoptAll(container, next);
  if (chips && nextChips && served.get(chips) !== served.get(nextChips)) {
    served.set(chips, served.get(nextChips) ?? "");
    chips.replaceChildren(...nextChips.children);
  }
  if (focused && focusedAt && document.activeElement !== focused) {
    const target = focused.isConnected ? focused : document.querySelector(focusedAt);
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }
  showVotes();
  showFilters();
}

let seen = client.state;
client.subscribe((state) => {
  if (state.registry !== seen.registry && state.registry) follow(state.registry);
  if (state.features !== seen.features) showVotes();
  seen = state;
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = /** @type {Element} */ (event.target);
  const button = target.closest("[data-vote]");
  const chip = target.closest("[data-filter]");
  if (button instanceof HTMLElement) void press(button);
  else if (chip instanceof HTMLAnchorElement) {
    event.preventDefault();
    filter(chip.href);
  }
});
addEventListener("popstate", () => void showFilters());
showFilters();
comeBack();
client.start();
void me.then((someone) => (someone === null ? null : client.loadFeatures())).then(pressAgain);
