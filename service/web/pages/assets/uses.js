// Pages of modules with names that clients should give up: for admins, who still asks by them.

import { day, loaded } from "./changes.js";
import { me, number } from "./site.js";

const part = document.getElementById("uses");

/**
 * A row of the table.
 * @param {DOMStringMap} texts
 * @param {{ name: string, since: string | null, requests: number, clients: Record<string, number>, last: string | null }} used
 */
function row({ clients = "{}", none = "", unknown = "" }, used) {
  const known = JSON.parse(clients);
  const kinds = Object.entries(used.clients).map(([kind, count]) => `${known[kind] ?? kind}\u00a0${number.format(count)}`);
  const [last, since] = [used.last, used.since].map((each) => each && day.format(new Date(each)));
  const made = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.append(document.createElement("code"));
  name.children[0].textContent = used.name;
  made.append(name);
  for (const text of [number.format(used.requests), kinds.join(", "), last ?? none, since ?? unknown]) made.insertCell().textContent = text;
  return made;
}

/** @param {HTMLElement} shown */
async function show(shown) {
  try {
    const answer = await fetch(shown.dataset.uses ?? "");
    if (!answer.ok) throw new Error(`${answer.status}`);
    const { names } = await answer.json();
    shown.querySelector("tbody")?.append(...names.map((/** @type {any} */ used) => row(shown.dataset, used)));
  } catch {
    shown.append(shown.dataset.failed ?? "");
  }
  await loaded;
  shown.hidden = false;
}

const account = await me;
if (part && account?.role === "admin" && account.status === "active") void show(part);
