// The page of all modules: what its reader voted for and what is there by now, until they dismiss it.

import { hear, me, say, signInAddress } from "./site.js";

const root = document.documentElement;
const section = /** @type {HTMLElement} */ (document.getElementById("shipped"));
const list = /** @type {HTMLElement} */ (section.querySelector("ul"));
const template = /** @type {HTMLTemplateElement} */ (section.querySelector("template"));

/**
 * A text of the page with a module's name in it.
 * @param {string | null | undefined} text
 * @param {string} name
 */
const naming = (text, name) => (text ?? "").replace("{name}", () => name);

/**
 * A module that is there, and the button that dismisses it: none for a pending account, which may change nothing.
 * @param {import("./site.js").Shipped} module
 * @param {boolean} mayDismiss
 */
function add({ slug, label }, mayDismiss) {
  const made = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const [item, button] = ["li", "button"].map((name) => /** @type {HTMLElement} */ (made.querySelector(name)));
  const link = document.createElement("a");
  const name = label[root.lang];
  link.textContent = name;
  link.href = `${section.dataset.modules}${slug}`;
  item.prepend(link);
  button.setAttribute("aria-label", naming(button.getAttribute("aria-label"), name));
  button.hidden = !mayDismiss;
  button.addEventListener("click", () => void dismiss(item, slug, name));
  list.append(made);
}

/**
 * @param {HTMLElement} item
 * @param {string} slug
 * @param {string} name
 */
async function dismiss(item, slug, name) {
  const response = await fetch(`/api/me/shipped/${slug}`, { method: "DELETE" }).catch(() => null);
  await response?.text().catch(() => ""); // a connection is busy until its answer has been read
  if (response?.status === 401) location.assign(signInAddress());
  else if (response?.ok || response?.status === 404) remove(item, name);
  else say(naming(section.dataset.failed, name));
}

/**
 * The focus goes on to the next button, or to the content once there is none.
 * @param {HTMLElement} item
 * @param {string} name
 */
function remove(item, name) {
  const hadFocus = item.contains(document.activeElement);
  const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
  item.remove();
  section.hidden = !list.childElementCount;
  if (hadFocus) (next ?? /** @type {HTMLElement} */ (document.getElementById("content"))).focus({ preventScroll: true });
  hear(naming(section.dataset.dismissed, name));
}

const someone = await me;
for (const module of someone?.shipped ?? []) add(module, someone?.status !== "pending");
section.hidden = !list.childElementCount;
