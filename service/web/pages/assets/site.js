// Every page: who is signed in, the theme, the language that is remembered, what is in the search palette, and keys.

const root = document.documentElement;

/** What is before the paths of the service: nothing, or its origin, where pages are files of another host. */
export const service = root.dataset.service ?? "";

/**
 * Ask the service as whoever is signed in there.
 * @param {string} path
 * @param {RequestInit} [init]
 */
export const call = (path, init) => fetch(service + path, { credentials: "include", ...init });

// What the answer to a form shows is asked for anew by a GET: a reload sends nothing again, nor asks whether to.
if ("posted" in root.dataset) history.replaceState(history.state, "", location.href);

/**
 * Whether somebody may be signed in: a sign-in here says so in a cookie. Where sessions may be the platform's, nobody is
 * for ten minutes after the service has said so, but for those who come from elsewhere.
 */
function mayBeSignedIn() {
  const hint = /(?:^|; )signed-in=(\w+)/.exec(document.cookie)?.[1];
  const isFromHere = document.referrer.startsWith(`${location.origin}/`);
  return hint === "yes" || ("shared" in root.dataset && !(hint === "no" && isFromHere));
}

async function ask() {
  try {
    const response = await call("/api/me", { headers: { Accept: "application/json" } });
    const answer = await response.json(); // of an error, too: a connection is busy until its answer has been read
    if (response.ok) return answer;
    if (response.status !== 401) return undefined;
    document.cookie = "signed-in=no; Path=/; Max-Age=600; SameSite=Lax";
    return null;
  } catch {
    return undefined;
  }
}

/**
 * Who is signed in; null where nobody is, and undefined where that cannot be told at the moment.
 * @typedef {{slug: string, label: Record<string, string>, voted: string | null, released: string | null}} Shipped
 * @typedef {{id: string, name: string, role: string, status: string, locale: string | null, unread: number, waiting?: number, shipped: Shipped[]}} Me
 * @type {Promise<Me | null | undefined>}
 */
export const me = mayBeSignedIn() ? ask() : Promise.resolve(null);

/** Where to sign in, to come back to where one is. */
export function signInAddress() {
  const template = root.dataset.signIn ?? "";
  const back = template.startsWith(`${service}/`) ? location.pathname + location.search : location.href;
  return template.replace("{next}", encodeURIComponent(back));
}

/**
 * Say something, seen and heard, until something else is said or eight seconds have passed.
 * @param {string} text
 */
export function say(text) {
  const toast = /** @type {HTMLElement} */ (document.getElementById("toast"));
  clearTimeout(Number(toast.dataset.timer));
  toast.textContent = text;
  toast.dataset.timer = String(setTimeout(() => (toast.textContent = ""), 8000));
}

/**
 * Say something to those who hear the page; the others have seen it.
 * @param {string} text
 */
export function hear(text) {
  /** @type {HTMLElement} */ (document.getElementById("news")).textContent = text;
}

/** How days are written: English ones with the day before the month. */
export const locale = root.lang === "fr" ? "fr" : "en-GB";
const plural = new Intl.PluralRules(root.lang);
export const number = new Intl.NumberFormat(root.lang);

/**
 * A text of the page, with what its names stand for.
 * @param {string | undefined} text
 * @param {Record<string, string>} values
 */
export const filled = (text = "", values = {}) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/**
 * The one of two texts that goes with a number.
 * @param {DOMStringMap} from
 * @param {number} count
 */
export const counted = (from, count) => (plural.select(count) === "one" ? from.one : from.other) ?? "";

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
  keep("theme", theme, "localStorage");
  showTheme();
}

/**
 * What this tab keeps under a name; nothing where the browser keeps nothing.
 * @param {string} name
 */
export function kept(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/**
 * Keep a text in this tab, or in all of the browser, or nothing any more.
 * @param {string} name
 * @param {string} text
 * @param {"localStorage" | "sessionStorage"} by
 */
export function keep(name, text, by = "sessionStorage") {
  try {
    if (text) window[by].setItem(name, text);
    else window[by].removeItem(name);
  } catch {
    // Where the browser keeps nothing, nothing is lost that was there: the page is as it is without.
  }
}

/** Drafts are not for whoever signs in next. */
function forget() {
  try {
    sessionStorage.clear();
  } catch {
    // Nothing was kept.
  }
}

/** @param {Me} someone */
function showAccount(someone) {
  const account = /** @type {HTMLElement} */ (document.getElementById("account"));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("account-menu"));
  const menu = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (menu.querySelector(`[data-${what}]`));
  find("name").textContent = someone.name || someone.id;
  find("admin").hidden = someone.role !== "admin";
  /** @type {HTMLElement} */ (document.getElementById("admin-link")).hidden = someone.role !== "admin";
  find("pending").hidden = someone.status !== "pending";
  find("sign-out").addEventListener("click", async () => {
    const response = await call("/sign-out", { method: "POST" }).catch(() => null);
    if (response?.ok) forget();
    // Whom a provider of identities signed in is signed out there as well.
    if (response?.status === 200) location.assign((await response.json()).next);
    else if (response?.ok) location.reload();
  });
  account.replaceChildren(menu);
  showCount("news", someone.unread);
  showCount("waiting", someone.waiting ?? 0);
}

/**
 * Show in the bar how many requests have news: of one's own, or for admins.
 * @param {"news" | "waiting"} of
 * @param {number} count
 */
export function showCount(of, count) {
  for (const mark of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-${of}]`))) {
    mark.hidden = !count;
    /** @type {Element} */ (mark.firstElementChild).textContent = number.format(count);
  }
}

/**
 * The address of this page with a query.
 * @param {URLSearchParams} query
 */
export const addressOf = (query) => (query.size ? `?${query}`.replaceAll("%2C", ",") : location.pathname);

/** Show by what the address filters, and where each chip leads: `early.js` has filtered already. */
export function showChips() {
  const query = new URLSearchParams(location.search);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-filter]"))) {
    const { filter = "", value = "" } = link.dataset;
    const current = filter === "mine" && root.dataset.me === "" ? "" : (query.get(filter) ?? "");
    root.dataset[filter] = current;
    if (current === value) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    // Where a press leads: to this value beside the other filter, and from the current one back to all.
    const next = new URLSearchParams(query);
    if (value && current !== value) next.set(filter, value);
    else next.delete(filter);
    link.href = addressOf(next);
  }
}

/**
 * Show what the chip that is pressed filters, or the address that one comes back to.
 * @param {() => void} show
 */
export function followChips(show) {
  document.addEventListener("click", (event) => {
    const chip = /** @type {Element} */ (event.target).closest("[data-filter]");
    if (!(chip instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", chip.href);
    show();
  });
  addEventListener("popstate", show);
}

// Whether keys do something without Ctrl (WCAG 2.1.4): unless that was turned off, for all pages.
const switches = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-single-keys]"));
for (const box of switches) {
  box.checked = root.dataset.keys !== "off";
  box.addEventListener("change", () => {
    for (const each of switches) each.checked = box.checked;
    root.dataset.keys = box.checked ? "on" : "off";
    keep("single-keys", root.dataset.keys, "localStorage");
  });
}

// J and K move the focus along what a page lists; at first to what is in sight.
root.addEventListener("key", (event) => {
  const by = { j: 1, k: -1 }[/** @type {CustomEvent<string>} */ (event).detail];
  const items = [...document.querySelectorAll(".tile, .row, .event, .threads > li")].filter((item) => item.checkVisibility());
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const first = items.findIndex((item) => item.getBoundingClientRect().top > 0);
  const item = by && /** @type {HTMLElement | undefined} */ (items[at < 0 ? first : at + by]);
  if (!item) return;
  const link = /** @type {HTMLElement | null} */ (item.querySelector("h2 a, h3 a, .thread-link"));
  if (!link) item.tabIndex = -1; // which names nothing that has a page
  (link ?? item).focus();
  item.scrollIntoView({ block: "nearest" });
});

const palette = /** @type {HTMLDialogElement} */ (document.getElementById("palette"));

/** Fill the palette, if it is open: `early.js` opens it at once, and nothing is lost of what is typed meanwhile. */
async function fillPalette() {
  if (!palette.open) return;
  try {
    const { opened } = await import("./palette.js");
    await opened();
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
 * Remember a language in this browser and, of whoever is signed in, for the account: the page may be left meanwhile.
 * @param {string} locale
 */
async function chooseLanguage(locale) {
  document.cookie = `language=${locale}; Path=/; Max-Age=31536000; SameSite=Lax`;
  if (!(await me)) return;
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ locale });
  // Where that fails it holds in this browser alone, and the account page tells what is saved.
  await call("/api/me/locale", { method: "PUT", headers, body, keepalive: true }).catch(() => undefined);
}

/**
 * Have the other language show what is seen now. The address of a page that is made by its query has that already.
 * @param {HTMLAnchorElement} link
 */
function stayHere(link) {
  if (!new URL(link.href).search || link.dataset.here) {
    link.search = location.search;
    link.dataset.here = "yes"; // it is to follow what is filtered next
  }
  link.hash = location.hash;
}

/**
 * Have the way to sign in lead back to what is seen now: the filters of a page are in its address by then.
 * @param {HTMLAnchorElement} link
 */
function returnHere(link) {
  if (location.pathname.startsWith(`/${root.lang}/`)) link.href = signInAddress();
}

/** Say once, on a page where one votes or asks, that neither can be done, until it is looked at again. */
function tellAway() {
  if (!document.querySelector("[data-vote], #ask, .tile > p.vote")) return;
  const notice = /** @type {HTMLElement} */ (document.getElementById("away"));
  const again = document.createElement("a");
  again.href = "";
  again.textContent = notice.dataset.again ?? "";
  notice.replaceChildren(notice.dataset.away ?? "", " ", again);
}

me.then((someone) => {
  if (someone) return showAccount(someone);
  if (someone === undefined) tellAway();
  else delete root.dataset.known;
  // Where it cannot be told who it is, nothing is offered: signing in would not work either.
  const link = document.getElementById("sign-in");
  if (link) link.hidden = someone === undefined;
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
  // A dialog has no room of its own: a click on it is one beside it.
  else if (target instanceof HTMLDialogElement) target.close();
});
document.addEventListener("auxclick", ({ target }) => {
  const language = /** @type {Element} */ (target).closest("[data-language]");
  if (language instanceof HTMLAnchorElement) stayHere(language);
});

// Of what scrolls sideways, browsers leave in place what is half out of sight, and a link of the graph includes its lines.
document.addEventListener("focusin", ({ target }) => {
  const focused = /** @type {Element} */ (target);
  if (!focused.matches(":is(.scroll, .graph-scroll) :focus-visible")) return;
  (focused.querySelector("rect, use") ?? focused).scrollIntoView({ block: "nearest", inline: "nearest" });
});
