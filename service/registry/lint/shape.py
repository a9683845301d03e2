"""Checks of a document by the JSON Schema: each break is reported by a rule, and has words of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from service.registry.lint.nodes import MAX_MISTAKES, UNKNOWN, Node, Path, fields, items
from service.registry.lint.refusals import Refused, list_states
from service.registry.lint.rules import schema, state
from service.registry.model import STATE_FLAGS
from service.registry.schema import errors, inlined, is_valid

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

#: The rules of each keyword of the schema.
_OF_KEYWORD: dict[str, tuple[Callable[[schema.Checked], Iterator[Refused]], ...]] = {
    "required": (schema.missing_field,),
    "additionalProperties": (schema.unknown_field,),
    "uniqueItems": (schema.repeated_item,),
    "enum": (schema.enum,),
    "maxLength": (schema.too_long,),
    "maxItems": (schema.too_long,),
    "type": (schema.yaml_misread, schema.type_, schema.not_a_mapping),
    "pattern": (schema.blank, schema.pattern),
}
#: The rules of a state, in the order of precedence.
_OF_STATE = (
    state.one_state,
    state.stage_state,
    state.endpoint_needed,
    state.endpoint_forbidden,
    state.multi_proxy_state,
)


def check_schema(root: Node) -> Iterator[Refused]:
    """Yield every break of the schema by a document, without words; of an entry's state, one break at most."""
    if is_valid(inlined(), root.value):
        return
    conditions: dict[Path, list[ValidationError]] = defaultdict(list)
    for error in islice(errors(inlined(), root.value), MAX_MISTAKES + 1):
        path: Path = tuple(error.path)
        if error.instance is UNKNOWN:
            continue
        if "if" in error.schema_path or "dependentSchemas" in error.schema_path:
            conditions[path[:2]].append(error)
        else:
            keyword = str(error.validator)
            value = schema.Checked(root.at(path), path, keyword, error.schema, error.message)
            for check in _OF_KEYWORD.get(keyword, (schema.pattern,)):
                yield from check(value)
    for path, broken in conditions.items():
        yield from _check_state(root.at(path), path, broken)


def _check_state(entry: Node, path: Path, broken: list[ValidationError]) -> Iterator[Refused]:
    """Yield the break of the first rule: a repair of it may end the other breaks."""
    own = fields(entry)
    if own.keys() <= {"slug"} or any(own[flag].value is UNKNOWN for flag in own.keys() & {*STATE_FLAGS}):
        return
    dependent = [error for error in broken if "dependentSchemas" in error.schema_path]
    checked = state.State(
        entry,
        path,
        list_states(entry),
        forbidden={str(error.path[-1]) for error in dependent if not _is_request(error)},
        needs_endpoint=len(dependent) < len(broken),
        needs_coming_soon=any(map(_is_request, dependent)),
    )
    refusal = next(chain.from_iterable(check(checked) for check in _OF_STATE), None)
    is_asking = len(checked.states) < 2 and (checked.needs_endpoint or checked.needs_coming_soon)
    if refusal and not (entry.is_open and is_asking):  # a field that could not be read may be there
        yield refusal


def _is_request(error: ValidationError) -> bool:
    """Whether a condition asks for a field, rather than forbids it."""
    return error.validator == "required" or error.schema.get("const") is True


def check_texts(root: Node, source: str) -> Iterator[Refused]:
    """Yield text that the schema accepts, and YAML reads in another way than its author."""
    for number, entry in enumerate(items(fields(root).get("modules"))):
        for name, value in fields(entry).items():
            parts: Iterator[tuple[str | int, Node]] = chain(fields(value).items(), enumerate(items(value)))
            for key, node in parts:
                if node.is_plain and isinstance(node.value, str) and node.used_at is None:
                    text = schema.Checked(node, ("modules", number, name, key), source=source)
                    yield from schema.look_alike(text)
                    yield from schema.yaml_misread(text)
