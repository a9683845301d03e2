"""Who acts as an admin, for what is recorded of it."""

from __future__ import annotations

from service.audit.model import Actor
from service.web.session import caller
from service.web.state import state


def actor() -> Actor:
    """The account that the session at hand names. Raises NotAuthenticated if it names nobody."""
    who = caller()
    return Actor.account(who.id, who.generation, keeps=state().audit_length)
