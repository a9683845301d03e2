"""Who runs a command, for what is recorded of it."""

from __future__ import annotations

import os
import pwd

from service.audit.model import Actor
from service.settings import Settings


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
