// Pages of activation requests: a thread that is opened is read.

import "./forms.js";
import { me, showCount } from "./site.js";

/** @param {string | null} thread */
async function markRead(thread) {
  const someone = await me; // first, so that the number in the bar counts this one
  const response = await fetch(`/api/feedback/${thread}/read`, { method: "POST" }).catch(() => null);
  if (response?.ok && someone) showCount("news", someone.unread - 1);
}

const unread = document.querySelector("[data-unread]");
if (unread) void markRead(unread.getAttribute("data-thread"));
