// Parts of pages that list changes: of a module, or of all shipped modules. They come from the page of changes.

import { locale } from "./texts.js";

const DAY = 24 * 60 * 60 * 1000; // in milliseconds
export const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });

/**
 * Show the events of a part of the page; with `data-days`, of the last days alone.
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

/** Resolves when all parts are shown, so that nothing moves below them. */
export const loaded = Promise.all([.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-from]"))].map(load));
