// The storage of the browser. If a browser refuses to store, pages work without the stored texts.

/**
 * Return a text that this tab stores, "" if there is none.
 * @param {string} name
 */
export function loadText(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/**
 * Store a text in this tab or in the whole browser. An empty text removes the stored one.
 * @param {string} name
 * @param {string} text
 * @param {"localStorage" | "sessionStorage"} area
 */
export function saveText(name, text, area = "sessionStorage") {
  try {
    if (text) window[area].setItem(name, text);
    else window[area].removeItem(name);
  } catch {
    // The browser refuses.
  }
}

/** Remove all that this tab stores, such as drafts: the next account must not see them. */
export function clearTab() {
  try {
    sessionStorage.clear();
  } catch {
    // The browser refuses, and has stored nothing.
  }
}
