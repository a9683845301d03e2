// The page of a module on demand: who has asked for it is told so, with the way to their request, instead of the button.

import { call, filled, locale, me } from "./site.js";
import { client } from "./votes.js";

const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const slug = document.getElementById("ask")?.dataset.module;

/** The caller's latest request for this module. */
async function latest() {
  for (let cursor = ""; ; ) {
    const answer = await call(`/api/feedback?limit=100${cursor}`);
    if (!answer.ok) return undefined;
    const { threads, next } = await answer.json();
    const thread = threads.find((/** @type {{module: string}} */ { module }) => module === slug);
    if (thread || !next) return thread;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

const thread = (await me) ? await latest().catch(() => undefined) : undefined;

/** One that was declined can be followed by another. */
function show() {
  const link = document.getElementById("ask");
  if (!(link instanceof HTMLAnchorElement) || !thread || thread.status === "declined") return;
  const { requests, asked, activated, see } = link.dataset;
  const said = thread.status === "activated" ? (activated ?? "") : filled(asked, { day: day.format(new Date(thread.created)) });
  link.style.minWidth = `${link.getBoundingClientRect().width}px`;
  link.href = `${requests}${thread.id}`;
  link.textContent = `${said} · ${see}`;
  link.className = `button request-${thread.status}`;
}

show();
client.subscribe(show); // an edit of the registry replaces what is here
