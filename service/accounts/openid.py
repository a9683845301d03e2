"""Signing in with an OpenID Connect provider: the code flow (OpenID Connect Core 1.0, 3.1), with PKCE (RFC 7636).

Authlib and what it brings is imported here and in `openid_provider`, and these only where OIDC_ISSUER is set.
"""

import json
import re
from collections.abc import Mapping
from math import inf
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError

from service.accounts.openid_account import CALLBACK, Attempt, over, spend, spent_key
from service.accounts.openid_provider import Endpoints, Places, Provider, safe
from service.problems import ProviderRefused, ProviderUnavailable, SignInDenied
from service.settings.settings import Settings
from service.storage.client import Client

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

    def __init__(self, settings: Settings, bulkhead: Places) -> None:
        self.settings = settings
        self.callback = f"{settings.public_url}{CALLBACK}"
        self._provider = Provider(settings, bulkhead)

    def begin(self, attempt: Attempt, lang: str) -> str:
        """Where a browser goes to sign in; the provider is asked to speak this language.

        Raises ProviderUnavailable, ProviderRefused.
        """
        address: str = prepare_grant_uri(
            self._provider.endpoints().authorization,
            client_id=self.settings.oidc_client_id,
            response_type="code",
            redirect_uri=self.callback,
            scope=self.settings.oidc_scopes,
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
        if not attempt.is_of(answer.get("state", "")) or client.command("EXISTS", spent_key(attempt)):
            raise over()
        endpoints = self._provider.endpoints()
        with self._provider.telling():
            code = self._code(endpoints, answer)
        with self._provider.asking():
            spend(client, attempt)
            tokens = self._exchanged(endpoints, attempt, code)
            claims = self._verified(endpoints, attempt, tokens)
            more = self._more(endpoints, str(tokens.get("access_token", "")))
            if more and more.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
                raise ProviderRefused("What the provider tells beside its ID token is of somebody else.")
        return _together(more, claims)

    def end_session(self) -> str | None:
        """Where a browser goes to sign out at the provider, and comes back from (OpenID Connect RP-Initiated Logout
        1.0). None where the provider does not offer that, or was never reached.

        What it has said once counts, however long ago: it is asked only where it has said nothing yet.
        """
        try:
            address = self._provider.endpoints(believed=inf).end_session
        except (ProviderUnavailable, ProviderRefused):
            return None
        home = f"{self.settings.public_url}/"
        fields = {"client_id": self.settings.oidc_client_id, "post_logout_redirect_uri": home}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}" if address else None

    def _code(self, endpoints: Endpoints, answer: Mapping[str, str]) -> str:
        """The code of an answer. Raises what it says instead, before anybody is asked."""
        named = answer.get("iss")
        if named != self.settings.oidc_issuer and (named is not None or endpoints.names_itself):  # RFC 9207, 2.4
            raise ProviderRefused(f"The answer is of another provider: {safe(named or 'it names none')}.")
        if error := answer.get("error"):
            raise _refusal(error, answer.get("error_description"))
        code = answer.get("code", "")
        if not 0 < len(code) <= _LONGEST_CODE:
            raise ProviderRefused("The provider's answer has neither a code nor an error.")
        return code

    def _exchanged(self, endpoints: Endpoints, attempt: Attempt, code: str) -> dict[str, Any]:
        """The tokens that a code stands for (OpenID Connect Core 1.0, 3.1.3)."""
        body = prepare_token_request(
            "authorization_code", "", redirect_uri=self.callback, code=code, code_verifier=attempt.verifier
        )
        # In the header they are encoded as in a form (RFC 6749, 2.3.1), which Authlib leaves to its caller.
        own = (self.settings.oidc_client_id, self.settings.oidc_client_secret)
        if endpoints.authentication == "client_secret_basic":
            own = (quote_plus(own[0]), quote_plus(own[1]))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = ClientAuth(*own, endpoints.authentication).prepare("POST", endpoints.token, headers, body)
        status, told = self._provider.answer("POST", url, headers, body.encode())
        if told.get("error") == "invalid_grant":  # as of a code that was used before
            raise over()
        if status != 200 or "error" in told:
            said = _refusal(told.get("error", status), told.get("error_description"))
            raise ProviderRefused(f"It has refused the code. {said.message}")
        return told

    def _verified(self, endpoints: Endpoints, attempt: Attempt, tokens: Mapping[str, Any]) -> dict[str, Any]:
        """The claims of an ID token, if it is for this sign-in (OpenID Connect Core 1.0, 3.1.3.7)."""
        token, own = tokens.get("id_token"), self.settings
        if not isinstance(token, str):
            raise ProviderRefused("The provider has sent no ID token; is openid among OIDC_SCOPES?")
        expected = {"iss": own.oidc_issuer, "aud": own.oidc_client_id}
        options = {name: {"essential": True, "value": value} for name, value in expected.items()}
        params = {"client_id": own.oidc_client_id, "nonce": attempt.nonce, "access_token": tokens.get("access_token")}
        try:
            header = jws.extract_compact(token.encode()).headers()
            algorithm = str(header.get("alg"))
            if algorithm not in endpoints.algorithms:
                raise ProviderRefused(f"Its ID token is signed by {safe(algorithm)}, which it does not announce.")
            key = self._provider.key(endpoints.keys, header.get("kid"), algorithm)
            claims = json.loads(jws.deserialize_compact(token, key, algorithms=[algorithm]).payload)
            if not isinstance(claims, dict):
                raise TypeError("it is no JSON object")
            CodeIDToken(claims, header, options, params).validate(leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise ProviderRefused(
                f"Its ID token cannot be trusted: {safe(str(error) or type(error).__name__)}."
            ) from None
        if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:  # OpenID Connect Core 1.0, 2
            raise ProviderRefused("Its ID token names nobody.")
        return claims

    def _more(self, endpoints: Endpoints, access_token: str) -> dict[str, Any]:
        """What the provider tells beside the ID token: many put nothing but the subject there."""
        if not endpoints.userinfo or not re.fullmatch(r"[\w.~+/=-]+", access_token, re.ASCII):
            return {}
        return self._provider.ask(endpoints.userinfo, Authorization=f"Bearer {access_token}")


def _refusal(error: object, description: object) -> SignInDenied | ProviderUnavailable | ProviderRefused:
    said = f"The provider says: {safe(error)}{f' ({safe(description)})' if description else ''}."
    if error in _DENIALS:
        return SignInDenied(said)
    return ProviderUnavailable(said) if error in _LATER else ProviderRefused(said)


def _together(more: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    """What is told beside the ID token and by it, which counts first.

    That an address is verified is said of the one beside it: not of another that the other place names.
    """
    of, other = (claims, more) if "email" in claims else (more, claims)
    verified = of.get("email_verified", other.get("email_verified") if other.get("email") == of.get("email") else None)
    return {**more, **claims, "email_verified": verified}
