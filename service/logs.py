"""The log: one line a record, whatever came from outside."""

from __future__ import annotations

import logging

from service.wording import printable


class OneLineFormatter(logging.Formatter):
    """Makes each record's message one line that is safe to print; so is each line of a traceback after it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))

    def formatException(self, ei: object) -> str:
        return "\n".join(map(printable, super().formatException(ei).split("\n")))  # type: ignore[arg-type]
