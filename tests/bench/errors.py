"""What can go wrong with a measurement."""


class Unusable(Exception):
    """The machine lacks something that is needed. The message says what, and how to get it."""


class Wrong(Exception):
    """Something answered otherwise than it should: its figures would mean nothing."""
