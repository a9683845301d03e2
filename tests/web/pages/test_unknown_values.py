"""A value that pages have no name for, as of a category that is in the schema alone, is shown by its own name."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, clean_environ

#: Asks for each page of a registry whose categories and stages are those of a schema, which is named first.
_ASK = """
import json, os, sys
from pathlib import Path
import service
published = service.schema_path
service.schema_path = lambda name: Path(sys.argv[1]) if name == "registry.schema.json" else published(name)
from service.settings.settings import Settings
from service.web.app import create_app
client = create_app(Settings.from_env(os.environ)).test_client()
print(json.dumps({path: [answer.status_code, answer.text] for path in sys.argv[2:] for answer in [client.get(path)]}))
"""

_REGISTRY = """
modules:
  - { slug: lab, category: labs, label: { fr: Labo, en: Lab }, api_endpoint: /api/lab, produces: [samples] }
  - { slug: tool, category: tools, label: { fr: Outil, en: Tool }, api_endpoint: /api/tool, needs: [samples] }
  - { slug: later, category: labs, label: { fr: Futur, en: Later }, coming_soon: true, stage: imagined }
"""

#: Each page that shows modules.
_PAGES = ("", "graph", "graph/lab/1", "roadmap", "pipelines", "modules/lab", "modules/later", "modules/later/vote")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_unknown_category_and_stage_are_shown_by_their_own_names(tmp_path: Path, lang: str) -> None:
    schema = json.loads((REPOSITORY / "schemas" / "registry.schema.json").read_text("utf-8"))
    fields = schema["$defs"]["module"]["properties"]
    fields["category"]["enum"].append("labs")
    fields["stage"]["enum"].append("imagined")
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / "registry.yaml").write_text(_REGISTRY)
    settings = {"REGISTRY_FILE": "registry.yaml", "REDIS_URL": "redis://127.0.0.1:1", "SECRET_KEY": "x" * 16}
    paths = [f"/{lang}/{page}" for page in _PAGES]
    done = subprocess.run(
        [sys.executable, "-c", _ASK, "schema.json", *paths],
        cwd=tmp_path,
        env=clean_environ(**settings) | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(done.stdout)
    assert {path: status for path, (status, _) in answers.items()} == dict.fromkeys(paths, 200)
    assert all(name in answers[f"/{lang}/{page}"][1] for page, name in (("", "labs"), ("roadmap", "imagined")))
    logged = [line for line in done.stderr.splitlines() if "have no name" in line]
    assert sorted(logged) == [
        f"Pages have no name for {name!r}, and show it as it is." for name in ("imagined", "labs")
    ]
