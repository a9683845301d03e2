// What is looked for in a page, beyond axe. Each check returns what is wrong, in words; nothing is right.
// They run inside the page, where boxes and styles are known.

// What a person can press, follow or fill in.
const TARGETS = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1']), [role=option]";

const name = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> `
  + (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ").slice(0, 60);
const visible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
// The name of an account is as long as its owner likes, and what was said last is a beginning: both may be cut.
const isCut = (element) => element.closest("svg, button.account-link, .thread-last") !== null;
const scrolls = (element) => {
  for (let one = element; one && one !== document.body; one = one.parentElement)
    if (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth) return true;
  return false;
};

const checks = {
  // What sticks out of the page sideways, so that it scrolls, or is cut off there, though it does not.
  overflowing() {
    const width = document.documentElement.clientWidth;
    const wrong = [];
    if (document.documentElement.scrollWidth > width) wrong.push(`the page scrolls sideways at ${width} px`);
    for (const element of document.body.querySelectorAll("*")) {
      if (!visible(element) || isCut(element) || scrolls(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;  // for screen readers alone
      if (box.right > width + 1 || box.left < -1)
        wrong.push(`${name(element)}: from ${box.left} to ${box.right} of ${width} px`);
    }
    return wrong;
  },

  // What has parts that are out of sight until they are scrolled to.
  scrolling() {
    return [...document.body.querySelectorAll("*")].filter((one) => {
      const { overflowX, overflowY } = getComputedStyle(one);
      return visible(one) && ((/auto|scroll/.test(overflowX) && one.scrollWidth > one.clientWidth + 1)
        || (/auto|scroll/.test(overflowY) && one.scrollHeight > one.clientHeight + 1));
    }).map(name);
  },

  // Text that its own box cuts off, or that lies over the edge of its box.
  cut_off() {
    const wrong = [];
    const range = document.createRange();
    for (const element of document.body.querySelectorAll("*")) {
      if (!visible(element) || isCut(element) || scrolls(element)) continue;
      const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
      if (!texts.length || element.matches("option, textarea, noscript")) continue;
      let block = element;
      while (getComputedStyle(block).display === "inline") block = block.parentElement;
      if (block.clientWidth < 2) continue;  // for screen readers alone
      const style = getComputedStyle(block);
      const box = block.getBoundingClientRect();
      // Where blanks are kept, one at the end of a line hangs over the edge unseen: there, word by word.
      const pieces = style.whiteSpaceCollapse === "preserve" ? /\S+/g : /^.*$/gs;
      for (const text of texts)
        for (const { index, 0: piece } of text.data.matchAll(pieces)) {
          range.setStart(text, index);
          range.setEnd(text, index + piece.length);
          for (const line of range.getClientRects())
            if (line.right > box.right + 1 || line.left < box.left - 1)
              wrong.push(`${name(element)}: text from ${line.left} to ${line.right}, box to ${box.right}`);
        }
      if (style.textOverflow === "ellipsis" && block.scrollWidth > block.clientWidth)
        wrong.push(`${name(element)}: ends in an ellipsis`);
      if (/hidden|clip/.test(style.overflowY) && block.scrollHeight > block.clientHeight + 1)
        wrong.push(`${name(element)}: cut off below`);
    }
    return wrong;
  },

  // Targets that lie over one another.
  overlapping() {
    const wrong = [];
    const all = [...document.querySelectorAll(TARGETS)].filter(
      (one) => visible(one) && !one.closest("svg") && one.getBoundingClientRect().width > 1
        && one.getBoundingClientRect().bottom > -scrollY);  // a skip link waits above the page
    // A link in a text has a box for each line; of what is in a list that scrolls, a part is seen.
    const seen = (one) => {
      let list = one.parentElement;
      while (list && !/auto|scroll/.test(getComputedStyle(list).overflowY)) list = list.parentElement;
      const { top, bottom } = list?.getBoundingClientRect() ?? { top: -Infinity, bottom: Infinity };
      return [...one.getClientRects()].map((box) => ({ left: box.left, right: box.right,
        top: Math.max(box.top, top), bottom: Math.min(box.bottom, bottom) }));
    };
    const boxes = all.map(seen);
    for (let i = 0; i < all.length; i++)
      for (let j = i + 1; j < all.length; j++) {
        if (all[i].contains(all[j]) || all[j].contains(all[i])) continue;
        const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
        const layer = (one) => one.closest("header, dialog, [popover]");  // what stays in place lies over the rest
        if (layer(all[i]) === layer(all[j]) && boxes[i].some((a) => boxes[j].some((b) => meet(a, b))))
          wrong.push(`${name(all[i])} and ${name(all[j])}`);
      }
    return wrong;
  },

  // Targets below 24 by 24 px. Links within a sentence are exempt (WCAG 2.5.8); those that stand apart are not here.
  small_targets() {
    const inSentence = (element) => {
      if (getComputedStyle(element).display !== "inline") return false;
      const block = element.closest("p, li, td, dd, dt, figcaption, h1, h2, h3, h4, blockquote, summary, label");
      return block !== null && block.textContent.trim().length > element.textContent.trim().length;
    };
    const all = [...document.querySelectorAll(TARGETS)].filter((one) => {
      const box = one.getBoundingClientRect();
      return visible(one) && box.width > 1 && box.height > 1;
    });
    const boxOf = (one) => (one.matches("input[type=checkbox], input[type=radio]") && one.closest("label")
      ? one.closest("label") : one).getBoundingClientRect();
    return all.filter((one) => !inSentence(one)).map((one) => [one, boxOf(one)])
      .filter(([, box]) => box.width < 23.9 || box.height < 23.9)
      .map(([one, box]) => `${name(one)}: ${box.width} by ${box.height} px`);
  },

  // What is wrong with the focus where it is now: nothing shows it, or something lies over it. None where nothing of
  // the page has it.
  focus_problems() {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const wrong = [];
    const style = getComputedStyle(element);
    const drawn = element.matches("svg *");  // there the box of a link is drawn thicker, and its lines belong to it
    const isRinged = drawn ? parseFloat(style.strokeWidth) >= 2
      : style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (!isRinged) wrong.push(`${name(element)}: no ring of 2 px`);

    // Of a link in a text, the first line.
    const box = (drawn ? element.querySelector("rect, use") : element).getClientRects()[0];
    if (!box || box.width < 2 || box.height < 2) return [...wrong, `${name(element)}: cannot be seen`];
    const inset = 3;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const points = [[x, y], [box.left + inset, y], [box.right - inset, y],
                    [x, box.top + inset], [x, box.bottom - inset]];
    const over = points.map(([x, y]) => {
      const hit = document.elementFromPoint(x, y);
      if (!hit) return `outside of the window at ${x}, ${y}`;
      return element.contains(hit) || element.labels?.[0]?.contains(hit) ? "" : `under ${name(hit)}`;
    });
    // What is higher than the room below the top bar cannot be seen whole: a part of it has to do.
    const padding = getComputedStyle(document.documentElement);
    const room = innerHeight - parseFloat(padding.scrollPaddingTop) - parseFloat(padding.scrollPaddingBottom);
    const hidden = over.filter(Boolean);
    const allowed = box.height > room ? points.length - 1 : 0;
    if (hidden.length > allowed) wrong.push(`${name(element)}: ${hidden[0]}`);
    return wrong;
  },

  // What moves, or would, when a person asks for reduced motion.
  moving() {
    const long = (times) => times.split(",").some(
      (time) => parseFloat(time) * (time.includes("ms") ? 1 : 1000) > 10);
    const wrong = document.getAnimations().filter((one) => one.playState === "running").map(
      (one) => `runs: ${name(one.effect.target)}`);
    for (const element of document.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const transition = style.transitionProperty !== "none" && long(style.transitionDuration);
      if (transition || (style.animationName !== "none" && long(style.animationDuration)) ||
          style.scrollBehavior === "smooth")
        wrong.push(`${name(element)}: ${style.transition} ${style.animation} ${style.scrollBehavior}`);
    }
    return [...new Set(wrong)];
  },

  // Labels of a drawing that are wider than the box about them, in the font that is there.
  unfit_in_drawing() {
    return [...document.querySelectorAll("svg.graph a")].filter((link) => {
      const box = link.querySelector("rect, use").getBoundingClientRect();
      return [...link.querySelectorAll("text, tspan")].some((text) => {
        const its = text.getBoundingClientRect();
        return its.right > box.right || its.left < box.left || its.top < box.top - 1 || its.bottom > box.bottom + 1;
      });
    }).map(name);
  },

  // How many pixels of the height of the window are under what stays in place.
  covering() {
    return [...document.body.querySelectorAll("*")].filter(
        (one) => ["fixed", "sticky"].includes(getComputedStyle(one).position) && one.checkVisibility())
      .map((one) => one.getBoundingClientRect()).filter((box) => box.width > 160 && box.bottom > 0)
      .reduce((sum, box) => sum + box.height, 0);
  },
};
