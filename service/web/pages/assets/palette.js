// The search palette: it finds modules, pages by their names in both languages, actions, and for admins people.
// `site.js` imports it when a reader first opens it.

import { RegistryClient } from "./client.js";
import { entryOf, fold, index, marked, search } from "./search.js";
import { me, service } from "./service.js";
import { choosePlural, fill, notify, number } from "./texts.js";
import { changeVote, client as votes, texts } from "./votes.js";

/** @typedef {import("./client.js").Module} Module */
/**
 * Something to find. Modules are without a `kind`. Of a person, `mark` shows the status of the account. The palette
 * shows `title` instead of the label, and calls `act` instead of following the link.
 * @typedef {import("./search.js").Entry & { href: string, kind?: string, about?: string, lang?: string,
 *   mark?: Element | null, module?: Module, state?: string, title?: string, act?: () => void }} Found
 */
/** @typedef {import("./search.js").Indexed<Found>} Indexed */

/** The highest numbers of results and of people among them. */
const MOST = 30;
const MOST_PEOPLE = 8;

/** How long the search for people waits for the next letter, in milliseconds. */
const PAUSE = 200;

const lang = document.documentElement.lang === "fr" ? "fr" : "en";
const isAdmin = me.then((account) => !service && account?.role === "admin" && account.status === "active");

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("palette"));
const input = /** @type {HTMLInputElement} */ (dialog.querySelector("[role=combobox]"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("[role=listbox]"));
const message = /** @type {HTMLElement} */ (dialog.querySelector("[data-message]"));
const count = /** @type {HTMLElement} */ (dialog.querySelector("[data-count]"));

const registry = new RegistryClient();
/** @type {RegistryClient<Record<string, string[]>>} The modules of each state, and other lists. */
const buckets = new RegistryClient({ path: "/api/modules-registry" });
let isLoading = false;
/** @type {Indexed[] | null} null until they are loaded */
let modules = null;
/** @type {Indexed[]} Modules, pages and actions. */
let all = [];
/** @type {Found[]} */
let pages = [];
/** @type {Found[]} */
let people = [];
/** The text of the running search for people, "" if none is running. */
let searching = "";
/** @type {Record<string, Document | null>} Pages that link to other pages, by address. */
const indexPages = {};
/** @type {Map<string, Set<string>>} The names of pages in both languages, by path without the language. */
const names = new Map();

/** Load modules, pages and votes, and show the results. Call it when the palette opens. */
export async function loadPalette() {
  isLoading = true;
  arrange();
  const answered = Promise.all([registry.refresh(), buckets.refresh()]).then(() => {
    isLoading = false;
    arrange();
  });
  const voted = me.then((account) => account && votes.loadFeatures()).then(arrange);
  await Promise.all([answered, voted, loadPages(), findPeople()]);
  openEntered();
}

/** Index the modules with their states, once both documents are loaded. */
function indexModules() {
  const [entries, lists] = [registry.state.registry, buckets.state.registry];
  if (!entries || !lists) return;
  /** @type {Map<string, string>} */
  const states = new Map();
  for (const [bucket, slugs] of Object.entries(lists)) {
    if (dialog.hasAttribute(`data-state-${bucket}`)) for (const slug of slugs) states.set(slug, bucket);
  }
  const folder = `${location.origin}/${lang}/modules/`; // absolute, as `href` of a link: `show` finds the choice by it
  modules = index(
    entries.modules.map((module) => {
      const { slug } = module;
      return { ...entryOf(module, lang), state: states.get(slug), href: folder + slug };
    }),
  );
}
registry.subscribe(indexModules);
buckets.subscribe(indexModules);

/** Index all that has been loaded, and show the results. */
function arrange() {
  const here = select(document, "#menu > a:not([hidden]), #account a:not([hidden]), .foot a, #more-pages a");
  const further = ["admin/", "docs/"].flatMap((path) => select(indexPages[`/${lang}/${path}`], ".admin-nav a, .docs-index a"));
  pages = [...here, ...further].map(toPage);
  pages = pages.filter(({ href }, at) => pages.findIndex((page) => page.href === href) === at);
  all = [...(modules ?? []), ...index(pages), ...(modules ?? []).flatMap(toActions)];
  show(getChosen()?.href);
}

/**
 * Return the action on a module, which the same words find: to vote for it, or to request its activation.
 * @param {Indexed} indexed
 * @returns {Indexed[]}
 */
function toActions({ entry, fields, ...indexed }) {
  const { label, slug = "", href, state } = entry;
  const isVote = state === "coming_soon" && !votes.state.features?.voted.has(slug);
  if (!texts.cast || (!isVote && state !== "on_demand")) return []; // files of another host, which know no service
  const { ask, askName } = dialog.dataset;
  const [verb = "", name] = isVote ? [texts.cast, texts.castName] : [ask, askName];
  const action = {
    ...entry,
    module: undefined,
    state: undefined,
    kind: "action",
    title: fill(name, { name: label }),
    href: isVote ? `${href}#vote` : `${href.replace(location.origin, service || location.origin)}/request`,
    act: isVote ? () => void changeVote(slug, label, true, notify) : undefined,
  };
  return [{ ...indexed, entry: action, fields: [...fields.slice(0, -1), ` ${fold(verb)}`], description: "" }];
}

/**
 * @param {ParentNode | null} page
 * @param {string} selector
 */
const select = (page, selector) => /** @type {HTMLAnchorElement[]} */ ([...(page?.querySelectorAll(selector) ?? [])]);

/** @param {Node | null} [node] */
const textOf = (node) => node?.textContent?.trim() ?? "";

/** @param {HTMLAnchorElement} link */
const pathOf = ({ pathname }) => pathname.slice("/en".length);

/**
 * @param {HTMLAnchorElement} link
 * @returns {Found}
 */
function toPage(link) {
  // The number of unread requests may follow the first text.
  const page = { label: textOf(link.firstChild), href: link.href, names: [...(names.get(pathOf(link)) ?? [])] };
  if (!link.closest(".docs-index")) return { ...page, kind: "page" };
  const about = textOf(link.nextElementSibling);
  return { ...page, kind: "document", lang: link.lang, about, descriptions: [about] };
}

/** @param {string} address */
async function loadPage(address) {
  const response = await fetch(address).catch(() => null);
  const text = (await response?.text().catch(() => "")) ?? "";
  // Selectors find nothing in a <template>, such as the menu of the account.
  return response?.ok ? new DOMParser().parseFromString(text.replaceAll(/<(\/?)template/g, "<$1div"), "text/html") : null;
}

/** Load the pages that link to other pages, in both languages. */
async function loadPages() {
  const paths = (await isAdmin) ? ["docs/", "admin/"] : ["docs/"];
  const addresses = ["/en/", "/fr/"].flatMap((start) => paths.map((path) => start + path));
  await Promise.all(addresses.map(async (address) => (indexPages[address] ??= await loadPage(address))));
  for (const link of Object.values(indexPages).flatMap((page) => select(page, "a:not(.language, .logo, .skip)"))) {
    names.set(pathOf(link), (names.get(pathOf(link)) ?? new Set()).add(textOf(link.firstChild)));
  }
  arrange();
}

/** Search the list of people, after a pause in typing. The service redirects a search with one result to its page. */
async function findPeople() {
  const text = (searching = input.value.trim());
  people = [];
  await new Promise((done) => setTimeout(done, PAUSE));
  const address = `/${lang}/admin/people?${new URLSearchParams({ q: text })}`;
  const page = text.length > 1 && text === searching && (await isAdmin) ? await loadPage(address) : null;
  if (text !== searching) return;
  searching = "";
  people = select(page, ".people tbody tr, .person").slice(0, MOST_PEOPLE).map((row) => {
    const [link] = select(row, "th a");
    const facts = select(row, ".its-id, .its-mail, dd > code, [href^='mailto:']").map(textOf);
    return {
      kind: "person",
      label: textOf(link ?? page?.querySelector("h1")),
      href: link?.href ?? location.origin + address,
      about: facts.filter(Boolean).join(" · "),
      mark: row.querySelector(".state"),
    };
  });
  show(getChosen()?.href);
}

/** Open the first result, if Enter was pressed for this text before the result was there. */
function openEntered() {
  if (dialog.open && input.value && dialog.dataset.entered === input.value) getChosen()?.click();
}

/** @param {string} [choice] the address of the result to choose instead of the first one */
function show(choice) {
  const query = input.value;
  const hasQuery = query.trim() !== "";
  const found = hasQuery ? [...search(all, query), ...people] : pages;
  const shown = found.length > MOST ? [...found.slice(0, MOST - people.length), ...people] : found;
  list.replaceChildren(...shown.map((entry, at) => toOption(entry, at, query)));
  list.hidden = !shown.length;
  input.setAttribute("aria-expanded", String(shown.length > 0));
  const { failed = "", loading = "", none = "", some } = dialog.dataset;
  const summary = shown.length < found.length ? some : choosePlural(dialog.dataset, found.length);
  const isNone = hasQuery && !shown.length && !searching;
  report(message, modules ? (isNone ? none : "") : isLoading ? loading : failed);
  // Without the modules, "0 results" would be wrong.
  const numbers = { shown: number.format(shown.length), n: number.format(found.length) };
  report(count, hasQuery && (modules || (!isLoading && shown.length)) ? fill(summary, numbers) : "");
  choose(Math.max(0, shown.findIndex(({ href }) => href === choice)));
}

/**
 * Write a text into a live region. Screen readers read a new text, so the same text is not written again.
 * @param {HTMLElement} region
 * @param {string} text
 */
function report(region, text) {
  if (region.textContent !== text) region.textContent = text;
}

/**
 * @param {Found} entry
 * @param {number} at
 * @param {string} query
 */
function toOption(entry, at, query) {
  const { kind, lang: language, module, state } = entry;
  const link = document.createElement("a");
  link.href = entry.href;
  link.id = `palette-${at}`;
  link.setAttribute("role", "option");
  link.tabIndex = -1;
  const name = element("span", "palette-name");
  if (language) name.lang = language;
  name.append(...marked(entry.title ?? entry.label, query).map(([text, hit]) => (hit ? element("mark", "", text) : text)));
  const word = dialog.getAttribute(state ? `data-state-${state}` : `data-${kind}`) ?? "";
  link.append(name, entry.mark ?? element("span", `state state-${state ?? "meta"}`, word));
  if (module?.deprecated) link.append(element("span", "state state-deprecated", dialog.dataset.deprecated));
  const about = kind === "person" ? `${word} · ${entry.about}` : module ? facts(module) : entry.about;
  if (about) link.append(element("span", "palette-facts", about));
  link.addEventListener("click", (event) => {
    if (entry.act) event.preventDefault();
    entry.act?.();
    dialog.close();
  });
  return link;
}

/** @param {Module} module */
function facts({ slug, category, needs, produces }) {
  const flow = needs.join(", ") + (produces.length ? ` → ${produces.join(", ")}` : "");
  return [slug, dialog.getAttribute(`data-category-${category}`) ?? category, flow.trim()].filter(Boolean).join(" · ");
}

/**
 * @param {string} tag
 * @param {string} name a class
 * @param {string} [text]
 */
function element(tag, name, text = "") {
  const created = document.createElement(tag);
  if (name) created.className = name;
  created.textContent = text;
  return created;
}

/** The result that Enter opens. */
const getChosen = () => /** @type {HTMLAnchorElement | null} */ (list.querySelector('[aria-selected="true"]'));

/** @param {number} at the place of a result: -1 is the last result, and after the last comes the first */
function choose(at) {
  const results = list.children;
  getChosen()?.setAttribute("aria-selected", "false");
  const result = results[(at + results.length) % results.length];
  if (!result) return input.removeAttribute("aria-activedescendant");
  result.setAttribute("aria-selected", "true");
  result.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", result.id);
}

input.addEventListener("input", () => {
  void findPeople().then(openEntered);
  show();
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const choice = getChosen();
  if (step) choose([...list.children].findIndex((result) => result === choice) + step);
  else if (event.key === "Enter" && choice) choice.click();
  else return;
  event.preventDefault();
});
