"""The HTTP reference as values: what schemas/openapi.yaml says, in the shape in which a page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Node = Mapping[str, Any]

#: The methods of an OpenAPI path, in the order in which a page shows them; HEAD belongs to GET.
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be. `schema` is the name of the schema below which its fields are listed, if it has some."""

    words: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a JSON object; `label.fr` is a field inside, `modules[].slug` one of each item."""

    name: str
    kind: Kind
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a request carries beside its body; `place` is path, query or header. An empty `example` is none."""

    name: str
    place: str
    kind: Kind
    required: bool
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or an answer holds. `value` is the example as it was written, `example` as JSON to show."""

    media_types: tuple[str, ...]
    kind: Kind
    fields: tuple[Field, ...]
    value: Any
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status. `problems` are the types of its problem documents, `headers` those that not every answer has."""

    status: int
    description: str
    headers: tuple[str, ...]
    body: Body | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `head` is the same by HEAD, where it is described."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    session: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    body_required: bool
    answers: tuple[Answer, ...]
    head: Operation | None = None

    @property
    def success(self) -> Answer:
        """The answer when all goes well."""
        return next(answer for answer in self.answers if answer.status < 300)


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON object that operations name."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """All of it. Descriptions are Markdown."""

    title: str
    description: str
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...]

    @property
    def operations(self) -> Iterator[Operation]:
        """Every operation, those by HEAD too."""
        for group in self.groups:
            for operation in group.operations:
                yield operation
                if operation.head:
                    yield operation.head


def reference(description: Node) -> Reference:
    """Read an OpenAPI 3.1 document, as `schemas/openapi.yaml` is one."""
    reader = _Reader(description)
    operations = list(reader.operations())
    groups = (
        Group(tag["name"], tag.get("description", ""), tuple(one for name, one in operations if name == tag["name"]))
        for tag in description["tags"]
    )
    schemas = (
        Schema(name, node.get("description", ""), reader.fields(node))
        for name, node in description["components"]["schemas"].items()
        if "properties" in node
    )
    info = description["info"]
    return Reference(info["title"], info["description"], tuple(groups), tuple(schemas))


class _Reader:
    """Follows the references inside one document."""

    def __init__(self, document: Node) -> None:
        self._document = document
        answers = [answer for status, answer in self._given_answers() if status != "304"]
        #: The headers that every answer has but a 304; to list them with each would hide the others.
        self._always = set.intersection(*(set(answer.get("headers", ())) for answer in answers))

    def _given_answers(self) -> Iterator[tuple[str, Node]]:
        for item in self._document["paths"].values():
            for method in item.keys() & {*METHODS, "head"}:
                for status, answer in item[method]["responses"].items():
                    yield status, self._resolved(answer)

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """Each operation with its first tag, in the order of the document."""
        for path, item in self._document["paths"].items():
            head = self._operation("head", path, item) if "head" in item else None
            for method in METHODS:
                if method in item:
                    yield (
                        item[method]["tags"][0],
                        self._operation(method, path, item, head if method == "get" else None),
                    )

    def _operation(self, method: str, path: str, item: Node, head: Operation | None = None) -> Operation:
        node = item[method]
        parameters = [*item.get("parameters", ()), *node.get("parameters", ())]
        asked = self._resolved(node["requestBody"]) if "requestBody" in node else None
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            summary=node["summary"],
            description=node.get("description", ""),
            session=any(node.get("security", self._document.get("security", ()))),
            parameters=tuple(map(self._parameter, parameters)),
            body=self._body(asked["content"]) if asked else None,
            body_required=bool(asked and asked.get("required")),
            answers=tuple(self._answer(int(status), answer) for status, answer in node["responses"].items()),
            head=head,
        )

    def _parameter(self, given: Node) -> Parameter:
        node = self._resolved(given)
        schema = node["schema"]
        example = node.get("example", self._resolved(schema).get("example", ""))
        required = node.get("required", False)
        return Parameter(
            node["name"], node["in"], self.kind(schema), required, node.get("description", ""), str(example)
        )

    def _answer(self, status: int, given: Node) -> Answer:
        node = self._resolved(given)
        headers = tuple(name for name in node.get("headers", ()) if name not in self._always)
        content = node.get("content", {})
        problems = _examples(content.get("application/problem+json", {}))
        types = tuple(dict.fromkeys(one["type"] for one in problems if one["type"] != "about:blank"))
        body = self._body(content) if content and not problems else None
        return Answer(status, node["description"], headers, body, types)

    def _body(self, content: Node) -> Body:
        media = next(iter(content.values()))
        schema = media.get("schema", {})
        value = next(iter(_examples(media)), None)
        kind = self.kind(schema)
        shown = "" if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        return Body(tuple(content), kind, () if kind.schema else self.fields(self._resolved(schema)), value, shown)

    def fields(self, schema: Node, before: str = "") -> tuple[Field, ...]:
        """The fields of an object, and of what stands inside it without a name of its own."""
        return tuple(self._fields(schema, before))

    def _fields(self, schema: Node, before: str) -> Iterator[Field]:
        required = schema.get("required", ())
        for name, given in schema.get("properties", {}).items():
            node = self._resolved(given)
            yield Field(before + name, self.kind(given), name in required, node.get("description", ""))
            items = node.get("items", {})
            if "properties" in node and "$ref" not in given:
                yield from self._fields(node, f"{before}{name}.")
            elif "properties" in items:
                yield from self._fields(items, f"{before}{name}[].")

    def kind(self, given: Node) -> Kind:
        """The kind of value that a schema allows, in a few words."""
        node = self._resolved(given)
        if "$ref" in given and "properties" in node:
            name = given["$ref"].rpartition("/")[2]
            return Kind(name, name)
        if "const" in node:
            return Kind(_json(node["const"]))
        if "enum" in node:
            return Kind(" | ".join(map(_json, node["enum"])))
        if node.get("type") == "array":
            of = self.kind(node.get("items", {}))
            return Kind(f"array of {of.words}", of.schema)
        types = node.get("type", "any")
        words = types if isinstance(types, str) else " | ".join(types)
        return Kind(f"{words} ({node['format']})" if "format" in node else words)

    def _resolved(self, node: Node) -> Node:
        """A node with what it refers to; what it says itself comes first."""
        if "$ref" not in node:
            return node
        found: Any = self._document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        own = {key: value for key, value in node.items() if key != "$ref"}
        return {**self._resolved(found), **own}


def _examples(media: Node) -> list[Any]:
    """The examples of a media type, by either of OpenAPI's two ways to write them."""
    if "example" in media:
        return [media["example"]]
    return [one["value"] for one in media.get("examples", {}).values()]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
