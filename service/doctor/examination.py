"""All checks, in their order: of the settings, of each server, of the store as a whole, and of the service.

To add one: a function beside those of its subject that yields findings, and its name in one of the tables here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from service.doctor import access, configuration, persistence, reach, running, secrets, topology
from service.doctor.model import About, Finding
from service.problems import InvalidSetting, ModuleRegistryError, NoStore
from service.settings import Settings
from service.storage.client import Client
from service.storage.embedded import open_store
from service.storage.redis_url import RedisUrl
from service.storage.servers import Deployment, Server, deployment

OF_SETTINGS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    configuration.parts,
    secrets.secrets,
    secrets.retired_keys,
    configuration.cookies,
    configuration.plain_http,
    configuration.origins,
    configuration.domains,
    configuration.data_dir,
    configuration.disk,
    running.registry,
)

#: Of each server, embedded or not.
OF_A_SERVER: tuple[Callable[[Server, Settings], Iterator[Finding]], ...] = (
    access.version,
    persistence.append_only,
    persistence.fsync,
    persistence.last_write,
    persistence.eviction,
    persistence.memory,
)

#: Of each server that others run: the embedded one has no replica, and is reached by its owner on its machine alone.
OF_A_SERVER_OF_OTHERS: tuple[Callable[[Server, Settings], Iterator[Finding]], ...] = (
    persistence.replicas,
    persistence.enough_replicas,
    access.password,
    access.encryption,
    access.clock,
)

OF_A_DEPLOYMENT: tuple[Callable[[Deployment], Iterator[Finding]], ...] = (
    topology.found,
    topology.sentinels,
    topology.cluster,
)


def examined(settings: Settings, *, with_data: bool) -> Iterator[Finding]:
    """Every finding, as it is found; `with_data` reads all that is stored, too.

    A store that cannot be used is a finding. Nothing is written but what VOTE_DURABILITY waits for: a key that goes by
    itself after a second.
    """
    for check in OF_SETTINGS:
        yield from check(settings)
    revisions = set(filter(None, [running.revision(settings)]))
    try:
        with open_store(settings, create=False) as url:
            yield from _of_servers(url, settings)
            with closing(Client(url, settings.redis_timeout, settings.vote_durability)) as client:
                yield from running.votes(client, settings.vote_limit)
                found = running.announced(client)
                yield from running.workers(found, running.revision(settings))
                revisions |= {each.revision for each in found or ()}
                if with_data:
                    yield from running.data(client)
    except ModuleRegistryError as error:
        yield _without_store(error, settings)
    yield from reach.public_url(settings, revisions)


def _of_servers(url: RedisUrl, settings: Settings) -> Iterator[Finding]:
    deployed = deployment(url, settings.redis_timeout)
    for of_all in OF_A_DEPLOYMENT:
        yield from of_all(deployed)
    checks = OF_A_SERVER if url.is_embedded else OF_A_SERVER + OF_A_SERVER_OF_OTHERS
    for server in deployed.servers:
        for check in () if server.fault else checks:
            yield from check(server, settings)


def _without_store(error: ModuleRegistryError, settings: Settings) -> Finding:
    about = About("store", "the store")
    if isinstance(error, NoStore):
        mends = "`module-registry serve` makes one; after a loss, `module-registry restore FILE` first"
        return about.unseen(str(error), "Nothing can be said of votes.", mends)
    seen, means, mends = "; ".join(error.lines()), "Votes are answered 503.", "as it says"
    if isinstance(error, InvalidSetting) and not _is_own(settings.data_dir):
        means = "If `serve` runs as this user, votes are answered 503; else nothing can be said of them."
        mends = "run doctor as the user of `serve`; if this is that user, as it says"
    return about.problem(seen, means, mends)


def _is_own(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.geteuid()
    except PermissionError:
        return False
    except OSError:  # as where a part of the path is a file
        return True
