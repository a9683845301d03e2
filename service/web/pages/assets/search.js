// @ts-check
// Finding modules and pages by what somebody types. Accents, case and hyphens do not matter, and neither does one typo.

/**
 * What can be found. `label` is what is shown, in the language of the page.
 * @typedef {object} Entry
 * @property {string} label
 * @property {string} [slug]
 * @property {string[]} [names] what it is called besides: in the other language, formerly
 * @property {string[]} [keywords]
 * @property {string[]} [descriptions]
 */

/**
 * An entry, ready to be compared.
 * @template {Entry} T
 * @typedef {object} Indexed
 * @property {T} entry
 * @property {string[]} fields label, slug, names and keywords, each word behind a blank
 * @property {string} description
 * @property {Set<string>} words
 * @property {string[]} whole names without blanks, label first
 */

/** How a word was found, best first: as the beginning of one in a field (0 to 3), inside one, in a description. */
const INSIDE = 4;
const IN_DESCRIPTION = 5;
const BY_TYPO = 6;
/** What it takes off that the label is what was typed, or begins with it. */
const BEGINS = 10;
const EXACT = 20;

/** Marks of letters, and hyphens. */
const IGNORED = /[\p{M}\u00AD\u2010\u2011-]/gu;

/**
 * A text as it is compared, in small letters without accents or hyphens: "E-mails d’été" -> "emails d ete".
 * @param {string} text
 */
export function fold(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(IGNORED, "")
    .replace(/œ/g, "oe")
    .replace(/æ/g, "ae")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** @param {string} text */
const words = (text) => fold(text).split(" ").filter(Boolean);

/** @param {string[]} texts */
const spaced = (texts) => texts.map((text) => ` ${fold(text)}`).join("");

/** @param {string} text */
const compact = (text) => fold(text).replaceAll(" ", "");

/**
 * A module as it is found.
 * @param {import("./client.js").Module} module
 * @param {"fr" | "en"} lang of the page
 */
export function entryOf(module, lang) {
  const { label, description, slug, keywords, formerly } = module;
  const names = [label[lang === "fr" ? "en" : "fr"], ...formerly];
  const descriptions = description ? [description.fr, description.en] : [];
  return { label: label[lang], slug, names, keywords, descriptions, module };
}

/**
 * Make entries ready for `search`.
 * @template {Entry} T
 * @param {T[]} entries
 * @returns {Indexed<T>[]}
 */
export function index(entries) {
  return entries.map((entry) => {
    const { label, slug = "", names = [], keywords = [], descriptions = [] } = entry;
    return {
      entry,
      fields: [[label], [slug], names, keywords].map(spaced),
      description: spaced(descriptions),
      // As written, and as heard: "telephone" is written "telefone", too.
      words: new Set([label, slug, ...names, ...keywords].flatMap(words).flatMap((word) => [word, word.replace("ph", "f")])),
      whole: [label, slug, ...names].map(compact).filter(Boolean),
    };
  });
}

/**
 * The entries that have every word of a query, or differ from it by one typo; the best first, and equals as given.
 * @template {Entry} T
 * @param {Indexed<T>[]} entries
 * @param {string} query
 * @returns {T[]}
 */
export function search(entries, query) {
  const wanted = words(query);
  if (!wanted.length) return [];
  const found = ranked(entries, wanted, false);
  const chosen = found.some(({ score }) => score < BY_TYPO) ? found : ranked(entries, wanted, true);
  return chosen.map(({ entry }) => entry);
}

/**
 * @template {Entry} T
 * @param {Indexed<T>[]} entries
 * @param {string[]} wanted
 * @param {boolean} lenient whether each word may have a typo, and not the whole alone
 */
function ranked(entries, wanted, lenient) {
  const found = [];
  for (const indexed of entries) {
    const score = rank(indexed, wanted, lenient);
    if (score < Infinity) found.push({ entry: indexed.entry, score });
  }
  return found.sort((one, other) => one.score - other.score);
}

/**
 * How far an entry is from what is wanted; Infinity if it is something else.
 * @param {Indexed<Entry>} indexed
 * @param {string[]} wanted
 * @param {boolean} lenient
 */
function rank(indexed, wanted, lenient) {
  const { whole } = indexed;
  const typed = wanted.join("");
  let score = 0;
  for (const word of wanted) score += distance(indexed, word, lenient);
  score /= wanted.length;
  if (whole.includes(typed)) score = Math.min(score, 0) - EXACT;
  else if (whole[0].startsWith(typed)) score = Math.min(score, 0) - BEGINS;
  else if (score > BY_TYPO && typed.length > 1 && whole.some((name) => isNear(typed, name))) score = BY_TYPO;
  return score;
}

/**
 * @param {Indexed<Entry>} indexed
 * @param {string} word
 * @param {boolean} lenient
 */
function distance({ fields, description, words }, word, lenient) {
  const field = fields.findIndex((texts) => texts.includes(` ${word}`));
  if (field >= 0) return field;
  if (word.length > 1 && fields.some((texts) => texts.includes(word))) return INSIDE;
  if (description.includes(` ${word}`)) return IN_DESCRIPTION;
  if (lenient && word.length > 2) for (const each of words) if (isNear(word, each)) return BY_TYPO;
  return Infinity;
}

/**
 * Whether a name, or its beginning, is what was typed but for one letter that is wrong, missing, too many, or changed
 * places with the next. Of less than four letters the whole name must be.
 * @param {string} typed
 * @param {string} name
 */
export function isNear(typed, name) {
  let same = 0;
  while (same < typed.length && typed[same] === name[same]) same++;
  const agree = (/** @type {number} */ at, /** @type {number} */ expected) =>
    name.startsWith(typed.slice(at), expected) && (typed.length > 3 || typed.length - at === name.length - expected);
  const swapped = typed[same] === name[same + 1] && typed[same + 1] === name[same];
  return (
    agree(same + 1, same + 1) || // wrong
    agree(same + 1, same) || // too many
    agree(same, same + 1) || // missing
    (swapped && agree(same + 2, same + 2))
  );
}

/**
 * A label in parts, with whether each is what was typed: [["Recherche d’", false], ["e-mail", true], ["s", false]].
 * @param {string} label
 * @param {string} query
 * @returns {[string, boolean][]}
 */
export function marked(label, query) {
  const letters = [...label].map((letter) => fold(letter) || (letter.replace(IGNORED, "") && " "));
  const matched = letters.map(() => false);
  for (const word of words(query)) {
    for (let start = 0; start < letters.length; start++) {
      if (!letters[start].trim() || (start > 0 && letters[start - 1] !== " ")) continue;
      let end = start;
      let text = "";
      while (end < letters.length && text.length < word.length) text += letters[end++];
      if (text.startsWith(word)) matched.fill(true, start, end);
    }
  }
  /** @type {[string, boolean][]} */
  const parts = [];
  [...label].forEach((letter, at) => {
    const last = parts.at(-1);
    if (last && last[1] === matched[at]) last[0] += letter;
    else parts.push([letter, matched[at]]);
  });
  return parts;
}
