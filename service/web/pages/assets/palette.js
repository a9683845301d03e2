// The search palette: modules, pages by their names in both languages, people for admins, by what somebody types, and what
// can be done. Loaded when it is first opened.

import { RegistryClient } from "./client.js";
import { entryOf, fold, index, marked, search } from "./search.js";
import { counted, filled, me, number, say, service } from "./site.js";
import { change, texts, client as votes } from "./votes.js";

/** @typedef {import("./client.js").Module} Module */
/**
 * A module has no `kind`; `title` is shown instead of the label, and `act` done instead of following the link.
 * @typedef {import("./search.js").Entry & { href: string, kind?: string, about?: string, lang?: string,
 *   state?: Element | null, module?: Module, title?: string, act?: () => void }} Found
 */
/** @typedef {import("./search.js").Indexed<Found>} Indexed */

/** How many results are shown. */
const MOST = 30;
const MOST_PEOPLE = 8;

/** How long after the last letter people are searched for, in milliseconds. */
const PAUSE = 200;

const lang = document.documentElement.lang === "fr" ? "fr" : "en";
const isAdmin = me.then((someone) => !service && someone?.role === "admin" && someone.status === "active");

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("palette"));
const input = /** @type {HTMLInputElement} */ (dialog.querySelector("[role=combobox]"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("[role=listbox]"));
const message = /** @type {HTMLElement} */ (dialog.querySelector("[data-message]"));
const count = /** @type {HTMLElement} */ (dialog.querySelector("[data-count]"));

const client = new RegistryClient();
let registry = client.state.registry;
/** Whether the modules have been asked for, and nothing is known of them yet. */
let waits = false;
/** @type {Indexed[]} */
let modules = [];
/** @type {Indexed[]} Modules, pages, and what can be done. */
let all = [];
/** @type {Found[]} */
let known = [];
/** @type {Found[]} */
let persons = [];
/** What is searched for among people; nothing once that is known. */
let searching = "";
/** @type {Record<string, Document | null>} Pages that name others, by their addresses. */
const read = {};
/** @type {Map<string, Set<string>>} What they call pages, by paths without the language. */
const names = new Map();

/** Show what there is to find, in the palette that was opened just now. */
export async function opened() {
  waits = true;
  arrange();
  const answered = client.refresh().then(() => {
    waits = false;
    arrange();
  });
  const voted = me.then((someone) => someone && votes.loadFeatures()).then(arrange);
  await Promise.all([answered, voted, loadPages(), findPeople()]);
  openEntered();
}

/** Make what is there ready to be found, and show it. */
function arrange() {
  if (registry !== client.state.registry) {
    registry = client.state.registry;
    const folder = `${location.origin}/${lang}/modules/`; // as a link has it, by which the choice is kept
    modules = index((registry?.modules ?? []).map((module) => ({ ...entryOf(module, lang), href: folder + module.slug })));
  }
  const here = select(document, "#menu > a:not([hidden]), #account a:not([hidden]), .foot a, #more-pages a");
  const further = ["admin/", "docs/"].flatMap((path) => select(read[`/${lang}/${path}`], ".admin-nav a, .docs-index a"));
  known = [...here, ...further].map(pageOf);
  known = known.filter(({ href }, at) => known.findIndex((each) => each.href === href) === at);
  all = [...modules, ...index(known), ...modules.flatMap(actionsOf)];
  show(chosen()?.href);
}

/**
 * What can be done with a module, which is found as it is: vote for it, once, or ask for its activation.
 * @param {Indexed} indexed
 * @returns {Indexed[]}
 */
function actionsOf({ entry, fields, ...indexed }) {
  const { label, slug = "", href, module } = entry;
  const state = module && stateOf(module);
  const isVote = state === "coming_soon" && !votes.state.features?.voted.has(slug);
  if (!texts.cast || (!isVote && state !== "on_demand")) return []; // files of a host that no service is known to
  const { ask, askName } = dialog.dataset;
  const [verb = "", name] = isVote ? [texts.cast, texts.castName] : [ask, askName];
  const action = {
    ...entry,
    module: undefined,
    kind: "action",
    title: filled(name, { name: label }),
    href: isVote ? `${href}#vote` : `${href.replace(location.origin, service || location.origin)}/request`,
    act: isVote ? () => void change(slug, label, true, say) : undefined,
  };
  return [{ ...indexed, entry: action, fields: [...fields.slice(0, -1), ` ${fold(verb)}`], description: "" }];
}

/**
 * @param {ParentNode | null} page
 * @param {string} selector
 */
const select = (page, selector) => /** @type {HTMLAnchorElement[]} */ ([...(page?.querySelectorAll(selector) ?? [])]);

/** @param {Node | null} [of] */
const textOf = (of) => of?.textContent?.trim() ?? "";

/** @param {HTMLAnchorElement} link */
const pathOf = ({ pathname }) => pathname.slice("/en".length);

/**
 * @param {HTMLAnchorElement} link
 * @returns {Found}
 */
function pageOf(link) {
  // Behind the first text may stand how many requests are unread.
  const page = { label: textOf(link.firstChild), href: link.href, names: [...(names.get(pathOf(link)) ?? [])] };
  if (!link.closest(".docs-index")) return { ...page, kind: "page" };
  const about = textOf(link.nextElementSibling);
  return { ...page, kind: "document", lang: link.lang, about, descriptions: [about] };
}

/** @param {string} address */
async function ask(address) {
  const response = await fetch(address).catch(() => null);
  const text = (await response?.text().catch(() => "")) ?? "";
  // What is in templates, such as the menu of the account, is read as well.
  return response?.ok ? new DOMParser().parseFromString(text.replaceAll(/<(\/?)template/g, "<$1div"), "text/html") : null;
}

/** Read pages that name others, in both languages. */
async function loadPages() {
  const paths = (await isAdmin) ? ["docs/", "admin/"] : ["docs/"];
  const addresses = ["/en/", "/fr/"].flatMap((start) => paths.map((path) => start + path));
  await Promise.all(addresses.map(async (each) => (read[each] ??= await ask(each))));
  for (const link of Object.values(read).flatMap((page) => select(page, "a:not(.language, .logo, .skip)"))) {
    names.set(pathOf(link), (names.get(pathOf(link)) ?? new Set()).add(textOf(link.firstChild)));
  }
  arrange();
}

/** Search for people, once nothing has been typed for a moment: in their list, which leads on to whoever alone is found. */
async function findPeople() {
  const text = (searching = input.value.trim());
  persons = [];
  await new Promise((done) => setTimeout(done, PAUSE));
  const address = `/${lang}/admin/people?${new URLSearchParams({ q: text })}`;
  const page = text.length > 1 && text === searching && (await isAdmin) ? await ask(address) : null;
  if (text !== searching) return;
  searching = "";
  persons = select(page, ".people tbody tr, .person").slice(0, MOST_PEOPLE).map((row) => {
    const [link] = select(row, "th a");
    const facts = select(row, ".its-id, .its-mail, dd > code, [href^='mailto:']").map(textOf);
    return {
      kind: "person",
      label: textOf(link ?? page?.querySelector("h1")),
      href: link?.href ?? location.origin + address,
      about: facts.filter(Boolean).join(" · "),
      state: row.querySelector(".state"),
    };
  });
  show(chosen()?.href);
}

/** Open what is there at last for a text that Enter was pressed for before. */
function openEntered() {
  if (dialog.open && input.value && dialog.dataset.entered === input.value) chosen()?.click();
}

/** @param {string} [choice] the address of the result to choose, instead of the first */
function show(choice) {
  const query = input.value;
  const asked = query.trim() !== "";
  const found = asked ? [...search(all, query), ...persons] : known;
  const shown = found.length > MOST ? [...found.slice(0, MOST - persons.length), ...persons] : found;
  list.replaceChildren(...shown.map((entry, at) => option(entry, at, query)));
  list.hidden = !shown.length;
  input.setAttribute("aria-expanded", String(shown.length > 0));
  const { failed = "", loading = "", none = "", some } = dialog.dataset;
  const told = shown.length < found.length ? some : counted(dialog.dataset, found.length);
  const isNone = asked && !shown.length && !searching;
  tell(message, registry ? (isNone ? none : "") : waits ? loading : failed);
  // Without the modules, that nothing is found says nothing.
  const numbers = { shown: number.format(shown.length), n: number.format(found.length) };
  tell(count, asked && (registry || (!waits && shown.length)) ? filled(told, numbers) : "");
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
 * @param {Found} entry
 * @param {number} at
 * @param {string} query
 */
function option(entry, at, query) {
  const { kind, lang: tongue, module } = entry;
  const link = document.createElement("a");
  link.href = entry.href;
  link.id = `palette-${at}`;
  link.setAttribute("role", "option");
  link.tabIndex = -1;
  const name = element("span", "palette-name");
  if (tongue) name.lang = tongue;
  name.append(...marked(entry.title ?? entry.label, query).map(([text, hit]) => (hit ? element("mark", "", text) : text)));
  const state = module && stateOf(module);
  const word = dialog.getAttribute(state ? `data-state-${state}` : `data-${kind}`) ?? "";
  link.append(name, entry.state ?? element("span", `state state-${state ?? "meta"}`, word));
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
function stateOf(module) {
  if (module.is_on_demand) return "on_demand";
  if (module.is_meta) return "meta";
  if (module.coming_soon) return "coming_soon";
  return module.alpha_unavailable ? "alpha_unavailable" : "active";
}

/** @param {Module} module */
function facts({ slug, category, needs, produces }) {
  const flow = needs.join(", ") + (produces.length ? ` → ${produces.join(", ")}` : "");
  return [slug, dialog.getAttribute(`data-category-${category}`) ?? category, flow.trim()].filter(Boolean).join(" · ");
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

input.addEventListener("input", () => {
  void findPeople().then(openEntered);
  show();
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const choice = chosen();
  if (step) choose([...list.children].findIndex((each) => each === choice) + step);
  else if (event.key === "Enter" && choice) choice.click();
  else return;
  event.preventDefault();
});
