// @ts-check
/**
 * The module registry's client: follows the registry, and votes. One ES module, for browsers and for Node 20 or newer.
 *
 *     import { RegistryClient } from "./client.js";
 *
 *     const client = new RegistryClient({ base: "https://registry.example.com" });
 *     client.subscribe(({ registry, features, error }) => { ... });   // whenever one of them is another
 *     client.start();                  // asks now, and then about every ten seconds while the page is seen
 *     client.loadFeatures();           // the caller's votes and the counts, kept up to date from now on
 *     await client.vote("linkedin");   // counted at once; taken back, and a ProblemError, if the service refuses
 *
 * Made by `module-registry export --format client`; the service's own pages use the same file.
 */

/**
 * A text in both languages.
 * @typedef {object} Label
 * @property {string} fr
 * @property {string} en
 */

/**
 * One module, with the fields of GET /api/modules.
 * @typedef {object} Module
 * @property {string} slug
 * @property {"sources" | "enrich" | "signals" | "outreach" | "tools"} category
 * @property {Label} label
 * @property {string[]} needs
 * @property {string[]} produces
 * @property {boolean} pipelinable
 * @property {boolean} is_on_demand
 * @property {boolean} coming_soon
 * @property {boolean} alpha_unavailable
 * @property {string | null} api_endpoint
 * @property {boolean} is_meta
 * @property {boolean} multi_proxy
 * @property {string | null} feature_page
 * @property {string[]} formerly
 * @property {Label | null} description
 * @property {string[]} keywords
 * @property {string | null} documentation
 * @property {string | null} owner
 * @property {"considering" | "planned" | "building" | null} stage
 * @property {Deprecation | null} deprecated
 */

/**
 * That a module will go. Days are YYYY-MM-DD; it may be removed after the second.
 * @typedef {object} Deprecation
 * @property {string} since
 * @property {string} removed_after
 * @property {string | null} use the slug of the module to use instead
 * @property {Label} because
 */

/**
 * A module that is gone since a day, YYYY-MM-DD.
 * @typedef {object} Removed
 * @property {string} slug
 * @property {string} date
 * @property {string | null} use the slug of the module to use instead
 * @property {Label} because
 */

/**
 * What GET /api/modules answers.
 * @typedef {object} Modules
 * @property {Module[]} modules in the order of the registry's file
 * @property {Removed[]} removed modules that are gone
 */

/**
 * What the caller wants, and how many want each feature, with presses that the service has not answered yet.
 * @typedef {object} Features
 * @property {ReadonlySet<string>} voted
 * @property {ReadonlyMap<string, number>} counts
 */

/**
 * A problem document (RFC 9457).
 * @typedef {object} Problem
 * @property {string} type
 * @property {string} title
 * @property {number} status
 * @property {string} detail
 */

/**
 * All that is known at one moment. It is never changed; what changes comes as another.
 * @template T
 * @typedef {object} State
 * @property {T | null} registry the last good answer
 * @property {ProblemError | null} error why the latest poll failed
 * @property {Features | null} features the last good answer; null if not asked for, or signed out
 * @property {ProblemError | null} featuresError why they could not be read the last time
 * @property {boolean | null} signedIn null as long as it is not known
 */

/**
 * @template T
 * @typedef {object} Options
 * @property {string} [base] what the service's paths are put behind, such as "https://registry.example.com"
 * @property {string} [path] the public document to follow: "/api/modules" by default
 * @property {(text: string) => T} [parse] makes a value of the document's text: JSON.parse by default
 * @property {number} [interval] how long to wait between two polls, in milliseconds: 10,000 by default
 * @property {number} [timeout] how long to wait for an answer, in milliseconds: 15,000 by default
 * @property {typeof globalThis.fetch} [fetch] what sends requests
 * @property {Pick<Document, "hidden" | "addEventListener" | "removeEventListener">} [document] what is seen or hidden
 */

/** The longest pause between two polls that fail, in milliseconds, but where the service asks for a longer one. */
const LONGEST_PAUSE = 60_000;

/** The longest pause that Retry-After can ask for, in milliseconds. */
const LONGEST_RETRY_AFTER = 3_600_000;

/** What the service refused, or could not be asked. The message is for developers, and in English. */
export class ProblemError extends Error {
  name = "ProblemError";

  /**
   * @param {string} message
   * @param {number} [status] the status of the answer; 0 if none came
   * @param {Problem | null} [problem] the problem document that came with it
   * @param {number} [retryAfter] how long the service asks to wait, in milliseconds
   */
  constructor(message, status = 0, problem = null, retryAfter = 0) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/**
 * Follows one public document, and keeps the caller's votes.
 * @template [T=Modules]
 */
export class RegistryClient {
  #options;
  /** @type {State<T>} */
  #state = { registry: null, error: null, features: null, featuresError: null, signedIn: null };
  /** @type {Set<(state: State<T>) => void>} */
  #listeners = new Set();

  #started = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<State<T>> | null} */
  #polling = null;
  #failures = 0;
  /** No poll before this moment, in milliseconds since 1970: the service has asked for a pause. */
  #notBefore = 0;
  #etag = "";
  #text = "";

  /** @type {Promise<State<T>> | null} */
  #loading = null;
  #wantsFeatures = false;
  /** Whether the votes and counts that are known may be wrong. */
  #stale = false;
  /** @type {Features | null} What the service said last, with every vote that it has acknowledged since. */
  #known = null;
  /** @type {Map<string, boolean>} What the caller wants of each feature whose request is not answered yet. */
  #intents = new Map();
  /** @type {Map<string, Promise<void>>} */
  #settling = new Map();
  /** How many votes were answered. */
  #answered = 0;
  /** @type {ProblemError | null} Why votes were refused for a while, as those are that follow before it is over. */
  #tooOften = null;
  /** Until when, in milliseconds since 1970. */
  #votesNotBefore = 0;

  /** @param {Options<T>} [options] */
  constructor({
    base = "",
    path = "/api/modules",
    parse = JSON.parse,
    interval = 10_000,
    timeout = 15_000,
    fetch = globalThis.fetch,
    document = globalThis.document,
  } = {}) {
    this.#options = { base, path, parse, interval, timeout, fetch, document };
  }

  /** All that is known now. */
  get state() {
    return this.#state;
  }

  /**
   * Call `listener` with the state whenever it is another. Returns what ends that.
   * @param {(state: State<T>) => void} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begin to follow the registry: at once, and while the page is seen. */
  start() {
    if (this.#started) return;
    this.#started = true;
    this.#options.document?.addEventListener("visibilitychange", this.#seen);
    this.#schedule(0);
  }

  /** Follow it no longer. What was asked already is still told. */
  stop() {
    this.#started = false;
    this.#options.document?.removeEventListener("visibilitychange", this.#seen);
    clearTimeout(this.#timer);
  }

  /**
   * Ask for the registry now. Never rejects: `error` of the state says why an answer is missing.
   * @returns {Promise<State<T>>}
   */
  refresh() {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  /**
   * Ask for the caller's votes and the counts. They are asked for again after a vote, when the page is seen again, and
   * when the registry has changed. Never rejects: see `signedIn` and `featuresError` of the state.
   * @returns {Promise<State<T>>}
   */
  loadFeatures() {
    this.#wantsFeatures = true;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /**
   * Want a feature. Counted at once, and taken back if the service refuses. Of several presses the last one wins.
   * @param {string} id
   * @returns {Promise<void>} when the service has it; rejects with a ProblemError, of status 401 if signed out
   */
  vote(id) {
    return this.#intend(id, true);
  }

  /**
   * Take a vote back; otherwise as `vote`.
   * @param {string} id
   * @returns {Promise<void>}
   */
  retract(id) {
    return this.#intend(id, false);
  }

  /** The page is seen again, or hidden. */
  #seen = () => {
    this.#stale = true;
    this.#schedule(0);
  };

  /** @param {number} delay in milliseconds */
  #schedule(delay) {
    clearTimeout(this.#timer);
    if (!this.#started || this.#options.document?.hidden) return; // a page that is seen again has itself scheduled
    this.#timer = setTimeout(() => void this.refresh(), Math.max(delay, this.#notBefore - Date.now()));
  }

  async #poll() {
    const { interval, path } = this.#options;
    let delay = interval;
    try {
      // The first answer must not come from the browser's cache; one with a condition of our own never does.
      /** @type {RequestInit} */
      const init = this.#etag ? { headers: { "If-None-Match": this.#etag } } : { cache: "no-cache" };
      const response = await this.#request(path, init);
      if (response.status !== 304) await this.#take(response);
      this.#failures = 0;
      this.#publish({ error: null });
    } catch (thrown) {
      const error = asProblem(thrown);
      this.#failures += 1;
      delay = Math.max(interval, Math.min(interval * 2 ** this.#failures, LONGEST_PAUSE));
      // Not all at the same moment, once that has come.
      if (error.retryAfter) this.#notBefore = Date.now() + error.retryAfter * (1 + Math.random() / 4);
      this.#publish({ error });
    }
    if (this.#stale && this.#wantsFeatures) void this.loadFeatures();
    this.#schedule(delay * (0.8 + 0.4 * Math.random()));
    return this.#state;
  }

  /** @param {Response} response */
  async #take(response) {
    const text = await response.text();
    if (text !== this.#text) {
      const registry = this.#options.parse(text);
      if (this.#text) this.#stale = true; // another registry counts other features
      this.#text = text;
      this.#publish({ registry, error: null });
    }
    this.#etag = response.headers.get("ETag") ?? "";
  }

  async #load() {
    try {
      let answered, answer;
      do {
        // What was asked before a vote was answered may lack that vote.
        answered = this.#answered;
        this.#stale = false;
        answer = await (await this.#request("/api/features", { credentials: "include" })).json();
      } while (answered !== this.#answered);
      this.#known = { voted: new Set(answer.voted), counts: new Map(Object.entries(answer.counts)) };
      this.#publish({ features: this.#shown(), featuresError: null, signedIn: true });
    } catch (thrown) {
      const error = asProblem(thrown);
      if (error.status === 401) return this.#signedOut();
      this.#stale = true; // the next poll asks again
      this.#publish({ featuresError: error });
    }
    return this.#state;
  }

  /**
   * @param {string} id
   * @param {boolean} wanted
   */
  #intend(id, wanted) {
    this.#intents.set(id, wanted);
    this.#publish({ features: this.#shown() });
    // One request at a time for each feature: the service gets presses in their order, and only the last matters.
    let settling = this.#settling.get(id);
    if (!settling) {
      settling = this.#settle(id).finally(() => this.#settling.delete(id));
      this.#settling.set(id, settling);
    }
    return settling;
  }

  /** @param {string} id */
  async #settle(id) {
    for (;;) {
      const wanted = this.#intents.get(id) === true;
      const error = await this.#send(id, wanted);
      this.#answered += 1;
      if (!error && this.#known) this.#known = changed(this.#known, id, wanted);
      if (wanted !== this.#intents.get(id)) continue; // pressed again meanwhile
      this.#intents.delete(id);
      if (error) {
        if (error.status === 401) this.#signedOut();
        else this.#publish({ features: this.#shown() });
        this.#stale = true; // it may have been recorded all the same
        throw error;
      }
      this.#publish({ features: this.#shown() });
      void this.loadFeatures();
      return;
    }
  }

  /**
   * @param {string} id
   * @param {boolean} wanted
   * @returns {Promise<ProblemError | null>}
   */
  async #send(id, wanted) {
    const left = this.#votesNotBefore - Date.now();
    if (this.#tooOften && left > 0) {
      return new ProblemError(this.#tooOften.message, this.#tooOften.status, this.#tooOften.problem, left);
    }
    try {
      const path = `/api/features/${encodeURIComponent(id)}/interest`;
      await this.#request(path, { method: wanted ? "POST" : "DELETE", credentials: "include" });
      return null;
    } catch (thrown) {
      const error = asProblem(thrown);
      if (error.status === 429) {
        this.#tooOften = error;
        this.#votesNotBefore = Date.now() + error.retryAfter;
      }
      return error;
    }
  }

  /**
   * An answer of success, or 304.
   * @param {string} path
   * @param {RequestInit} init
   */
  async #request(path, init) {
    const { base, fetch, timeout } = this.#options;
    const response = await fetch(base + path, { ...init, signal: AbortSignal.timeout(timeout) });
    if (response.ok || response.status === 304) return response;
    const problem = /** @type {Problem | null} */ (await response.json().catch(() => null));
    const message = String(problem?.detail ?? `${path} answers ${response.status}`);
    throw new ProblemError(message, response.status, problem, pause(response.headers.get("Retry-After")));
  }

  #signedOut() {
    this.#known = null;
    this.#publish({ features: null, featuresError: null, signedIn: false });
    return this.#state;
  }

  /** What is known, and what the caller wants beyond that. */
  #shown() {
    let features = this.#known;
    if (features) for (const [id, wanted] of this.#intents) features = changed(features, id, wanted);
    return features;
  }

  /**
   * Tell the subscribers, if anything is another than before.
   * @param {Partial<State<T>>} news
   */
  #publish(news) {
    const state = { ...this.#state, ...news };
    if (same(state.features, this.#state.features)) state.features = this.#state.features;
    if (state.error?.message === this.#state.error?.message) state.error = this.#state.error;
    if (state.featuresError?.message === this.#state.featuresError?.message) {
      state.featuresError = this.#state.featuresError;
    }
    const names = /** @type {(keyof State<T>)[]} */ (Object.keys(state));
    if (names.every((name) => state[name] === this.#state[name])) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (error) {
        // One listener's mistake is shown as any other, and keeps nothing from the rest.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}

/**
 * Features after a vote or its retraction, which count once.
 * @param {Features} features
 * @param {string} id
 * @param {boolean} wanted
 * @returns {Features}
 */
function changed(features, id, wanted) {
  if (features.voted.has(id) === wanted) return features;
  const voted = new Set(features.voted);
  const counts = new Map(features.counts);
  if (wanted) voted.add(id);
  else voted.delete(id);
  counts.set(id, Math.max(0, (counts.get(id) ?? 0) + (wanted ? 1 : -1)));
  return { voted, counts };
}

/**
 * @param {Features | null} one
 * @param {Features | null} other
 */
function same(one, other) {
  if (!one || !other) return one === other;
  return (
    one.voted.size === other.voted.size &&
    one.counts.size === other.counts.size &&
    [...one.voted].every((id) => other.voted.has(id)) &&
    [...one.counts].every(([id, count]) => other.counts.get(id) === count)
  );
}

/**
 * How long Retry-After asks to wait, in milliseconds: a number of seconds, or a date (RFC 9110, 10.2.3).
 * @param {string | null} header
 */
function pause(header) {
  if (!header) return 0;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Math.min(Math.max(wait || 0, 0), LONGEST_RETRY_AFTER);
}

/**
 * No answer, or one that makes no sense, as a ProblemError.
 * @param {unknown} thrown
 */
function asProblem(thrown) {
  return thrown instanceof ProblemError ? thrown : new ProblemError(String(thrown));
}
