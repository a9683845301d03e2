// The page of an on-demand module: the button becomes a link to the reader's own request, if there is one.

import { call, me } from "./service.js";
import { fill, locale } from "./texts.js";
import { client } from "./votes.js";

const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const slug = document.getElementById("ask")?.dataset.module;

/** Load the caller's latest request for this module. */
async function loadLatest() {
  for (let cursor = ""; ; ) {
    const answer = await call(`/api/feedback?limit=100${cursor}`);
    if (!answer.ok) return undefined;
    const { threads, next } = await answer.json();
    const thread = threads.find((/** @type {{module: string}} */ { module }) => module === slug);
    if (thread || !next) return thread;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

const thread = (await me) ? await loadLatest().catch(() => undefined) : undefined;

/** Show the request. After a declined one the button stays, for another. */
function show() {
  const link = document.getElementById("ask");
  if (!(link instanceof HTMLAnchorElement) || !thread || thread.status === "declined") return;
  const { requests, asked, activated, see } = link.dataset;
  const text = thread.status === "activated" ? (activated ?? "") : fill(asked, { day: day.format(new Date(thread.created)) });
  link.style.minWidth = `${link.getBoundingClientRect().width}px`;
  link.href = `${requests}${thread.id}`;
  link.textContent = `${text} · ${see}`;
  link.className = `button request-${thread.status}`;
}

show();
client.subscribe(show); // an edit of the registry replaces the button
