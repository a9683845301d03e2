"""`module-registry plan`: the plan as a drawing, and what it exits with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import documentation
from support import DOCUMENTED, run

from service.registry import plan as planning
from service.registry.loading import load

FILE = {"REGISTRY_FILE": str(DOCUMENTED)}


def test_it_draws_steps_and_says_what_queues() -> None:
    done = run("plan", "scrap", "filter", "emails", "socials", "brand_assets", "verify_emails", **FILE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        " 1 -+- scrap          -> leads                   will queue",
        "    |",
        " 2 -+- filter         leads -> leads",
        "    |",
        " 3 -+- emails         leads -> emails            will queue",
        "    +- socials        leads -> social_profiles   will queue",
        "    +- brand_assets   leads -> brand_assets",
        "    |",
        " 4 -+- verify_emails  emails -> verified_emails",
        "",
        "will queue: scrap, emails and socials; the VPN pool takes one run at a time, platform-wide",
    ]


def test_the_example_of_the_documentation_is_what_it_prints() -> None:
    shown = documentation.page("ops.md").partition("    $ module-registry plan ")[2].partition("    $ echo $?\n")[0]
    names, *lines = shown.splitlines()
    done = run("plan", *names.split(), **FILE)
    assert (done.returncode, done.stdout.splitlines()) == (3, [line.removeprefix("    ") for line in lines])


def test_what_is_missing_and_left_out_exits_3(tmp_path: Path) -> None:
    done = run("plan", "veille", "finance", "crm", "sms_campaign", **FILE)
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "left out: finance, which is frozen during the alpha",
        "left out: sms_campaign, which is on demand",
        "left out: veille, which is a meta feature",
        "left out: crm, which is coming soon",
    ]
    done = run("plan", "emails", **FILE)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "missing: leads, which emails needs; scrap or import would supply it"
    file = tmp_path / "other.yaml"
    file.write_text(
        "modules:\n"
        "  - {slug: a, category: tools, label: {fr: A, en: A}, api_endpoint: /api/a, produces: [x]}\n"
        "  - {slug: b, category: tools, label: {fr: B, en: B}, api_endpoint: /api/b, pipelinable: true, needs: [x]}\n"
    )
    done = run("plan", "--registry", str(file), "a", "b", **FILE)
    assert done.stdout.splitlines()[-2:] == [
        "missing: x, which b needs; nothing that runs supplies it",
        "left out: a, which is not pipelinable",
    ]


def test_json_is_what_http_answers() -> None:
    done = run("plan", "--format", "json", "emails", "scrap", "finance", **FILE)
    expected = asdict(planning.plan(load(DOCUMENTED), ["scrap", "emails", "finance"]))
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))
    assert done.returncode == 3


def test_unknown_names_exit_1_with_what_was_meant() -> None:
    done = run("plan", "emials", "scrap", **FILE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'No module has the slug "emials" (did you mean emails?).\n'
    many = run("plan", *(f"m{number}" for number in range(51)), **FILE)
    assert many.stderr == "modules must name 1 to 50 modules, not 51.\n"
    none = run("plan", **FILE)
    assert (none.returncode, "Missing argument 'MODULE...'" in none.stderr) == (2, True)


def test_a_shell_completes_modules_that_are_not_named_yet(
    tmp_path: Path, completions: Callable[..., list[str]]
) -> None:
    assert completions("plan emails email", **FILE) == ["email_campaign", "email_warmup"]
    (tmp_path / "other.yaml").write_text("modules: []\n")
    assert completions(f"plan --registry {tmp_path}/other.yaml e", **FILE) == []
    assert completions("plan e", REGISTRY_FILE=str(tmp_path / "missing.yaml")) == []
