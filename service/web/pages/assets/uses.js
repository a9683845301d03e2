// Pages of modules with names that clients should give up: a table of their uses, for admins.

import { day, loaded } from "./changes.js";
import { me } from "./service.js";
import { number } from "./texts.js";

/**
 * Create a row of the table.
 * @param {DOMStringMap} texts
 * @param {{ name: string, since: string | null, requests: number, clients: Record<string, number>, last: string | null }} used
 */
function createRow({ clients = "{}", none = "", unknown = "" }, used) {
  const names = JSON.parse(clients);
  const kinds = Object.entries(used.clients).map(([kind, count]) => `${names[kind] ?? kind}\u00a0${number.format(count)}`);
  const [last, since] = [used.last, used.since].map((time) => time && day.format(new Date(time)));
  const row = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.append(document.createElement("code"));
  name.children[0].textContent = used.name;
  row.append(name);
  for (const text of [number.format(used.requests), kinds.join(", "), last ?? none, since ?? unknown]) row.insertCell().textContent = text;
  return row;
}

/** @param {HTMLElement} part */
async function show(part) {
  try {
    const answer = await fetch(part.dataset.uses ?? "");
    if (!answer.ok) throw new Error(`${answer.status}`);
    const { names } = await answer.json();
    part.querySelector("tbody")?.append(...names.map((/** @type {any} */ used) => createRow(part.dataset, used)));
  } catch {
    part.append(part.dataset.failed ?? "");
  }
  await loaded;
  part.hidden = false;
}

const account = await me;
const section = document.getElementById("uses");
if (section && account?.role === "admin" && account.status === "active") void show(section);
