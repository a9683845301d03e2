"""Ask for every address of the service as an admin; as a program, of a registry with values that pages do not know."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

#: The id of the admin.
ADMIN = "bob"

#: The values that are added to the schema and the model: a category, a stage, and a state with its field.
CATEGORY, STAGE, STATE, FLAG = "labs", "imagined", "dormant", "is_dormant"

#: Addresses with a query, which routes do not name.
_QUERIES = (
    *("/{lang}/admin/person?id={account_id}", "/{lang}/admin/person/erase?id={account_id}"),
    *("/{lang}/modules?owner={owner}", "/{lang}/pipelines?modules={slug}", "/{lang}/changes?module={slug}"),
    *("/{lang}/changes?kind=other", "/{lang}/admin/requests?status=open", "/{lang}/requests?status=open"),
    *("/changes.atom?lang={lang}", "/api/changes?module={slug}", "/api/pipelines/plan?modules={slug}"),
)


def addresses(app: Flask, known: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the addresses of every route that answers GET. `known` has the values of each variable of the routes."""
    asked = dict[str, None]()
    for values in _combinations(known):
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                built = rule.build({name: values[name] for name in rule.arguments})
                assert built
                asked[built[1]] = None
        asked |= dict.fromkeys(query.format_map(values) for query in _QUERIES)
    return list(asked)


def _combinations(known: Mapping[str, Iterable[str]]) -> Iterable[dict[str, Any]]:
    """Yield a value of each variable, so that each value of a variable comes in both languages."""
    first = {name: next(iter(values)) for name, values in known.items()}
    for lang in ("en", "fr"):
        for name, values in known.items():
            for value in values:
                yield first | {"lang": lang, "steps": 1, name: value}


def signed_in(app: Flask) -> FlaskClient:
    """Return a client of the admin that holds no answer against openapi.yaml, which lists known values alone."""
    client = FlaskClient(app, app.response_class)
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer
    client.set_cookie("session", str(serializer.dumps({"_user_id": ADMIN})))
    return client


def ask(client: FlaskClient, paths: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return the status and the text of each answer."""
    answers = {path: client.get(path) for path in paths}
    return {path: (answer.status_code, answer.data.decode(errors="replace")) for path, answer in answers.items()}


def add_values(*, with_field: bool) -> None:
    """Add the values to the schema and to the model before anything is imported that reads them."""
    import service

    published, path = service.schema_path, Path("schema.json")
    schema = json.loads(published("registry.schema.json").read_text("utf-8"))
    fields = schema["$defs"]["module"]["properties"]
    fields["category"]["enum"].append(CATEGORY)
    fields["stage"]["enum"].append(STAGE)
    if with_field:
        fields[FLAG] = fields["is_meta"]
    path.write_text(json.dumps(schema))
    service.schema_path = lambda name: path if name == "registry.schema.json" else published(name)

    spec = find_spec("service.registry.model")
    assert spec and spec.origin
    lines = []
    for line in Path(spec.origin).read_text("utf-8").splitlines():
        lines.append(line)
        if line.startswith("    META = ") or (with_field and line.startswith("    is_meta: ")):
            for name in ("META", "Méta", "Meta", "meta"):
                line = line.replace(name, STATE.upper() if name.isupper() else STATE)
            lines.append(line)
    sys.modules[spec.name] = model = module_from_spec(spec)
    exec(compile("\n".join(lines), spec.origin, "exec"), vars(model))


def main(with_field: str, paths: str) -> None:
    """Print the answers to each address as JSON. `paths` has the values of the variables of routes, as JSON."""
    add_values(with_field=with_field == "with field")
    from service.settings.settings import Settings
    from service.web.app import create_app

    app = create_app(Settings.from_env(os.environ))
    client = signed_in(app)
    opened = client.post("/api/feedback", json={"module": "asked", "message": "Please"})
    known = json.loads(paths) | {"thread_id": [opened.get_json()["id"]]}
    print(json.dumps(ask(client, addresses(app, known))))


if __name__ == "__main__":
    main(*sys.argv[1:])
