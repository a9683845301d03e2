// Pages with forms: times are told in the reader's zone, nothing is sent twice, and what is typed is not lost.

const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.title = exact.format(new Date(time.dateTime));

/** Where this tab keeps what was sent last, and from which page. */
const TYPED = "typed";

/** @type {WeakSet<EventTarget>} */
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post" || "again" in form.dataset) return; // what is downloaded leaves the page as it is
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
  const typed = form.querySelector("textarea")?.value;
  try {
    if (typed) sessionStorage.setItem(TYPED, JSON.stringify([location.pathname, typed]));
  } catch {
    // The browser keeps nothing.
  }
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// A form that is refused before it is read, as once the session has ended, is empty when its page is shown again.
try {
  const [path, typed] = JSON.parse(sessionStorage.getItem(TYPED) ?? "[]");
  sessionStorage.removeItem(TYPED);
  const field = document.querySelector("textarea");
  const isSent = document.querySelector("main [role=status]");
  if (field && path === location.pathname && !field.value && !isSent) field.value = typed;
} catch {
  // The browser keeps nothing.
}
