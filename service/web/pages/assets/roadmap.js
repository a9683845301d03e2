// The roadmap: signed-in readers can sort each stage by votes. The order is in the address alone.

import { me } from "./service.js";
import { client } from "./votes.js";

const root = document.documentElement;
const isByVotes = new URLSearchParams(location.search).get("sort") === "votes";

/** Sort the modules of each stage. Modules with the same number of votes stay in their order. */
function sort() {
  const counts = client.state.features?.counts;
  for (const list of counts && isByVotes ? document.querySelectorAll("#modules .stage > ul") : []) {
    const rows = [...list.children];
    const sorted = [...rows].sort((one, other) => (counts?.get(other.id) ?? 0) - (counts?.get(one.id) ?? 0));
    if (sorted.some((row, at) => row !== rows[at])) list.append(...sorted);
  }
}

if (await me) {
  const order = /** @type {HTMLElement} */ (document.getElementById("order"));
  order.classList.add("is-shown");
  if (isByVotes) {
    const [usual, byVotes] = order.querySelectorAll("a");
    usual?.removeAttribute("aria-current");
    byVotes?.setAttribute("aria-current", "true");
    await client.loadFeatures();
    sort();
    let seen = client.state.registry;
    client.subscribe(({ registry }) => {
      if (registry !== seen) sort(); // an edit has restored the order of the page
      seen = registry;
    });
  }
}
delete root.dataset.sort; // which hid the stages until they were sorted
