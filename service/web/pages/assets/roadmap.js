// The roadmap: who is signed in can have each stage by votes, which only the address asks for.

import { me } from "./site.js";
import { client } from "./votes.js";

const root = document.documentElement;
const isByVotes = new URLSearchParams(location.search).get("sort") === "votes";

/** Order the modules of each stage; of those with as many votes, the order stays. */
function sort() {
  const counts = client.state.features?.counts;
  for (const list of counts && isByVotes ? document.querySelectorAll("#modules .stage > ul") : []) {
    const rows = [...list.children];
    const sorted = [...rows].sort((one, other) => (counts?.get(other.id) ?? 0) - (counts?.get(one.id) ?? 0));
    if (sorted.some((row, at) => row !== rows[at])) list.append(...sorted);
  }
}

const someone = await me;
if (someone) {
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
      if (registry !== seen) sort(); // an edit has put what is here in its own order
      seen = registry;
    });
  }
}
delete root.dataset.sort; // which hid the stages until they were in order
