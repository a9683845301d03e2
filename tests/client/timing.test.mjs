// When the client asks, by a clock that the test moves. No service is needed.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";

const { RegistryClient } = await import(pathToFileURL(process.env.CLIENT));

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
afterEach(() => mock.timers.reset());

/** A document, as a page has one. */
class Page extends EventTarget {
  hidden = false;

  become(hidden) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const well = (path) => new Response(path === "/api/features" ? '{"voted":[],"counts":{}}' : '{"modules":[]}');

/** A client with a service that answers what it is told to, and the moments at which it was asked. */
function connect(answer = well, document = undefined) {
  const moments = [];
  const paths = [];
  const asking = async (path) => {
    moments.push(Date.now());
    paths.push(path);
    return answer(path);
  };
  return { client: new RegistryClient({ fetch: asking, document }), moments, paths };
}

/** Let time pass, and everything happen that follows. */
async function pass(milliseconds, step = 100) {
  const end = Date.now() + milliseconds;
  do {
    mock.timers.tick(Math.min(step, end - Date.now()));
    await new Promise(setImmediate);
  } while (Date.now() < end);
}

/** The pauses between requests. */
const pauses = (moments) => moments.slice(1).map((moment, index) => moment - moments[index]);

/** Whether a pause is `expected` milliseconds, give or take a fifth and a step of the clock. */
const about = (expected) => (pause) => pause >= 0.8 * expected && pause <= 1.2 * expected + 100;

test("it asks about every ten seconds, and no two clients at the same moments", async () => {
  const clients = Array.from({ length: 10 }, () => connect());
  for (const { client } of clients) client.start();
  await pass(60_000);
  for (const { client, moments } of clients) {
    client.stop();
    assert.ok(moments.length >= 5 && pauses(moments).every(about(10_000)), String(pauses(moments)));
  }
  assert.ok(new Set(clients.map(({ moments }) => moments[1])).size > 3);
});

test("it asks nothing while the page is hidden, and at once when it is seen again", async () => {
  const page = new Page();
  const { client, moments, paths } = connect(undefined, page);
  client.start();
  client.loadFeatures();
  await pass(100);
  page.become(true);
  await pass(3_600_000, 10_000);
  assert.deepEqual(paths, ["/api/features", "/api/modules"]);
  page.become(false);
  await pass(100);
  assert.deepEqual(paths.slice(2), ["/api/modules", "/api/features"]);
  client.stop();
  page.become(true);
  page.become(false);
  await pass(60_000);
  assert.equal(moments.length, 4);
});

test("a page that is hidden as it begins asks nothing either", async () => {
  const page = new Page();
  page.hidden = true;
  const { client, moments } = connect(undefined, page);
  client.start();
  await pass(60_000);
  assert.equal(moments.length, 0);
  page.become(false);
  await pass(100);
  assert.equal(moments.length, 1);
  client.stop();
});

test("it asks less and less often as polls fail, and as before when one succeeds", async () => {
  let broken = true;
  const { client, moments } = connect(() => new Response(broken ? "no" : "{}", { status: broken ? 500 : 200 }));
  client.start();
  await pass(300_000);
  const [first, second, ...others] = pauses(moments);
  assert.ok(about(20_000)(first) && about(40_000)(second) && others.length > 1 && others.every(about(60_000)));
  assert.equal(client.state.error.status, 500);
  broken = false;
  await pass(100_000);
  assert.ok(about(10_000)(pauses(moments).at(-1)));
  assert.equal(client.state.error, null);
  client.stop();
});

for (const [form, header] of [
  ["seconds", () => "300"],
  ["a date", () => new Date(Date.now() + 300_000).toUTCString()],
]) {
  test(`it waits for as long as Retry-After asks in ${form}, whoever looks`, async () => {
    const page = new Page();
    const busy = () => new Response("", { status: 503, headers: { "Retry-After": header() } });
    const { client, moments } = connect(busy, page);
    client.start();
    await pass(30_000);
    page.become(true);
    page.become(false);
    await pass(360_000);
    const [pause] = pauses(moments);
    assert.ok(pause >= 299_000 && pause <= 376_000, String(pause));
    client.stop();
  });
}

for (const header of ["soon", "-5", "999999999999", "Thu, 01 Jan 1970 00:00:00 GMT", ""]) {
  test(`a Retry-After of ${header || "nothing"} stops it for at most an hour`, async () => {
    const { client, moments } = connect(() => new Response("", { status: 503, headers: { "Retry-After": header } }));
    client.start();
    await pass(4_600_000, 10_000);
    assert.ok(moments.length > 1);
    if (Number(header) > 3600) assert.ok(pauses(moments)[0] >= 3_600_000, String(pauses(moments)));
    client.stop();
  });
}

test("one request is under way at a time", async () => {
  let answer;
  const { client, moments } = connect(() => new Promise((resolve) => (answer = resolve)));
  client.start();
  await pass(100);
  const [one, other] = [client.refresh(), client.refresh()];
  assert.equal(moments.length, 1);
  answer(new Response("{}"));
  assert.equal(await one, await other);
  client.stop();
});

test("votes and counts that could not be read are asked for with the next poll; not of who is signed out", async () => {
  let status = 503;
  const { client, paths } = connect((path) => new Response("{}", { status: path === "/api/modules" ? 200 : status }));
  const asked = () => paths.filter((path) => path === "/api/features").length;
  client.start();
  client.loadFeatures();
  await pass(100);
  assert.equal(client.state.featuresError.status, 503);
  const before = asked();
  await pass(12_100);
  assert.equal(asked(), before + 1);
  status = 401;
  await pass(60_000);
  assert.equal(asked(), before + 2);
  assert.equal(client.state.signedIn, false);
  client.stop();
});

test("the mistake of one subscriber is reported, and keeps nothing from the others", async () => {
  const { client } = connect();
  const seen = [];
  client.subscribe(() => {
    throw new Error("a mistake");
  });
  client.subscribe((state) => void seen.push(state));
  await client.refresh();
  assert.deepEqual(seen, [client.state]);
  assert.throws(() => mock.timers.tick(1), /a mistake/);
});

test("votes that are too many are taken back, and none is sent before Retry-After is over", async () => {
  const headers = { "Retry-After": "5" };
  let refuses = true;
  const answer = (path) => {
    if (!path.endsWith("/interest")) return new Response('{"voted":[],"counts":{"linkedin":1}}');
    return refuses ? new Response('{"detail":"Too many."}', { status: 429, headers }) : new Response(null, { status: 204 });
  };
  const { client, paths } = connect(answer);
  await client.loadFeatures();
  const sent = () => paths.filter((path) => path.endsWith("/interest")).length;
  await assert.rejects(client.vote("linkedin"), { status: 429, message: "Too many.", retryAfter: 5000 });
  refuses = false;
  await pass(3000);
  await assert.rejects(client.vote("linkedin"), { status: 429, message: "Too many.", retryAfter: 2000 });
  assert.equal(client.state.features.counts.get("linkedin"), 1);
  assert.equal(sent(), 1);
  await pass(2000);
  await client.vote("linkedin");
  assert.equal(sent(), 2);
});
