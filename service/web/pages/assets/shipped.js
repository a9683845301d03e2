// Modules and roadmap: what their reader voted for and what is there by now, one at a time, until they dismiss it.

import { call, counted, filled, hear, locale, me, number, say, signInAddress } from "./site.js";

const { lang } = document.documentElement;
const section = /** @type {HTMLElement} */ (document.getElementById("told"));
const texts = section.dataset;
const [said, more, button] = ["span", "a", "button"].map((name) => /** @type {HTMLElement} */ (section.querySelector(name)));

/**
 * A day in UTC, such as "3 May", whose number stays by the month; with the year where that is another one than today's.
 * @param {string} when
 */
function dayOf(when) {
  const [date, now] = [new Date(when), new Date()];
  const year = date.getUTCFullYear() === now.getUTCFullYear() ? undefined : "numeric";
  const form = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year, timeZone: "UTC" });
  const written = form.format(date).replace(" ", "\u00a0");
  return lang === "fr" ? written.replace(/^1\b/, "1er") : written;
}

const someone = await me;
const modules = someone?.shipped ?? [];

/** The one that came last, as a sentence; the others are among one's votes. */
function show() {
  const [module] = modules;
  section.hidden = !module;
  if (!module) return;
  const { slug, label, voted, released } = module;
  const link = document.createElement("a");
  link.textContent = label[lang] ?? slug;
  link.href = `${texts.modules}${slug}`;
  const [before, after] = (voted ? filled(texts.voted, { day: dayOf(voted) }) : filled(texts.votedOnce)).split("{name}");
  const since = released ? filled(texts.since, { day: dayOf(released) }) : texts.now;
  said.replaceChildren(before ?? "", link, `${after} ${since}`);
  const others = modules.length - 1;
  more.textContent = filled(counted(texts, others), { n: number.format(others) });
  more.hidden = !others;
  button.setAttribute("aria-label", filled(texts.dismiss, { name: link.textContent }));
  button.hidden = someone?.status === "pending"; // which may change nothing
}

button.addEventListener("click", async () => {
  const [{ slug, label }] = /** @type {[import("./site.js").Shipped]} */ (modules);
  const response = await call(`/api/me/shipped/${slug}`, { method: "DELETE" }).catch(() => null);
  await response?.text().catch(() => ""); // a connection is busy until its answer has been read
  if (response?.status === 401) return location.assign(signInAddress());
  const name = label[lang] ?? slug;
  if (!response?.ok && response?.status !== 404) return say(filled(texts.failed, { name }));
  if (modules[0]?.slug !== slug) return; // by the first press of two
  modules.shift();
  show();
  if (section.hidden) /** @type {HTMLElement} */ (document.getElementById("content")).focus({ preventScroll: true });
  hear(`${filled(texts.dismissed, { name })} ${modules.length ? said.textContent : ""}`);
});
show();
