// The texts of a page: numbers and names in them, and messages to its reader.

const { lang } = document.documentElement;

/** The locale of dates. English dates have the day before the month. */
export const locale = lang === "fr" ? "fr" : "en-GB";
export const number = new Intl.NumberFormat(lang);
const plural = new Intl.PluralRules(lang);

/**
 * Replace the placeholders of a text, such as "{name}".
 * @param {string | undefined} text
 * @param {Record<string, string>} values by the names of placeholders
 */
export const fill = (text = "", values = {}) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/**
 * Return the text for one or for several.
 * @param {DOMStringMap} texts with `one` and `other`
 * @param {number} count
 */
export const choosePlural = (texts, count) => (plural.select(count) === "one" ? texts.one : texts.other) ?? "";

/**
 * Show a message, and have screen readers read it, for eight seconds or until the next one.
 * @param {string} text
 */
export function notify(text) {
  const toast = /** @type {HTMLElement} */ (document.getElementById("toast"));
  clearTimeout(Number(toast.dataset.timer));
  toast.textContent = text;
  toast.dataset.timer = String(setTimeout(() => (toast.textContent = ""), 8000));
}

/**
 * Have screen readers read a message about something that other readers see.
 * @param {string} text
 */
export function announce(text) {
  /** @type {HTMLElement} */ (document.getElementById("news")).textContent = text;
}

/**
 * Show in the bar how many requests are unread by their member (`news`) or wait for an admin (`waiting`).
 * @param {"news" | "waiting"} kind
 * @param {number} count
 */
export function showCount(kind, count) {
  for (const mark of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-${kind}]`))) {
    mark.hidden = !count;
    /** @type {Element} */ (mark.firstElementChild).textContent = number.format(count);
  }
}
