"""What a command works on and as whom: the store, the registry, the operator."""

import os
import pwd
from collections.abc import Iterator
from contextlib import closing, contextmanager

from service.audit.model import Actor
from service.registry.loading.loader import load
from service.registry.model import Registry
from service.settings.settings import Settings
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
