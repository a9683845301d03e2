"""`check --watch`: look again whenever a file is another. Files are polled, as a running service polls its own."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from service.cli.output import Styled, say
from service.cli.signals import exit_on
from service.problems import UnreadableRegistry
from service.registry.reload import POLL_INTERVAL, FileSignature

#: What a shell says of a command that Ctrl-C has ended.
_INTERRUPTED = 128 + signal.SIGINT


def watch(look: Callable[[], object], files: Callable[[], Iterable[str | UnreadableRegistry]]) -> None:
    """Call `look` now, and whenever two polls find the same files and they are not those it has seen.

    Ctrl-C ends the command with exit code 130.
    """
    exit_on([signal.SIGINT], _INTERRUPTED)

    def signatures() -> dict[str, FileSignature | None]:
        return {str(name): FileSignature.of(Path(str(name))) for name in files()}

    before = seen = signatures()
    look()
    while True:
        time.sleep(POLL_INTERVAL)
        now = signatures()
        if now == before and now != seen:
            seen = now
            say(Styled(f"-- {datetime.now():%H:%M:%S}", dim=True))
            look()
        before = now
