// Pages of activation requests: a thread that is opened is read, times are told in the reader's zone, nothing is sent or told twice.

import { me, showNews } from "./site.js";

const root = document.documentElement;
const base = root.dataset.base ?? "";

const exact = new Intl.DateTimeFormat(root.lang, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) time.title = exact.format(new Date(time.dateTime));

/** @param {string | null} thread */
async function markRead(thread) {
  const someone = await me; // first, so that the number in the bar counts this one
  const response = await fetch(`${base}/api/feedback/${thread}/read`, { method: "POST" }).catch(() => null);
  if (response?.ok && someone) showNews(someone.unread - 1);
}

const unread = document.querySelector("[data-unread]");
if (unread) void markRead(unread.getAttribute("data-thread"));

// What was done is told once: a page that is loaded again would tell it beside what has happened since.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

/** @type {WeakSet<EventTarget>} */
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
