// The palette's search, on the modules of the shipped registry.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const { MODULES, SEARCH } = process.env;
const { entryOf, fold, index, marked, search } = await import(pathToFileURL(SEARCH));
const modules = Object.values(JSON.parse(await readFile(MODULES, "utf8")).modules);

const pages = [{ label: "Roadmap" }, { label: "Documentation", descriptions: ["What a module is, how to call the service"] }];
const indexes = Object.fromEntries(
  ["fr", "en"].map((lang) => [lang, index([...modules.map((module) => entryOf(module, lang)), ...pages])]),
);
const find = (query, lang = "en") => search(indexes[lang], query);
const slugs = (query, lang) => find(query, lang).map(({ slug }) => slug);

const unaccented = (text) => text.normalize("NFD").replace(/\p{M}/gu, "");
const letter = /[\p{L}\p{N}]/u;

/** Every text that differs from a label by one letter that is wrong, missing, doubled, or changed places. */
function* mistyped(label) {
  const letters = [...label];
  for (const [at, each] of letters.entries()) {
    if (!letter.test(each)) continue;
    const [before, after] = [letters.slice(0, at).join(""), letters.slice(at + 1).join("")];
    yield `${before}${each === "q" ? "x" : "q"}${after}`;
    yield `${before}${after}`;
    yield `${before}${each}${each}${after}`;
    if (letter.test(letters[at + 1] ?? "")) yield `${before}${letters[at + 1]}${each}${letters.slice(at + 2).join("")}`;
  }
}

for (const lang of ["fr", "en"]) {
  test(`every label in ${lang} finds its module first, in either language, with or without accents`, () => {
    for (const { slug, label } of modules) {
      assert.equal(slugs(label[lang], lang)[0], slug, label[lang]);
      assert.ok(slugs(label.fr, lang).includes(slug) && slugs(label.en, lang).includes(slug), slug);
      for (const text of [unaccented(label[lang]), label[lang].toUpperCase(), label[lang].normalize("NFD")]) {
        assert.equal(slugs(text, lang)[0], slug, text);
      }
    }
  });

  test(`every label in ${lang} with one typo finds its module`, () => {
    let tried = 0;
    // Every other module in each language, so that each is tried.
    for (const { slug, label } of modules.filter((_, number) => (number % 2 === 0) === (lang === "fr"))) {
      for (const typed of mistyped(label[lang])) {
        if (fold(typed).length < 2) continue;
        tried += 1;
        assert.ok(slugs(typed, lang).includes(slug), `${label[lang]}, typed as ${typed}`);
      }
    }
    assert.ok(tried > 1000);
  });

  test(`whatever is typed of a label in ${lang} finds it`, () => {
    for (const { slug, label } of modules) {
      for (let end = 1; end <= label[lang].length; end++) {
        const typed = label[lang].slice(0, end);
        if (fold(typed)) assert.ok(slugs(typed, lang).includes(slug), typed);
      }
    }
  });
}

test("a slug, a keyword and a word of a description find a module", () => {
  for (const { slug, keywords, description } of modules) {
    assert.ok(slugs(slug).includes(slug), slug);
    assert.ok(slugs(slug.replaceAll("_", " ")).includes(slug), slug);
    for (const keyword of keywords) assert.ok(slugs(keyword).includes(slug), keyword);
    for (const text of Object.values(description ?? {})) {
      const words = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
      assert.ok(slugs(words.slice(-3).join(" ")).includes(slug), text);
    }
  }
});

const module = (slug, label, others = {}) => ({
  slug, label: { fr: label, en: label }, keywords: [], formerly: [], description: null, ...others,
});
const among = (modules, query) => search(index(modules.map((each) => entryOf(each, "en"))), query).map(({ slug }) => slug);

test("a former slug finds a module", () => {
  assert.deepEqual(among([module("crm", "CRM", { formerly: ["customer_base"] })], "customer_b"), ["crm"]);
});

test("who begins with what was typed comes first, then its words, slug, keywords, inside, description", () => {
  const given = [
    module("a", "Weather", { description: { fr: "x", en: "Where mail goes" } }),
    module("b", "Webmail"),
    module("c", "Letters", { keywords: ["mail"] }),
    module("mail_d", "Post"),
    module("e", "All your mail"),
    module("f", "Mail and more"),
    module("g", "Mail"),
  ];
  assert.deepEqual(among(given, "mail"), ["g", "f", "e", "mail_d", "c", "b", "a"]);
});

test("every word counts, in any order", () => {
  const given = [module("a", "Google Maps scraper"), module("b", "Google reviews")];
  assert.deepEqual(among(given, "maps google"), ["a"]);
  assert.deepEqual(among(given, "google"), ["a", "b"]);
  assert.deepEqual(among(given, "google yelp"), []);
});

test("a typo of one word is forgiven if nothing else is found, and two are not", () => {
  const given = [module("a", "Google Maps scraper"), module("b", "Maple")];
  assert.deepEqual(among(given, "scrapper"), ["a"]);
  assert.deepEqual(among(given, "gogle scrap"), ["a"]);
  assert.deepEqual(among(given, "maps"), ["a", "b"]); // "mapl" is near, and comes last
  assert.deepEqual(among(given, "gggle scrxpxr"), []);
});

test("a word is found as it is heard", () => {
  assert.ok(slugs("telefone").includes("phones_extra"));
  assert.ok(slugs("telefone", "fr").includes("phones_extra"));
  assert.deepEqual(among([module("a", "Telephone directory")], "telefone direktory"), ["a"]);
});

test("pages are found too", () => {
  assert.equal(find("roadm")[0].label, "Roadmap");
  assert.ok(find("call the service").some(({ label }) => label === "Documentation"));
});

for (const query of ["", "   ", "-", "’", "🛰️", "%", "\u0000", "((", "a".repeat(5000), "constructor __proto__"]) {
  test(`${JSON.stringify(query.slice(0, 20))} breaks nothing`, () => {
    assert.ok(find(query).length <= modules.length + pages.length);
  });
}

test("what was typed is marked in the label", () => {
  assert.deepEqual(marked("Vérification d’e‑mails", "email"), [
    ["Vérification d’", false],
    ["e‑mail", true],
    ["s", false],
  ]);
  assert.deepEqual(marked("Œuvre d’été", "oeuv ETE"), [["Œuv", true], ["re d’", false], ["été", true]]);
  assert.deepEqual(marked("CRM", "xyz"), [["CRM", false]]);
  for (const { label } of modules) {
    for (const query of [label.fr, label.en, "e", "de"]) {
      assert.equal(marked(label.fr, query).map(([text]) => text).join(""), label.fr);
    }
  }
});
