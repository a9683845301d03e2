// The search palette: modules and pages by what somebody types. Loaded when it is first opened.

import { RegistryClient } from "./client.js";
import { entryOf, index, marked, search } from "./search.js";
import { keepSingleKeys, singleKeys } from "./site.js";

/** @typedef {import("./client.js").Module} Module */
/** @typedef {import("./search.js").Entry & { href: string, module?: Module }} Found */

/** How many results are shown. */
const MOST = 30;

const root = document.documentElement;
const lang = root.lang === "fr" ? "fr" : "en";
const number = new Intl.NumberFormat(lang);
const plural = new Intl.PluralRules(lang);

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("palette"));
const input = /** @type {HTMLInputElement} */ (dialog.querySelector("[role=combobox]"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("[role=listbox]"));
const message = /** @type {HTMLElement} */ (dialog.querySelector("[data-message]"));
const count = /** @type {HTMLElement} */ (dialog.querySelector("[data-count]"));
const keys = /** @type {HTMLInputElement} */ (dialog.querySelector("[data-single-keys]"));

const client = new RegistryClient();
let registry = client.state.registry;
/** Whether the modules have been asked for, and nothing is known of them yet. */
let waits = false;
/** @type {import("./search.js").Indexed<Found>[]} */
let modules = [];
/** @type {Found[]} */
let documentation = [];
/** @type {Found[]} */
let pages = [];

/** Show what there is to find, in the palette that was opened just now. */
export async function opened() {
  keys.checked = singleKeys();
  waits = true;
  arrange();
  const answered = client.refresh().then(() => {
    waits = false;
    arrange();
  });
  await Promise.all([answered, loadDocumentation().then(arrange)]);
}

/** Make what is there ready to be found, and show it. */
function arrange() {
  pages = [...new Map([...linked(), ...documentation].map((page) => [page.href, page])).values()];
  if (registry !== client.state.registry) {
    registry = client.state.registry;
    const folder = `${location.origin}/${lang}/modules/`; // as a link has it, by which the choice is kept
    const found = (registry?.modules ?? []).map((module) => ({ ...entryOf(module, lang), href: folder + module.slug }));
    modules = index(found);
  }
  show(chosen()?.href);
}

/** The pages that this one links to in its bar and at its foot, and those of the account. */
function linked() {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll("#menu > a:not([hidden]), #account a:not([hidden]), .foot a")
  );
  return [...links].map((link) => ({ label: textOf(link), href: link.href }));
}

/** The pages of the documentation in this language, as its own index has them. */
async function loadDocumentation() {
  if (documentation.length) return;
  const address = `${location.origin}/${lang}/docs/`;
  const response = await fetch(address).catch(() => null);
  const text = (await response?.text()) ?? "";
  if (!response?.ok) return; // the next time that it is opened
  const page = new DOMParser().parseFromString(text, "text/html");
  documentation = [...page.querySelectorAll("main li")].flatMap((item) => {
    const link = item.querySelector("a:not([hreflang])");
    if (!link) return [];
    const { href } = new URL(link.getAttribute("href") ?? "", address);
    return [{ label: textOf(link), href, descriptions: [textOf(item.querySelector("p"))] }];
  });
}

/** @param {Element | null} of */
const textOf = (of) => of?.textContent?.trim() ?? "";

/** @param {string} [choice] the address of the result to choose, instead of the first */
function show(choice) {
  const query = input.value;
  const asked = query.trim() !== "";
  const found = asked ? search([...modules, ...index(pages)], query) : pages;
  const shown = found.slice(0, MOST);
  list.replaceChildren(...shown.map((entry, at) => option(entry, at, query)));
  list.hidden = !shown.length;
  input.setAttribute("aria-expanded", String(shown.length > 0));
  const { failed = "", loading = "", none = "" } = dialog.dataset;
  tell(message, registry ? (shown.length || !asked ? "" : none) : waits ? loading : failed);
  // Without the modules, that nothing is found says nothing.
  tell(count, asked && (registry || (!waits && shown.length)) ? counted(shown.length, found.length) : "");
  choose(Math.max(0, shown.findIndex(({ href }) => href === choice)));
}

/**
 * Say something in a live region, which is silent while the text stays the same.
 * @param {HTMLElement} where
 * @param {string} text
 */
function tell(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/**
 * @param {number} shown
 * @param {number} all
 */
function counted(shown, all) {
  const { one = "", other = "", some = "" } = dialog.dataset;
  const text = shown < all ? some : plural.select(all) === "one" ? one : other;
  return text.replace("{shown}", number.format(shown)).replace("{n}", number.format(all));
}

/**
 * @param {Found} entry
 * @param {number} at
 * @param {string} query
 */
function option(entry, at, query) {
  const link = document.createElement("a");
  link.href = entry.href;
  link.id = `palette-${at}`;
  link.setAttribute("role", "option");
  link.tabIndex = -1;
  const name = element("span", "palette-name");
  name.append(...marked(entry.label, query).map(([text, hit]) => (hit ? element("mark", "", text) : text)));
  const { module } = entry;
  const state = module && stateOf(module);
  const word = dialog.getAttribute(state ? `data-state-${state}` : "data-page") ?? "";
  link.append(name, element("span", `state state-${state ?? "meta"}`, word));
  if (module?.deprecated) link.append(element("span", "state state-deprecated", dialog.dataset.deprecated));
  if (module) link.append(element("span", "palette-facts", facts(module)));
  return link;
}

/** @param {Module} module */
function stateOf(module) {
  if (module.is_on_demand) return "on_demand";
  if (module.is_meta) return "meta";
  if (module.coming_soon) return "coming_soon";
  return module.alpha_unavailable ? "alpha_unavailable" : "active";
}

/** @param {Module} module */
function facts({ slug, category, needs, produces }) {
  const flow = needs.join(", ") + (produces.length ? ` → ${produces.join(", ")}` : "");
  return [slug, dialog.getAttribute(`data-category-${category}`), flow.trim()].filter(Boolean).join(" · ");
}

/**
 * @param {string} tag
 * @param {string} name of its class
 * @param {string} [text]
 */
function element(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

/** The result that Enter opens. */
const chosen = () => /** @type {HTMLAnchorElement | null} */ (list.querySelector('[aria-selected="true"]'));

/** @param {number} at counted around the end */
function choose(at) {
  const results = list.children;
  chosen()?.setAttribute("aria-selected", "false");
  const result = results[(at + results.length) % results.length];
  if (!result) return input.removeAttribute("aria-activedescendant");
  result.setAttribute("aria-selected", "true");
  result.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", result.id);
}

input.addEventListener("input", () => show());
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose([...list.children].findIndex((each) => each === chosen()) + step);
  else if (event.key === "Enter") chosen()?.click();
  else return;
  event.preventDefault();
});
keys.addEventListener("change", () => keepSingleKeys(keys.checked));
dialog.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  // The dialog has no room of its own: a click on it is one beside it.
  if (target === dialog || target.closest("[role=option]")) dialog.close();
});
