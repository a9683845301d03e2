"""Signing in with an OpenID Connect provider: the code flow (OpenID Connect Core 1.0, 3.1), with PKCE (RFC 7636).

Authlib and what it brings is imported here and in `openid_provider`, and these only where OIDC_ISSUER is set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError

from service.accounts.openid_account import Attempt, is_spent, over, spend
from service.accounts.openid_provider import Endpoints, Provider, signer
from service.bulkhead import Bulkhead
from service.problems import ProviderRefused, ProviderUnavailable, SignInDenied
from service.settings import Registration
from service.storage.client import Client
from service.wording import printable, shortened

#: How far the provider's clock and ours may be apart, in seconds.
_LEEWAY = 30

#: Longest code that is passed on, in characters; RFC 6749 knows no limit.
_LONGEST_CODE = 4096

#: Errors of an answer (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6) by which somebody has not agreed, or is not
#: to; and by which the provider is to be asked later.
_DENIALS = ("access_denied", "consent_required", "interaction_required", "login_required", "account_selection_required")
_LATER = ("temporarily_unavailable", "server_error")


class OpenId:
    """Signing in with one provider."""

    def __init__(self, registration: Registration, bulkhead: Bulkhead) -> None:
        self.registration = registration
        self._provider = Provider(registration, bulkhead)

    def begin(self, attempt: Attempt, lang: str) -> str:
        """Where a browser goes to sign in; the provider is asked to speak this language.

        Raises ProviderUnavailable, ProviderRefused.
        """
        address: str = prepare_grant_uri(
            self._provider.endpoints().authorization,
            client_id=self.registration.client_id,
            response_type="code",
            redirect_uri=self.registration.redirect_uri,
            scope=self.registration.scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
            ui_locales=lang,
        )
        return address

    def finish(self, client: Client, attempt: Attempt, answer: Mapping[str, str]) -> dict[str, Any]:
        """What the provider says of whoever has come back with an answer, in the query of an address.

        All of it is verified. The provider is asked once for an attempt, which is spent before; one that it cannot be
        asked for now stays. Raises SignInOver, SignInDenied, ProviderUnavailable, ProviderRefused, StorageUnavailable.
        """
        if not attempt.is_of(answer.get("state", "")) or is_spent(client, attempt):
            raise over()
        endpoints = self._provider.endpoints()
        with self._provider.telling():
            code = _code(self._provider, endpoints, answer)
        with self._provider.asking():
            spend(client, attempt)
            tokens = _exchanged(self._provider, endpoints, attempt, code)
            claims = _verified(self._provider, endpoints, attempt, tokens)
            more = _more(self._provider, endpoints, str(tokens.get("access_token", "")))
            if more and more.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
                raise ProviderRefused("What the provider tells beside its ID token is of somebody else.")
        return _together(more, claims)

    def end_session(self) -> str | None:
        """Where a browser goes to sign out at the provider, and comes back from (OpenID Connect RP-Initiated Logout
        1.0). None where the provider does not offer that, or does not answer now.
        """
        try:
            address = self._provider.endpoints().end_session
        except (ProviderUnavailable, ProviderRefused):
            return None
        fields = {"client_id": self.registration.client_id, "post_logout_redirect_uri": self.registration.home}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}" if address else None


def _check_issuer(provider: Provider, endpoints: Endpoints, named: str | None) -> None:
    """Raise ProviderRefused for an answer of another provider (RFC 9207, 2.4)."""
    if named != provider.registration.issuer and (named is not None or endpoints.names_itself):
        raise ProviderRefused(f"The answer is of another provider: {_safe(named or 'it names none')}.")


def _code(provider: Provider, endpoints: Endpoints, answer: Mapping[str, str]) -> str:
    """The code of an answer. Raises what it says instead, before anybody is asked."""
    _check_issuer(provider, endpoints, answer.get("iss"))
    if error := answer.get("error"):
        raise _refusal(error, answer.get("error_description", ""))
    code = answer.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise ProviderRefused("The provider's answer has neither a code nor an error.")
    return code


def _refusal(error: str, description: str) -> SignInDenied | ProviderUnavailable | ProviderRefused:
    said = f"The provider says: {_safe(error)}{f' ({_safe(description)})' if description else ''}."
    if error in _DENIALS:
        return SignInDenied(said)
    return ProviderUnavailable(said) if error in _LATER else ProviderRefused(said)


def _exchanged(provider: Provider, endpoints: Endpoints, attempt: Attempt, code: str) -> dict[str, Any]:
    """The tokens that a code stands for (OpenID Connect Core 1.0, 3.1.3)."""
    registration = provider.registration
    body = prepare_token_request(
        "authorization_code", "", redirect_uri=registration.redirect_uri, code=code, code_verifier=attempt.verifier
    )
    # In the header they are encoded as in a form (RFC 6749, 2.3.1), which Authlib leaves to its caller.
    own = (registration.client_id, registration.client_secret)
    if endpoints.authentication == "client_secret_basic":
        own = (quote_plus(own[0]), quote_plus(own[1]))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url, headers, body = ClientAuth(*own, endpoints.authentication).prepare("POST", endpoints.token, headers, body)
    status, told = provider.answer(url, "POST", body.encode(), headers)
    if told.get("error") == "invalid_grant":  # as of a code that was used before
        raise over()
    if status != 200 or "error" in told:
        said = _refusal(str(told.get("error", status)), str(told.get("error_description", "")))
        raise ProviderRefused(f"It has refused the code. {said.message}")
    return told


def _verified(provider: Provider, endpoints: Endpoints, attempt: Attempt, tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of an ID token, if it is for this sign-in here (OpenID Connect Core 1.0, 3.1.3.7)."""
    token, registration = tokens.get("id_token"), provider.registration
    if not isinstance(token, str):
        raise ProviderRefused("The provider has sent no ID token; is openid among OIDC_SCOPES?")
    options = {
        "iss": {"essential": True, "value": registration.issuer},
        "aud": {"essential": True, "value": registration.client_id},
    }
    params = {"client_id": registration.client_id, "nonce": attempt.nonce, "access_token": tokens.get("access_token")}
    try:
        parts = jws.extract_compact(token.encode())
        algorithm, key_id = parts.headers().get("alg"), parts.headers().get("kid")
        if algorithm not in endpoints.algorithms:
            raise ProviderRefused(f"Its ID token is signed by {_safe(str(algorithm))}, which it does not announce.")
        key = signer(provider.keys(endpoints.keys, key_id if isinstance(key_id, str) else None), str(algorithm))
        signed = jws.deserialize_compact(token, key, algorithms=list(endpoints.algorithms))
        claims = json.loads(signed.payload)
        if not isinstance(claims, dict):
            raise TypeError("it is no JSON object")
        CodeIDToken(claims, signed.headers(), options, params).validate(leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        said = _safe(str(error) or type(error).__name__)
        raise ProviderRefused(f"Its ID token cannot be trusted: {said}.") from None
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:  # OpenID Connect Core 1.0, 2
        raise ProviderRefused("Its ID token names nobody.")
    return dict(claims)


def _more(provider: Provider, endpoints: Endpoints, access_token: str) -> dict[str, Any]:
    """What the provider tells beside the ID token: many put nothing but the subject there."""
    if not endpoints.userinfo or not re.fullmatch(r"[\w.~+/=-]+", access_token, re.ASCII):
        return {}
    return provider.ask(endpoints.userinfo, Authorization=f"Bearer {access_token}")


def _together(more: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    """What is told beside the ID token and by it, which counts first.

    That an address is verified is said of the one beside it: not of another that the other place names.
    """
    of, other = (claims, more) if "email" in claims else (more, claims)
    verified = of.get("email_verified", other.get("email_verified") if other.get("email") == of.get("email") else None)
    return {**more, **claims, "email_verified": verified}


def _safe(said: str) -> str:
    """What a provider says, short enough and safe to be shown."""
    return printable(shortened(said, 200))
