"""`module-registry plan`: the plan as a drawing, and what it exits with."""

from __future__ import annotations

import json
from dataclasses import asdict

import documentation
from support import DOCUMENTED, run

from service.registry import plan as planning
from service.registry.loading import load

FILE = {"REGISTRY_FILE": str(DOCUMENTED)}


def test_the_example_of_the_documentation_is_what_it_prints() -> None:
    shown = documentation.page("ops.md").partition("    $ module-registry plan ")[2].partition("    $ echo $?\n")[0]
    names, *lines = shown.splitlines()
    done = run("plan", *names.split(), **FILE)
    assert (done.returncode, done.stdout.splitlines()) == (3, [line.removeprefix("    ") for line in lines])


def test_json_is_what_http_answers() -> None:
    done = run("plan", "--format", "json", "emails", "scrap", "finance", **FILE)
    expected = asdict(planning.plan(load(DOCUMENTED), ["scrap", "emails", "finance"]))
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))
    assert done.returncode == 3
