// A real OpenID Connect provider, which can be told to misbehave: node openid_provider.mjs CONFIGURATION
// It writes its issuer on one line, and ends with its standard input. POST /control takes what it does otherwise.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const folder = process.env.OIDC_PROVIDER;
const load = async (name) => import(pathToFileURL(createRequire(`${folder}/package.json`).resolve(name)));
const { Provider } = await load(folder);
const jose = await load("jose");

const configuration = JSON.parse(process.argv[2]);
const everyone = configuration.accounts;
let wrong = {}; // what is wrong with the answers, until it is said anew
let serving, keys, asked = [];

async function newKeys(name) {
  const made = [];
  for (const [alg, kid] of [["RS256", name], ["ES256", `${name}-ec`]]) {
    const pair = await jose.generateKeyPair(alg, { extractable: true });
    made.push({ ...(await jose.exportJWK(pair.privateKey)), kid, alg, use: "sig" });
  }
  return made;
}

async function signedAnew(token) {
  const claims = { ...jose.decodeJwt(token), ...wrong.claims };
  for (const name of wrong.without ?? []) delete claims[name];
  const header = { ...jose.decodeProtectedHeader(token), ...wrong.header };
  if (header.alg === "none") return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${token.split(".")[1]}.`;
  const stranger = wrong.stranger && (await newKeys("stranger"))[0];
  const key = header.alg === "HS256" ? new TextEncoder().encode(configuration.secret) : await jose.importJWK(stranger ?? keys[0], "RS256");
  if (wrong.pairs) {
    const pairs = new TextEncoder().encode(JSON.stringify(Object.entries(claims)));
    return new jose.CompactSign(pairs).setProtectedHeader(header).sign(key);
  }
  return new jose.SignJWT(claims).setProtectedHeader(header).sign(key);
}

function provider(issuer) {
  const made = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        client_id: configuration.client,
        client_secret: configuration.secret,
        redirect_uris: configuration.addresses.map((address) => `${address}/sign-in/openid/callback`),
        post_logout_redirect_uris: configuration.addresses.map((address) => `${address}/`),
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "locale"], groups: ["groups"] },
    scopes: ["openid", "offline_access", "email", "profile", "groups"],
    cookies: { keys: ["a key of tests"] },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
    findAccount: (_, id) => everyone[id] && { accountId: id, claims: () => ({ sub: id, ...everyone[id] }) },
  });
  made.use(async (context, next) => {
    await next();
    const route = context.oidc?.route;
    if (route === "token" && context.body?.id_token) context.body.id_token = await signedAnew(context.body.id_token);
    if (context.path === "/.well-known/openid-configuration") context.body = { ...context.body, ...wrong.metadata };
    if (route === "userinfo" && wrong.userinfo) context.body = { ...context.body, ...wrong.userinfo };
  });
  return made.callback();
}

const server = createServer(async (request, response) => {
  if (request.url === "/control") {
    let body = "";
    for await (const part of request) body += part;
    const told = JSON.parse(body);
    if (told.rotate) {
      keys = await newKeys(told.rotate);
      serving = provider(issuer);
    }
    if (told.accounts) Object.assign(everyone, told.accounts);
    if (told.wrong) wrong = told.wrong;
    const said = JSON.stringify(asked);
    if (told.forget) asked = [];
    return response.end(said);
  }
  asked.push(request.url.split("?")[0]);
  if (wrong.silent?.some((path) => request.url.startsWith(path))) return; // the connection stays open
  if (wrong.drip?.some((path) => request.url.startsWith(path))) {
    response.writeHead(200);
    const drop = setInterval(() => response.write(" "), 200);
    return request.on("close", () => clearInterval(drop));
  }
  const instead = Object.entries(wrong.instead ?? {}).find(([path]) => request.url.startsWith(path));
  if (instead) return response.writeHead(instead[1].status, instead[1].headers ?? {}).end(instead[1].body ?? "");
  return serving(request, response);
});

keys = await newKeys("first");
await new Promise((resolve) => server.listen(configuration.port ?? 0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
serving = provider(issuer);
console.log(issuer);
process.stdin.resume().on("end", () => process.exit());
