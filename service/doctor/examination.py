"""All checks, in their order: of the settings, of each server, and of the store as a whole.

To add one: a function beside those of its subject that yields findings, and its name in one of the tables here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

from service.accounts.store import check_where_accounts_are
from service.doctor import access, configuration, persistence
from service.doctor.model import About, Finding
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
from service.storage.servers import Server, deployment
from service.storage.token_bucket import TokenBucket

OF_SETTINGS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    configuration.secrets,
    configuration.retired_keys,
    configuration.cookies,
    configuration.plain_http,
    configuration.origins,
    configuration.domains,
)

#: Of each server, embedded or not.
OF_A_SERVER: tuple[Callable[[Server, Settings], Iterator[Finding]], ...] = (
    persistence.append_only,
    persistence.fsync,
    persistence.last_write,
    persistence.eviction,
)

#: Of each server that others run: the embedded one has no replica, and is reached by its owner on its machine alone.
OF_A_SERVER_OF_OTHERS: tuple[Callable[[Server, Settings], Iterator[Finding]], ...] = (
    persistence.replicas,
    persistence.enough_replicas,
    access.password,
    access.encryption,
)

#: How much of what does not agree is listed.
_LISTED = 3


def examined(settings: Settings, *, with_data: bool) -> Iterator[Finding]:
    """Every finding, as it is found; `with_data` reads all that is stored, too.

    A store that cannot be used is a finding. Nothing is written but what VOTE_DURABILITY waits for: a key that goes by
    itself after a second.
    """
    for check in OF_SETTINGS:
        yield from check(settings)
    try:
        with open_store(settings, create=False) as url:
            yield from _of_servers(url, settings)
            with closing(Client(url, settings.redis_timeout, settings.vote_durability)) as client:
                yield votes(client, settings.vote_limit)
                if with_data:
                    yield data(client)
    except ModuleRegistryError as error:
        yield _without_store(error)


def _of_servers(url: RedisUrl, settings: Settings) -> Iterator[Finding]:
    servers, fault = deployment(url, settings.redis_timeout)
    if fault:
        mends = "start what REDIS_URL names, or mend REDIS_URL"
        yield About("servers", "REDIS_URL").problem(fault, "Votes are answered 503.", mends)
    checks = OF_A_SERVER if url.is_embedded else OF_A_SERVER + OF_A_SERVER_OF_OTHERS
    for server in servers:
        if server.fault:
            yield About("servers", server.name).problem(
                f"it cannot be asked: {server.fault}",
                "If it has votes, they are answered 503; if it is a replica, nothing stands in for its primary.",
                "start it, or mend the user, password and address in REDIS_URL",
            )
            continue
        for check in checks:
            yield from check(server, settings)


def _without_store(error: ModuleRegistryError) -> Finding:
    about = About("store", "the store")
    if isinstance(error, NoStore):
        mends = "`module-registry serve` makes one; after a loss, `module-registry restore FILE` first"
        return about.unseen(str(error), "Nothing can be said of votes.", mends)
    mends = "run doctor as the user of `serve`; if this is that user, as it says"
    return about.problem(
        "; ".join(error.lines()),
        "Votes are answered 503.",
        mends if isinstance(error, InvalidSetting) else "as it says",
    )


def votes(client: Client, limit: TokenBucket) -> Finding:
    """Whether a vote could be recorded, and confirmed as VOTE_DURABILITY asks, which is tried."""
    about = About("votes", "VOTE_DURABILITY")
    means, mends = "Votes are answered 503.", "look at the other findings on the store, and at its log"
    try:
        client.check_durability()
        check_where_accounts_are(client)
    except (InvalidSetting, StoreOfAnotherForm) as error:
        seen = str(error).removeprefix("VOTE_DURABILITY: ")
        return about.problem(seen, f"{means} `serve` does not start.", "as it says")
    except StorageUnavailable as error:
        seen = f"a write is not confirmed as {client.durability} asks: {error.__cause__ or error}"
        return about.problem(seen, means, mends)
    if refusal := readiness.refusal(client, limit):
        # What the server of the embedded store says of it, NOREPLICAS, is how its writes are stopped, not why.
        is_stopped = client.url.is_embedded and isinstance(refusal, WritesRefused)
        return about.problem(str(refusal if is_stopped else refusal.__cause__ or refusal), means, mends)
    return about.well(f"votes can be recorded, and are confirmed as {client.durability} asks")


def data(client: Client) -> Finding:
    """Whether what is stored agrees with itself. Reads all of it, in small steps."""
    about = About("data", "what is stored")
    try:
        sentences = list(islice(differences(client), _LISTED + 1))
    except StorageUnavailable as error:
        return about.unseen(str(error.__cause__ or error), "It may be damaged.", "try again")
    if not sentences:
        return about.well("it agrees with itself")
    return about.problem(
        "; ".join(sentences[:_LISTED]) + ("; and more" if len(sentences) > _LISTED else ""),
        "A file was damaged, or another program has written: votes may be lost or made up.",
        "restore a backup, or mend the keys that are named; the log of `serve` names 20 at its start",
    )
