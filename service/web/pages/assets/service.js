// Calls to the service: its origin, the account that is signed in, and where to sign in.

const root = document.documentElement;

/** The origin of the service if another host serves the pages as files, else "". */
export const service = root.dataset.service ?? "";

/**
 * Send a request to the service, with the session of the caller.
 * @param {string} path
 * @param {RequestInit} [init]
 */
export const call = (path, init) => fetch(service + path, { credentials: "include", ...init });

/**
 * Return whether an account may be signed in, so that requests without a session are rare. The service reports its own
 * sessions in a cookie. If the platform may have started a session, a 401 rules it out for ten minutes, except when the
 * reader comes from another site.
 */
function mayBeSignedIn() {
  const hint = /(?:^|; )signed-in=(\w+)/.exec(document.cookie)?.[1];
  const isFromHere = document.referrer.startsWith(`${location.origin}/`);
  return hint === "yes" || ("shared" in root.dataset && !(hint === "no" && isFromHere));
}

async function fetchAccount() {
  try {
    const response = await call("/api/me", { headers: { Accept: "application/json" } });
    const answer = await response.json(); // also of an error: the connection is busy until its body is read
    if (response.ok) return answer;
    if (response.status !== 401) return undefined;
    document.cookie = "signed-in=no; Path=/; Max-Age=600; SameSite=Lax";
    return null;
  } catch {
    return undefined;
  }
}

/**
 * The account that is signed in: null if there is none, undefined if the service does not answer.
 * @typedef {{slug: string, label: Record<string, string>, voted: string | null, released: string | null}} Shipped
 * @typedef {{id: string, name: string, role: string, status: string, locale: string | null, unread: number, waiting?: number, shipped: Shipped[]}} Me
 * @type {Promise<Me | null | undefined>}
 */
export const me = mayBeSignedIn() ? fetchAccount() : Promise.resolve(null);

/** Return the address of the sign-in page, which leads back to this page. */
export function signInAddress() {
  const template = root.dataset.signIn ?? "";
  const isOwn = template.startsWith(`${service}/`);
  const back = isOwn ? location.pathname + location.search : location.href;
  return template.replace("{next}", encodeURIComponent(back));
}
