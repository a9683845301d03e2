"""All checks, in their order: of the settings, of each server, and of the store as a whole.

To add one: a function beside those of its subject that says something, and its name in one of their tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from service.accounts.store import check_where_accounts_are
from service.doctor import configuration, servers
from service.doctor.model import Finding, Said, check, problem, unseen, well
from service.interest import readiness
from service.interest.consistency import differences
from service.problems import (
    InvalidSetting,
    ModuleRegistryError,
    NoStore,
    StorageUnavailable,
    StoreOfAnotherForm,
    WritesRefused,
)
from service.settings import Settings
from service.storage.client import Client
from service.storage.embedded import open_store
from service.storage.redis_url import RedisUrl
from service.storage.servers import deployment
from service.storage.token_bucket import TokenBucket

#: How much of what does not agree is listed.
_LISTED = 3


def examined(settings: Settings, *, with_data: bool) -> Iterator[Finding]:
    """Every finding, as it is found; `with_data` reads all that is stored, too.

    A store that cannot be used is a finding. Nothing is written but what VOTE_DURABILITY waits for: a key that goes by
    itself after a second.
    """
    yield from configuration.secrets(settings)
    for setting, looks in configuration.CHECKS.items():
        yield from looks.findings(setting, settings)
    try:
        with open_store(settings, create=False) as url:
            yield from _of_servers(url, settings)
            with closing(Client(url, settings.redis_timeout, settings.vote_durability)) as client:
                yield from votes.findings("VOTE_DURABILITY", client, settings.vote_limit)
                if with_data:
                    yield from data.findings("what is stored", client)
    except ModuleRegistryError as error:
        yield from _store.findings("the store", error)


def _of_servers(url: RedisUrl, settings: Settings) -> Iterator[Finding]:
    deployed, fault = deployment(url, settings.redis_timeout)
    yield from _reached.findings("REDIS_URL", fault)
    for server in deployed:
        yield from _answers.findings(server.name, server.fault)
        if not server.fault:
            for looks in servers.CHECKS if url.is_embedded else servers.CHECKS_OF_OTHERS:
                yield from looks.findings(server.name, server, settings)


@check("servers", "Votes are answered 503.", "start what REDIS_URL names, or mend REDIS_URL")
def _reached(fault: str) -> Said | None:
    return problem(fault) if fault else None


@check(
    "servers",
    "If it has votes, they are answered 503; if it is a replica, nothing stands in for its primary.",
    "start it, or mend the user, password and address in REDIS_URL",
)
def _answers(fault: str) -> Said | None:
    return problem(f"it cannot be asked: {fault}") if fault else None


@check("store", "Votes are answered 503.", "as it says")
def _store(error: ModuleRegistryError) -> Said:
    """Why the store cannot be used."""
    if isinstance(error, NoStore):
        mends = "`module-registry serve` makes one; after a loss, `module-registry restore FILE` first"
        return unseen(str(error), "Nothing can be said of votes.", mends)
    is_setting = isinstance(error, InvalidSetting)
    mends = "run doctor as the user of `serve`; if this is that user, as it says" if is_setting else ""
    return problem("; ".join(error.lines()), mends=mends)


@check("votes", "Votes are answered 503.", "look at the other findings on the store, and at its log")
def votes(client: Client, limit: TokenBucket) -> Said:
    """Whether a vote could be recorded, and confirmed as VOTE_DURABILITY asks, which is tried."""
    try:
        client.check_durability()
        check_where_accounts_are(client)
    except (InvalidSetting, StoreOfAnotherForm) as error:
        seen = str(error).removeprefix("VOTE_DURABILITY: ")
        return problem(seen, "Votes are answered 503. `serve` does not start.", "as it says")
    except StorageUnavailable as error:
        return problem(f"a write is not confirmed as {client.durability} asks: {_cause(error)}")
    if refusal := readiness.refusal(client, limit):
        # What the server of the embedded store says of it, NOREPLICAS, is how its writes are stopped, not why.
        is_stopped = client.url.is_embedded and isinstance(refusal, WritesRefused)
        return problem(str(refusal) if is_stopped else _cause(refusal))
    return well(f"votes can be recorded, and are confirmed as {client.durability} asks")


@check(
    "data",
    "A file was damaged, or another program has written: votes may be lost or made up.",
    "restore a backup, or mend the keys that are named; the log of `serve` names 20 at its start",
)
def data(client: Client) -> Said:
    """Whether what is stored agrees with itself. Reads all of it, in small steps."""
    try:
        sentences = list(islice(differences(client), _LISTED + 1))
    except StorageUnavailable as error:
        return unseen(_cause(error), "It may be damaged.", "try again")
    if not sentences:
        return well("it agrees with itself")
    return problem("; ".join([*sentences[:_LISTED], *("and more" for _ in sentences[_LISTED:])]))


def _cause(error: StorageUnavailable) -> str:
    return str(error.__cause__ or error)
