// Every page: the account, the theme, the language, the search palette, and keys.

import { call, me, signInAddress } from "./service.js";
import { clearTab, saveText } from "./storage.js";
import { showCount } from "./texts.js";

/** @typedef {import("./service.js").Me} Me */

const root = document.documentElement;

// The page answers a form. A reload then asks for the page by GET, and does not send the form again.
if ("posted" in root.dataset) history.replaceState(history.state, "", location.href);

function showTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches;
  for (const button of document.querySelectorAll(".theme-switch")) button.setAttribute("aria-pressed", String(dark));
  return dark;
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
systemIsDark.addEventListener("change", showTheme);
showTheme();

function switchTheme() {
  const theme = showTheme() ? "light" : "dark";
  root.dataset.theme = theme;
  saveText("theme", theme, "localStorage");
  showTheme();
}

/** @param {Me} account */
function showAccount(account) {
  const place = /** @type {HTMLElement} */ (document.getElementById("account"));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("account-menu"));
  const menu = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (menu.querySelector(`[data-${name}]`));
  find("name").textContent = account.name || account.id;
  find("admin").hidden = account.role !== "admin";
  /** @type {HTMLElement} */ (document.getElementById("admin-link")).hidden = account.role !== "admin";
  find("pending").hidden = account.status !== "pending";
  find("sign-out").addEventListener("click", async () => {
    const response = await call("/sign-out", { method: "POST" }).catch(() => null);
    if (response?.ok) clearTab();
    // An identity provider that signed the account in signs it out, too.
    if (response?.status === 200) location.assign((await response.json()).next);
    else if (response?.ok) location.reload();
  });
  place.replaceChildren(menu);
  showCount("news", account.unread);
  showCount("waiting", account.waiting ?? 0);
}

// Readers can turn off keys that need no Ctrl (WCAG 2.1.4), for all pages.
const switches = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-single-keys]"));
for (const box of switches) {
  box.checked = root.dataset.keys !== "off";
  box.addEventListener("change", () => {
    for (const other of switches) other.checked = box.checked;
    root.dataset.keys = box.checked ? "on" : "off";
    saveText("single-keys", root.dataset.keys, "localStorage");
  });
}

// J and K move the focus along the list of a page. The first press goes to an item in sight.
root.addEventListener("key", (event) => {
  const step = { j: 1, k: -1 }[/** @type {CustomEvent<string>} */ (event).detail];
  const items = [...document.querySelectorAll(".tile, .row, .event, .threads > li")].filter((item) => item.checkVisibility());
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const first = items.findIndex((item) => item.getBoundingClientRect().top > 0);
  const item = step && /** @type {HTMLElement | undefined} */ (items[at < 0 ? first : at + step]);
  if (!item) return;
  const link = /** @type {HTMLElement | null} */ (item.querySelector("h2 a, h3 a, .thread-link"));
  if (!link) item.tabIndex = -1; // the item has no page
  (link ?? item).focus();
  item.scrollIntoView({ block: "nearest" });
});

const palette = /** @type {HTMLDialogElement} */ (document.getElementById("palette"));

/** Fill the palette if it is open. `early.js` opens it at once, so that typed letters are not lost. */
async function fillPalette() {
  if (!palette.open) return;
  try {
    const { loadPalette } = await import("./palette.js");
    await loadPalette();
  } catch {
    /** @type {HTMLElement} */ (palette.querySelector("[data-message]")).textContent = palette.dataset.unloaded ?? "";
  }
}
void fillPalette();

if (/^(Mac|iP)/.test(navigator.platform)) {
  document.getElementById("search")?.setAttribute("aria-keyshortcuts", "Meta+K");
  for (const key of document.querySelectorAll("kbd")) key.textContent = key.textContent.replace("Ctrl", "⌘");
}

/**
 * Store a language in this browser, and in the account if there is one. The page may be left before it is stored.
 * @param {string} locale
 */
async function chooseLanguage(locale) {
  document.cookie = `language=${locale}; Path=/; Max-Age=31536000; SameSite=Lax`;
  if (!(await me)) return;
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ locale });
  // If this fails, only the browser has the language. The page of the account shows the stored language.
  await call("/api/me/locale", { method: "PUT", headers, body, keepalive: true }).catch(() => undefined);
}

/**
 * Have the link to the other language show the same part of the page. The service renders some links with a query.
 * @param {HTMLAnchorElement} link
 */
function stayHere(link) {
  if (!new URL(link.href).search || link.dataset.here) {
    link.search = location.search;
    link.dataset.here = "yes"; // it follows later filters, too
  }
  link.hash = location.hash;
}

/**
 * Have the link to the sign-in page lead back to the current filters, which are in the address.
 * @param {HTMLAnchorElement} link
 */
function returnHere(link) {
  if (location.pathname.startsWith(`/${root.lang}/`)) link.href = signInAddress();
}

/** On a page with votes or requests, report that the service is away, with a link to try again. */
function showAway() {
  if (!document.querySelector("[data-vote], #ask, .tile > p.vote")) return;
  const notice = /** @type {HTMLElement} */ (document.getElementById("away"));
  const again = document.createElement("a");
  again.href = "";
  again.textContent = notice.dataset.again ?? "";
  notice.replaceChildren(notice.dataset.away ?? "", " ", again);
}

me.then((account) => {
  if (account) return showAccount(account);
  const isAway = account === undefined;
  if (isAway) showAway();
  else delete root.dataset.known;
  // While the service is away, signing in would not work.
  const link = document.getElementById("sign-in");
  if (link) link.hidden = isAway;
});
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const language = target.closest("[data-language]");
  if (language instanceof HTMLAnchorElement) {
    stayHere(language);
    chooseLanguage(language.dataset.language ?? "");
  } else if (target.closest(".theme-switch")) switchTheme();
  else if (target.closest("#sign-in")) returnHere(/** @type {HTMLAnchorElement} */ (target.closest("#sign-in")));
  else if (target.closest("#search")) void fillPalette();
  // The contents of a dialog cover it, so that a click on the dialog itself is outside of them.
  else if (target instanceof HTMLDialogElement) target.close();
});
document.addEventListener("auxclick", ({ target }) => {
  const language = /** @type {Element} */ (target).closest("[data-language]");
  if (language instanceof HTMLAnchorElement) stayHere(language);
});

// Scroll to the focus in parts that scroll sideways: browsers do not if it is half in sight. A link of the graph includes
// its lines, so its box is what to scroll to.
document.addEventListener("focusin", ({ target }) => {
  const focused = /** @type {Element} */ (target);
  if (!focused.matches(":is(.scroll, .graph-scroll) :focus-visible")) return;
  (focused.querySelector("rect, use") ?? focused).scrollIntoView({ block: "nearest", inline: "nearest" });
});
