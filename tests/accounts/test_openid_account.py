"""The account of whom a provider names, on every kind of store."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from proxy import Proxy
from support import DEADLINE, OPERATOR, AnyClient, connect, everything, table

from service.accounts import store
from service.accounts.model import Status, check_id
from service.accounts.openid_account import Attempt, account_id, signed_in, spend, spent_key
from service.accounts.sessions import status_of
from service.audit import store as audit
from service.audit.model import Outcome, Way
from service.problems import AccountSuspended, ModuleRegistryError, SignInOver
from service.settings.settings import Settings

ISSUER = "https://login.example.com"
MEMBERS = Settings(oidc_issuer=ISSUER, oidc_domains=("example.com",))
ADMINS = replace(MEMBERS, oidc_admin="groups=chiefs")
CLAIMS = table(__file__, "claims.yaml")
ALICE: dict[str, Any] = {"sub": "alice", "name": "Alice", "email": "alice@Example.com", "email_verified": True}


def recorded(client: AnyClient) -> list[tuple[str, str, str]]:
    """What was recorded, oldest first."""
    entries = audit.page(client, 100).entries
    assert {(entry.way, entry.who.text, entry.outcome) for entry in entries if entry.way is not Way.COMMAND_LINE} <= {
        (Way.PROVIDER, "login.example.com", Outcome.DONE)
    }
    return [(entry.what, entry.before, entry.after) for entry in reversed(entries)]


def test_an_id_is_that_of_issuer_and_subject_alone() -> None:
    ids = {account_id(issuer, subject) for issuer, subject in ((ISSUER, "a"), (f"{ISSUER}/", "a"), (ISSUER, "b"))}
    assert len(ids) == 3
    assert account_id(ISSUER, "alice") == "oidc-1571eab18f64c09dc3f951821114d6c5"  # as platform.md says
    check_id(account_id(ISSUER, "\u202e " * 100))
    check_id(account_id(ISSUER, "\ud800"))  # which JSON can write, and no encoding


def test_what_the_provider_does_is_recorded_as_its_doing(redis: AnyClient) -> None:
    signed_in(redis, ADMINS, {"sub": "alice", "name": "Alice"})
    caller, status = signed_in(redis, ADMINS, ALICE | {"groups": ["chiefs"]})
    assert status == status_of(redis, caller) == "active"
    assert caller.generation and status_of(redis, caller._replace(generation="")) == ""
    assert recorded(redis) == [
        ("account-added", "", "pending"),
        ("status-changed", "pending", "active"),
        ("role-changed", "member", "admin"),
        ("email-changed", "", ""),
    ]
    before = everything(redis)
    assert signed_in(redis, ADMINS, ALICE | {"groups": ["chiefs"]}) == (caller, "active")
    assert everything(redis) == before  # what is the same is not written again
    signed_in(redis, MEMBERS, ALICE)
    assert recorded(redis)[4:] == [], "where no claim gives it, the role is for admins here to give"
    signed_in(redis, ADMINS, ALICE)
    assert recorded(redis)[4:] == [("role-changed", "admin", "member")]


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (lambda redis, id: store.set_status(redis, id, Status.SUSPENDED, by=OPERATOR), AccountSuspended),
        (lambda redis, id: store.remove(redis, id, by=OPERATOR), SignInOver),
    ],
)
def test_nobody_undoes_a_suspension_or_a_removal_by_signing_in_at_the_moment_at_which_it_happens(
    redis: AnyClient,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[AnyClient, str], None],
    refusal: type[ModuleRegistryError],
) -> None:
    caller, _ = signed_in(redis, MEMBERS, ALICE | {"email_verified": False})
    write = store._set

    def too_late(*arguments: Any) -> None:
        monkeypatch.undo()
        meanwhile(redis, caller.id)
        write(*arguments)

    monkeypatch.setattr(store, "_set", too_late)
    with pytest.raises(refusal):
        signed_in(redis, MEMBERS, ALICE)
    assert status_of(redis, caller) == {AccountSuspended: "suspended", SignInOver: ""}[refusal]
    # Nor is said to be done what another has made void.
    outcomes = {("active", "pending"), ("pending", "suspended"), ("suspended", "suspended")}
    assert {change[1:] for change in recorded(redis) if change[0] == "status-changed"} <= outcomes


def test_who_signs_in_twice_at_once_for_the_first_time_does(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    both, find = Barrier(2), store.find

    def find_at_once(*arguments: Any) -> Any:
        account = find(*arguments)
        if account is None:
            both.wait(DEADLINE)
        return account

    monkeypatch.setattr(store, "find", find_at_once)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: signed_in(redis, MEMBERS, ALICE), range(2))
    assert first == second
    assert recorded(redis) == [("account-added", "", "active")]


@pytest.mark.parametrize("claims", CLAIMS, ids=str)
def test_claims_of_any_shape_are_read_with_care(redis: AnyClient, claims: dict[str, Any]) -> None:
    given = {name: value for name, value in claims.items() if name not in ("status", "role")}
    caller, status = signed_in(redis, ADMINS, {"sub": "alice", **given})
    assert status == claims.get("status", "pending")
    account = store.find(redis, caller.id)
    assert account is not None
    assert (account.role, account.locale) == (
        claims.get("role", "member"),
        "fr" if claims.get("locale") == "FR_ca" else "",
    )
    assert len(account.name) <= 200


def test_an_attempt_is_spent_by_who_sends_it_again_as_the_answer_was_lost(redis: AnyClient, embedded_url: str) -> None:
    """redis-py does."""
    attempt = Attempt.new()

    def lose(data: bytes) -> bytes | None:
        if not redis.exists(spent_key(attempt)):
            return data
        proxy.replies = lambda data: data
        return None

    with Proxy(embedded_url.removeprefix("unix://").partition("?")[0]) as proxy:
        proxy.replies = lose
        with closing(connect(proxy.url, DEADLINE)) as client:
            spend(client, attempt)
            assert proxy.replies is not lose
            with pytest.raises(SignInOver):
                spend(client, attempt)
            spend(client, Attempt.new())
    assert 0 < redis.ttl(spent_key(attempt)) <= 900, "it is not kept for ever"
