// What a page sees of itself that no request and no console tells: kept in window.seen, before its scripts run.
window.seen = { violations: [], shift: 0, moved: 0, shifted: [] };
document.addEventListener("securitypolicyviolation", (event) =>
  seen.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ""}`));
// When all of it has been read, and drawn: until then a busy browser draws elements that it has read half of.
let drawn = Infinity;
addEventListener("DOMContentLoaded", () =>
  requestAnimationFrame(() => requestAnimationFrame(() => (drawn = performance.now()))));
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    seen.shift += entry.value;
    if (entry.startTime >= drawn) seen.moved += entry.value;
    for (const { node } of entry.sources) if (node) seen.shifted.push(node.outerHTML ?? node.textContent);
  }
}).observe({ type: "layout-shift", buffered: true });
