// The page of pipelines: the plan follows the picked modules. It comes from the same page as without scripts.

import { addressWith } from "./chips.js";
import { announce, notify } from "./texts.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("picks"));
/** @type {AbortController | undefined} */
let asking;

/** Return the address of the plan of the picked modules. The search stays in it. */
function buildAddress() {
  const query = new URLSearchParams(location.search);
  query.delete("modules");
  const picked = new FormData(form).getAll("modules").join(",");
  return addressWith(new URLSearchParams(picked ? [["modules", picked], ...query] : query));
}

async function follow() {
  asking?.abort();
  const own = (asking = new AbortController());
  const address = buildAddress();
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: own.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (own.signal.aborted) return;
    const plan = page.getElementById("plan");
    if (!plan) throw new Error(`${answer.status}`);
    document.getElementById("plan")?.replaceWith(plan);
    announce(plan.dataset.told ?? "");
    history.replaceState(null, "", address);
  } catch {
    if (!own.signal.aborted) notify(document.getElementById("plan")?.dataset.failed ?? "");
  }
}

form.addEventListener("change", follow);
form.addEventListener("submit", async (event) => {
  event.preventDefault(); // the form would lose the search
  await follow();
  document.getElementById("plan")?.focus();
});
for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("a.language"))) link.dataset.here = "yes"; // with the picked modules
