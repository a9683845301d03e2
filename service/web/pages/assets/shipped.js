// Modules and roadmap: the shipped modules that the reader voted for, one at a time, until the reader dismisses them.

import { call, me, signInAddress } from "./service.js";
import { announce, choosePlural, fill, locale, notify, number } from "./texts.js";

const { lang } = document.documentElement;
const section = /** @type {HTMLElement} */ (document.getElementById("told"));
const texts = section.dataset;
const [sentence, more, button] = ["span", "a", "button"].map((name) => /** @type {HTMLElement} */ (section.querySelector(name)));

/**
 * Write a day in UTC, such as "3 May", with a no-break space. Another year than the current one is written, too.
 * @param {string} when
 */
function writeDay(when) {
  const [date, now] = [new Date(when), new Date()];
  const year = date.getUTCFullYear() === now.getUTCFullYear() ? undefined : "numeric";
  const form = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year, timeZone: "UTC" });
  const written = form.format(date).replace(" ", "\u00a0");
  return lang === "fr" ? written.replace(/^1\b/, "1er") : written;
}

const account = await me;
const modules = account?.shipped ?? [];

/** Show the latest module as a sentence. A link leads to the page of the account, which lists the others. */
function show() {
  const [module] = modules;
  section.hidden = !module;
  if (!module) return;
  const { slug, label, voted, released } = module;
  const link = document.createElement("a");
  link.textContent = label[lang] ?? slug;
  link.href = `${texts.modules}${slug}`;
  const [before, after] = (voted ? fill(texts.voted, { day: writeDay(voted) }) : fill(texts.votedOnce)).split("{name}");
  const since = released ? fill(texts.since, { day: writeDay(released) }) : texts.now;
  sentence.replaceChildren(before ?? "", link, `${after} ${since}`);
  const others = modules.length - 1;
  more.textContent = fill(choosePlural(texts, others), { n: number.format(others) });
  more.hidden = !others;
  button.setAttribute("aria-label", fill(texts.dismiss, { name: link.textContent }));
  button.hidden = account?.status === "pending"; // which may not change anything
}

button.addEventListener("click", async () => {
  const [{ slug, label }] = /** @type {[import("./service.js").Shipped]} */ (modules);
  const response = await call(`/api/me/shipped/${slug}`, { method: "DELETE" }).catch(() => null);
  await response?.text().catch(() => ""); // the connection is busy until the body is read
  if (response?.status === 401) return location.assign(signInAddress());
  const name = label[lang] ?? slug;
  if (!response?.ok && response?.status !== 404) return notify(fill(texts.failed, { name }));
  if (modules[0]?.slug !== slug) return; // an earlier press has dismissed it
  modules.shift();
  show();
  if (section.hidden) /** @type {HTMLElement} */ (document.getElementById("content")).focus({ preventScroll: true });
  announce(`${fill(texts.dismissed, { name })} ${modules.length ? sentence.textContent : ""}`);
});
show();
