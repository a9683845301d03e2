// After a vote: an optional line next to its button that asks why. It moves nothing and delays nothing.

import { call } from "./service.js";
import { notify } from "./texts.js";

const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("vote-why"));

/** @type {HTMLFormElement | null} */
let form = null;

/** @param {boolean} [returnsFocus] whether the focus goes back to the button of the vote */
function close(returnsFocus = form?.contains(document.activeElement)) {
  const button = form?.parentElement?.querySelector("button");
  form?.remove();
  form = null;
  if (returnsFocus) button?.focus({ preventScroll: true });
}

/** @param {HTMLElement} button of the vote */
function ask(button) {
  close(false);
  const content = /** @type {DocumentFragment | undefined} */ (template?.content.cloneNode(true));
  form = content?.querySelector("form") ?? null;
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(/** @type {HTMLFormElement} */ (event.currentTarget), button.dataset.vote ?? "");
  });
  form.querySelector("[type=button]")?.addEventListener("click", () => close());
  button.parentElement?.append(form);
}

/**
 * @param {HTMLFormElement} sent
 * @param {string} id of the feature
 */
async function send(sent, id) {
  const reason = /** @type {HTMLInputElement} */ (sent.elements.namedItem("reason")).value.trim();
  if (!reason) return close();
  const response = await call(`/api/features/${encodeURIComponent(id)}/interest/reason`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ reason }),
  }).catch(() => null);
  await response?.text().catch(() => ""); // the connection is busy until the body is read
  const { saved = "", failed = "", signedOut = "" } = template?.dataset ?? {};
  if (!response?.ok) return notify(response?.status === 401 ? signedOut : failed);
  if (sent !== form) return; // the vote was taken back, and the reason with it
  notify(saved);
  close();
}

document.addEventListener("voted", ({ target }) => ask(/** @type {HTMLElement} */ (target)));
document.addEventListener("retracted", () => close());
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") close();
});
document.addEventListener("pointerdown", ({ target }) => {
  const isElsewhere = !form?.parentElement?.contains(/** @type {Node} */ (target));
  if (isElsewhere && !form?.querySelector("input")?.value.trim()) close(false);
});
