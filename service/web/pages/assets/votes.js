// Votes on pages with modules: the buttons, what they say, and the numbers beside them. What a button says is what it does.

import { RegistryClient } from "./client.js";
import { call, counted, filled, hear, keep, kept, me, number, say, service, signInAddress } from "./site.js";

const { lang } = document.documentElement;
export const texts = /** @type {HTMLElement | null} */ (document.querySelector("#vote-texts"))?.dataset ?? {};

/**
 * The page itself is what is followed: as HTML it is in the right language, and made by the same template.
 * @type {RegistryClient<string>}
 */
export const client = new RegistryClient({
  path: location.pathname,
  parse: (text) => text,
  fetch: (address, init) => (String(address).startsWith("/api/") ? call(String(address), init) : fetch(address, init)),
});

/** For how long a press that follows another does nothing, in milliseconds: it is the second of a double click. */
const PAUSE = 600;

/** For how long a button asks whether a vote is to be taken back, in milliseconds. */
const ASKING = 6000;

/** @type {Map<string, number>} When the vote for a feature was pressed last, in milliseconds since 1970. */
const pressedAt = new Map();

/** @type {Map<string, boolean>} What was wanted last of a feature: of presses that are answered together, it alone is told. */
const wantedLast = new Map();

/** @type {Set<string>} What has been voted for, while the votes of the caller are not known. */
const acknowledged = new Set();

/** @type {Set<string>} What was voted for by a button that pointer and focus have not both left since. */
const fresh = new Set();

/** What is asked to be taken back by a second press, where no pointer or focus has said so before. */
let asked = "";

/** @type {ReturnType<typeof setTimeout>} */
let timer;

/** @type {Element | null} The button below a pointer that can be somewhere without pressing: of a mouse or a pen. */
let hovered = matchMedia("(hover: hover)").matches ? document.querySelector("[data-vote]:hover") : null;

/** @param {string} id */
const buttonFor = (id) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-vote="${CSS.escape(id)}"]`));

/** @param {string} id */
const wants = (id) => client.state.features?.voted.has(id) ?? (client.state.signedIn !== false && acknowledged.has(id));

/**
 * Have a button say whether there is a vote, and so what a press does: `cast` one, nothing at once where one has `voted`,
 * or take it `back`, also where it was just asked whether to (`ask`).
 * @param {HTMLElement} button
 */
function show(button) {
  const { vote: id = "", name = "", says = "cast" } = button.dataset;
  const isAt = button === hovered || button.matches(":focus-visible");
  let now = "cast";
  if (wants(id)) {
    if (!isAt) fresh.delete(id);
    else if (says === "cast") fresh.add(id);
    now = asked === id ? "ask" : isAt && !fresh.has(id) ? "back" : "voted";
  }
  if (now === says) return;
  button.dataset.says = now;
  button.textContent = texts[now] ?? "";
  button.setAttribute("aria-label", filled(texts[`${now}Name`], { name }));
}

/** @param {string} id */
function ask(id) {
  clearTimeout(timer);
  asked = id;
  if (id) timer = setTimeout(ask, ASKING, "");
  showButtons();
}

/**
 * Leave for the page where one signs in. What says that a vote is wanted is a POST alone; where one was is kept.
 * @param {string} id
 * @param {boolean} wanted or else the vote was to be taken back, which is pressed anew once it is known whose it is
 */
function signIn(id, wanted) {
  if (!wanted) return location.assign(signInAddress());
  const isHere = buttonFor(id);
  const back = isHere ? location.pathname + location.search : `/${lang}/modules/${id}`; // which votes then
  if (isHere) keep("place", `${scrollY} ${back}#${id}`); // or else the module is there to come back to
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${service}/${lang}/modules/${id}/vote?${new URLSearchParams({ wanted: "yes", next: back })}`;
  document.body.append(form);
  form.submit();
}

/** Go on where one was before signing in. */
export function comeBack() {
  const [, top, place] = /^(\d+)\S* (.*)/.exec(kept("place")) ?? [];
  if (!place || !location.href.endsWith(place)) return; // or the browser has gone to the module
  keep("place", "");
  history.replaceState(null, "", location.pathname + location.search);
  scrollTo({ top: Number(top), behavior: "instant" });
}

/** Press what was pressed before signing in: the service tells it once, and the vote is one like any other. */
export async function pressAgain() {
  if (!document.cookie.includes("vote-intent=") || !(await me)) return;
  const response = await call("/api/me/vote-intent", { method: "POST" }).catch(() => null);
  if (response?.status !== 200) return;
  const { feature } = await response.json();
  const button = buttonFor(feature);
  if (!button || client.state.features?.voted.has(feature)) return;
  await change(feature, button.dataset.name ?? "", true); // which can add a vote, and take none back
}

/** @param {HTMLElement} button */
async function press(button) {
  const { vote: id = "", name = "", says = "cast" } = button.dataset;
  if (Date.now() - (pressedAt.get(id) ?? 0) < PAUSE) return;
  pressedAt.set(id, Date.now());
  if (says === "voted") {
    ask(id);
    hear(button.getAttribute("aria-label") ?? "");
    return;
  }
  ask("");
  // Where the votes are known, a press is seen at once.
  if (!client.state.features) button.setAttribute("aria-busy", "true");
  await change(id, name, says === "cast");
  button.removeAttribute("aria-busy");
}

/**
 * Cast a vote, or take it back, and tell what came of it.
 * @param {string} id
 * @param {string} name of the feature
 * @param {boolean} wanted
 * @param {(text: string) => void} [tell] says so where the button does not
 */
export async function change(id, name, wanted, tell = hear) {
  pressedAt.set(id, Date.now());
  wantedLast.set(id, wanted);
  say(""); // what was told of an older press may not be so any more
  const someone = await me;
  if (someone === null || client.state.signedIn === false) {
    signIn(id, wanted);
    return;
  }
  try {
    await (wanted ? client.vote(id) : client.retract(id));
    if (wantedLast.get(id) !== wanted) return;
    if (wanted) acknowledged.add(id);
    else acknowledged.delete(id);
    showButtons();
    const count = client.state.features?.counts.get(id);
    const told = count === undefined ? "" : filled(counted(texts, count), { n: number.format(count) });
    tell(`${filled(wanted ? texts.counts : texts.retracted, { name })} ${told}`);
    buttonFor(id)?.dispatchEvent(new CustomEvent(wanted ? "voted" : "retracted", { bubbles: true })); // to `reason.js`
  } catch (error) {
    pressedAt.delete(id); // it may be tried again at once
    const { status, retryAfter } = /** @type {import("./client.js").ProblemError} */ (error);
    const refusals = new Map([
      [403, texts.pending],
      [404, texts.gone],
      [429, texts.often],
    ]);
    const n = number.format(Math.ceil(retryAfter / 1000));
    if (status === 401) signIn(id, wanted);
    else say(filled(refusals.get(status) ?? texts.failed, { name, n }));
  }
}

function showButtons() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-vote]"))) show(button);
}

/** Show the caller's votes, and how many there are of each. */
export function showVotes() {
  const { features } = client.state;
  showButtons();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-needed]"))) {
    const count = features?.counts.get(element.dataset.needed ?? "");
    if (count === undefined) {
      element.replaceChildren();
      continue;
    }
    const [before, after] = counted(texts, count).split("{n}");
    const figure = document.createElement("b");
    figure.textContent = number.format(count);
    element.replaceChildren(before, figure, after ?? "");
  }
}

/** @param {Event} event */
const buttonOf = ({ target }) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-vote]"));

/**
 * Show of a button that the pointer or the focus has come to it, or has left.
 * @param {Event} event
 */
function moved(event) {
  const button = buttonOf(event);
  if (!button || (event instanceof PointerEvent && event.pointerType === "touch")) return;
  if (event instanceof PointerEvent) hovered = event.type === "pointerover" ? button : null;
  if (button.dataset.vote === asked && event.type.endsWith("out")) ask("");
  show(button);
}
for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) document.addEventListener(type, moved);

document.addEventListener("click", (event) => {
  const button = buttonOf(event);
  if (button && !event.ctrlKey && !event.metaKey && !event.shiftKey) void press(button);
});
document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && buttonOf(event)) event.preventDefault(); // a key that is held presses once
});
