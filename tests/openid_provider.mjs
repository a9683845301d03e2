// A real OpenID Connect provider: node openid_provider.mjs CONFIGURATION
// It writes its issuer on one line, and ends with its standard input.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const folder = process.env.OIDC_PROVIDER;
const load = async (name) => import(pathToFileURL(createRequire(`${folder}/package.json`).resolve(name)));
const { Provider } = await load(folder);
const jose = await load("jose");

const configuration = JSON.parse(process.argv[2]);
const everyone = configuration.accounts;
let serving;

const keys = [];
for (const [alg, kid] of [["RS256", "first"], ["ES256", "first-ec"]]) {
  const pair = await jose.generateKeyPair(alg, { extractable: true });
  keys.push({ ...(await jose.exportJWK(pair.privateKey)), kid, alg, use: "sig" });
}

function provider(issuer) {
  return new Provider(issuer, {
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
  }).callback();
}

const server = createServer((request, response) => serving(request, response));
await new Promise((resolve) => server.listen(configuration.port ?? 0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
serving = provider(issuer);
console.log(issuer);
process.stdin.resume().on("end", () => process.exit());
