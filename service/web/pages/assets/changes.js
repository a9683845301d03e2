// The page of a module: what changed of it, from the page of changes, once somebody opens it.

const part = /** @type {HTMLDetailsElement} */ (document.getElementById("what-changed"));
const shown = /** @type {HTMLElement} */ (part.querySelector("[data-from]"));

async function load() {
  const { from = "", loading = "", failed = "" } = shown.dataset;
  const link = shown.querySelector("a");
  const message = document.createElement("p");
  message.textContent = loading;
  shown.prepend(message);
  try {
    const answer = await fetch(from, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("#changes > :is(.events, .empty)");
    if (!found) throw new Error(`${answer.status}`);
    message.replaceWith(found);
    if (page.querySelectorAll('a[href*="cursor="]').length === 0) link?.remove();
  } catch {
    message.textContent = failed;
    part.addEventListener("toggle", () => message.remove(), { once: true });
    part.addEventListener("toggle", opened);
  }
}

function opened() {
  if (!part.open) return;
  part.removeEventListener("toggle", opened);
  void load();
}

part.addEventListener("toggle", opened);
