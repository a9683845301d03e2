"""The log: one line a record, also of a server that somebody else has started; and what follows it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

from support import clean_environ, run

from service.logs import FORMATS, OneLineFormatter

#: What gunicorn has set up when the application is loaded, and a formatter of an operator's own.
SET_UP = """
import logging, sys
from flask import Flask
from service.logs import keep_to_one_line

class Own(logging.Formatter):
    def format(self, record):
        return "own: " + record.getMessage()

formatters = {"gunicorn.error": logging.Formatter("{levelname} {message}", style="{"), "gunicorn.access": Own()}
for name, formatter in formatters.items():
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.getLogger(name).addHandler(handler)
    logging.getLogger(name).propagate = False
keep_to_one_line()

app = Flask("service")
app.before_request(lambda: 1 / 0)
app.test_client().get("/a%0Aforged%1B[31m")
logging.getLogger("gunicorn.error").error("Error handling request %s", "/a\\nforged\\x1b[31m")
logging.getLogger("gunicorn.access").error("as it is\\x1b")
"""


def test_what_came_from_outside_is_escaped_in_the_format_that_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SET_UP], env=clean_environ(), capture_output=True, text=True, check=True
    )
    first, *traceback, server, own = done.stderr.splitlines()
    assert first.endswith(r"[ERROR] Exception on /a\nforged\x1b[31m [GET]")
    assert traceback[0].startswith("  Traceback")
    assert server == r"ERROR Error handling request /a\nforged\x1b[31m"
    assert own == "own: as it is\x1b"


def test_a_record_has_all_that_is_told() -> None:
    said = {"created": 1_600_000_000.25, "levelname": "INFO", "process": 7, "name": "service.x", "msg": "said %s"}
    record = logging.makeLogRecord(said | {"args": ("é",), "fields": {"module": "crm"}})
    expected: dict[str, object] = {
        "time": "2020-09-13T12:26:40.250+00:00",
        "level": "INFO",
        "process": 7,
        "logger": "service.x",
        "message": "said é",
        "module": "crm",
    }
    assert json.loads(FORMATS["json"]().format(record)) == expected
    assert FORMATS["text"]().format(record) == "2020-09-13T12:26:40.250+00:00 [INFO] said é"
    record.details = ("one\nforged", "two\x1b[31m")
    assert json.loads(FORMATS["json"]().format(record)) == expected | {"details": ["one\nforged", "two\x1b[31m"]}
    text = FORMATS["text"]().format(record)
    assert text.partition("[INFO] ")[2] == "said é\n  one\\nforged\n  two\\x1b[31m"


def test_a_traceback_keeps_its_lines_and_no_escapes() -> None:
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        record = logging.LogRecord("name", logging.ERROR, "path", 1, "it failed", (), sys.exc_info())
    lines = OneLineFormatter().format(record).split("\n")
    assert lines[:2] == ["it failed", "  Traceback (most recent call last):"]
    assert lines[-1] == r"  ValueError: \x1b[2J"


def test_commands_log_in_lines_before_there_is_a_log() -> None:
    run("settings")
    assert logging.lastResort and isinstance(logging.lastResort.formatter, OneLineFormatter)
