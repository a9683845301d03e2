"""The type and status of each refusal, which programs tell apart, and clients of old versions still know."""

from __future__ import annotations

import yaml

from service.web.problems import TABLE

TYPES = """
MalformedHeader: 400 malformed-header
NotAuthenticated: 401 not-authenticated
AccountNotActive: 403 account-not-active
NotAnAdmin: 403 not-an-admin
CrossSiteRequest: 403 cross-site-request
UnknownFeature: 404 unknown-feature
UnknownModule: 404 unknown-module
UnknownThread: 404 unknown-request
UnknownAccount: 404 unknown-account
OwnAccount: 409 own-account
NotOnDemand: 409 not-on-demand
ThreadFull: 409 request-full
AlreadyOpen: 409 request-already-open
ThreadChanged: 412 request-changed
ConditionMissing: 428 condition-missing
InvalidField: 422 invalid-field
UnknownModules: 422 unknown-modules
SignInRefused: 410 sign-in-refused
SignInOver: 410 sign-in-over
SignInDenied: 403 sign-in-denied
AccountSuspended: 403 account-suspended
ProviderRefused: 502 provider-refused
ProviderUnavailable: 503 provider-unavailable
ModuleFrozen: 503 module-frozen
RateLimited: 429 rate-limited
StorageUnavailable: 503 storage-unavailable
WritesRefused: 503 storage-unavailable
StoreOfAnotherForm: 503 storage-unavailable
WriteUnconfirmed: 503 storage-unavailable
"""


def test_each_refusal_has_the_status_and_type_that_it_always_had() -> None:
    told = {error.__name__: f"{status.value} {kind}" for error, (status, kind) in TABLE.items()}
    assert told == yaml.safe_load(TYPES)
