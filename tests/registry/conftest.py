"""No time limit on examples: a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("registry", deadline=None, database=None)
settings.load_profile("registry")
