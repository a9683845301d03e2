"""What can go wrong with a measurement, and the signals that stop it."""

import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Unusable(Exception):
    """The machine lacks something that is needed. The message says what, and how to get it."""


class Wrong(Exception):
    """Something answered otherwise than it should: its figures would mean nothing."""
