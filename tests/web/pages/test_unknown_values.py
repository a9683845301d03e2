"""A value that pages do not know, as of a category in the schema alone or in a store of a later version, is shown by
its own name and logged once. No address fails because of it.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import unknown_values
from contract import Client
from flask import Flask
from markup import add_account, opened
from redis import Redis
from support import add_accounts, clean_environ
from unknown_values import ADMIN, CATEGORY, FLAG, STAGE, STATE, addresses, ask, signed_in

from service.audit.store import ENTRIES_KEY
from service.feedback.keys import thread_key
from service.history.store import EVENTS_KEY, of_key

_REGISTRY = f"""
modules:
  - {{ slug: lab, category: {CATEGORY}, label: {{ fr: Labo, en: Lab }}, api_endpoint: /api/lab, produces: [samples] }}
  - {{ slug: tool, category: tools, label: {{ fr: Outil, en: Tool }}, api_endpoint: /api/tool, needs: [samples],
      owner: team }}
  - {{ slug: later, category: {CATEGORY}, label: {{ fr: Futur, en: Later }}, coming_soon: true, stage: {STAGE} }}
  - {{ slug: asked, category: tools, label: {{ fr: Demande, en: Asked }}, is_on_demand: true }}
"""
_IN_STATE = f"""
  - {{ slug: asleep, category: {CATEGORY}, label: {{ fr: Endormi, en: Asleep }}, api_endpoint: /api/asleep,
      needs: [samples], owner: team, {FLAG}: true }}
"""

#: Values of the variables of routes, in both tests.
_KNOWN = {"name": ["operators"], "rest": ["operators"], "digest": ["0"], "account_id": [ADMIN], "owner": ["team"]}

#: Pages that show modules.
_PAGES = ("", "graph", "graph/lab/1", "roadmap", "pipelines", "modules/lab", "modules/later", "admin/insights")


def check_answers(answers: Mapping[str, tuple[int, str]]) -> None:
    """Fail if an address answers with an error of the service, or a page is not there."""
    assert {path: status for path, (status, _) in answers.items() if status >= 500} == {}
    assert len(answers) > 60


def check_log(log: str, *values: str) -> None:
    """Fail unless each value was logged once."""
    logged = [line for line in log.splitlines() if "have no name" in line]
    assert all(sum(repr(value) in line for line in logged) == 1 for value in values), logged


@pytest.mark.parametrize("with_field", ["with field", "without field"])
def test_unknown_values_of_registry(redis: Redis, valkey_url: str, tmp_path: Path, with_field: str) -> None:
    add_accounts(redis, ADMIN, role="admin")
    has_state = with_field == "with field"
    slugs = ["lab", "tool", "later", "asked"] + ["asleep"] * has_state
    known = _KNOWN | {"slug": slugs, "feature": ["later"], "feature_id": ["later"]}
    (tmp_path / "registry.yaml").write_text(_REGISTRY + _IN_STATE * has_state)
    done = subprocess.run(
        [sys.executable, unknown_values.__file__, with_field, json.dumps(known)],
        cwd=tmp_path,
        env=clean_environ(REGISTRY_FILE="registry.yaml", REDIS_URL=valkey_url, SECRET_KEY="x" * 16),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    check_answers(answers)
    pages = [f"/{lang}/{page}" for lang in ("en", "fr") for page in (*_PAGES, *["modules/asleep"] * has_state)]
    assert {page: answers[page][0] for page in pages} == dict.fromkeys(pages, 200)
    assert CATEGORY in answers["/en/"][1] and STAGE in answers["/en/roadmap"][1]
    assert not has_state or STATE in answers["/en/modules/asleep"][1]
    check_log(done.stderr, CATEGORY, STAGE)


def test_unknown_values_of_store(app: Flask, bob: Client, redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    thread = opened(add_account(app, redis, "alice"), "Please").rpartition("/")[2]
    redis.hset(thread_key(thread), "status", "postponed")
    labels = {"fr": "Labo", "en": "Lab"}
    event = {"kind": "rehomed", "slug": "scrap", "labels": labels, "before": 1, "after": [2], "revision": "0" * 64}
    redis.lpush(of_key("scrap"), redis.xadd(EVENTS_KEY, {"event": json.dumps(event)}))
    assert bob.post("/fr/admin/person", query_string={"id": "alice"}, data={"do": "data"}).status_code == 200
    [(_, act), *_] = redis.xrevrange(ENTRIES_KEY)
    redis.xadd(ENTRIES_KEY, act | {"what": "moon-landed"})

    known = _KNOWN | {"slug": ["scrap"], "feature": ["linkedin"], "feature_id": ["linkedin"], "thread_id": [thread]}
    with caplog.at_level(logging.WARNING):
        answers = ask(signed_in(app), addresses(app, known))
    check_answers(answers)
    shown = {"rehomed": "/en/changes", "moon-landed": "/en/admin/audit", "postponed": f"/en/admin/requests/{thread}"}
    assert {path: (answers[path][0], value in answers[path][1]) for value, path in shown.items()} == dict.fromkeys(
        shown.values(), (200, True)
    )
    check_log(caplog.text, *shown)
