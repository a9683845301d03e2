"""The log: a record for each event, and one line a record, whatever came from outside.

Records have three attributes of our own, given as `extra`: `once`, for what one of several workers says for all of
them; `fields`, the parts of a message for programs; and `details`, lines that tell more, which follow indented. What is
logged for a request has its id, and its trace if it has one.
"""

import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from service.http import tracing
from service.wording import json_text, printable


def keep_to_one_line() -> None:
    """Set up the log of a process that somebody else's server has started: each record is one safe line.

    Handlers that the server has set up keep their formats, and formatters of another class than Python's own their say.
    """
    logging.getLogger("service").setLevel(logging.INFO)
    logging.basicConfig(format="[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s")  # where there is no handler
    for name in (None, "gunicorn.error", "gunicorn.access", "_granian", "granian.access"):
        for handler in logging.getLogger(name).handlers:
            if type(handler.formatter) is logging.Formatter:
                handler.formatter.__class__ = OneLineFormatter


class OneLineFormatter(logging.Formatter):
    """Makes each record's message one line that is safe to print; so are its details and traceback, indented after it.

    Indented, none of them can pass for a record.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        names = "".join(f" {name}={value}" for name, value in tracing.named().items())
        return "\n".join((printable(super().formatMessage(record) + names), *map(_indented, _details(record))))

    def formatException(self, ei: object) -> str:
        return "\n".join(map(_indented, super().formatException(ei).split("\n")))  # type: ignore[arg-type]


def _details(record: logging.LogRecord) -> tuple[str, ...]:
    return getattr(record, "details", ())


def _indented(line: str) -> str:
    return f"  {printable(line)}"


def _time(record: logging.LogRecord) -> str:
    """When it was logged, as RFC 3339 writes it, in UTC."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextFormatter(OneLineFormatter):
    """Time, level and message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s [%(levelname)s] %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return _time(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {"time": _time(record), "level": record.levelname, "process": record.process}
        said |= {"logger": record.name, "message": record.getMessage(), **getattr(record, "fields", {})}
        said |= tracing.named()
        if details := _details(record):
            said["details"] = details
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json_text(said)


#: Each format of the log of `serve`.
FORMATS: dict[str, type[logging.Formatter]] = {"text": TextFormatter, "json": JsonFormatter}


def configuration(style: str) -> dict[str, Any]:
    """The log of `serve` and its workers, on standard error, as `logging.config.dictConfig` and granian take it."""
    stderr = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"generic": {"()": FORMATS[style]}},
        "handlers": {"console": stderr, "access": stderr},  # the names that granian's own part refers to
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {"service": {"level": "INFO"}},
    }


def take_over(style: str) -> None:
    """Have all that this process and its children say be records of such a log, also warnings and uncaught errors."""
    from logging.config import dictConfig  # which imports more than all of `check` needs

    dictConfig(configuration(style))
    logging.captureWarnings(True)
    threading.excepthook = sys.unraisablehook = _uncaught


def _uncaught(error: Any) -> None:
    info = error.exc_type, error.exc_value, error.exc_traceback
    logging.getLogger("service").error("Nobody has caught an error.", exc_info=info)
