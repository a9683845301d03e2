// Pages of activation requests: opening a thread marks it as read.

import "./forms.js";
import { me } from "./service.js";
import { showCount } from "./texts.js";

/** @param {string | null} thread */
async function markRead(thread) {
  const account = await me; // first, so that its number includes this thread
  const response = await fetch(`/api/feedback/${thread}/read`, { method: "POST" }).catch(() => null);
  if (response?.ok && account) showCount("news", account.unread - 1);
}

const unread = document.querySelector("[data-unread]");
if (unread) void markRead(unread.getAttribute("data-thread"));
