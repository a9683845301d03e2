"""The keys of an OpenID Connect provider, and what they may have signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from service.problems import ProviderRefused

Key = RSAKey | ECKey | OKPKey

#: How tokens may be signed: by a key that the provider alone has (OpenID Connect Core 1.0, 3.1.3.7).
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
#: How many keys are looked at.
_MOST_KEYS = 100


def signing(told: Mapping[str, Any]) -> list[Key]:
    """The keys of a set (RFC 7517, 5) that can sign and are known here. Others are passed over, as it asks for."""
    given = told.get("keys")
    if not isinstance(given, list):
        raise ProviderRefused("The provider's keys are no list.")
    found: list[Key] = []
    for one in given[:_MOST_KEYS]:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key({name: value for name, value in one.items() if name != "d"})
        except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            found.append(key)
    return found


def signer(keys: list[Key], algorithm: str) -> Key:
    """The one key that may have signed by an algorithm. Raises ProviderRefused where there is none."""
    kind = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}[algorithm[:2]]
    fitting = [key for key in keys if key.key_type == kind and key.alg in (None, algorithm)]
    if len(fitting) != 1:
        raise ProviderRefused("Its ID token is signed by a key that the provider does not publish.")
    return fitting[0]
