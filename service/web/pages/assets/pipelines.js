// The page of pipelines: the plan follows what is picked, without its button. The page itself is asked for, as without scripts.

import { addressOf, hear, say } from "./site.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("picks"));
/** @type {AbortController | undefined} */
let asking;

/** Where the plan of what is picked is, with slugs between commas, beside what is searched for. */
function address() {
  const query = new URLSearchParams(location.search);
  query.delete("modules");
  const picked = new FormData(form).getAll("modules").join(",");
  return addressOf(new URLSearchParams(picked ? [["modules", picked], ...query] : query));
}

async function follow() {
  asking?.abort();
  const own = (asking = new AbortController());
  const to = address();
  try {
    const answer = await fetch(to, { headers: { Accept: "text/html" }, signal: own.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (own.signal.aborted) return;
    const plan = page.getElementById("plan");
    if (!plan) throw new Error(`${answer.status}`);
    document.getElementById("plan")?.replaceWith(plan);
    hear(plan.dataset.told ?? "");
    history.replaceState(null, "", to);
  } catch {
    if (!own.signal.aborted) say(document.getElementById("plan")?.dataset.failed ?? "");
  }
}

form.addEventListener("change", follow);
form.addEventListener("submit", async (event) => {
  event.preventDefault(); // which would lose what is searched for
  await follow();
  document.getElementById("plan")?.focus();
});
for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("a.language"))) link.dataset.here = "yes"; // to what is picked next
