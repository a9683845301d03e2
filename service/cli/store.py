"""What a command works on and as whom: the store, the registry, the operator; and `module-registry store`."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from service.audit.model import Actor
from service.cli.output import ask, say
from service.cli.shared import Group, yes_option
from service.registry.loading import load
from service.registry.model import Registry
from service.settings import Settings
from service.storage import files, lock
from service.storage.client import Client
from service.storage.embedded import open_store

#: Time limit of one call to Redis for a command, in seconds: a merge of millions of votes is one call.
_COMMAND_TIMEOUT = 60.0


@contextmanager
def opened_store(*, create: bool = False) -> Iterator[Client]:
    """A client of the store that the settings name, which is started for the occasion where nobody runs it.

    Raises NoStore where DATA_DIR has none, unless it is to `create` one.
    """
    settings = Settings.from_env(os.environ)
    with open_store(settings, create=create) as url:
        with closing(Client(url, settings.redis_timeout)) as probe:
            probe.command("PING")  # a server that is silent shows now, not after the longer limit
        timeout = max(settings.redis_timeout, _COMMAND_TIMEOUT)
        with closing(Client(url, timeout, settings.vote_durability, tries=1)) as client:
            yield client


def loaded_registry() -> Registry:
    """The registry that REGISTRY_FILE names. Raises what loading does, and InvalidSetting."""
    return load(Settings.from_env(os.environ).registry_file)


def operator() -> Actor:
    """Whoever runs this process, by the name that the system has for its user, or by the number where it has none.

    Not by what the environment says (LOGNAME, SUDO_USER), which is anybody's to write. Raises InvalidSetting.
    """
    number = os.getuid()
    try:
        login = pwd.getpwuid(number).pw_name
    except KeyError:  # as in a container, for whichever user it was told to run as
        login = f"uid {number}"
    return Actor.command_line(login, keeps=Settings.from_env(os.environ).audit_length)


@click.group(cls=Group)
def store() -> None:
    """Look after the files of the embedded store, in DATA_DIR."""


@store.command()
@yes_option
def repair(yes: bool) -> None:
    """Go on with what is left of a damaged store, after a copy of its files has been made.

    Says what the server's own tools find wrong, and what would be cut off, before it asks. `serve` must be stopped. A
    backup of DATA_DIR, if there is one, loses less.

    The exit code is 0 if the store is whole, now or before, and 1 if not.
    """
    data_dir = Settings.from_env(os.environ).data_dir
    with lock.hold(data_dir, "command"):
        faults = files.look(data_dir)
        if not faults:
            say(f"the store in {data_dir} is whole: there is nothing to repair")
            return
        for fault in faults:
            say(f"seen: {fault}")
            if fault.good is not None:
                say(f"then: {fault.size - fault.good:,} bytes are cut off, and {fault.good:,} are kept")
        if not yes and all(fault.good is not None for fault in faults):
            ask("Go on with what is left?")
        copy = files.repaired(data_dir, faults)
    say(f"repaired; the files as they were are in {copy}")
