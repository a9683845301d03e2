"""The type and status of each refusal, which programs tell apart, and clients of old versions still know."""

from __future__ import annotations

from service.web.problems import TABLE

#: The types of each status, in the order in which the table has their errors.
TYPES = {
    400: "malformed-header",
    401: "not-authenticated",
    403: "account-not-active not-an-admin cross-site-request sign-in-denied account-suspended",
    404: "unknown-feature unknown-module unknown-request unknown-account",
    409: "own-account not-on-demand request-full request-already-open",
    410: "sign-in-refused sign-in-over",
    412: "request-changed",
    422: "invalid-field unknown-modules",
    428: "condition-missing",
    429: "rate-limited",
    502: "provider-refused",
    503: "provider-unavailable provider-busy module-frozen" + 4 * " storage-unavailable",
}


def test_each_refusal_has_the_status_and_type_that_it_always_had() -> None:
    told = {status: [kind for each, kind in TABLE.values() if each == status] for status in TYPES}
    assert told == {status: kinds.split() for status, kinds in TYPES.items()}
    assert len(TABLE) == sum(map(len, told.values()))
