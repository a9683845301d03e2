"""An OpenID Connect provider as this service sees it: where its endpoints are, and which keys it signs with.

Each worker keeps what it was told for a while. Everything asked of a provider has a time limit and a limit on its size,
few threads of a worker ask at once, and one that does not answer is not asked again at once: a provider that is down or
slow holds nothing up but signing in.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from math import inf
from typing import Any, Protocol
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from service.http.client import answered
from service.problems import ProviderBusy, ProviderRefused, ProviderUnavailable
from service.settings.settings import Settings
from service.wording import printable, shortened

_logger = logging.getLogger(__name__)

Key = RSAKey | ECKey | OKPKey

#: How tokens may be signed: by a key that the provider alone has (OpenID Connect Core 1.0, 3.1.3.7).
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
#: How many keys are looked at.
_MOST_KEYS = 100
#: How long one answer of a provider may take, in seconds, and how large it may be, in bytes.
LONGEST, _LARGEST = 5.0, 256 * 1024
#: For how long it is believed where a provider's endpoints are, and which keys it has, in seconds.
_ENDPOINTS_KEPT, _KEYS_KEPT = 60.0, 3600.0
#: For how long a provider that did not answer is not asked again, in seconds.
_LEFT_ALONE = 3.0
#: How often a provider's keys are asked for at most, and a line is logged of a sign-in that it has fail, in seconds.
_KEYS_AGAIN, _LOGGED_AGAIN = 10.0, 10.0

#: An address of an endpoint: what a header or a page reads as nothing else.
_ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~]{1,1000}")


def safe(said: object) -> str:
    """What a provider says, short enough and safe to be shown."""
    return printable(shortened(str(said), 200))


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a provider says of itself (OpenID Connect Discovery 1.0, 3). What is empty it does not offer."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    algorithms: tuple[str, ...]
    #: How it wants to be told the secret: `client_secret_basic` or `client_secret_post`.
    authentication: str
    #: Whether its answers say which provider they are of (RFC 9207).
    names_itself: bool


@dataclass(slots=True)
class _Kept:
    """What was told last, and when, by `time.monotonic`; and when it was asked for in vain, and why."""

    value: Any = None
    at: float = -inf
    fault: ProviderUnavailable | ProviderRefused | None = None
    failed: float = -inf

    def younger(self, seconds: float, ask: Callable[[], Any]) -> Any:
        """What was told within so many seconds, or what is told now. Raises again what it was asked in vain for."""
        now = time.monotonic()
        if now - self.at >= seconds:
            if self.fault is not None and now - self.failed < _LEFT_ALONE:
                raise type(self.fault)(self.fault.message)
            try:
                self.value, self.at = ask(), time.monotonic()
            except ProviderBusy:  # which says nothing of the provider
                raise
            except (ProviderUnavailable, ProviderRefused) as error:
                self.fault, self.failed = type(error)(error.message), time.monotonic()
                raise
        return self.value


class Places(Protocol):
    """How many threads may wait for the provider: `web/bulkhead.py` in the service."""

    def enter(self, who: None) -> bool:
        """Take a place. False if all are taken."""

    def leave(self, who: None) -> None:
        """Give the place back."""


@dataclass(slots=True)
class Provider:
    """One provider. All methods raise ProviderUnavailable, and ProviderRefused for an answer that makes no sense."""

    settings: Settings
    bulkhead: Places
    _endpoints: _Kept = field(default_factory=_Kept)
    _keys: _Kept = field(default_factory=_Kept)
    _logged: float = -1e9

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A place among those who ask. Whoever asks several things keeps it meanwhile."""
        if not self.bulkhead.enter(None):
            raise ProviderBusy("Others are signing in at the moment; try again.")
        try:
            with self.telling():
                yield
        finally:
            self.bulkhead.leave(None)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the operator of what fails, not too often: strangers can have a provider refuse them."""
        try:
            yield
        except (ProviderUnavailable, ProviderRefused) as error:
            now = time.monotonic()
            if now - self._logged >= _LOGGED_AGAIN:
                self._logged = now
                _logger.warning("Somebody could not sign in with %s: %s", self.settings.oidc_issuer, error)
            raise

    def endpoints(self, believed: float = _ENDPOINTS_KEPT) -> Endpoints:
        """Where its endpoints are, as of so many seconds ago. What is known takes no place among those who ask."""
        endpoints: Endpoints = self._endpoints.younger(believed, self._asked_endpoints)
        return endpoints

    def _asked_endpoints(self) -> Endpoints:
        with self.asking():
            return self._described(
                self.ask(f"{self.settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
            )

    def key(self, url: str, key_id: object, algorithm: str) -> Key:
        """The one key of this id, if there is an id, that may have signed by an algorithm. To be called while `asking`.

        An id that is not known has all keys asked for anew, but for 10 seconds after the last time: anybody can make
        ids up, and have the provider asked.
        """
        kind = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}[algorithm[:2]]
        for believed in (_KEYS_KEPT, _KEYS_AGAIN):
            keys: list[Key] = self._keys.younger(believed, lambda: _signing(self.ask(url)))
            if chosen := [key for key in keys if key_id in (None, key.kid)]:
                break
        fitting = [key for key in chosen if key.key_type == kind and key.alg in (None, algorithm)]
        if len(fitting) != 1:
            raise ProviderRefused("Its ID token is signed by a key that the provider does not publish.")
        return fitting[0]

    def ask(self, url: str, **headers: str) -> dict[str, Any]:
        """The JSON object that an address of the provider answers with. To be called while `asking`."""
        status, told = self.answer("GET", url, headers)
        if status != 200:
            raise ProviderRefused(f"The provider answered {status} at {_place(url)}.")
        return told

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The status and the JSON object of an answer. To be called while `asking`."""
        ends, headers = time.monotonic() + LONGEST, {"Accept": "application/json", **headers}
        try:
            with answered(method, url, ends, headers, body) as response:
                status, read = response.status, response.read(_LARGEST + 1)
        except TimeoutError:
            raise ProviderUnavailable(f"{_place(url)} has not answered within {LONGEST:g} s.") from None
        except (OSError, HTTPException, UnicodeError) as error:
            said = safe(str(error) or type(error).__name__)
            raise ProviderUnavailable(f"{_place(url)} could not be reached: {said}.") from None
        if status >= 500 or status == 429:
            raise ProviderUnavailable(f"{_place(url)} answered {status}.")
        if len(read) > _LARGEST:
            raise ProviderRefused(f"{_place(url)} answered with more than {_LARGEST // 1024} KiB.")
        try:
            told = json.loads(read)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise ProviderRefused(f"{_place(url)} answered {status} with what is no JSON object.")
        return status, told

    def _described(self, told: Mapping[str, Any]) -> Endpoints:
        issuer = self.settings.oidc_issuer
        if told.get("issuer") != issuer:  # OpenID Connect Discovery 1.0, 4.3
            said = safe(told.get("issuer"))
            raise ProviderRefused(
                f"The provider calls itself {said}, and OIDC_ISSUER is {issuer}: they must be the same."
            )
        needed = {name: self._address(told, f"{name}_endpoint") for name in ("authorization", "token")}
        needed["keys"] = self._address(told, "jwks_uri")
        for name, address in needed.items():
            if not address:
                raise ProviderRefused(f"The provider does not say where its endpoint is for {name}.")
        ways = _listed(told, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = next((way for way in ("client_secret_basic", "client_secret_post") if way in ways), None)
        if way is None:
            raise ProviderRefused("The provider takes a secret in no way that this service knows.")
        offered = _listed(told, "id_token_signing_alg_values_supported") or ["RS256"]
        return Endpoints(
            **needed,
            userinfo=self._address(told, "userinfo_endpoint"),
            end_session=self._address(told, "end_session_endpoint"),
            algorithms=tuple(name for name in ALGORITHMS if name in offered),
            authentication=way,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, told: Mapping[str, Any], name: str) -> str:
        """An address that the provider names, or nothing. Plain http will do where the issuer has no other."""
        address = told.get(name)
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address) or not _is_url(address):
            return ""
        return address if address.startswith(("https:", self.settings.oidc_issuer.partition("/")[0])) else ""


def _is_url(address: str) -> bool:
    """Whether the host of an address and its port can be told."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _listed(told: Mapping[str, Any], name: str) -> list[Any]:
    """A list that a provider tells; nothing where it tells none."""
    given = told.get(name)
    return given if isinstance(given, list) else []


def _place(url: str) -> str:
    """An address of the provider without its query, to be named in a message."""
    return safe(url.partition("?")[0])


def _signing(told: Mapping[str, Any]) -> list[Key]:
    """The keys of a set (RFC 7517, 5) that can sign and are known here. Others are passed over, as it asks for.

    A private key counts as the public one: to look at an RSA key that has `d` alone is to factor it.
    """
    keys: list[Key] = []
    for entry in _listed(told, "keys")[:_MOST_KEYS]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key({name: value for name, value in entry.items() if name != "d"})
        except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            keys.append(key)
    return keys
