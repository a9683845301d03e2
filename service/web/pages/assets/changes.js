// Pages that tell what changed: a part of the page of changes, of one module or of what has shipped.

import { locale } from "./site.js";

const DAY = 24 * 60 * 60 * 1000; // in milliseconds
export const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });

/**
 * Show the events that a part of the page is about: of the last `days` alone, where it says so.
 * @param {HTMLElement} part
 */
async function load(part) {
  const { from = "", loading = "", failed = "", days, none = "" } = part.dataset;
  const message = document.createElement("p");
  message.className = "hint";
  message.textContent = loading;
  part.append(message);
  try {
    const answer = await fetch(from, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) throw new Error(`${answer.status}`);
    const first = days ? Date.now() - Number(days) * DAY : 0;
    const recent = [...page.querySelectorAll("#changes .event")].filter((event) => {
      const time = /** @type {HTMLTimeElement} */ (event.querySelector("time"));
      const at = new Date(time.dateTime);
      time.textContent = day.format(at);
      return at.getTime() >= first;
    });
    const list = document.createElement("ol");
    list.className = "events dated plain";
    list.append(...recent);
    if (recent.length) message.replaceWith(list);
    else message.textContent = none;
  } catch {
    message.textContent = failed;
  }
}

/** Settled once all parts are shown: what comes below them moves no more. */
export const loaded = Promise.all([.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-from]"))].map(load));
