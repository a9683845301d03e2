// Pages of people: a button copies a link.

import "./forms.js";

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-copy]"))) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copy ?? ""));
  field.select();
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select(); // without HTTPS there is no clipboard
      if (!document.execCommand("copy")) return; // the text stays selected, to be copied by hand
      button.focus();
    }
    button.textContent = button.dataset.copied ?? "";
  });
}
