// The graph, and the page of pipelines: a field and chips hide the modules that do not match.

import { addressWith, followChips, showChips } from "./chips.js";
import { entryOf, index, search } from "./search.js";
import { announce, choosePlural, fill, notify, number } from "./texts.js";

/** The highest number of links. */
const MOST = 20;

const root = document.documentElement;
const field = /** @type {HTMLInputElement} */ (document.getElementById("find"));
const hits = /** @type {HTMLElement} */ (document.getElementById("hits"));

/** @type {Promise<import("./search.js").Indexed<ReturnType<typeof entryOf>>[]> | undefined} */
let modules;

async function load() {
  const answer = await (await fetch("/api/modules")).json();
  return index(/** @type {any[]} */ (answer.modules).map((module) => entryOf(module, root.lang === "fr" ? "fr" : "en")));
}

/** @param {string} text */
async function find(text) {
  try {
    return text.trim() ? search(await (modules ??= load()), text) : null;
  } catch {
    modules = undefined;
    notify(document.getElementById("palette")?.dataset.unloaded ?? "");
    return null;
  }
}

async function show() {
  showChips();
  const address = location.search;
  const query = new URLSearchParams(address);
  const [text, state, category] = ["q", "state", "category"].map((name) => query.get(name) ?? "");
  if (field.value.trim() !== text.trim()) field.value = text;
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("#steps a"))) link.search = address;
  const found = await find(text);
  if (address !== location.search) return; // the address has changed since
  const slugs = found && new Set(found.map(({ slug }) => slug));
  const [shown, out] = [new Set(), new Set()];
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-slug]"))) {
    const { slug = "" } = part.dataset;
    const module = /** @type {HTMLElement} */ (part.closest("[data-category]")).dataset;
    // A frozen module is shown as active, too (product documentation).
    const isOf = !state || module.state === state || (state === "active" && module.state === "alpha_unavailable");
    const isOut = !isOf || (category && module.category !== category) || (slugs && !slugs.has(slug));
    part.toggleAttribute("data-out", !!isOut);
    (isOut ? out : shown).add(slug);
  }
  root.toggleAttribute("data-filtered", out.size > 0);
  for (const group of document.querySelectorAll(".artifact:has(li), .picks details")) {
    const left = group.querySelectorAll("[data-slug]:not([data-out])").length;
    const [isOut, count] = [!left, group.querySelector("summary span")];
    group.toggleAttribute("data-out", isOut);
    if (count) count.textContent = number.format(left);
    if (group instanceof HTMLDetailsElement && (text || category)) group.open = !isOut;
  }
  const { to } = hits.dataset;
  const links = to && found ? found.filter(({ slug }) => !out.has(slug)) : []; // some may be on no page but their own
  const count = links.length || shown.size;
  const summary = count ? fill(choosePlural(hits.dataset, count), { n: number.format(count) }) : (hits.dataset.none ?? "");
  hits.replaceChildren(state || category || found ? summary : "");
  for (const { slug, label } of links.slice(0, MOST)) {
    const link = document.createElement("a");
    link.href = fill(to, { slug });
    link.textContent = label;
    hits.append(link);
  }
  // Show the best result in a drawing that scrolls by itself. The page does not scroll.
  const box = document.getElementById(`box-${links[0]?.slug}`);
  if (box instanceof SVGUseElement) box.closest(".graph-scroll")?.scrollTo(box.x.baseVal.value - 99, box.y.baseVal.value - 99);
  delete root.dataset.asked; // which hid the page until now
  return summary;
}

const change = async () => announce((await show()) ?? "");
field.addEventListener("input", () => {
  const query = new URLSearchParams(location.search);
  if (field.value.trim()) query.set("q", field.value);
  else query.delete("q");
  history.replaceState(null, "", addressWith(query));
  void change();
});
field.addEventListener("keydown", ({ key, isComposing }) => {
  if (key === "Enter" && !isComposing) hits.querySelector("a")?.click();
});
followChips(change);
if (location.search) void show();
