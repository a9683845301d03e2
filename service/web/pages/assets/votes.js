// Votes on pages with modules: the buttons and their numbers of votes. A button does what its text says.

import { RegistryClient } from "./client.js";
import { call, me, service, signInAddress } from "./service.js";
import { loadText, saveText } from "./storage.js";
import { announce, choosePlural, fill, notify, number } from "./texts.js";

const { lang } = document.documentElement;
export const texts = /** @type {HTMLElement | null} */ (document.querySelector("#vote-texts"))?.dataset ?? {};

/**
 * A client that follows the page itself: its HTML has the right language and comes from the same template.
 * @type {RegistryClient<string>}
 */
export const client = new RegistryClient({
  path: location.pathname,
  parse: (text) => text,
  fetch: (address, init) => (String(address).startsWith("/api/") ? call(String(address), init) : fetch(address, init)),
});

/** How long a second press does nothing, in milliseconds: it belongs to a double click. */
const PAUSE = 600;

/** How long a button asks whether to take a vote back, in milliseconds. */
const ASKING = 6000;

/** @type {Map<string, number>} The time of the last press on each feature, in milliseconds since 1970. */
const pressedAt = new Map();

/** @type {Map<string, boolean>} The last press on each feature: a vote, or its retraction. Only its answer is reported. */
const lastWish = new Map();

/** @type {Set<string>} The features that got a vote before the votes of the caller were loaded. */
const acknowledged = new Set();

/** @type {Set<string>} The features whose button got a vote, and still has the pointer or the focus. */
const fresh = new Set();

/** The feature whose button asks whether to take the vote back, "" if none does. */
let asking = "";

/** @type {ReturnType<typeof setTimeout>} */
let timer;

/** @type {Element | null} The button below a mouse or a pen. A finger hovers over nothing. */
let hovered = matchMedia("(hover: hover)").matches ? document.querySelector("[data-vote]:hover") : null;

/** @param {string} id */
const buttonFor = (id) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-vote="${CSS.escape(id)}"]`));

/** @param {string} id */
const hasVote = (id) => client.state.features?.voted.has(id) ?? (client.state.signedIn !== false && acknowledged.has(id));

/**
 * Show the vote of a feature on its button, and the effect of a press. `cast` casts a vote. `voted` asks whether to
 * take it back. `back` and `ask` take it back.
 * @param {HTMLElement} button
 */
function show(button) {
  const { vote: id = "", name = "", says = "cast" } = button.dataset;
  const isAt = button === hovered || button.matches(":focus-visible");
  let now = "cast";
  if (hasVote(id)) {
    if (!isAt) fresh.delete(id);
    else if (says === "cast") fresh.add(id);
    now = asking === id ? "ask" : isAt && !fresh.has(id) ? "back" : "voted";
  }
  if (now === says) return;
  button.dataset.says = now;
  button.textContent = texts[now] ?? "";
  button.setAttribute("aria-label", fill(texts[`${now}Name`], { name }));
}

/** @param {string} id of the feature whose button asks whether to take the vote back; "" ends the question */
function ask(id) {
  clearTimeout(timer);
  asking = id;
  if (id) timer = setTimeout(ask, ASKING, "");
  showButtons();
}

/**
 * Go to the sign-in page. A POST stores the vote, to be cast afterwards. The place on this page is stored.
 * @param {string} id
 * @param {boolean} wanted false for a retraction, which is not stored: the member presses again
 */
function signIn(id, wanted) {
  if (!wanted) return location.assign(signInAddress());
  const isHere = buttonFor(id);
  const back = isHere ? location.pathname + location.search : `/${lang}/modules/${id}`; // a page that casts the vote
  if (isHere) saveText("place", `${scrollY} ${back}#${id}`);
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${service}/${lang}/modules/${id}/vote?${new URLSearchParams({ wanted: "yes", next: back })}`;
  document.body.append(form);
  form.submit();
}

/** Scroll to the place that was in sight before signing in. */
export function restorePlace() {
  const [, top, place] = /^(\d+)\S* (.*)/.exec(loadText("place")) ?? [];
  if (!place || !location.href.endsWith(place)) return;
  saveText("place", "");
  history.replaceState(null, "", location.pathname + location.search);
  scrollTo({ top: Number(top), behavior: "instant" });
}

/** Cast the vote that was pressed before signing in. The service names it once. */
export async function castPending() {
  if (!document.cookie.includes("vote-intent=") || !(await me)) return;
  const response = await call("/api/me/vote-intent", { method: "POST" }).catch(() => null);
  if (response?.status !== 200) return;
  const { feature } = await response.json();
  const button = buttonFor(feature);
  if (!button || client.state.features?.voted.has(feature)) return;
  await changeVote(feature, button.dataset.name ?? "", true); // never a retraction
}

/** @param {HTMLElement} button */
async function press(button) {
  const { vote: id = "", name = "", says = "cast" } = button.dataset;
  if (Date.now() - (pressedAt.get(id) ?? 0) < PAUSE) return;
  pressedAt.set(id, Date.now());
  if (says === "voted") {
    ask(id);
    announce(button.getAttribute("aria-label") ?? "");
    return;
  }
  ask("");
  // Once the votes are loaded, the client shows a press at once.
  if (!client.state.features) button.setAttribute("aria-busy", "true");
  await changeVote(id, name, says === "cast");
  button.removeAttribute("aria-busy");
}

/**
 * Cast a vote or take it back, and report the result.
 * @param {string} id
 * @param {string} name of the feature
 * @param {boolean} wanted
 * @param {(text: string) => void} [report] reports success if no button shows it
 */
export async function changeVote(id, name, wanted, report = announce) {
  pressedAt.set(id, Date.now());
  lastWish.set(id, wanted);
  notify(""); // the message about an earlier press may be out of date
  const account = await me;
  if (account === null || client.state.signedIn === false) {
    signIn(id, wanted);
    return;
  }
  try {
    await (wanted ? client.vote(id) : client.retract(id));
    if (lastWish.get(id) !== wanted) return;
    if (wanted) acknowledged.add(id);
    else acknowledged.delete(id);
    showButtons();
    const count = client.state.features?.counts.get(id);
    const needed = count === undefined ? "" : fill(choosePlural(texts, count), { n: number.format(count) });
    report(`${fill(wanted ? texts.counts : texts.retracted, { name })} ${needed}`);
    buttonFor(id)?.dispatchEvent(new CustomEvent(wanted ? "voted" : "retracted", { bubbles: true })); // to `reason.js`
  } catch (error) {
    pressedAt.delete(id); // another try may follow at once
    const { status, retryAfter } = /** @type {import("./client.js").ProblemError} */ (error);
    const refusals = new Map([
      [403, texts.pending],
      [404, texts.gone],
      [429, texts.often],
    ]);
    const n = number.format(Math.ceil(retryAfter / 1000));
    if (status === 401) signIn(id, wanted);
    else notify(fill(refusals.get(status) ?? texts.failed, { name, n }));
  }
}

function showButtons() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-vote]"))) show(button);
}

/** Show the votes of the caller, and the number of votes of each feature. */
export function showVotes() {
  const { features } = client.state;
  showButtons();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-needed]"))) {
    const count = features?.counts.get(element.dataset.needed ?? "");
    if (count === undefined) {
      element.replaceChildren();
      continue;
    }
    const [before, after] = choosePlural(texts, count).split("{n}");
    const figure = document.createElement("b");
    figure.textContent = number.format(count);
    element.replaceChildren(before, figure, after ?? "");
  }
}

/** @param {Event} event */
const buttonOf = ({ target }) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-vote]"));

/**
 * Update the button that the pointer or the focus has reached or left.
 * @param {Event} event
 */
function followPointer(event) {
  const button = buttonOf(event);
  if (!button || (event instanceof PointerEvent && event.pointerType === "touch")) return;
  if (event instanceof PointerEvent) hovered = event.type === "pointerover" ? button : null;
  if (button.dataset.vote === asking && event.type.endsWith("out")) ask("");
  show(button);
}
for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) document.addEventListener(type, followPointer);

document.addEventListener("click", (event) => {
  const button = buttonOf(event);
  if (button && !event.ctrlKey && !event.metaKey && !event.shiftKey) void press(button);
});
document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && buttonOf(event)) event.preventDefault(); // a held key presses once
});
