"""What a module's state forbids or asks of its other fields: the conditional parts of the schema, in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from service.registry.check.entries import Entry
from service.registry.check.nodes import Finding, Words
from service.registry.check.validation import Break
from service.registry.model import STATE_FLAGS
from service.wording import joined, quoted


def state_rule(found: Break) -> str | None:
    """The state rule that a break of the schema comes from, if it comes from one."""
    if not found.condition:
        return None
    if found.condition == "if":
        return "endpoint-needed"
    if found.keyword == "required" or found.schema.get("const") is True:
        return "stage-state"  # no other condition asks for something: they forbid
    return {"api_endpoint": "endpoint-forbidden", "multi_proxy": "multi-proxy-state"}.get(found.path[-1], "one-state")


def conflicts(entry: Entry, rules: set[str]) -> Iterator[Finding]:
    """What is wrong with one entry's state: one finding, since any of them may end by mending the state."""
    states = sorted(filter(entry.flag, STATE_FLAGS), key=entry.at)
    if entry.doubtful & set(STATE_FLAGS):
        return
    if len(states) > 1:
        yield Finding(entry.at(states[-1]), "one-state", partial(_several, entry, states), (*entry.path, states[-1]))
    elif "stage-state" in rules:
        if "stage" not in entry.doubtful:
            words = partial(_no_stage, entry, states)
            yield Finding(entry.at("stage"), "stage-state", words, (*entry.path, "stage"))
    elif "endpoint-needed" in rules:
        if "api_endpoint" not in entry.doubtful:
            words = partial(_endpoint_needed, entry, states)
            yield Finding(entry.at("api_endpoint"), "endpoint-needed", words, (*entry.path, "api_endpoint"))
    else:
        refused = {"endpoint-forbidden": "api_endpoint", "multi-proxy-state": "multi_proxy"}
        fields = [field for rule, field in refused.items() if rule in rules and field not in entry.doubtful]
        if fields:
            yield _conflict(entry, states[0], fields)
    entry.doubtful.update(states)  # after the conflict is mended, any of them may be gone


def _several(entry: Entry, states: list[str]) -> Words:
    both = "both" if len(states) == 2 else "all"
    return f"{entry.name}: {joined(states)} are {both} true", "a module is at most one of them: remove the others"


def _no_stage(entry: Entry, states: list[str]) -> Words:
    stage = quoted(entry.fields["stage"].value)
    if not states:
        message = f"{entry.name}: coming_soon is not true, so stage {stage} is not allowed"
        return message, "add coming_soon: true, or remove stage"
    message = f"{entry.name}: {states[0]} is true, so stage {stage} is not allowed"
    return message, "only coming-soon modules have a stage: remove one of the two"


def _endpoint_needed(entry: Entry, states: list[str]) -> Words:
    kind = f"{states[0]} is true, so it" if states else "an active module"
    null = ", and it is null" if "api_endpoint" in entry.fields else ""
    hint = "write its path, such as /api/scrap"
    if not states:
        hint += ", or say what else it is: is_on_demand, coming_soon or is_meta"
    return f"{entry.name}: {kind} needs an api_endpoint{null}", hint


def _conflict(entry: Entry, state: str, fields: list[str]) -> Finding:
    if len(fields) == 2:
        words = partial(_both_forbidden, entry, state)
        return Finding(entry.at(state), "endpoint-forbidden", words, (*entry.path, state))
    (field,) = fields
    path = (*entry.path, field)
    if field == "api_endpoint":
        return Finding(entry.at(field), "endpoint-forbidden", partial(_endpoint_forbidden, entry, state), path)
    return Finding(entry.at(field), "multi-proxy-state", partial(_multi_proxy_forbidden, entry, state), path)


def _both_forbidden(entry: Entry, state: str) -> Words:
    path = quoted(str(entry.fields["api_endpoint"].value))
    message = f"{entry.name}: {state} is true, so api_endpoint {path} and multi_proxy true are not allowed"
    return message, f"remove {state}, or both of the others"


def _endpoint_forbidden(entry: Entry, state: str) -> Words:
    path = quoted(str(entry.fields["api_endpoint"].value))
    message = f"{entry.name}: {state} is true, so api_endpoint {path} is not allowed"
    return message, "such a module runs nothing: remove one of the two"


def _multi_proxy_forbidden(entry: Entry, state: str) -> Words:
    message = f"{entry.name}: multi_proxy and {state} are both true"
    return message, "only active and alpha_unavailable modules share the VPN pool: remove one of the two"
