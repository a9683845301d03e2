"""An OpenID Connect provider in a thread of the test, which can be told to misbehave. It asks nobody for a password."""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from authlib.common.encoding import urlsafe_b64encode
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from openid_provider import ACCOUNTS, CLIENT_ID, SECRET

DESCRIPTION = "/.well-known/openid-configuration"


def query(address: str) -> dict[str, str]:
    """The fields of an address, or of a form."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@cache
def signing_key(name: str) -> RSAKey:
    """A key of this name, which takes a moment to make."""
    return RSAKey.generate_key(2048, {"kid": name, "alg": "RS256", "use": "sig"})


@contextmanager
def running() -> "Iterator[SmallProvider]":
    """A provider that answers until the end of the block."""
    with SmallProvider() as made, ThreadPoolExecutor(1) as pool:
        pool.submit(made.serve_forever, 0.05)
        yield made
        made.closing.set()
        made.shutdown()


class SmallProvider(ThreadingHTTPServer):
    """Answers as it should, but for what is `wrong` until `reset`."""

    daemon_threads = True
    #: An app that is registered with it, where a test has one.
    app: Flask

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.closing = Event()
        self.reset()

    def reset(self) -> None:
        self.wrong: dict[str, Any] = {}
        self.accounts = {name: dict(claims) for name, claims in ACCOUNTS.items()}
        self.asked: list[str] = []
        self.key_name, self.at_browser = "first", "alice"
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, str] = {}

    def follow(self, address: str, who: str = "alice", *, agrees: bool = True) -> str:
        """Have somebody sign in at the address that the service has led them to; returns where they are led back to."""
        sent = query(address)
        given = {"state": sent["state"], "iss": self.issuer}
        if agrees:
            given["code"] = f"code {len(self._codes)}"
            self._codes[given["code"]] = sent | {"who": who}
        else:
            given["error"] = "access_denied"
        return f"{sent['redirect_uri']}?{urlencode(given)}"

    def description(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, 3."""
        paths = {"authorization": "auth", "token": "token", "userinfo": "me", "end_session": "session/end"}
        return {
            "issuer": self.issuer,
            **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in paths.items()},
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["HS256", "ES256", "RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_jwt", "client_secret_post", "client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        } | self.wrong.get("metadata", {})

    def keys(self) -> dict[str, Any]:
        """What it signs with, beside what is passed over."""
        own, other = (signing_key(name).as_dict(private=False) for name in (self.key_name, "a stranger's"))
        elliptic = ECKey.generate_key("P-256", {"kid": "other", "alg": "ES256"}).as_dict(private=False)
        own |= self.wrong.get("key", {})
        return {"keys": [own, elliptic, other | {"kid": self.key_name, "use": "enc"}, 1, {"kty": "RSA"}]}

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The tokens of a code: once, and for whoever has begun (RFC 6749, 4.1.3, and RFC 7636, 4.6)."""
        told = [form.pop("client_id", ""), form.pop("client_secret", "")]
        if authorization.startswith("Basic "):
            told = [unquote_plus(word) for word in b64decode(authorization[6:]).decode().split(":")]
        if told != [CLIENT_ID, SECRET]:
            return 401, {"error": "invalid_client"}
        begun = self._codes.pop(form["code"], {})
        challenge = create_s256_code_challenge(form["code_verifier"])
        sent = [form["grant_type"], form["redirect_uri"], challenge, "S256"]
        if sent != ["authorization_code", *map(begun.get, ("redirect_uri", "code_challenge", "code_challenge_method"))]:
            return 400, {"error": "invalid_grant"}
        token = f"token-{len(self._tokens)}"
        self._tokens[f"Bearer {token}"] = begun["who"]
        return 200, {"access_token": token, "token_type": "Bearer", "id_token": self._id_token(begun, token)}

    def _id_token(self, begun: dict[str, str], access_token: str) -> str:
        """OpenID Connect Core 1.0, 2."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": begun["who"], "nonce": begun["nonce"]}
        claims |= {"at_hash": create_half_hash(access_token, "RS256").decode(), "iat": now, "exp": now + 600}
        claims |= self.wrong.get("claims", {})
        header = {"alg": "RS256", "kid": self.key_name} | self.wrong.get("header", {})
        header, claims = (
            {name: value for name, value in part.items() if value is not None} for part in (header, claims)
        )
        payload = json.dumps([*claims.items()] if self.wrong.get("pairs") else claims).encode()
        if header["alg"] == "none":
            return b".".join([*map(urlsafe_b64encode, (json.dumps(header).encode(), payload)), b""]).decode()
        key = signing_key("a stranger's") if self.wrong.get("stranger") else signing_key(self.key_name)
        secret = OctKey.import_key(SECRET) if header["alg"] == "HS256" else key
        return jws.serialize_compact(header, payload, secret, algorithms=["RS256", "HS256"])

    def userinfo(self, authorization: str) -> tuple[int, dict[str, Any]]:
        """OpenID Connect Core 1.0, 5.3."""
        who = self._tokens.get(authorization)
        if who is None:
            return 401, {"error": "invalid_token"}
        return 200, {"sub": who} | self.accounts[who] | self.wrong.get("userinfo", {})


class _Answering(BaseHTTPRequestHandler):
    server: SmallProvider

    def do_GET(self) -> None:
        path, given = urlsplit(self.path).path, self.headers["Authorization"] or ""
        form = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.server.asked.append(path)
        if path in self.server.wrong.get("silent", ()):
            self.server.closing.wait()
        elif path in self.server.wrong.get("drip", ()):
            self._drip()
        elif path in self.server.wrong.get("instead", {}):
            status, body, times = self.server.wrong["instead"][path]
            self._answer(status, body * times)
        elif path == DESCRIPTION:
            self._answer(200, self.server.description())
        elif path == "/jwks":
            self._answer(200, self.server.keys())
        elif path == "/auth":  # where a browser is, whoever sits there
            self._answer(302, "", self.server.follow(self.path, self.server.at_browser))
        elif path == "/token":
            self._answer(*self.server.exchange(dict(parse_qsl(form)), given))
        else:
            self._answer(*self.server.userinfo(given))

    do_POST = do_GET

    def _answer(self, status: int, body: dict[str, Any] | str, to: str = "/elsewhere") -> None:
        self.send_response(status)
        self.send_header("Location", to)  # which counts where it is a redirect
        self.end_headers()
        self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:  # who asked has had enough
                return

    def log_message(self, *_: object) -> None:
        pass
