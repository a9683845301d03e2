"""Have a child process end when its parent dies, however that dies."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

#: From <sys/prctl.h>.
_PR_SET_PDEATHSIG = 1

# Looked up here: between fork and exec a child of a process with threads may take no lock, such as the linker's.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def ends_with_this_process() -> Callable[[], None] | None:
    """What a child runs before its program, so that the kernel sends it SIGTERM when this process is gone.

    The kernel counts the end of the thread that starts the child as well. None where the kernel knows no such thing
    (macOS): what is left over is then ended by the next start.
    """
    if _prctl is None:
        return None
    prctl, parent = _prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # which died before it was asked for
            os.kill(os.getpid(), signal.SIGKILL)

    return ask
