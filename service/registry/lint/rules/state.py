"""Rules of a module's state, which the conditions of the JSON Schema decide. An entry breaks one of them at most."""

from collections.abc import Iterator
from typing import NamedTuple

from service.registry.lint.catalogue import rule
from service.registry.lint.document import locate_key
from service.registry.lint.nodes import Node, Path, fields
from service.registry.lint.refusals import Refused


class State(NamedTuple):
    """An entry that breaks conditions of the schema: its states, and its fields that the conditions forbid.

    A condition may also ask for an endpoint, or for coming_soon because the entry has a stage.
    """

    entry: Node
    path: Path
    states: list[str]
    forbidden: set[str]
    needs_endpoint: bool
    needs_coming_soon: bool

    def refuse(self, rule: str, field: str) -> Refused:
        """Return the refusal of a field; of the last state if several rules are broken, or several states are true."""
        if len(self.states) > 1 or self.forbidden >= {"api_endpoint", "multi_proxy"}:
            field = self.states[-1]
        lacks = "" if field in fields(self.entry) else field
        return Refused(rule, locate_key(self.entry, field), path=(*self.path, field), lacks=lacks)


@rule("one-state")
def one_state(state: State) -> Iterator[Refused]:
    """Refuse a module with several states."""
    if len(state.states) > 1:
        yield state.refuse("one-state", "")


@rule("stage-state")
def stage_state(state: State) -> Iterator[Refused]:
    """Refuse a stage of a module that is not coming soon."""
    if state.needs_coming_soon:
        yield state.refuse("stage-state", "stage")


@rule("endpoint-needed")
def endpoint_needed(state: State) -> Iterator[Refused]:
    """Refuse an active or frozen module without an endpoint."""
    if state.needs_endpoint:
        yield state.refuse("endpoint-needed", "api_endpoint")


@rule("endpoint-forbidden")
def endpoint_forbidden(state: State) -> Iterator[Refused]:
    """Refuse the endpoint of an on-demand or coming-soon module."""
    if "api_endpoint" in state.forbidden:
        yield state.refuse("endpoint-forbidden", "api_endpoint")


@rule("multi-proxy-state")
def multi_proxy_state(state: State) -> Iterator[Refused]:
    """Refuse multi_proxy of a module that is not active or frozen."""
    if "multi_proxy" in state.forbidden:
        yield state.refuse("multi-proxy-state", "multi_proxy")
