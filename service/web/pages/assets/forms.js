// Pages with forms: times are told in the reader's zone, nothing is sent twice, and what is typed is not lost.

import { keep, kept } from "./site.js";

const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.title = exact.format(new Date(time.dateTime));

/** Where this tab keeps which page has sent something last; what is typed is kept by the page that it goes to. */
const SENT = "sent";
/** Where something is typed: a textarea, or a line. */
const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("[data-account]"));
/** @param {string} [account] */
const draftOf = (account) => `draft ${account} ${new URL(field?.form?.action ?? location.href).pathname.slice(3)}`; // in any language
const draft = draftOf(field?.dataset.account);

/** @type {WeakSet<EventTarget>} */
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post" || "again" in form.dataset) return; // what is downloaded leaves the page as it is
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
  keep(SENT, form === field?.form ? draft : "");
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

if (document.querySelector("main .note[role=status]")) keep(kept(SENT), ""); // it was sent, and is no draft any more
keep(SENT, "");
if (field) {
  const typed = kept(draft) || kept(draftOf("")); // perhaps before signing in
  keep(draftOf(""), "");
  keep(draft, typed);
  if (typed && !("posted" in document.documentElement.dataset)) field.value = typed;
  field.addEventListener("input", () => keep(draft, field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) field.form?.requestSubmit();
  });
}
