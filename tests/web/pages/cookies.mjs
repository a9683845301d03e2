// What a browser does by itself, and Node does not: it keeps the cookie that an answer sets, and sends it.
const plain = globalThis.fetch;
let cookie;
globalThis.fetch = async (url, {credentials, headers, ...options} = {}) => {
  const sent = credentials === "include" && cookie ? {Cookie: cookie} : {};
  const response = await plain(url, {...options, headers: {...headers, ...sent}});
  cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
  return response;
};
