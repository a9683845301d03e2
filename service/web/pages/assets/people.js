// Pages of people: a link is copied, times are told in the reader's zone, nothing is sent or told twice.

const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.title = exact.format(new Date(time.dateTime));

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-copy]"))) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copy ?? ""));
  field.select();
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value).catch(() => {
      field.select(); // not on a page without HTTPS: there it is selected, to be copied by hand
      document.execCommand("copy");
      button.focus();
    });
    button.textContent = button.dataset.copied ?? "";
  });
}

// What was done is told once.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

/** @type {WeakSet<EventTarget>} */
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post" || "again" in form.dataset) return; // what is downloaded leaves the page as it is
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
