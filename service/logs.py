"""The log: one line a record, whatever came from outside."""

from __future__ import annotations

import logging

from service.wording import printable

#: The loggers of gunicorn and granian that have handlers of their own.
_SERVERS = ("gunicorn.error", "gunicorn.access", "_granian", "granian.access")


def keep_to_one_line() -> None:
    """Set up the log of a process that somebody else's server has started: each record is one safe line.

    Handlers that the server has set up keep their formats, and formatters of another class than Python's own their say.
    """
    logging.basicConfig(format="[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s")  # where there is no handler
    for name in (None, *_SERVERS):
        for handler in logging.getLogger(name).handlers:
            if type(handler.formatter) is logging.Formatter:
                handler.formatter.__class__ = OneLineFormatter


class OneLineFormatter(logging.Formatter):
    """Makes each record's message one line that is safe to print; so is each line of a traceback after it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))

    def formatException(self, ei: object) -> str:
        # Indented, so that none of them can pass for a record.
        return "\n".join(f"  {printable(line)}" for line in super().formatException(ei).split("\n"))  # type: ignore[arg-type]
