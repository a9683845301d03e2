// The page of pipelines: the plan follows what is picked, without its button. The page itself is asked for, as without scripts.

import { hear, say } from "./site.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("picks"));
/** @type {AbortController | undefined} */
let asking;

/** Where the plan of what is picked is, with slugs between commas. */
function address() {
  const [path] = form.action.split("#");
  const picked = encodeURIComponent(new FormData(form).getAll("modules").join(","));
  return picked ? `${path}?modules=${picked.replaceAll("%2C", ",")}` : path;
}

/**
 * Show what another page says of the plan, and lead to the other language from there.
 * @param {Document} page
 */
function show(page) {
  const links = page.querySelectorAll("a.language");
  for (const [number, link] of document.querySelectorAll("a.language").entries()) {
    link.setAttribute("href", links[number].getAttribute("href") ?? "");
  }
  document.getElementById("plan")?.replaceWith(/** @type {Element} */ (page.getElementById("plan")));
  hear(document.getElementById("plan")?.dataset.told ?? "");
}

async function follow() {
  asking?.abort();
  const own = (asking = new AbortController());
  const to = address();
  try {
    const answer = await fetch(to, { headers: { Accept: "text/html" }, signal: own.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (own.signal.aborted) return;
    if (!page.getElementById("plan")) throw new Error(`${answer.status}`);
    show(page);
    history.replaceState(null, "", to);
  } catch {
    if (!own.signal.aborted) say(document.getElementById("plan")?.dataset.failed ?? "");
  }
}

form.addEventListener("change", follow);
