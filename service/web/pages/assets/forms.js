// Pages with forms: times in the reader's zone, no form is sent twice, and typed text is not lost.

import { loadText, saveText } from "./storage.js";

const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.title = exact.format(new Date(time.dateTime));

/** The name under which the tab stores which draft was sent last. A draft is stored by the path that it is sent to. */
const SENT = "sent";
/** The field of the message: a textarea or an input. */
const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("[data-account]"));
/** @param {string} [account] */
const nameDraft = (account) => `draft ${account} ${new URL(field?.form?.action ?? location.href).pathname.slice(3)}`; // in any language
const draft = nameDraft(field?.dataset.account);

/** @type {WeakSet<EventTarget>} */
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post" || "again" in form.dataset) return; // a download can be repeated
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
  saveText(SENT, form === field?.form ? draft : "");
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

if (document.querySelector("main .note[role=status]")) saveText(loadText(SENT), ""); // it was sent
saveText(SENT, "");
if (field) {
  const typed = loadText(draft) || loadText(nameDraft("")); // or typed before signing in
  saveText(nameDraft(""), "");
  saveText(draft, typed);
  if (typed && !("posted" in document.documentElement.dataset)) field.value = typed;
  field.addEventListener("input", () => saveText(draft, field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) field.form?.requestSubmit();
  });
}
