"""The committed files that are derived from the schema, the settings and the catalogue of rules.

`make generate` writes them. tests/test_generate.py fails if a committed file is not what this module returns.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from enum import Enum
from pathlib import Path
from textwrap import indent
from typing import Any

import catalogues
import rules_page
import yaml
from documentation import DOCS
from support import REPOSITORY

from service.registry.export import FORMATS, typescript_type
from service.registry.loading.loader import parse
from service.registry.model import Module, ModuleState, Registry
from service.registry.plan import NOT_PIPELINABLE
from service.registry.schema import example, module_fields, schema
from service.settings.settings import Settings
from service.web.languages import LOCALE
from service.wording import json_text

_OPENAPI = REPOSITORY / "schemas" / "openapi.yaml"
_CLIENT = REPOSITORY / "service" / "web" / "pages" / "assets" / "client.js"
_INIT = REPOSITORY / "service" / "registry" / "templates" / "registry.yaml"
_TESTS = REPOSITORY / "tests" / "registry"
_OPS, _OPERATORS = DOCS / "ops.md", DOCS / "operators.md"

#: The definitions of the registry's schema that openapi.yaml has as components.
_COMPONENTS = {
    "name": "Slug",
    "artifacts": "Artifacts",
    "day": "Day",
    "successor": "Successor",
    "reason": "Reason",
}
#: The keywords that mean the same in both.
_KEYWORDS = ("type", "enum", "format", "maxLength", "maxItems", "uniqueItems")


def replace_part(text: str, begin: str, end: str, part: str) -> str:
    """Replace what follows the line `begin`, up to the first match of the pattern `end`."""
    before, line, rest = text.partition(f"{begin}\n")
    match = re.search(end, rest, re.MULTILINE)
    assert line and match, f"nothing begins with {begin!r} and ends with {end!r}"
    return before + line + part + rest[match.start() :]


def openapi(text: str) -> str:
    """Put the entry of a module into openapi.yaml: its schema, and its example."""
    entry = {
        "type": "object",
        "description": "One module. It is at most one of is_on_demand, coming_soon, alpha_unavailable and is_meta; "
        "a module that is none of them is active.",
        **_answered_object(schema()["$defs"]["module"]["properties"]),
    }
    text = replace_part(text, "    Entry:", r"^    \w", indent(_yaml(entry), " " * 6))
    text = replace_part(text, "    Registry:", r"^\n", indent(_yaml(_buckets()), " " * 6))
    reasons = [NOT_PIPELINABLE, *(state.bucket for state in ModuleState if state is not ModuleState.ACTIVE)]
    text = re.sub(rf"enum: \[{NOT_PIPELINABLE}, .*\]", f"enum: [{', '.join(reasons)}]", text)
    registry = Registry((*parse(_INIT.read_bytes(), "registry.yaml").modules, Module.from_entry(example())))
    buckets = registry.buckets | {"feature_pages": registry.feature_pages}
    lines = "".join(f"{' ' * 16}{name}: {json_text(value)}\n" for name, value in buckets.items())
    text = replace_part(text, f"{' ' * 14}example: &registry", r"^ {0,14}\S", lines)
    values = asdict(Module.from_entry(example()))
    lines = "".join(f"{' ' * 20}{name}: {json_text(value)}\n" for name, value in values.items())
    return replace_part(text, f"{' ' * 18}- &entry", r"^ {16}\w", lines)


def _buckets() -> dict[str, Any]:
    """Return the schema of GET /api/modules-registry."""
    slugs = {"$ref": "#/components/schemas/Slugs"}
    about = {state.bucket: state.meaning for state in ModuleState} | {
        "multi_proxy": 'Active modules that share the global VPN pool: one runs at a time. Show "Will queue".',
        "parallel": "The other active modules, which may run at the same time.",
    }
    buckets = Registry(()).buckets
    return {
        "type": "object",
        "description": "One sorted array of slugs for each bucket.",
        "required": [*buckets, "feature_pages"],
        "additionalProperties": False,
        "properties": {
            **{bucket: slugs | {"description": about[bucket]} for bucket in buckets},
            "feature_pages": {
                "type": "object",
                "description": "One key for each active module. The page /features/<value> sells it. "
                "Null if it is not written yet.",
                "propertyNames": {"$ref": "#/components/schemas/Slug"},
                "additionalProperties": {"type": ["string", "null"]},
            },
        },
    }


def _answered_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object in an answer, which always has every field."""
    answered = {name: _answered(field) for name, field in properties.items()}
    return {"required": [*answered], "additionalProperties": False, "properties": answered}


def _answered(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a field in an answer."""
    definition = field.get("$ref", "").removeprefix("#/$defs/")
    about = {"description": field["description"]} if "description" in field else {}
    if definition in _COMPONENTS:
        return {"$ref": f"#/components/schemas/{_COMPONENTS[definition]}"} | about
    whole = schema()["$defs"].get(definition, {}) | field
    answered = {name: whole[name] for name in _KEYWORDS if name in whole} | about
    if "pattern" in whole:
        answered |= _pattern(whole["pattern"])
    if "items" in whole:
        answered["items"] = _answered(whole["items"])
    if "properties" in whole:
        answered |= _answered_object(whole["properties"])
    return answered


def _pattern(pattern: str) -> dict[str, Any]:
    """Return what openapi.yaml says of a pattern: of one for visible text, that the text is not empty."""
    if "\\u" in pattern:
        return {"minLength": 1}
    return {"pattern": pattern.removesuffix("(?!\\n)")}


class _Dumper(yaml.SafeDumper):
    """Writes lists in brackets, and mappings by lines."""


_Dumper.add_representer(list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, True))


def _yaml(value: object) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


def client(text: str) -> str:
    """Put the fields of a module into the typedef of client.js."""
    names = {"ModuleSlug": "string", "Artifact": "string", "Category": "string", "Stage": "string"}
    properties = "".join(
        f" * @property {{{typescript_type(field, names)}}} {name}\n" for name, field in module_fields().items()
    )
    return replace_part(text, " * @typedef {object} Module", r"^ \*/", properties)


def ops(text: str) -> str:
    """Put the fields that are the registry's own into the table of ops.md."""
    rows = (
        f"| `{name}` | {field['description']} | {_form(field)} |\n"
        for name, field in module_fields().items()
        if field["x-origin"] == "registry" and "x-option" in field
    )
    return replace_part(text, "| field | meaning | how to write it |\n|---|---|---|", "^$", "".join(rows))


def _form(field: Mapping[str, Any]) -> str:
    return str(field.get("x-form") or field.get("x-example") or field.get("errorMessage", ""))


def operators(text: str) -> str:
    """Put every setting into the table of operators.md: its default, and its docstring."""
    rows = (f"| `{name.upper()}` | {default} | {meaning} |\n" for name, default, meaning in _settings())
    return replace_part(text, "| setting | default | meaning |\n|---|---|---|", "^$", "".join(rows))


def _settings() -> list[tuple[str, str, str]]:
    [declared] = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(declared, ast.ClassDef)
    docstrings = {}
    for line, following in zip(declared.body, declared.body[1:], strict=False):
        match line, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(docstring))):
                docstrings[name] = " ".join(docstring.split())
    rows = []
    for field in fields(Settings):
        meaning, _, default = docstrings[field.name].partition(" Default: ")
        rows.append((field.name, default.removesuffix(".") or _default(field.default), meaning))
    return rows


def _default(value: object) -> str:
    if value in (None, "", ()):
        return "none"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def exported(style: str) -> str:
    """Return the export of a registry whose texts would break out of comments and literals."""
    registry = (_TESTS / "export_hostile.yaml").read_bytes()
    return FORMATS[style](parse(registry, "export_hostile.yaml"))


#: Each derived file, and the function that returns its text from the text that it has.
FILES: dict[Path, Callable[[str], str]] = {
    _OPENAPI: openapi,
    _CLIENT: client,
    _OPS: ops,
    _OPERATORS: operators,
    rules_page.PAGE: lambda _: rules_page.written(),
    _TESTS / "export_hostile.ts": lambda _: exported("typescript"),
    _TESTS / "export_hostile.py.txt": lambda _: exported("python"),
    **dict.fromkeys(sorted(LOCALE.glob("*.po")), catalogues.updated),
}


def main() -> int:
    """Write each file that is not up to date, and name it."""
    for file, generate in FILES.items():
        text = file.read_text("utf-8")
        if (generated := generate(text)) != text:
            file.write_text(generated, "utf-8")
            sys.stdout.write(f"wrote {file.relative_to(REPOSITORY)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
