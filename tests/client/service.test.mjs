// The client in Node, against a service that test_client.py has started. Its environment names all that is here.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

const { ALICE, BOB, CLIENT, PENDING, REGISTRY, SERVICE } = process.env;
const { ProblemError, RegistryClient } = await import(pathToFileURL(CLIENT));

const INTERVAL = 20;
const started = [];
after(() => started.forEach((client) => client.stop()));

/** A client of the service, whose requests carry a session. `requests` has method, path and status of each. */
function connect(cookie, options = {}) {
  const requests = [];
  const { before = () => {}, behind = () => {}, ...others } = options;
  async function asking(url, init = {}) {
    const request = { method: init.method ?? "GET", path: url.slice(SERVICE.length), status: 0 };
    requests.push(request);
    await before(request);
    const response = await fetch(url, cookie ? { ...init, headers: { ...init.headers, Cookie: cookie } } : init);
    request.status = response.status;
    await behind(request);
    return response;
  }
  const client = new RegistryClient({ base: SERVICE, interval: INTERVAL, fetch: asking, ...others });
  const told = [];
  client.subscribe((state) => told.push(state));
  started.push(client);
  return { client, requests, told };
}

/** The first state that fulfils `condition`, of now or to come. */
function reached(client, condition) {
  if (condition(client.state)) return client.state;
  return new Promise((resolve) => {
    const end = client.subscribe((state) => {
      if (!condition(state)) return;
      end();
      resolve(state);
    });
  });
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What the service says that the account of a session wants. */
async function recorded(cookie) {
  const response = await fetch(`${SERVICE}/api/features`, { headers: { Cookie: cookie } });
  return response.json();
}

const slugs = (state) => state.registry?.modules.map((module) => module.slug) ?? [];

test("it follows the registry, asks with the ETag, and tells of changes alone", async () => {
  const { client, requests, told } = connect();
  client.start();
  await reached(client, (state) => slugs(state).includes("scrap"));
  await until(() => requests.length >= 5);
  assert.deepEqual(new Set(requests.slice(1, 4).map((request) => request.status)), new Set([304]));
  assert.equal(told.length, 1);

  const before = await readFile(REGISTRY, "utf8");
  const entry = "{ slug: podcasts, category: sources, label: { fr: Balados, en: Podcasts }, coming_soon: true }";
  await writeFile(REGISTRY, before.replace("modules:\n", `modules:\n  - ${entry}\n`));
  await reached(client, (state) => slugs(state).includes("podcasts"));
  assert.equal(told.length, 2);
  await writeFile(REGISTRY, before);
  await reached(client, (state) => !slugs(state).includes("podcasts"));

  client.stop();
  await client.refresh(); // whatever was under way
  const asked = requests.length;
  await new Promise((resolve) => setTimeout(resolve, 3 * INTERVAL));
  assert.equal(requests.length, asked);
});

test("the counts follow a registry that has other features", async () => {
  const { client } = connect(ALICE);
  client.start();
  await client.loadFeatures();
  await client.refresh();
  const before = await readFile(REGISTRY, "utf8");
  const entry = "{ slug: radio, category: sources, label: { fr: Radio, en: Radio }, coming_soon: true }";
  await writeFile(REGISTRY, before.replace("modules:\n", `modules:\n  - ${entry}\n`));
  assert.equal((await reached(client, (state) => state.features?.counts.has("radio"))).features.counts.get("radio"), 0);
  await writeFile(REGISTRY, before);
  await reached(client, (state) => !state.features.counts.has("radio"));
  client.stop();
});

test("any documented route can be followed", async () => {
  const { client } = connect("", { path: "/api/modules-registry" });
  const { registry } = await client.refresh();
  assert.deepEqual(registry.alpha_unavailable, ["finance"]);
  const text = connect("", { path: "/openapi.yaml", parse: (text) => text.split("\n")[0] });
  assert.match((await text.client.refresh()).registry, /^openapi: /);
});

test("the last good answer is kept while the service is away", async () => {
  let away = false;
  const gone = () => {
    if (away) throw new TypeError("fetch failed");
  };
  const { client } = connect("", { before: gone });
  client.start();
  await reached(client, (state) => state.registry);
  away = true;
  const state = await reached(client, (state) => state.error);
  assert.ok(slugs(state).includes("scrap"));
  assert.equal(state.error.status, 0);
  away = false;
  await reached(client, (state) => !state.error);
  client.stop();
});

test("an answer that makes no sense is an error, and the last good one is kept", async () => {
  const { client } = connect("", { parse: () => JSON.parse("<html>") });
  const { registry, error } = await client.refresh();
  assert.equal(registry, null);
  assert.ok(error instanceof ProblemError);
});

test("a vote is counted at once, and corrected by the service", async () => {
  const { client, told } = connect(ALICE);
  await client.loadFeatures();
  assert.equal(client.state.signedIn, true);
  assert.equal(client.state.features.counts.get("linkedin"), 0);
  await fetch(`${SERVICE}/api/features/linkedin/interest`, { method: "POST", headers: { Cookie: BOB } });

  const voted = client.vote("linkedin");
  assert.ok(client.state.features.voted.has("linkedin"));
  assert.equal(client.state.features.counts.get("linkedin"), 1);
  await voted;
  await reached(client, (state) => state.features.counts.get("linkedin") === 2);
  assert.deepEqual((await recorded(ALICE)).voted, ["linkedin"]);

  await client.retract("linkedin");
  assert.equal(client.state.features.counts.get("linkedin"), 1);
  assert.deepEqual((await recorded(ALICE)).voted, []);
  await client.loadFeatures();
  assert.equal(new Set(told).size, told.length);
  await fetch(`${SERVICE}/api/features/linkedin/interest`, { method: "DELETE", headers: { Cookie: BOB } });
});

test("a vote that is refused is taken back, with the problem document", async () => {
  const { client, told } = connect(PENDING);
  await client.loadFeatures();
  const before = client.state.features;
  await assert.rejects(client.vote("linkedin"), (error) => {
    assert.equal(error.status, 403);
    assert.equal(error.problem.type, "urn:problem-type:module-registry:account-not-active");
    assert.equal(error.message, error.problem.detail);
    return true;
  });
  assert.deepEqual(told.map((state) => state.features.counts.get("linkedin")), [0, 1, 0]);
  assert.deepEqual(client.state.features, before);
  await assert.rejects(client.vote("no/such?"), /no\/such\?\/interest/);
});

test("who is signed out is told so", async () => {
  const { client } = connect();
  await client.loadFeatures();
  assert.equal(client.state.signedIn, false);
  assert.equal(client.state.features, null);
  await assert.rejects(client.vote("linkedin"), { status: 401 });
});

test("a session that ends takes the votes along", async () => {
  let cookie = ALICE;
  const asking = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, Cookie: cookie } });
  const { client } = connect("", { fetch: asking });
  await client.loadFeatures();
  cookie = "";
  await assert.rejects(client.vote("funding"), { status: 401 });
  assert.equal(client.state.signedIn, false);
  assert.equal(client.state.features, null);
});

test("an unknown feature is refused and shows nothing", async () => {
  const { client } = connect(ALICE);
  await client.loadFeatures();
  await assert.rejects(client.vote("constructor"), { status: 404 });
  assert.equal(client.state.features.counts.has("constructor"), false);
});

test("of quick presses the last one wins, and one request is under way at a time", async () => {
  let underWay = 0;
  let most = 0;
  const { client, requests } = connect(ALICE, {
    before: ({ path }) => void (path.endsWith("/interest") && (most = Math.max(most, ++underWay))),
    behind: ({ path }) => void (path.endsWith("/interest") && underWay--),
  });
  await client.loadFeatures();
  const presses = [client.vote("funding"), client.retract("funding"), client.vote("funding"), client.retract("funding")];
  assert.equal(client.state.features.voted.has("funding"), false);
  await Promise.all(presses);
  assert.equal(most, 1);
  assert.deepEqual(requests.filter(({ path }) => path.endsWith("/interest")).map(({ method }) => method), ["POST", "DELETE"]);
  assert.deepEqual((await recorded(ALICE)).voted, []);
});

test("an answer that was asked for before a vote does not take it back", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let hold = false;
  const { client, told } = connect(ALICE, {
    behind: async ({ path }) => {
      if (path !== "/api/features" || !hold) return;
      hold = false;
      await held;
    },
  });
  await client.loadFeatures();
  hold = true;
  const late = client.loadFeatures();
  await until(() => !hold);
  const pressed = told.length;
  await client.vote("hiring");
  release();
  await late;
  await client.loadFeatures();
  assert.ok(told.slice(pressed).every((state) => state.features.voted.has("hiring")));
  assert.equal(client.state.features.counts.get("hiring"), 1);
  await client.retract("hiring");
});

/** Numbers from 0 to 1 that are the same in every run. */
function random(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
  };
}

test("whatever is pressed, and in whatever order answers come, the service has what was wanted last", async () => {
  const names = ["linkedin", "funding", "hiring"];
  for (let seed = 1; seed <= 8; seed++) {
    const chance = random(seed);
    const wait = () => new Promise((resolve) => setTimeout(resolve, chance() * 6));
    const { client } = connect(ALICE, { before: wait, behind: wait });
    await client.loadFeatures();
    const wanted = new Map();
    const presses = [];
    for (let press = 0; press < 12; press++) {
      const name = names[Math.floor(chance() * 3)];
      const vote = chance() < 0.5;
      wanted.set(name, vote);
      presses.push(vote ? client.vote(name) : client.retract(name));
      for (const [name, vote] of wanted) assert.equal(client.state.features.voted.has(name), vote);
      if (chance() < 0.5) await wait();
    }
    await Promise.all(presses);
    await client.loadFeatures();
    const { voted, counts } = await recorded(ALICE);
    for (const [name, vote] of wanted) assert.equal(voted.includes(name), vote, `${name} of seed ${seed}`);
    assert.deepEqual([...client.state.features.voted].sort(), voted);
    assert.deepEqual(Object.fromEntries(client.state.features.counts), counts);
    await Promise.all(names.map((name) => client.retract(name)));
  }
});
