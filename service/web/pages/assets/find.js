// A field that finds modules among many: in the graph, or to pick for a pipeline. What is out, by it or by a chip, is hidden.

import { entryOf, index, search } from "./search.js";
import { addressOf, counted, filled, followChips, hear, number, say, showChips } from "./site.js";

/** How many links there are at most. */
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
    say(document.getElementById("palette")?.dataset.unloaded ?? "");
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
  if (address !== location.search) return; // something else is asked for by now
  const slugs = found && new Set(found.map(({ slug }) => slug));
  const [shown, out] = [new Set(), new Set()];
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-slug]"))) {
    const { slug = "" } = part.dataset;
    const its = /** @type {HTMLElement} */ (part.closest("[data-category]")).dataset;
    // What is frozen counts as active as well.
    const isOf = !state || its.state === state || (state === "active" && its.state === "alpha_unavailable");
    const isOut = !isOf || (category && its.category !== category) || (slugs && !slugs.has(slug));
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
  const said = count ? filled(counted(hits.dataset, count), { n: number.format(count) }) : (hits.dataset.none ?? "");
  hits.replaceChildren(state || category || found ? said : "");
  for (const { slug, label } of links.slice(0, MOST)) {
    const link = document.createElement("a");
    link.href = filled(to, { slug });
    link.textContent = label;
    hits.append(link);
  }
  // The best one comes into view where the drawing scrolls by itself; the page stays where it is.
  const box = document.getElementById(`box-${links[0]?.slug}`);
  if (box instanceof SVGUseElement) box.closest(".graph-scroll")?.scrollTo(box.x.baseVal.value - 99, box.y.baseVal.value - 99);
  delete root.dataset.asked; // which hid what was not in its place yet
  return said;
}

const change = async () => hear((await show()) ?? "");
field.addEventListener("input", () => {
  const query = new URLSearchParams(location.search);
  if (field.value.trim()) query.set("q", field.value);
  else query.delete("q");
  history.replaceState(null, "", addressOf(query));
  void change();
});
field.addEventListener("keydown", ({ key, isComposing }) => {
  if (key === "Enter" && !isComposing) hits.querySelector("a")?.click();
});
followChips(change);
if (location.search) void show();
