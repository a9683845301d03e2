"""What a module's state forbids or asks of its other fields: the conditional parts of the schema, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from functools import partial
from typing import Any

from service.registry.check.breaks import Break
from service.registry.check.entries import Entry
from service.registry.model import STATE_FLAGS
from service.registry.text.nodes import Finding, Words
from service.wording import joined, normalized, quoted

#: Fields that depend on the state.
STATE_FIELDS = ("api_endpoint", "multi_proxy", "stage")


def state_rule(found: Break) -> str | None:
    """The state rule that a break of the schema comes from, if it comes from one."""
    if not found.condition:
        return None
    if found.condition == "if":
        return "endpoint-needed"
    if found.keyword == "required" or found.schema.get("const") is True:
        return "stage-state"  # no other condition asks for something: they forbid
    return {"api_endpoint": "endpoint-forbidden", "multi_proxy": "multi-proxy-state"}.get(found.path[-1], "one-state")


def moved_away(states: Mapping[int, set[str]], entries: Mapping[Any, Entry]) -> dict[int, Entry]:
    """The modules that have got a state or an endpoint from the one beside them, which lacks it: each with that one.

    That is what a line does that was moved, or merged by git into the wrong entry. The path, or the stage that is left
    alone, says so.
    """
    found = {}
    for number, rules in states.items():
        entry = entries["modules", number]
        if not rules & {"endpoint-needed", "stage-state"} or "api_endpoint" in entry.fields:
            continue
        for beside in (number - 1, number + 1):
            if beside in states and beside not in found and _is_from(entries["modules", beside], states[beside], entry):
                found[beside] = entry
                break
    return found


def _is_from(other: Entry, rules: Set[str], entry: Entry) -> bool:
    """Whether what is wrong with a module is that it has a line of the one beside it."""
    has_state = any(map(entry.flag, STATE_FLAGS))
    if sum(map(other.flag, STATE_FLAGS)) > 1:
        return not has_state
    if "endpoint-forbidden" not in rules:
        return False
    path, slug = other.fields["api_endpoint"].value, entry.fields.get("slug")
    if isinstance(path, str) and slug is not None and normalized(path.rpartition("/")[2]) == slug.value:
        return True
    return "stage" in entry.fields and not has_state


def conflicts(entry: Entry, rules: set[str], beside: Entry | None = None) -> Iterator[Finding]:
    """What is wrong with one entry's state: one finding, since any of them may end by mending the state; and its stage.

    `beside` is the module that a field of this one most likely belongs to.
    """
    states = sorted(filter(entry.flag, STATE_FLAGS), key=entry.at)
    if entry.doubtful & set(STATE_FLAGS):
        return
    if len(states) > 1:
        words = partial(_several, entry, states, beside)
        yield Finding(entry.at(states[-1]), "one-state", words, (*entry.path, states[-1]))
        return
    if "stage-state" in rules and "stage" not in entry.doubtful | entry.misspelled and (states or not entry.node.cut):
        words = partial(_no_stage, entry, states)
        yield Finding(entry.at("stage"), "stage-state", words, (*entry.path, "stage"))
    if "endpoint-needed" in rules and "stage-state" not in rules:
        if "api_endpoint" not in entry.doubtful and not entry.node.cut:
            words = partial(_endpoint_needed, entry, states)
            yield Finding(entry.at("api_endpoint"), "endpoint-needed", words, (*entry.path, "api_endpoint"))
    else:
        refused = {"endpoint-forbidden": "api_endpoint", "multi-proxy-state": "multi_proxy"}
        unsure = entry.doubtful | entry.misspelled  # of a misspelled one, its finding says that it may not be there
        fields = [field for rule, field in refused.items() if rule in rules and field not in unsure]
        if fields:
            yield _conflict(entry, states[0], fields, beside)
            entry.doubtful.update(fields)  # each may go, as the state may
    entry.doubtful.update(states)  # after the conflict is mended, any of them may be gone


def _several(entry: Entry, states: list[str], beside: Entry | None) -> Words:
    both = "both" if len(states) == 2 else "all"
    if beside is not None:
        message = f"{entry.name}: {joined(states)} are {both} true"
        return message, f"move the one that belongs to {beside.name}, which lacks it"
    message = f"{entry.name}: {joined(states)} are {both} true"
    came = [one for one in states if one in entry.node.merged]
    if came and len(came) < len(states):
        written = joined([f"{one}: false" for one in came])
        return message, f"{joined(came)} came by the merge: write {written} beside << as well"
    return message, "a module is at most one of them: remove the others"


def _no_stage(entry: Entry, states: list[str]) -> Words:
    stage = quoted(entry.fields["stage"].value)
    if not states:
        message = f"{entry.name}: coming_soon is not true, so stage {stage} is not allowed"
        if any((field := entry.fields.get(name)) and field.value for name in ("api_endpoint", "multi_proxy")):
            return message, "remove stage: a module that runs has none"
        return message, "add coming_soon: true, or remove stage"
    message = f"{entry.name}: {states[0]} is true, so stage {stage} is not allowed"
    hint = "only coming-soon modules have a stage: remove it"
    return message, hint if "api_endpoint" in entry.fields else f"{hint}, or write coming_soon in place of {states[0]}"


def _endpoint_needed(entry: Entry, states: list[str]) -> Words:
    kind = f"{states[0]} is true, so it" if states else "an active module"
    null = ", and it is null" if "api_endpoint" in entry.fields else ""
    hint = "write its path, such as /api/scrap"
    if not states:
        hint += ", or say what else it is: is_on_demand, coming_soon or is_meta"
    return f"{entry.name}: {kind} needs an api_endpoint{null}", hint


def _conflict(entry: Entry, state: str, fields: list[str], beside: Entry | None) -> Finding:
    if len(fields) == 2:
        words = partial(_both_forbidden, entry, state)
        return Finding(entry.at(state), "endpoint-forbidden", words, (*entry.path, state))
    (field,) = fields
    path = (*entry.path, field)
    if field == "api_endpoint":
        return Finding(entry.at(field), "endpoint-forbidden", partial(_endpoint_forbidden, entry, state, beside), path)
    return Finding(entry.at(field), "multi-proxy-state", partial(_multi_proxy_forbidden, entry, state), path)


def _both_forbidden(entry: Entry, state: str) -> Words:
    path = quoted(str(entry.fields["api_endpoint"].value))
    message = f"{entry.name}: {state} is true, so api_endpoint {path} and multi_proxy true are not allowed"
    if {"api_endpoint", "multi_proxy"} <= entry.node.merged.keys():
        return message, "they came by the merge: write api_endpoint: null and multi_proxy: false beside << as well"
    return message, f"remove {state}, or both of the others"


def _endpoint_forbidden(entry: Entry, state: str, beside: Entry | None) -> Words:
    path = quoted(str(entry.fields["api_endpoint"].value))
    message = f"{entry.name}: {state} is true, so api_endpoint {path} is not allowed"
    if beside is not None:
        return message, f"move the one that belongs to {beside.name}, which lacks it"
    if "api_endpoint" in entry.node.merged:
        return message, "it came by the merge: write api_endpoint: null beside << as well"
    return message, "such a module runs nothing: remove one of the two"


def _multi_proxy_forbidden(entry: Entry, state: str) -> Words:
    message = f"{entry.name}: multi_proxy and {state} are both true"
    if "multi_proxy" in entry.node.merged:
        return message, "it came by the merge: write multi_proxy: false beside << as well"
    return message, "only active and alpha_unavailable modules share the VPN pool: remove one of the two"
