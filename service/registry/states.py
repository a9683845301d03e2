"""What a module's state forbids or asks of its other fields: the conditional parts of the schema, in words."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema.exceptions import ValidationError

from service.registry.entries import STATES, Entry
from service.registry.nodes import Finding, pointer
from service.registry.words import listed, shown


def state_rule(error: ValidationError) -> str | None:
    """The state rule that an error of the validator comes from, if it comes from one."""
    if "then" not in error.absolute_schema_path:
        return None
    if "dependentSchemas" not in error.absolute_schema_path:
        return "endpoint-needed"
    return {"api_endpoint": "endpoint-forbidden", "multi_proxy": "multi-proxy-state"}.get(error.path[-1], "one-state")


def conflicts(entry: Entry, rules: set[str]) -> Iterator[Finding]:
    """What is wrong with one entry's state: one finding, since any of them may end by mending the state."""
    states = sorted((state for state in STATES if entry.flag(state)), key=entry.at)
    if entry.doubtful & set(STATES):
        return
    if len(states) > 1:
        both = "both" if len(states) == 2 else "all"
        message = f"{entry.name}: {listed(states)} are {both} true"
        hint = "a module is at most one of them: remove the others"
        yield Finding(entry.at(states[-1]), "one-state", message, hint, pointer(*entry.path, states[-1]))
    elif "endpoint-needed" in rules:
        if "api_endpoint" not in entry.doubtful:
            yield _endpoint_needed(entry, states)
    else:
        refused = {"endpoint-forbidden": "api_endpoint", "multi-proxy-state": "multi_proxy"}
        fields = [field for rule, field in refused.items() if rule in rules and field not in entry.doubtful]
        if fields:
            yield _conflict(entry, states[0], fields)
    entry.doubtful.update(states)  # after the conflict is mended, any of them may be gone


def _endpoint_needed(entry: Entry, states: list[str]) -> Finding:
    kind = f"{states[0]} is true, so it" if states else "an active module"
    null = ", and it is null" if "api_endpoint" in entry.fields else ""
    message = f"{entry.name}: {kind} needs an api_endpoint{null}"
    hint = "write its path, such as /api/scrap"
    if not states:
        hint += ", or say what else it is: is_on_demand, coming_soon or is_meta"
    return Finding(entry.at("api_endpoint"), "endpoint-needed", message, hint, pointer(*entry.path, "api_endpoint"))


def _conflict(entry: Entry, state: str, fields: list[str]) -> Finding:
    if len(fields) == 2:
        path = shown(str(entry.fields["api_endpoint"].value))
        message = f"{entry.name}: {state} is true, so api_endpoint {path} and multi_proxy true are not allowed"
        hint = f"remove {state}, or both of the others"
        return Finding(entry.at(state), "endpoint-forbidden", message, hint, pointer(*entry.path, state))
    (field,) = fields
    if field == "api_endpoint":
        path = shown(str(entry.fields[field].value))
        message = f"{entry.name}: {state} is true, so api_endpoint {path} is not allowed"
        hint = "such a module runs nothing: remove one of the two"
        return Finding(entry.at(field), "endpoint-forbidden", message, hint, pointer(*entry.path, field))
    message = f"{entry.name}: multi_proxy and {state} are both true"
    hint = "only active and alpha_unavailable modules share the VPN pool: remove one of the two"
    return Finding(entry.at(field), "multi-proxy-state", message, hint, pointer(*entry.path, field))
